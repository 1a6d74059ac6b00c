/**
 * Numbers, sizes, times and durations in the language of the window. Digits and dates come from Intl; unit signs from the catalogue,
 * because Chinese wants a space before them that Intl does not set. Ids are never formatted: they are verbatim.
 */
import type { Words } from "../../preload/words.ts";

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Everything the views say with figures. */
export type Format = ReturnType<typeof makeFormat>;

/** The helpers for one language. */
export function makeFormat(words: Words) {
  const { locale, say } = words;
  const numbers = [0, 1, 2].map((digits) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }));
  const number = (value: number, digits = 0): string => (numbers[digits] ?? numbers[0])?.format(value) ?? String(value);
  const date = (options: Intl.DateTimeFormatOptions) => {
    const made = new Intl.DateTimeFormat(locale, { hourCycle: "h23", ...options });
    return (at: number): string => made.format(at);
  };
  const clock = { hour: "2-digit", minute: "2-digit" } as const;

  /** Exact to a tenth of a second below two minutes ("61.4 s"), two units above: what was measured is not rounded away. */
  const duration = (ms: number): string => {
    if (ms < second) return say("unit.ms", { n: number(Math.max(0, Math.round(ms))) });
    if (ms < 2 * minute) return say("unit.s", { n: number(ms / second, 1) });
    return age(ms);
  };
  /** Whole seconds at the finest: what ticks must not flicker. */
  const age = (ms: number): string => {
    const whole = Math.max(0, ms);
    if (whole < minute) return say("unit.s", { n: number(Math.floor(whole / second)) });
    if (whole < hour) return pair(whole, minute, "unit.min", second, "unit.s");
    if (whole < day) return pair(whole, hour, "unit.h", minute, "unit.min");
    return pair(whole, day, "unit.d", hour, "unit.h");
  };
  type Unit = "unit.s" | "unit.min" | "unit.h" | "unit.d";
  const pair = (ms: number, big: number, bigUnit: Unit, small: number, smallUnit: Unit): string => {
    const rest = Math.floor((ms % big) / small);
    const first = say(bigUnit, { n: number(Math.floor(ms / big)) });
    return rest === 0 ? first : `${first} ${say(smallUnit, { n: number(rest) })}`;
  };

  return {
    number,
    duration,
    age,
    /** 0:07, 12:40, 1:02:03: counts down and reaches 0:00 when it is time. */
    countdown: (ms: number): string => {
      const left = Math.ceil(Math.max(0, ms) / second);
      const two = (value: number): string => String(value).padStart(2, "0");
      const minutes = Math.floor(left / 60);
      if (minutes < 60) return `${minutes}:${two(left % 60)}`;
      return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${two(left % 60)}`;
    },
    bytes: (bytes: number): string => {
      if (bytes < 1000) return say("unit.B", { n: number(bytes) });
      if (bytes < 999_950) return say("unit.kB", { n: number(bytes / 1e3, bytes < 99_950 ? 1 : 0) });
      if (bytes < 999_950_000) return say("unit.MB", { n: number(bytes / 1e6, 1) });
      return say("unit.GB", { n: number(bytes / 1e9, 1) });
    },
    /** "1.4 s", "12 min": short, with the signs of SI in every language, for a column of figures. */
    gap: (ms: number): string => {
      const short = (value: number): string => number(value, value < 10 ? 1 : 0);
      if (ms < second) return `${number(Math.max(0, Math.round(ms)))} ms`;
      if (ms < 99_950) return `${number(ms / second, 1)} s`;
      if (ms < hour) return `${short(ms / minute)} min`;
      return ms < 2 * day ? `${short(ms / hour)} h` : `${short(ms / day)} d`;
    },
    percent: (share: number): string => say("unit.percent", { n: number(share) }),
    /** 14:22:21.518 */
    time: date({ ...clock, second: "2-digit", fractionalSecondDigits: 3 }),
    timeToSecond: date({ ...clock, second: "2-digit" }),
    timeToMinute: date(clock),
    /** Wed, Nov 26, 2026, 14:22:05 */
    fullMoment: date({
      weekday: "short",
      year: "numeric",
      month: "short",
      day: "numeric",
      ...clock,
      second: "2-digit",
    }),
    dateTime: date({ dateStyle: "medium", timeStyle: "medium" }),
    dayTime: date({ month: "short", day: "numeric", ...clock }),
    weekday: date({ weekday: "short", day: "numeric" }),
    monthDay: date({ month: "short", day: "numeric" }),
    /** Today: the time; before: the day as well. */
    moment: (at: number, now: number): string =>
      new Date(at).toDateString() === new Date(now).toDateString()
        ? date(clock)(at)
        : date({ month: "short", day: "numeric", ...clock })(at),
  };
}

/** Whole percentages of parts that sum to exactly 100 (largest remainder); all zero when there is nothing to share. */
export function sharesOf(parts: readonly number[]): number[] {
  const total = parts.reduce((sum, part) => sum + part, 0);
  if (total <= 0) return parts.map(() => 0);
  const exact = parts.map((part) => (part / total) * 100);
  const shares = exact.map(Math.floor);
  const order = exact.map((value, at) => ({ at, rest: value - Math.floor(value) })).sort((a, b) => b.rest - a.rest);
  const missing = 100 - shares.reduce((sum, share) => sum + share, 0);
  for (const { at } of order.slice(0, missing)) shares[at] = (shares[at] ?? 0) + 1;
  return shares;
}
