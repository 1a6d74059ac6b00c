/**
 * What a million kept records cost in memory: the app with them against the same app with none, by turns, each freshly started. Both have
 * shown the list, been taken through twenty places of it, and come to rest. The renderer's heap after a collection; main's PSS as it is.
 */
import { setTimeout as delay } from "node:timers/promises";
import { Window, type World } from "./electron.ts";
import { keptStream } from "./kept-records.ts";
import { keptData } from "./million.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { pssMb } from "./processes.ts";
import { judged, type Row, told } from "./rows.ts";
import { scrollTo } from "./scroller.ts";

type Memory = { readonly heapMb: number; readonly mainMb: number };
const places = 20;
const restMs = 3000;

export async function keptRows(world: World, _origin: Origin, plan: Plan): Promise<Row[]> {
  const empty = await keptData(world, plan, 0);
  const full = await keptData(world, plan, plan.kept);
  const [unladen, laden]: [Memory[], Memory[]] = [[], []];
  for (let run = 0; run < plan.runs; run++) {
    unladen.push(await memory(world, empty.dataDir));
    laden.push(await memory(world, full.dataDir));
    plan.say(
      `kept ${run + 1}/${plan.runs}: main ${unladen.at(-1)?.mainMb.toFixed()} → ${laden.at(-1)?.mainMb.toFixed()} MB`,
    );
  }
  const growth = (of: (memory: Memory) => number): number[] =>
    laden.map((memory, run) => of(memory) - of(unladen[run] ?? memory));
  return [
    judged(
      { name: "kept-renderer-heap-growth", unit: "MB" },
      growth(({ heapMb }) => heapMb),
      { atMost: 30 },
    ),
    judged(
      { name: "kept-main-pss-growth", unit: "MB" },
      growth(({ mainMb }) => mainMb),
      { atMost: 120 },
    ),
    told(
      { name: "kept-main-pss", unit: "MB" },
      laden.map(({ mainMb }) => mainMb),
    ),
  ];
}

async function memory(world: World, dataDir: string): Promise<Memory> {
  const app = await Window.holdfast(world, dataDir);
  try {
    await app.show(keptStream);
    for (let place = 0; place <= places; place++) await scrollTo(app.page, place / places);
    await delay(restMs);
    const devtools = await app.page.context().newCDPSession(app.page);
    await devtools.send("HeapProfiler.collectGarbage");
    const { usedSize } = await devtools.send("Runtime.getHeapUsage");
    return { heapMb: usedSize / 1024 / 1024, mainMb: pssMb(app.mainPid) };
  } finally {
    await app.end();
  }
}
