/** UTC milliseconds as ISO 8601, without a clock: the core has no Date. */

const dayMs = 86_400_000;
/** Days from 0000-03-01 to 1970-01-01. Years that begin in March have their leap day at the end. */
const epochDays = 719_468;
/** Days in 400 years, after which the calendar repeats. */
const eraDays = 146_097;

/** As `Date.prototype.toISOString` says it. @param utcMs whole milliseconds, of the years 0 to 9999 */
export function isoTime(utcMs: number): string {
  const days = Math.floor(utcMs / dayMs);
  const ms = utcMs - days * dayMs;
  const [year, month, day] = civil(days);
  const date = `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
  const time = [ms / 3_600_000, (ms / 60_000) % 60, (ms / 1000) % 60].map((part) => padded(Math.floor(part), 2));
  return `${date}T${time.join(":")}.${padded(ms % 1000, 3)}Z`;
}

/** Days since 1970 → year, month and day (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
function civil(sinceEpoch: number): readonly [year: number, month: number, day: number] {
  const days = sinceEpoch + epochDays;
  const era = Math.floor(days / eraDays);
  const ofEra = days - era * eraDays;
  const leaps = Math.floor(ofEra / 1460) - Math.floor(ofEra / 36_524) + Math.floor(ofEra / (eraDays - 1));
  const yearOfEra = Math.floor((ofEra - leaps) / 365);
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day];
}

const padded = (value: number, digits: number): string => String(value).padStart(digits, "0");
