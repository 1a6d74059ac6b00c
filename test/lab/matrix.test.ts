/**
 * The matrix: every proxy of the lab, in every configuration, with every fault of the origin, through the real transport, machine
 * and journal. Nothing that was sent is lost, nothing is kept twice, and each failure is classed as expectations.ts says.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type EventJournal, openJournal } from "../../main/io/journal/event-journal.ts";
import { realWorker } from "../io/journal-samples.ts";
import { flawOf, type Outcome, runCell } from "./cell.ts";
import type { Configuration, RunningProxy } from "./configuration.ts";
import { configurations } from "./configurations.ts";
import { openDoor } from "./door.ts";
import { expected, isDead } from "./expectations.ts";
import { type LabOrigin, labOrigin } from "./origin.ts";
import { pathOf, streamOf, type Trial, totalOf, trials } from "./trial.ts";

/** So many configurations at a time: what takes their time is waiting. */
const atOnce = 8;

const direct: Configuration = {
  name: "direct",
  product: "none",
  role: "reverse",
  good: true,
  faults: [],
  idleS: null,
  about: "no proxy at all",
  missing: async () => null,
  start: async (url) => ({ url, proxyUrl: null, stop: async () => {} }),
};
/** HOLDFAST_LAB=nginx,squid-connect runs only what is called like that. */
const wanted = (process.env["HOLDFAST_LAB"] ?? "").split(",");
const all = [direct, ...configurations].filter(({ name }) => wanted.some((part) => name.includes(part)));

type Came = { readonly trial: Trial; readonly outcome: Outcome; readonly flaw: string | null };
type Result = { readonly missing: string } | { readonly error: unknown } | { readonly cells: readonly Came[] };
const results = new Map<string, Result>();

let origin: LabOrigin;
let journal: EventJournal;
const folder = mkdtempSync(join(tmpdir(), "holdfast-matrix-"));
let beganAt = 0;

beforeAll(async () => {
  origin = await labOrigin();
  journal = await openJournal({ dir: folder, worker: realWorker });
  // A gateway that has to be compiled first takes its own time, not the matrix's.
  await Promise.all(all.map((one) => one.missing()));
  beganAt = performance.now();
  const queue = [...all];
  const helper = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      results.set(next.name, await through(next).catch((error: unknown) => ({ error })));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, helper));
}, 1_200_000);

afterAll(async () => {
  await journal?.close();
  await origin?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function through(configuration: Configuration): Promise<Result> {
  const missing = await configuration.missing();
  if (missing !== null) return { missing };
  const { name, role } = configuration;
  const proxy = await configuration.start(origin.url);
  // The transport goes out by a forward proxy itself. It makes tunnels to https: only, and this origin speaks http.
  const door = role === "connect" ? await openDoor(proxy, role) : null;
  const way = door === null ? proxy : { url: door.url, proxyUrl: null };
  try {
    // Where nothing gets through, two are as good as all.
    const some: readonly Trial[] = isDead(name) ? ["flow", "mute"] : trials;
    return { cells: await Promise.all(some.map((trial) => cell(name, trial, way))) };
  } finally {
    await door?.close();
    await proxy.stop();
  }
}

async function cell(
  name: string,
  trial: Trial,
  { url, proxyUrl }: Pick<RunningProxy, "url" | "proxyUrl">,
): Promise<Came> {
  const [, kept] = expected(name, trial);
  const total = kept === "all" ? totalOf(trial) : 0;
  const outcome = await runCell(
    { name: `${name}.${trial}`, url: `${url}${pathOf(trial, name)}`, proxyUrl, total },
    journal,
  );
  return { trial, outcome, flaw: flawOf(outcome, origin.sent(streamOf(trial, name))) };
}

/** What a cell came to, in the words of the table. */
function said(name: string, { trial, outcome, flaw }: Came): { came: string; due: string } {
  const [count, total] = [outcome.kept.length, totalOf(trial)];
  const kept = count === 0 ? "none" : count === total ? "all" : "some";
  const [first, due] = expected(name, trial);
  return {
    came: `${outcome.first}, kept ${kept}${flaw === null ? "" : `, ${flaw}`}`,
    due: `${first}, kept ${due}`,
  };
}

it.for(all.map((one) => [one.name, one] as const))(
  "%s: nothing lost, nothing twice, each failure by its name",
  ([name], ctx) => {
    const result = results.get(name);
    if (result === undefined) throw new Error("it did not run");
    if ("missing" in result) return ctx.skip(result.missing);
    if ("error" in result) throw result.error;
    const came = result.cells.map((one) => `${one.trial}: ${said(name, one).came}`);
    expect(came).toEqual(result.cells.map((one) => `${one.trial}: ${said(name, one).due}`));
  },
);

it("prints the matrix", () => {
  const lines = [`${"configuration".padEnd(24)}${"fault".padEnd(18)}${"ms".padStart(6)}  what came of it`];
  let [right, cells] = [0, 0];
  for (const { name } of all) {
    const result = results.get(name);
    if (result === undefined || !("cells" in result)) {
      lines.push(
        `${name.padEnd(24)}${result !== undefined && "missing" in result ? `left out: ${result.missing}` : "did not run"}`,
      );
      continue;
    }
    for (const one of result.cells) {
      const { came, due } = said(name, one);
      cells++;
      if (came === due) right++;
      const ms = one.outcome.tookMs.toFixed(0).padStart(6);
      lines.push(`${name.padEnd(24)}${one.trial.padEnd(18)}${ms}  ${came}${came === due ? "" : `   EXPECTED ${due}`}`);
    }
  }
  const seconds = ((performance.now() - beganAt) / 1000).toFixed(0);
  process.stdout.write(`\n${lines.join("\n")}\n${right} of ${cells} cells as expected, in ${seconds} s\n\n`);
  expect(cells).toBeGreaterThan(0);
});
