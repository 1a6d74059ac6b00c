/**
 * The history checker: compares what the servers sent with what the journal has, and knows nothing of how it came there.
 * Nothing lost (I1): what is missing stands at a gap on record. Nothing twice (I2): an event with an id is there once.
 */
import { Broken } from "./broken.ts";
import type { Row } from "./disk.ts";
import type { Sent, Topic } from "./topic.ts";

/** Steps of exactly one after which a leap over a reconnect, or within a connection, can be told from not counting. */
const steps = { overReconnect: 5, within: 20 } as const;
/** Rows before a start in which the app looks where the ids stood. */
const rowsOfStart = 24;

type EventRow = Extract<Row, { row: "event" }>;
/** An event of the journal with what the server knows of it, and where it stands. */
type Known = { readonly row: EventRow; readonly sent: Sent; readonly at: number };

/** @throws Broken with the sentence that is not true */
export function checkHistory(topic: Topic, rows: readonly Row[]): void {
  const known = recognised(topic, rows);
  checkOrderAndOnce(topic, rows, known);
  checkNothingLost(topic, rows, known);
}

function fail(topic: Topic, sentence: string, detail: string): never {
  throw new Broken(sentence, topic.name, detail);
}

function recognised(topic: Topic, rows: readonly Row[]): Known[] {
  const known: Known[] = [];
  for (const [at, row] of rows.entries()) {
    if (row.row !== "event") continue;
    if (row.fromProbe) fail(topic, "a probe yields no event", JSON.stringify(row));
    const sent = topic.find(row.data);
    if (sent === null || sent.type !== row.type)
      fail(topic, "keeps only what was sent, and whole", JSON.stringify(row));
    else known.push({ row, sent, at });
  }
  return known;
}

function checkOrderAndOnce(topic: Topic, rows: readonly Row[], known: readonly Known[]): void {
  const pairs = new Set<string>();
  const ids = new Set<string>();
  /** Of one connection: the newest event, and whether it has brought an id that was not there before. */
  let [generation, newest, settled] = [-1, 0, false];
  let before = -1;
  for (const { row, sent, at } of known) {
    const restarted = rows.slice(before + 1, at).some((other) => other.row === "started");
    before = at;
    if (restarted || row.generation !== generation) [generation, newest, settled] = [row.generation, 0, false];
    if (sent.n <= newest) fail(topic, "keeps the order of a connection", `${sent.n} after ${newest}`);
    newest = sent.n;
    if (row.id === null) continue;
    const pair = `${row.id} ${row.data}`;
    // Outside the window after a (re)connect nothing is ever dropped.
    if (pairs.has(pair) && !settled) fail(topic, "keeps each event once", `event ${sent.n}, id ${row.id}`);
    const isReused = ids.has(row.id) && !pairs.has(pair);
    if (isReused && !settled && !row.marked)
      fail(topic, "marks an id that it knows with other content", `event ${sent.n}, id ${row.id}`);
    if (!ids.has(row.id)) settled = true;
    pairs.add(pair);
    ids.add(row.id);
  }
}

function checkNothingLost(topic: Topic, rows: readonly Row[], known: readonly Known[]): void {
  /** By the number of the event: where it stands first. */
  const first = new Map<number, Known>();
  for (const one of known) if (!first.has(one.sent.n)) first.set(one.sent.n, one);
  const oldest = known[0]?.sent.n ?? Number.POSITIVE_INFINITY;
  for (let from = oldest; from <= topic.log.length; from++) {
    if (first.has(from)) continue;
    let to = from;
    while (to < topic.log.length && !first.has(to + 1)) to++;
    const [last, next] = [first.get(from - 1), first.get(to + 1)];
    if (last !== undefined && !isExplained(topic, rows, known, { from, to, last, next })) {
      fail(topic, "loses nothing without a gap on record", `events ${from} to ${to}`);
    }
    from = to;
  }
}

type Range = { readonly from: number; readonly to: number; readonly last: Known; readonly next: Known | undefined };

function isExplained(topic: Topic, rows: readonly Row[], known: readonly Known[], range: Range): boolean {
  const { from, to, last, next } = range;
  // An event without an id does not show the leap; the next one that has one does.
  const shown = next === undefined ? undefined : known.find(({ at, row }) => at >= next.at && row.id !== null);
  const [begin, end] = [Math.min(last.at, next?.at ?? last.at), Math.max(last.at, shown?.at ?? rows.length)];
  const gaps = rows.slice(begin, end).flatMap((row) => (row.row === "gap" ? [row.reason] : []));
  // That ids are missing shows a loss and explains none: what the server gave when it was asked must be here.
  if (gaps.some((reason) => reason !== "ids-missing")) return true;
  // A server that counts anew has forgotten, and asking it by an old id may mean another event to it.
  const cursorOf = topic.log.findLast(({ n, id }) => n < from && id !== null)?.n ?? 0;
  if (topic.restarts.some((n) => cursorOf <= n && n <= to)) return true;
  const refused = topic.unserved.some((range) => range.from <= from && to <= range.to);
  return refused && (gaps.length > 0 || shown === undefined || !isCounted(rows, shown));
}

/** Whether the ids of the journal had been counting up to this one, so that its leap shows: in the order in which they came. */
function isCounted(rows: readonly Row[], shown: Known): boolean {
  const started = rows.findLastIndex(({ row }, at) => row === "started" && at < shown.at);
  // What is further back than that was not known to the one who saw the leap.
  const from = started < 0 ? 0 : Math.max(0, started - rowsOfStart);
  const before = rows.slice(from, shown.at).filter((row): row is EventRow => row.row === "event" && row.id !== null);
  const last = before.at(-1);
  const leaps = last !== undefined && Number(shown.row.id) > Number(last.id) + 1;
  if (!leaps) return false;
  const isWithin = last.generation === shown.row.generation && rows.indexOf(last) > started;
  const needed = isWithin ? steps.within : steps.overReconnect;
  const counted = before.slice(-needed - 1).map(({ id }) => Number(id));
  return counted.length > needed && counted.every((id, i) => i === 0 || id === (counted[i - 1] ?? 0) + 1);
}
