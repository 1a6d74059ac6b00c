/**
 * Rows of the flood: 500,000 events of 180 bytes as fast as they are read, into the app's window and into a native EventSource of a bare
 * window of the same Electron, by turns. Time runs from the origin's first write to after the paint of the last event.
 *
 * The native page counts and draws once, at the end: the quickest it can be. The app counts, keeps its limits and draws its tail.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Bare } from "./bare.ts";
import { Window, type World } from "./electron.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { cpuMs } from "./processes.ts";
import { judged, type Row, ratios, told } from "./rows.ts";

type Run = { readonly perS: number; readonly cpuMs: number };

/** How long the index may be behind after the flood, s. */
const indexBar = 60;

export async function floodRows(world: World, origin: Origin, plan: Plan): Promise<Row[]> {
  const app = await Window.holdfast(world);
  const bare = await Bare.open(world, origin.page("native"));
  const [off, kept, native]: [Run[], Run[], Run[]] = [[], [], []];
  const behindS: number[] = [];
  try {
    for (let run = -1; run < plan.runs; run++) {
      const rival = await nativeRun(bare, origin, plan.flood);
      const unkept = await appRun(app, origin, plan.flood, `off${run + 1}`, "nothing");
      const whole = await appRun(app, origin, plan.flood, `kept${run + 1}`, "all");
      const lag = await settled(app, `kept${run + 1}`, plan.flood);
      plan.say(
        `flood ${run + 1}/${plan.runs}: native ${rival.perS.toFixed()}/s, off ${unkept.perS.toFixed()}/s, kept ${whole.perS.toFixed()}/s`,
      );
      // The first of each is thrown away: caches are cold and code is not compiled yet.
      if (run < 0) continue;
      native.push(rival);
      off.push(unkept);
      kept.push(whole);
      behindS.push(lag);
    }
  } finally {
    await app.end();
    await bare.end();
  }
  const speed = (runs: readonly Run[]): number[] => runs.map(({ perS }) => perS);
  const cpu = (runs: readonly Run[]): number[] => runs.map((run) => run.cpuMs);
  const cpuShares = ratios(cpu(off), cpu(native)).map((share) => share * 100);
  return [
    judged({ name: "flood-off-vs-native", unit: "× native" }, ratios(speed(off), speed(native)), { atLeast: 1.8 }),
    judged({ name: "flood-kept-vs-native", unit: "× native" }, ratios(speed(kept), speed(native)), { atLeast: 0.4 }),
    judged({ name: "flood-kept-index-behind", unit: "s" }, behindS, { atMost: indexBar }),
    judged({ name: "flood-renderer-cpu-vs-native", unit: "%" }, cpuShares, { atMost: 10 }),
    told({ name: "flood-off", unit: "events/s" }, speed(off), false),
    told({ name: "flood-kept", unit: "events/s" }, speed(kept), false),
    told({ name: "flood-native", unit: "events/s" }, speed(native), false),
    told({ name: "flood-renderer-cpu", unit: "ms" }, cpu(off)),
    told({ name: "flood-native-renderer-cpu", unit: "ms" }, cpu(native)),
  ];
}

async function nativeRun(bare: Bare, origin: Origin, n: number): Promise<Run> {
  const { key, url } = origin.stream(`kind=flood&n=${n}`);
  // A new page each time: nothing of the flood before is left to be collected in this one.
  await bare.reload();
  const before = cpuMs(bare.rendererPid);
  const end = bare.run<number>(`run(${JSON.stringify(url)}, ${n})`);
  await origin.go(key);
  const endedAt = await end;
  const used = cpuMs(bare.rendererPid) - before;
  return { perS: perS(n, (await origin.told(key)).beganAt, endedAt), cpuMs: used };
}

async function appRun(app: Window, origin: Origin, n: number, id: string, keep: "all" | "nothing"): Promise<Run> {
  const { key, url } = origin.stream(`kind=flood&n=${n}`);
  await app.addStream(id, url, { keep });
  await app.show(id);
  await origin.until(key, ({ openings }) => openings > 0);
  // The opening's own drawing is not the flood's.
  await delay(300);
  const { at } = await app.painted(`"n":${n - 1},`);
  const before = cpuMs(app.rendererPid);
  await origin.go(key);
  const endedAt = await late(at, `the last event of ${id} was not painted`);
  const used = cpuMs(app.rendererPid) - before;
  const began = (await origin.told(key)).beganAt;
  await counted(app, id, n);
  await app.stop(id);
  return { perS: perS(n, began, endedAt), cpuMs: used };
}

/** What the window says it has counted; it says so four times a second. */
async function counted(app: Window, id: string, n: number): Promise<void> {
  const outcome = await app.page.evaluate(() => window.bridge.streams.list());
  const view = outcome.ok ? outcome.value.find((stream) => stream.id === id) : undefined;
  if (view?.events !== n) throw new Error(`${id}: ${view?.events} of ${n} events were counted`);
}

/** Waits until the search has taken in everything. @returns s since the flood was painted, at most the bar and a little */
async function settled(app: Window, id: string, n: number): Promise<number> {
  const from = performance.now();
  for (;;) {
    const tail = await app.tail(id, undefined, 1);
    const events = tail.total;
    if (events < n) throw new Error(`${id}: ${events} rows of ${n} are kept`);
    if (tail.rows.some((row) => row.kind === "event" && row.flags.includes("unsaved")))
      throw new Error(`${id}: rows are not on disk`);
    const seconds = (performance.now() - from) / 1000;
    if (tail.behind === 0 || seconds > indexBar * 2) return seconds;
    await delay(100);
  }
}

function perS(n: number, beganAt: number | null, endedAt: number): number {
  if (beganAt === null) throw new Error("the origin did not begin");
  return (n / (endedAt - beganAt)) * 1000;
}

async function late<T>(promise: Promise<T>, words: string, patienceMs = 120_000): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${words} in ${patienceMs / 1000} s`)), patienceMs);
  });
  try {
    return await Promise.race([promise, over]);
  } finally {
    clearTimeout(timer);
  }
}
