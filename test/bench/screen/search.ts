/**
 * Search through a million kept records by the window's own bridge: from the question to the answer that holds the first page (40 rows, or
 * the whole result). No question is asked twice, so nothing is answered from memory of an earlier one.
 */
import type { Filter } from "../../../preload/contract.ts";
import { noFilter, Window, type World } from "./electron.ts";
import { cities, everyMs, keptStream, pairs, types, word } from "./kept-records.ts";
import { type Kept, keptData } from "./million.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { type Bar, judged, type Row } from "./rows.ts";

/** Most that one answer is waited for, ms. */
const patienceMs = 60_000;

type Question = {
  readonly name: string;
  readonly bar: Bar;
  readonly found: boolean;
  ask(run: number, kept: Kept): Partial<Filter>;
};

const questions: readonly Question[] = [
  { name: "search-word", bar: { atMost: 20 }, found: true, ask: (run) => ({ text: word(run * 17 + 1) }) },
  {
    name: "search-chinese",
    bar: { atMost: 100 },
    found: true,
    ask: (run) => ({ text: pairs[run % pairs.length] ?? "" }),
  },
  {
    name: "search-type-and-word",
    bar: { atMost: 300 },
    found: true,
    ask: (run) => ({ types: oddType(run), text: "hamburg" }),
  },
  {
    name: "search-chinese-and-time",
    bar: { atMost: 300 },
    found: true,
    ask: (run, kept) => ({ text: pairs[run % pairs.length] ?? "", ...day(run, kept) }),
  },
  { name: "search-phrase", bar: { atMost: 300 }, found: true, ask: (run) => ({ text: `"${phrase(run)}"` }) },
  {
    name: "search-path",
    bar: { atMost: 300 },
    found: true,
    ask: (run) => ({ path: `$[?@ == "${cities[run % cities.length]}"]` }),
  },
  {
    name: "search-path-and-word",
    bar: { atMost: 300 },
    found: true,
    ask: (run) => ({ text: word(run * 17 + 2), path: "$[?@ < 50]" }),
  },
  { name: "search-none-word", bar: { atMost: 300 }, found: false, ask: (run) => ({ text: `qqabsent${run}` }) },
  {
    name: "search-none-together",
    bar: { atMost: 300 },
    found: false,
    ask: (run) => ({ text: `${word(run * 17 + 3)} ${word(run * 17 + 4)}` }),
  },
  { name: "search-none-path", bar: { atMost: 300 }, found: false, ask: (run) => ({ path: `$.absent${run}` }) },
];

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

async function answered(app: Window, { name, bar, found, ask }: Question, kept: Kept, plan: Plan): Promise<Row> {
  const times: number[] = [];
  const wrong = new Set<string>();
  for (let run = 0; run < plan.runs; run++) {
    const { ms, rows, exact } = await firstPage(app, { ...noFilter, ...ask(run, kept) });
    times.push(ms);
    if (found !== rows > 0) wrong.add(found ? "found nothing" : `found ${rows} rows where there are none`);
    if (rows < 40 && !exact) wrong.add("gave up before the first page");
  }
  plan.say(
    `${name}: ${times.map((ms) => ms.toFixed(1)).join(", ")} ms${wrong.size > 0 ? `, ${[...wrong].join(", ")}` : ""}`,
  );
  const row = judged({ name, unit: "ms" }, times, bar);
  // Quick and wrong is not quick.
  return wrong.size === 0 ? row : { ...row, holds: false, note: [...wrong].join(", ") };
}

function firstPage(app: Window, filter: Filter): Promise<{ ms: number; rows: number; exact: boolean }> {
  return app.page.evaluate(
    async ([stream, what, mostMs]) => {
      const from = performance.now();
      for (;;) {
        const outcome = await window.bridge.events.tail({ stream, ack: 0, filter: what, limit: 40 });
        if (!outcome.ok) throw new Error(outcome.error.code);
        const { rows, exact } = outcome.value;
        const ms = performance.now() - from;
        if (rows.length >= 40 || exact || ms > mostMs) return { ms, rows: rows.length, exact };
      }
    },
    [keptStream, filter, patienceMs] as const,
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

function oddType(run: number): string[] {
  return [types[run % types.length] ?? "", types[(run + 3) % types.length] ?? ""];
}

/** A day of the thirty, another one each run. */
function day(run: number, { firstAt, count }: Kept): Pick<Filter, "from" | "to"> {
  const length = (count * everyMs) / 30;
  return { from: Math.floor(firstAt + (3 + run * 4) * length), to: Math.floor(firstAt + (4 + run * 4) * length) };
}

function phrase(run: number): string {
  return (
    ["预计明天送达", "请稍后重试", "等待补货", "正在分拣包裹", "需要确认", "感谢惠顾", "可下载", "审核中"][run % 8] ??
    ""
  );
}
