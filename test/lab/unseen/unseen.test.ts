/**
 * The diagnosis over what its rules were not written on (truth.ts): how often the right cause comes first, and that nobody is
 * named who is not there. HOLDFAST_LAB=lighttpd looks at a part of it.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { defaultBudgetMs } from "../../../main/core/diagnosis/plan.ts";
import { defaultIdleLimitMs } from "../../../main/io/probe/probe.ts";
import { always, type ProbeRoute } from "../../../main/io/probe/route.ts";
import { createRun } from "../../../main/io/probe/run.ts";
import type { DiagnosisView } from "../../../preload/contract.ts";
import type { RunningProxy } from "../configuration.ts";
import { type LabOrigin, labOrigin } from "../origin.ts";
import type { Standing } from "./standing.ts";
import { type Unseen, unseen } from "./truth.ts";

type Result = Unseen & { readonly view: DiagnosisView };

/** Each waits most of its time. */
const atOnce = 12;
const mostMs = 15_000;
const namedAt = 0.8;
/** The last byte is seen a little after it was sent; some proxies look at their clocks each few seconds only. */
const [earlyS, lateMostS] = [0.5, 6];
const wanted = (process.env["HOLDFAST_LAB"] ?? "").split(",");
const isWanted = ({ name }: { readonly name: string }) => wanted.some((part) => name.includes(part));

const results: Result[] = [];
const missing = new Map<string, string>();
let origin: LabOrigin;

beforeAll(async () => {
  origin = await labOrigin();
  const queue = unseen.filter(isWanted);
  const helper = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: atOnce }, helper));
}, 600_000);

afterAll(async () => {
  await origin.close();
});

async function run(one: Unseen): Promise<void> {
  const why = await one.standing.missing();
  if (why !== null) return void missing.set(one.name, why);
  const proxy = await one.standing.start(origin.url);
  try {
    results.push({ ...one, view: await diagnosed(one, proxy) });
  } finally {
    await proxy.stop();
  }
}

function diagnosed({ name, path, standing, idleS }: Unseen, proxy: RunningProxy): Promise<DiagnosisView> {
  return createRun({
    // A stream of its own in the origin for each row.
    url: `${proxy.url}${path}${path.includes("?") ? "&" : "?"}of=${encodeURIComponent(name)}`,
    headers: [],
    ways: always(routeOf(standing, proxy)),
    compare: null,
    idleLimitMs: idleS === null ? null : defaultIdleLimitMs,
    budgetMs: defaultBudgetMs,
    userAgent: "Holdfast/test",
    stream: null,
    signal: new AbortController().signal,
    changed: () => {},
  });
}

function routeOf({ role }: Standing, { proxyUrl }: RunningProxy): ProbeRoute {
  return proxyUrl === null ? { kind: "direct" } : { kind: "http", url: proxyUrl, tunnel: role === "connect" };
}

/** @param among so many findings may come before it is too late */
function isRight({ cause, view }: Result, among = 1): boolean {
  const codes = view.findings.slice(0, among).map(({ code }) => code);
  return cause === null ? codes.length === 0 : codes.some((code) => cause.includes(code));
}

function share(name: string, some: readonly Result[], among = 1): string {
  const right = some.filter((one) => isRight(one, among)).length;
  return `${name} ${right} of ${some.length} (${((100 * right) / some.length).toFixed(1)} %)`;
}

/** How long a silence it saw before the cut, s; null: it saw none. */
function cutAfterS({ view }: Result): number | null {
  const result = view.stages.find(({ stage }) => stage === "idle-cut")?.result;
  return result?.code === "cut" ? Number(result.params["ms"]) / 1000 : null;
}

function wrongNames({ products, view }: Result): string[] {
  // A forward proxy in force that shows nothing of itself is on the path, and has no name.
  return view.hops
    .filter(({ product, confidence }) => product !== "unknown" && confidence >= namedAt && !products.includes(product))
    .map(({ product, confidence }) => `${product} ${confidence.toFixed(2)}`);
}

