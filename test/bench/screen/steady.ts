/**
 * 10,000 events a second, all of them kept: from the origin's write to after the paint that first showed an event or one after it, in the
 * app's window and in a bare page of forty rows, by turns. That is the promised "socket read → after paint" and the loopback before it, so
 * it can only be the longer one. Afterwards every event is looked for on disk, once.
 */
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openJournal } from "../../../main/io/journal/event-journal.ts";
import { Bare } from "./bare.ts";
import { folder, noFilter, Window, type World } from "./electron.ts";
import { lag, startLag } from "./loop-delay.ts";
import { journalWorker } from "./million.ts";
import type { Told } from "./origin.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { judged, quantile, type Row, ratios, told } from "./rows.ts";

/** [newest number that was on the screen, UTC ms after that paint] */
type Paint = readonly [newest: number, at: number];
type Run = { readonly p50: number; readonly p99: number };

const stream = "steady";

export async function steadyRows(world: World, origin: Origin, plan: Plan): Promise<Row[]> {
  const [ours, theirs]: [Run[], Run[]] = [[], []];
  const loop: number[] = [];
  const wrong: number[] = [];
  const bare = await Bare.open(world, origin.page("list"));
  try {
    for (let run = 0; run < plan.runs; run++) {
      const app = await appRun(world, origin, plan);
      theirs.push(await bareRun(bare, origin, plan));
      ours.push(app.run);
      loop.push(app.loopMs);
      wrong.push(app.wrong);
      const say = ({ p50, p99 }: Run): string => `${p50.toFixed()}/${p99.toFixed()} ms`;
      plan.say(
        `steady ${run + 1}/${plan.runs}: ${say(app.run)}, bare page ${say(theirs.at(-1) ?? app.run)}, loop ${app.loopMs.toFixed(1)} ms`,
      );
    }
  } finally {
    await bare.end();
  }
  const p50 = (runs: readonly Run[]): number[] => runs.map((run) => run.p50);
  const p99 = (runs: readonly Run[]): number[] => runs.map((run) => run.p99);
  return [
    judged({ name: "steady-latency-p50", unit: "ms" }, p50(ours), { atMost: 20 }),
    judged({ name: "steady-latency-p99", unit: "ms" }, p99(ours), { atMost: 34 }),
    judged({ name: "steady-latency-p50-vs-bare-page", unit: "× bare" }, ratios(p50(ours), p50(theirs)), {
      atMost: 1.3,
    }),
    judged({ name: "steady-latency-p99-vs-bare-page", unit: "× bare" }, ratios(p99(ours), p99(theirs)), {
      atMost: 1.3,
    }),
    judged({ name: "steady-main-loop-delay-p99", unit: "ms" }, loop, { atMost: 10 }),
    judged({ name: "steady-lost-or-twice-on-disk", unit: "events" }, wrong, { atMost: 0 }),
    told({ name: "bare-page-latency-p50", unit: "ms" }, p50(theirs)),
    told({ name: "bare-page-latency-p99", unit: "ms" }, p99(theirs)),
  ];
}

async function appRun(world: World, origin: Origin, plan: Plan): Promise<{ run: Run; loopMs: number; wrong: number }> {
  const data = folder("steady");
  const n = plan.steadyPerS * plan.steadyS;
  try {
    const { key, url } = origin.stream(`kind=rate&perS=${plan.steadyPerS}&seconds=${plan.steadyS}`);
    const app = await Window.holdfast(world, data.path);
    let run: Run;
    let loopMs: number;
    try {
      await app.addStream(stream, url);
      await app.show(stream);
      await origin.until(key, ({ openings }) => openings > 0);
      await delay(500);
      await app.page.evaluate(watchPaints);
      await startLag(app);
      await origin.go(key);
      await origin.until(key, ({ endedAt }) => endedAt !== null, (plan.steadyS + 60) * 1000);
      const paints = await until(() => app.page.evaluate(() => (window as unknown as { paints: Paint[] }).paints), n);
      loopMs = await lag(app);
      run = latencies(await origin.told(key), paints);
    } finally {
      await app.end();
    }
    return { run, loopMs, wrong: await lostOrTwice(join(data.path, "journal"), n) };
  } finally {
    data.remove();
  }
}

