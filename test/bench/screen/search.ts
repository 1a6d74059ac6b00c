/**
 * Search through a million kept records by the window's own bridge: from the question to the answer that holds the first page (40 rows, or
 * the whole result). No question is asked twice, so nothing is answered from memory of an earlier one; an answer that is not the newest
 * 40 of the right one does not count as quick.
 */
import type { Filter } from "../../../preload/contract.ts";
import { noFilter, Window, type World } from "./electron.ts";
import { everyMs, keptStream } from "./kept-records.ts";
import { type Kept, keptData } from "./million.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { judged, type Row } from "./rows.ts";
import { type Question, questions, rightAnswer } from "./search-questions.ts";

/** Most that one answer is waited for, ms. */
const patienceMs = 60_000;
const pageRows = 40;

export async function searchRows(world: World, _origin: Origin, plan: Plan): Promise<Row[]> {
  const kept = await keptData(world, plan, plan.kept);
  const app = await Window.holdfast(world, kept.dataDir);
  const rows: Row[] = [];
  try {
    for (const question of questions) rows.push(await answered(app, question, kept, plan));
    rows.push(await jumps(app, kept, plan));
  } finally {
    await app.end();
  }
  return rows;
}

async function answered(app: Window, question: Question, kept: Kept, plan: Plan): Promise<Row> {
  const { name, bar, ask } = question;
  const times: number[] = [];
  const wrong = new Set<string>();
  for (let run = 0; run < plan.runs; run++) {
    const right = rightAnswer(question, run, kept, pageRows);
    const { ms, numbers, exact } = await firstPage(app, { ...noFilter, ...ask(run, kept) });
    times.push(ms);
    if (numbers.length < pageRows && !exact) wrong.add("gave up before the first page");
    else if (numbers.join() !== right.join()) wrong.add("not the right rows");
  }
  const note = [...wrong].join(", ");
  plan.say(`${name}: ${times.map((ms) => ms.toFixed(1)).join(", ")} ms${note === "" ? "" : `, ${note}`}`);
  const row = judged({ name, unit: "ms" }, times, bar);
  return note === "" ? row : { ...row, holds: false, note };
}

/** @returns how long it took, and the numbers that the records of the first page were made with */
function firstPage(app: Window, filter: Filter): Promise<{ ms: number; numbers: number[]; exact: boolean }> {
  return app.page.evaluate(
    async ([stream, what, limit, mostMs]) => {
      const from = performance.now();
      for (;;) {
        const outcome = await window.bridge.events.tail({ stream, ack: 0, filter: what, limit });
        if (!outcome.ok) throw new Error(outcome.error.code);
        const { rows, exact } = outcome.value;
        const ms = performance.now() - from;
        if (rows.length < limit && !exact && ms < mostMs) continue;
        const numbers = rows.map((row) => (row.kind === "event" ? Number(row.id) : -1));
        return { ms, numbers, exact };
      }
    },
    [keptStream, filter, pageRows, patienceMs] as const,
  );
}

/** Where a moment is, and the rows there. */
async function jumps(app: Window, { firstAt, count }: Kept, plan: Plan): Promise<Row> {
  const times: number[] = [];
  for (let run = 0; run < plan.runs; run++) {
    const n = Math.floor((count * (run * 2 + 1)) / (plan.runs * 2 + 1));
    const { ms, at } = await app.page.evaluate(
      async ([stream, filter, moment]) => {
        const from = performance.now();
        const place = await window.bridge.events.placeOf({ stream, filter, at: moment });
        if (!place.ok) throw new Error(place.error.code);
        const page = await window.bridge.events.window({ stream, filter, from: place.value.place, limit: 40 });
        if (!page.ok) throw new Error(page.error.code);
        return { ms: performance.now() - from, at: page.value.rows[0]?.at ?? null };
      },
      [keptStream, noFilter, firstAt + n * everyMs] as const,
    );
    if (at !== firstAt + n * everyMs) throw new Error(`the jump to record ${n} came to another one`);
    times.push(ms);
  }
  plan.say(`jump-to-time: ${times.map((ms) => ms.toFixed(1)).join(", ")} ms`);
  return judged({ name: "jump-to-time", unit: "ms" }, times, { atMost: 50 });
}
