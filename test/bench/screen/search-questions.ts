/** What is asked of the million, and which records the right answer begins with. No question is asked twice in a run of the bench. */
import type { Filter } from "../../../preload/contract.ts";
import { cities, everyMs, keptRecord, pairs, types, word } from "./kept-records.ts";
import type { Kept } from "./million.ts";
import type { Bar } from "./rows.ts";

export type Question = {
  readonly name: string;
  readonly bar: Bar;
  ask(run: number, kept: Kept): Partial<Filter>;
  /** Whether a record belongs to the answer; null: none does. */
  readonly fits: ((record: Record, run: number, kept: Kept) => boolean) | null;
};

type Record = { readonly type: string; readonly data: string; readonly receivedAt: number };

const pair = (run: number): string => pairs[run % pairs.length] ?? "";
const city = (run: number): string => cities[run % cities.length] ?? "";

/** Two characters are in one phrase of ten, a word in one record of two thousand, a city in one of seven. */
export const questions: readonly Question[] = [
  {
    name: "search-word",
    bar: { atMost: 20 },
    ask: (run) => ({ text: word(run * 17 + 1) }),
    fits: ({ data }, run) => data.includes(word(run * 17 + 1)),
  },
  {
    name: "search-chinese",
    bar: { atMost: 100 },
    ask: (run) => ({ text: pair(run) }),
    fits: ({ data }, run) => data.includes(pair(run)),
  },
  {
    name: "search-type-and-word",
    bar: { atMost: 300 },
    ask: (run) => ({ types: oddTypes(run), text: "hamburg" }),
    fits: ({ type, data }, run) => oddTypes(run).includes(type) && data.includes("Hamburg"),
  },
  {
    name: "search-chinese-and-time",
    bar: { atMost: 300 },
    ask: (run, kept) => ({ text: pair(run), ...day(run, kept) }),
    fits: ({ data, receivedAt }, run, kept) => {
      const { from, to } = day(run, kept);
      return data.includes(pair(run)) && receivedAt >= from && receivedAt < to;
    },
  },
  {
    name: "search-phrase",
    bar: { atMost: 300 },
    ask: (run) => ({ text: `"${phrase(run)}"` }),
    fits: ({ data }, run) => data.includes(phrase(run)),
  },
  {
    name: "search-path",
    bar: { atMost: 300 },
    ask: (run) => ({ path: `$[?@ == "${city(run)}"]` }),
    fits: ({ data }, run) => data.includes(city(run)),
  },
  {
    name: "search-path-and-word",
    bar: { atMost: 300 },
    ask: (run) => ({ text: word(run * 17 + 2), path: `$[?@ == "${city(run)}"]` }),
    fits: ({ data }, run) => data.includes(word(run * 17 + 2)) && data.includes(city(run)),
  },
  {
    name: "search-none-word",
    bar: { atMost: 300 },
    ask: (run) => ({ text: `qqabsent${run}` }),
    fits: null,
  },
  {
    name: "search-none-together",
    bar: { atMost: 300 },
    ask: (run) => ({ text: `${word(run * 17 + 3)} ${word(run * 17 + 4)}` }),
    fits: null,
  },
  {
    name: "search-none-path",
    bar: { atMost: 300 },
    ask: (run) => ({ path: `$.absent${run}` }),
    fits: null,
  },
];

/** Numbers of the newest records of the right answer, oldest first, at most `limit`. */
export function rightAnswer({ fits }: Question, run: number, kept: Kept, limit: number): number[] {
  const found: number[] = [];
  if (fits === null) return found;
  for (let n = kept.count - 1; n >= 0 && found.length < limit; n--) {
    if (fits(keptRecord(n, kept.firstAt), run, kept)) found.push(n);
  }
  return found.reverse();
}

function oddTypes(run: number): string[] {
  return [types[run % types.length] ?? "", types[(run + 3) % types.length] ?? ""];
}

/** A day of the thirty, another one each run. */
function day(run: number, { firstAt, count }: Kept): { readonly from: number; readonly to: number } {
  const length = (count * everyMs) / 30;
  const first = (3 + run * 4) % 29;
  return { from: Math.floor(firstAt + first * length), to: Math.floor(firstAt + (first + 1) * length) };
}

function phrase(run: number): string {
  const all = ["预计明天送达", "请稍后重试", "等待补货", "正在分拣包裹", "需要确认", "感谢惠顾", "可下载", "审核中"];
  return all[run % all.length] ?? "";
}