async function bareRun(bare: Bare, origin: Origin, plan: Plan): Promise<Run> {
  const { key, url } = origin.stream(`kind=rate&perS=${plan.steadyPerS}&seconds=${plan.steadyS}`);
  const n = plan.steadyPerS * plan.steadyS;
  await bare.reload();
  const end = bare.run<Paint[]>(`run(${JSON.stringify(url)}, ${n})`);
  await origin.go(key);
  return latencies(
    await origin
      .told(key)
      .then(async () => origin.until(key, ({ endedAt }) => endedAt !== null, (plan.steadyS + 60) * 1000)),
    await end,
  );
}

/** Runs in the page: notes each paint after the list changed. */
function watchPaints(): void {
  const grid = document.querySelector("[role=grid]");
  if (grid === null) throw new Error("the window shows no list");
  const paints: [number, number][] = [];
  let asked = false;
  // Whether a frame is being made: what changes then is painted by it, and what changes before by the next one.
  let inFrame = false;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    inFrame = false;
  };
  const frame = (): void => {
    inFrame = true;
    port2.postMessage(null);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  const note = (): void => {
    asked = false;
    const rows = grid.querySelectorAll("[role=row]");
    const shown = /"n":(\d+),/.exec(rows[rows.length - 1]?.textContent ?? "");
    if (shown !== null) setTimeout(() => paints.push([Number(shown[1]), Date.now()]));
  };
  const look = (): void => {
    if (asked) return;
    asked = true;
    if (inFrame) note();
    else requestAnimationFrame(note);
  };
  new MutationObserver(look).observe(grid, { childList: true, characterData: true, subtree: true });
  (window as unknown as { paints: Paint[] }).paints = paints;
}

async function until(paints: () => Promise<Paint[]>, n: number): Promise<Paint[]> {
  const lateAt = performance.now() + 60_000;
  for (;;) {
    const all = await paints();
    if (all.some(([newest]) => newest === n - 1)) return all;
    if (performance.now() > lateAt) throw new Error(`only ${(all.at(-1)?.[0] ?? -1) + 1} of ${n} events were painted`);
    await delay(200);
  }
}

/** Every event waits from its own write to the first paint that showed it or a later one. */
export function latencies({ writes }: Pick<Told, "writes">, paints: readonly Paint[]): Run {
  const waits: number[] = [];
  let write = 0;
  let next = 0;
  for (const [newest, at] of paints) {
    for (; next <= newest; next++) {
      while ((writes[write + 1]?.[0] ?? Number.POSITIVE_INFINITY) <= next) write++;
      waits.push(at - (writes[write]?.[1] ?? Number.NaN));
    }
  }
  return { p50: quantile(waits, 0.5), p99: quantile(waits, 0.99) };
}

/** How many of the events 0 … n - 1 are not on disk exactly once, in their order. */
async function lostOrTwice(dir: string, n: number): Promise<number> {
  const journal = await openJournal({ dir, worker: journalWorker });
  try {
    const seen = new Uint8Array(n);
    let after = 0;
    let displaced = 0;
    let last = -1;
    for (;;) {
      const records = await journal.read(stream, noFilter, after, 10_000);
      const newest = records.at(-1);
      if (newest === undefined) break;
      for (const { id } of records) {
        const at = Number(id);
        seen[at] = Math.min(255, (seen[at] ?? 0) + 1);
        if (at <= last) displaced++;
        last = at;
      }
      after = newest.seq;
    }
    return seen.reduce((wrong, times) => wrong + (times === 1 ? 0 : 1), 0) + displaced;
  } finally {
    await journal.close();
  }
}
