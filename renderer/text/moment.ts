/**
 * Moments as people type them: a time as the list shows it, a date with or without one, ISO 8601, or a number of seconds or milliseconds
 * since 1970. Local time, unless an offset is written. Reads what it can be sure of and nothing else. Pure but for the time zone.
 */

const time = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,3}))?)?$/;
const dated = /^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:(?:\s*T\s*|\s+)?(.+))?$/i;
const offset = /\d(?:Z|[+-]\d{2}:?\d{2})$/i;

/**
 * UTC ms of what was typed; null: it is no moment.
 * @param day any moment of the day that a time alone belongs to
 */
export function readMoment(typed: string, day: number): number | null {
  // Full-width digits and colons of a Chinese keyboard count as their narrow ones.
  const text = typed.normalize("NFKC").trim();
  if (/^\d{13}$/.test(text)) return Number(text);
  if (/^\d{10}$/.test(text)) return Number(text) * 1000;
  if (/^\d{4}-\d{2}-\d{2}[T ]/i.test(text) && offset.test(text)) {
    const at = Date.parse(text.replace(" ", "T"));
    return Number.isNaN(at) ? null : at;
  }
  const date = dated.exec(text);
  if (date === null) {
    const on = new Date(day);
    return onDay(on.getFullYear(), on.getMonth(), on.getDate(), text);
  }
  const [, year, month, dayOfMonth, clock = "0:00"] = date;
  return onDay(Number(year), Number(month) - 1, Number(dayOfMonth), clock);
}

function onDay(year: number, month: number, day: number, clock: string): number | null {
  const read = time.exec(clock.trim());
  if (read === null) return null;
  const [hours, minutes, seconds] = [read[1], read[2], read[3] ?? "0"].map(Number) as [number, number, number];
  if (hours > 23 || minutes > 59 || seconds > 59) return null;
  const made = new Date(year, month, day, hours, minutes, seconds, Number((read[4] ?? "0").padEnd(3, "0")));
  // 31 February would roll over into March.
  return made.getMonth() === month && made.getDate() === day ? made.getTime() : null;
}

const two = (value: number): string => String(value).padStart(2, "0");

/** A moment as it can be typed again: local, to the second, or to the millisecond where it has some. */
export function writeMoment(at: number): string {
  const date = new Date(at);
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const rest = date.getMilliseconds();
  return `${day} ${clock}${rest === 0 ? "" : `.${String(rest).padStart(3, "0")}`}`;
}

/** How a date and a time are written, at a moment that means something to who reads it. */
export function exampleOf(at: number): string {
  return writeMoment(at - (at % 60_000)).slice(0, -3);
}
