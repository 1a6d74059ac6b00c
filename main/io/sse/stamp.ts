/**
 * When the server says it made an event, where it says so: what delays on the way are measured with. A cheap look at the
 * id and at the start of the data, which is never parsed as a whole; what is not plainly a time is none.
 */

/** Only so many characters of the data are looked at. */
const lookedAtChars = 512;
/** Times before 2001 or after 2100 are something else, UTC ms. */
const [earliest, latest] = [978_307_200_000, 4_102_444_800_000];

/** A member of a JSON object with one of the names, and a number or a short string that begins with a digit. */
const member =
  /"(?:timestamp|ts|time|sentAt|sent_at|createdAt|created_at|emittedAt)"\s*:\s*(?:(\d{10,16}(?:\.\d+)?)(?=\s*[,}])|"(\d[\d.:TtZz+ -]{9,39})")/g;
const startsObject = /^\s*\{/;
const dateTime = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)$/;
/** A Redis stream's ids are the milliseconds at which it took the entry, and a count within them. */
const timedId = /^(\d{12,13})(?:-\d+)?$/;

/**
 * @param id of the event's own block; it wins, for it is given when the event is made, and data may speak of other times
 * @returns UTC ms, whole; null where nothing says so. A server that counts in seconds is right to a second only.
 */
export function stampOf(data: string, id: string | null): number | null {
  return stampOfId(id) ?? stampOfData(data);
}

/** The stamps of one connection. */
export type Stamps = {
  /** Bytes arrived: what they complete comes at one moment, so that its first few events tell how late it is. */
  arrived(): void;
  /** What stampOf says of the next event, or null when this one is not looked at. */
  of(data: string, id: string | null): number | null;
};

/** Looked at of what arrives together: the first four events, then each 64th. */
const [firstOfArrival, eachOfArrival] = [4, 64];
/** After so many looks in a row that found none, only each 64th event is looked at. */
const [enoughWithout, eachWithout] = [200, 64];

/** What finding stamps costs is bounded: a burst that is stamped throughout, and a server that never stamps. */
export function createStamps(): Stamps {
  let [without, skipped, ofArrival] = [0, 0, 0];
  return {
    arrived() {
      ofArrival = 0;
    },
    of(data, id) {
      if (++ofArrival > firstOfArrival && ofArrival % eachOfArrival !== 0) return null;
      if (without >= enoughWithout && ++skipped % eachWithout !== 0) return null;
      const stamp = stampOf(data, id);
      without = stamp === null ? without + 1 : 0;
      return stamp;
    },
  };
}

function stampOfId(id: string | null): number | null {
  if (id === null || id.length < 12) return null;
  const found = timedId.exec(id);
  return found === null ? null : plausible(Number(found[1]));
}

function stampOfData(data: string): number | null {
  const head = data.length > lookedAtChars ? data.slice(0, lookedAtChars) : data;
  if (!startsObject.test(head)) return null;
  const depth = { at: 0, level: 0, quoted: false };
  member.lastIndex = 0;
  for (let found = member.exec(head); found !== null; found = member.exec(head)) {
    // A time of something inside the event, say of the user it is about, is not the event's.
    if (levelAt(head, found.index, depth) !== 1) continue;
    const stamp = found[1] === undefined ? fromText(found[2] ?? "") : fromNumber(found[1]);
    if (stamp !== null) return stamp;
  }
  return null;
}

/** How many brackets are open before an index; -1 within a string. Goes on from where it was. */
function levelAt(head: string, index: number, depth: { at: number; level: number; quoted: boolean }): number {
  for (; depth.at < index; depth.at++) {
    const code = head.charCodeAt(depth.at);
    if (depth.quoted && code === backslash) depth.at++;
    else if (code === quote) depth.quoted = !depth.quoted;
    else if (depth.quoted) continue;
    else if (code === openBrace || code === openBracket) depth.level++;
    else if (code === closeBrace || code === closeBracket) depth.level--;
  }
  return depth.quoted ? -1 : depth.level;
}

const [quote, backslash, openBracket, closeBracket, openBrace, closeBrace] = [34, 92, 91, 93, 123, 125];

function fromNumber(text: string): number | null {
  const value = Number(text);
  return plausible(value) ?? plausible(value * 1000);
}

function fromText(text: string): number | null {
  if (/^\d{10,16}(?:\.\d+)?$/.test(text)) return fromNumber(text);
  return dateTime.test(text) ? plausible(Date.parse(text.replace(" ", "T").toUpperCase())) : null;
}

/** Whole milliseconds within the range, or null. */
function plausible(utcMs: number): number | null {
  const whole = Math.round(utcMs);
  return whole >= earliest && whole < latest ? whole : null;
}
