/**
 * Frames over 20 ms while the whole million goes by under the scroll bar, minus those of a page that does nothing, scrolled in the same
 * way for as long, by turns. Each frame of ours shows rows that were never shown before: the hardest way to scroll.
 */
import { Bare } from "./bare.ts";
import { noFilter, Window, type World } from "./electron.ts";
import { keptStream } from "./kept-records.ts";
import { keptData } from "./million.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { judged, type Row, told } from "./rows.ts";
import { sweep } from "./scroller.ts";

const lateMs = 20;

export async function scrollRows(world: World, origin: Origin, plan: Plan): Promise<Row[]> {
  const { dataDir, count } = await keptData(world, plan, plan.kept);
  const app = await Window.holdfast(world, dataDir);
  const still = await Bare.open(world, origin.page("still"));
  const [ours, theirs]: [number[], number[]] = [[], []];
  try {
    await app.show(keptStream);
    const { total } = await app.tail(keptStream, noFilter, 1);
    if (total < count) throw new Error(`only ${total} of ${count} records are kept`);
    for (let run = -1; run < plan.runs; run++) {
      const [a, b] = [
        lateShare(await app.page.evaluate(sweep, plan.scrollS)),
        lateShare(await still.run<number[]>(`(${sweep})(${plan.scrollS})`)),
      ];
      plan.say(`scroll ${run + 1}/${plan.runs}: ${a.toFixed(1)} % late, the still page ${b.toFixed(1)} %`);
      if (run < 0) continue;
      ours.push(a);
      theirs.push(b);
    }
  } finally {
    await app.end();
    await still.end();
  }
  const points = ours.map((share, run) => share - (theirs[run] ?? Number.NaN));
  return [
    judged({ name: "scroll-late-frames-above-still-page", unit: "points" }, points, { atMost: 1 }),
    told({ name: "scroll-late-frames", unit: "%" }, ours),
    told({ name: "still-page-late-frames", unit: "%" }, theirs),
  ];
}

function lateShare(frames: readonly number[]): number {
  return (frames.filter((ms) => ms > lateMs).length / frames.length) * 100;
}
