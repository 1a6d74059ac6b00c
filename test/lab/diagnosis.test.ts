/**
 * The diagnosis over the whole lab: each configuration, each of its faults, and the origin's faults through the good ones.
 * The right cause comes first in 95 of 100, is always among the first two, and nothing is found where nothing is wrong.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { always } from "../../main/io/probe/route.ts";
import { createRun } from "../../main/io/probe/run.ts";
import type { DiagnosisView } from "../../preload/contract.ts";
import type { Configuration, RunningProxy } from "./configuration.ts";
import { configurations } from "./configurations.ts";
import { type Row, rowsOf } from "./diagnosis-rows.ts";
import { type LabOrigin, labOrigin } from "./origin.ts";

type Result = { readonly name: string; readonly row: Row; readonly view: DiagnosisView };

/** Configurations, and diagnoses of each, that run at once: a diagnosis waits most of its time. */
const [proxiesAtOnce, rowsAtOnce] = [4, 5];
const mostMs = 15_000;
/** HOLDFAST_LAB=nginx,squid-connect runs only what is called like that. */
const wanted = (process.env["HOLDFAST_LAB"] ?? "").split(",");

let origin: LabOrigin;
beforeAll(async () => {
  origin = await labOrigin();
});
afterAll(async () => {
  await origin.close();
});

it("names the right cause over the lab, and nothing where nothing is wrong", { timeout: 600_000 }, async (context) => {
  const missing = new Map<string, string>();
  const results: Result[] = [];
  const chosen = configurations.filter(({ name }) => wanted.some((part) => name.startsWith(part)));
  // A name that is misspelt is no reason to be green.
  expect(chosen, `no configuration is called like HOLDFAST_LAB=${wanted.join()}`).not.toEqual([]);
  for (const configuration of chosen) {
    const why = await configuration.missing();
    if (why !== null) missing.set(configuration.name, why);
  }
  const there = chosen.filter(({ name }) => !missing.has(name));
  await eachOf(there, proxiesAtOnce, async (configuration) => {
    const proxy = await configuration.start(origin.url);
    try {
      await eachOf(rowsOf(configuration), rowsAtOnce, async (row) => {
        results.push({ name: configuration.name, row, view: await diagnosed(configuration, proxy, row) });
      });
    } finally {
      await proxy.stop();
    }
  });
  print(results, missing);
  if (there.length === 0) context.skip([...missing.values()].join("; "));
  const sick = results.filter(({ row }) => row.codes.length > 0);
  const well = results.filter(({ row }) => row.codes.length === 0);
  const found = (result: Result, among: number) =>
    result.view.findings.slice(0, among).some(({ code }) => result.row.codes.includes(code));
  const told = ({ name, row, view }: Result) =>
    `${name} ${row.path}: ${view.findings.map(({ code }) => code).join(", ")}`;
  expect(sick.filter((result) => !found(result, 2)).map(told)).toEqual([]);
  expect(sick.filter((result) => found(result, 1)).length / Math.max(1, sick.length)).toBeGreaterThanOrEqual(0.95);
  expect(well.filter(({ view }) => view.findings.length > 0).map(told)).toEqual([]);
  expect(results.filter(({ view }) => view.elapsedMs > mostMs).map(told)).toEqual([]);
  expect(results.filter(({ view }) => view.requests > 20).map(told)).toEqual([]);
});

function diagnosed({ role }: Configuration, { url, proxyUrl }: RunningProxy, { path }: Row): Promise<DiagnosisView> {
  return createRun({
    url: `${url}${path}`,
    headers: [],
    ways: always(proxyUrl === null ? { kind: "direct" } : { kind: "http", url: proxyUrl, tunnel: role === "connect" }),
    compare: null,
    idleLimitMs: null,
    budgetMs: 12_000,
    userAgent: "Holdfast/test",
    stream: null,
    signal: new AbortController().signal,
    changed: () => {},
  });
}

async function eachOf<T>(all: readonly T[], atOnce: number, what: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...all];
  const work = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await what(one);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
}

function print(results: readonly Result[], missing: ReadonlyMap<string, string>): void {
  const order = results.toSorted((a, b) => a.name.localeCompare(b.name) || a.row.path.localeCompare(b.row.path));
  const lines = order.map(({ name, row, view }) => {
    const codes = view.findings.slice(0, 3).map(({ code, confidence }) => `${code} ${confidence.toFixed(2)}`);
    const first = view.findings[0]?.code;
    const isRight = row.codes.length === 0 ? first === undefined : first !== undefined && row.codes.includes(first);
    const path = row.path.replace(/[?&]of=.*$/, "");
    const hops = view.hops.map(({ product, confidence }) => `${product} ${confidence.toFixed(2)}`).join(", ");
    return [
      isRight ? "ok  " : "MISS",
      name.padEnd(22),
      path.padEnd(18),
      (view.verdict ?? "").padEnd(10),
      (codes.join(", ") || "–").padEnd(52),
      `${(view.elapsedMs / 1000).toFixed(1)} s`.padStart(7),
      String(view.requests).padStart(3),
      hops,
    ].join(" ");
  });
  const skipped = [...missing].map(([name, why]) => `skip ${name}: ${why}`);
  const right = lines.filter((line) => line.startsWith("ok")).length;
  process.stdout.write(`${[...lines, ...skipped].join("\n")}\nright first: ${right} of ${lines.length}\n`);
}