/** A machine with none of these proxies measures nothing. */
function measured(ctx: { skip: (note: string) => void }): readonly Result[] {
  if (results.length === 0) ctx.skip([...new Set(missing.values())].join("; ") || `nothing is called ${wanted}`);
  return results;
}

it("prints what was true and what was said", (ctx) => {
  const all = measured(ctx);
  const order = unseen.map(({ name }) => name);
  const lines = all.toSorted((a, b) => order.indexOf(a.name) - order.indexOf(b.name)).map(told);
  const head = ["", "configuration", "truth", "first", "second", "verdict", "time", "asked", "hops named"];
  const skipped = [...missing].map(([name, why]) => `left out: ${name}: ${why}`);
  const sick = all.filter(({ cause }) => cause !== null);
  const sums = `${share("all", all)}; ${share("with a fault", sick)}; ${share("among the first two", sick, 2)}`;
  process.stdout.write(
    `\n${[columns(head), ...lines.map(columns), ...skipped].join("\n")}\nunseen, right first: ${sums}\n\n`,
  );
  expect(new Set(all.map(({ name }) => name)).size + missing.size).toBe(unseen.filter(isWanted).length);
});

it("finds the right cause first in 80 of 100, over proxies and times that no rule was written on", (ctx) => {
  const sick = measured(ctx).filter(({ cause }) => cause !== null);
  const misses = sick.filter((one) => !isRight(one)).map((one) => told(one).join(" "));
  expect(1 - misses.length / Math.max(1, sick.length), misses.join("\n")).toBeGreaterThanOrEqual(0.8);
});

it("finds nothing where nothing is wrong", (ctx) => {
  const well = measured(ctx).filter(({ cause }) => cause === null);
  expect(well.filter((one) => !isRight(one)).map((one) => told(one).join(" "))).toEqual([]);
});

it("measures after how long a silence is cut", (ctx) => {
  const wrong = measured(ctx).filter((one) => {
    if (one.idleS === null) return false;
    const lateS = (cutAfterS(one) ?? Number.POSITIVE_INFINITY) - one.idleS;
    return lateS < -earlyS || lateS > lateMostS;
  });
  expect(wrong.map((one) => `${one.name}: ${cutAfterS(one)} s, and it is ${one.idleS} s`)).toEqual([]);
});

it("is never sure of a product that is not there", (ctx) => {
  const wrong = measured(ctx).flatMap((one) => wrongNames(one).map((name) => `${one.name}: ${name}`));
  expect(wrong).toEqual([]);
});

it("takes 15 s at most where no cut is waited for", (ctx) => {
  const late = measured(ctx).filter(({ idleS, view }) => idleS === null && view.elapsedMs > mostMs);
  expect(late.map(({ name, view }) => `${name}: ${view.elapsedMs} ms`)).toEqual([]);
});

/** The cells of a row. */
function told(one: Result): string[] {
  const { name, idleS, cause, view } = one;
  const [first = "–", second = "–"] = view.findings.map(({ code, confidence }) => `${code} ${confidence.toFixed(2)}`);
  const hops = view.hops.map(({ product, confidence }) => `${product} ${confidence.toFixed(2)}`);
  const wrong = wrongNames(one);
  return [
    isRight(one) ? "ok" : "MISS",
    idleS === null ? name : `${name} (${idleS} s: ${cutAfterS(one)?.toFixed(1) ?? "none"})`,
    cause?.join(" | ") ?? "healthy",
    first,
    second,
    view.verdict ?? "",
    `${(view.elapsedMs / 1000).toFixed(1)} s`,
    String(view.requests),
    `${hops.join(", ") || "–"}${wrong.length > 0 ? `  WRONG NAME ${wrong.join(", ")}` : ""}`,
  ];
}

const widths = [5, 38, 17, 24, 22, 11, 8, 6];

function columns(cells: readonly string[]): string {
  return cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("");
}
