/**
 * Who stands on a path, by what it showed: the marks of detection/signatures.ts and behaviour.ts, weighed up. No name
 * without evidence, and 0.8 only where a product said so itself. It asks nothing and remembers nothing.
 *
 * Within a source the best mark counts (two Server headers lie for one reason), sources count together as
 * 1 − Π(1 − weight): an error page and a Via entry lie for reasons that have little to do with each other. What a Server
 * header, a form or a timing says is held below 0.8 whatever comes together, because an origin may say all of it.
 */
import type { HopView } from "../../preload/contract.ts";
import { formMarks, type Mark, timingMarks, valuesOf } from "./detection/behaviour.ts";
import type { AnswerSeen, Observation } from "./detection/observation.ts";
import { roleOf, type Signature, type Source, signatures } from "./detection/signatures.ts";

export type Hop = HopView;

/** From here on a name may be relied on. */
export const surely = 0.8;
/** The most that may be said when only these sources speak. */
const limits: readonly (readonly [sources: readonly Source[], most: number])[] = [
  [["shape", "timing"], 0.7],
  [["server", "shape", "timing"], 0.78],
];
const mostSure = 0.99;
/** Hints that come to less than this name nobody. */
const leastSure = 0.25;
const maxEvidence = 6;
const maxHops = 8;
/** Where no mark tells the place: behind those whose place is known, in front of what was only guessed. */
const farAway = 50;

/** The hops that the observations show, nearest first; the order of the observations does not matter. */
export function hopsOf(observations: readonly Observation[]): readonly Hop[] {
  const byProduct = grouped(marksOf(observations), ({ product }) => product);
  return [...byProduct]
    .map(([product, marks]) => ({ hop: hopOf(product, marks), place: placeOf(marks) }))
    .filter(({ hop }) => hop.confidence >= leastSure)
    .toSorted(
      (a, b) => a.place - b.place || b.hop.confidence - a.hop.confidence || compare(a.hop.product, b.hop.product),
    )
    .slice(0, maxHops)
    .map(({ hop }) => hop);
}

/** Who made an answer itself: `null` when nobody's own marks are on it, so that it came from further away. */
export function speakerOf(answer: AnswerSeen): { readonly product: string; readonly version: string | null } | null {
  const marks = answerMarks(answer);
  const spoke = new Set(marks.filter(({ own }) => own).map(({ product }) => product));
  const [first] = [...spoke]
    .map((product) =>
      hopOf(
        product,
        marks.filter((mark) => mark.product === product),
      ),
    )
    .toSorted((a, b) => b.confidence - a.confidence || compare(a.product, b.product));
  return first === undefined || first.confidence < surely ? null : { product: first.product, version: first.version };
}

function marksOf(observations: readonly Observation[]): Mark[] {
  const answers = observations.filter((one) => one.what === "answer");
  return [...answers.flatMap(answerMarks), ...timingMarks(observations)];
}

function answerMarks(answer: AnswerSeen): Mark[] {
  const marks = [...signatures.flatMap((row) => found(row, answer)), ...formMarks(answer), ...strangers(answer)];
  // A CDN that is made of Varnish says so in Via; where it has given its own name, that is one hop and not two.
  return marks.some(({ product }) => product === "fastly")
    ? marks.filter(({ product, source }) => product !== "varnish" || source !== "via")
    : marks;
}

function found(row: Signature, answer: AnswerSeen): Mark[] {
  if (row.header === null) return pageMark(row, answer);
  if (row.own && answer.status < 300) return [];
  if (row.header === "via") {
    const entries = viaOf(answer);
    return entries.flatMap((entry, place) => markOf(row, answer, entry, entries.length - 1 - place));
  }
  return valuesOf(answer, row.header).flatMap((value) => markOf(row, answer, value, null));
}

/** Only an error's whole page counts: one that is quoted in somebody's JSON, or in plain words, is not the quoter's. */
function pageMark(row: Signature, answer: AnswerSeen): Mark[] {
  const body = answer.body.trim();
  const isPage = row.body === "page";
  if (answer.status < 400 || (isPage && !body.startsWith("<"))) return [];
  const others = isPage ? /json|text\/plain/i : /json/i;
  if (valuesOf(answer, "content-type").some((type) => others.test(type))) return [];
  return markOf(row, answer, body, null);
}

function markOf(row: Signature, answer: AnswerSeen, text: string, place: number | null): Mark[] {
  const match = row.match.exec(text);
  if (match === null) return [];
  const version = match.slice(1).find((group) => group) ?? null;
  const name = row.header ?? "";
  const { status, forwarded } = answer;
  const said = version === null ? row.product : `${row.product}/${version}`;
  const coded = {
    page: { code: "own-page", params: { status } },
    error: { code: "own-header", params: { name, status } },
    via: { code: "via", params: { said } },
    server: { code: "server", params: { said } },
    header: { code: "header", params: { name } },
  }[row.header === null ? "page" : row.source];
  const base = { product: row.product, version, source: row.source, weight: row.weight, own: row.own };
  return [{ ...base, ...coded, place, forwarded: forwarded || answer.to === "connect" }];
}

/** Somebody in Via whose name we do not know: a hop all the same. */
function strangers(answer: AnswerSeen): Mark[] {
  const entries = viaOf(answer);
  const rows = signatures.filter(({ header }) => header === "via");
  return entries.flatMap((entry, i): Mark[] => {
    if (!/^(?:HTTP\/)?\d(?:\.\d)? \S/.test(entry) || rows.some(({ match }) => match.test(entry))) return [];
    const [, token = ""] = entry.split(" ");
    // A host's name is nobody's business further on; a pseudonym without a dot is what it calls itself.
    const params = { said: /^[\w-]{1,32}$/.test(token) ? token : "?" };
    const { forwarded } = answer;
    const place = entries.length - 1 - i;
    const base = { product: "unknown", version: null, source: "via", weight: 0.5, own: false } as const;
    return [{ ...base, code: "via-stranger", params, place, forwarded }];
  });
}

/** The entries of Via in their order: everybody on the way back adds his at the end (RFC 9110 §7.6.3). */
function viaOf(answer: AnswerSeen): string[] {
  return valuesOf(answer, "via").flatMap((value) => splitOutsideParentheses(value));
}

function splitOutsideParentheses(value: string): string[] {
  return [...value.matchAll(/(?:\([^)]*\)|[^,(])+/g)].map(([entry]) => entry.trim());
}

function hopOf(product: string, marks: readonly Mark[]): Hop {
  const sorted = marks.toSorted((a, b) => b.weight - a.weight || compare(keyOf(a), keyOf(b)));
  const bySource = grouped(sorted, ({ source }) => source);
  const doubt = [...bySource.values()].reduce((left, [best]) => left * (1 - (best?.weight ?? 0)), 1);
  const sources = [...bySource.keys()];
  const limit = limits.find(([only]) => sources.every((source) => only.includes(source)))?.[1] ?? mostSure;
  const evidence = [...new Map(sorted.map((one) => [keyOf(one), one])).values()].slice(0, maxEvidence);
  return {
    product,
    version: sorted.find(({ version }) => version !== null)?.version ?? null,
    role: roleOf(
      product,
      marks.some(({ forwarded }) => forwarded),
    ),
    confidence: Math.round(Math.min(limit, 1 - doubt) * 100) / 100,
    evidence: evidence.map(({ code, params }) => ({ code, params })),
  };
}

function placeOf(marks: readonly Mark[]): number {
  const isForward = marks.some(({ product, forwarded }) => roleOf(product, forwarded) === "forward");
  if (isForward) return -2;
  const hasAnswer = marks.some(({ source }) => source !== "timing" && source !== "shape");
  return Math.min(hasAnswer ? farAway : farAway + 1, ...marks.flatMap(({ place }) => (place === null ? [] : [place])));
}

/** What two marks that say the same have in common, and a fixed order for those of equal weight. */
function keyOf({ code, params, version }: Mark): string {
  return JSON.stringify([code, Object.entries(params).toSorted(), version]);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** In the order of the first of each. Map.groupBy would do; the oldest Node that the command line runs on has none. */
function grouped<K>(marks: readonly Mark[], keyOf: (mark: Mark) => K): Map<K, Mark[]> {
  const groups = new Map<K, Mark[]>();
  for (const mark of marks) {
    const key = keyOf(mark);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [mark]);
    else group.push(mark);
  }
  return groups;
}
