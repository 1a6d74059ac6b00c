/**
 * What the user gets: that what was sent reaches him while some path carries it, that the stream is open meanwhile, and on the
 * path that he prefers. It looks at paths as they are and at what came by them, never at the machine's reasons.
 */
import type { App } from "./app.ts";
import { Broken } from "./broken.ts";
import type { Client, Taken } from "./client.ts";
import type { Layers } from "./conditions.ts";
import type { Origin } from "./origin.ts";

/** How often it is looked, ms. */
export const lookEveryMs = 15_000;
const never = Number.POSITIVE_INFINITY;
const hourMs = 3_600_000;
/** So long the attempts of the others may take before the WebSocket has its turn. */
const lastResortMs = 900_000;
/** Who was left again and again has to answer well for an hour, and is asked for the first time within twelve minutes. */
const backMs = hourMs + 720_000;
const looksAnHour = hourMs / lookEveryMs;
/** Without a rhythm 300 s of silence are borne, and a deadline beside it. */
const unlearnedMs = 300_000;
const deadlineMs = 30_000;
/** Beside the usual silence: what it takes to leave a path and to find another. */
const moveMs = 120_000;
/** Of an hour; the rest is for finding out what a path does, and for asking dead ones now and then. */
const openShare = 0.9;
/** What speaks more seldom cannot be told from a mute path by a connection that only asks. */
const speaksWithinMs = 60_000;
const greetingMs = 15_000;
const words: ReadonlySet<string> = new Set(["events", "comment", "cursor", "settled"]);

/** What is remembered of one stream since the program began to run. */
type Books = {
  /** By path: since when it has carried; null: it does not. */
  carriesSince: (number | null)[];
  /** By path: when the stream was last open on it or on a better one. */
  readonly onAt: number[];
  /** Looks of the last hour in which some path has carried: whether the stream was open. */
  open: boolean[];
  /** The newest event that has come, or that cannot be asked for any more. */
  delivered: number;
  /** The longest time between two of the events that were counted. */
  gapMs: number;
  counted: number;
  /** The shortest time between two heartbeats that was seen on any path. */
  beatMs: number;
  /** When SSE carried last. */
  sseAt: number;
  /** When the WebSocket was seen last that did not. */
  brokenAt: number;
  /** Between the last two words of one connection. */
  pauseMs: number;
  /** When the present connection opened. */
  openedAt: number;
  /** The connection that spoke last. */
  heardBy: number;
  /** By path: when its last word came, by our own clock; forgotten when it fails. */
  readonly heardAt: Map<number, number>;
};

export class Delivery {
  readonly #books = new Map<Client, Books>();

  restarted(): void {
    this.#books.clear();
  }

  /** @returns the sentence that is not true, or null */
  taken({ client, before: { link }, event, after, now, saidAt }: Taken): string | null {
    const books = this.#of(client);
    if (event.type === "network" && event.changed) books.heardAt.clear();
    if (link.phase !== "open" && link.phase !== "connecting") return null;
    const { candidate, generation } = link;
    if ("generation" in event && event.generation === generation) {
      const { topic } = client.spec.origins[candidate] as Origin;
      if (event.type === "opened") books.openedAt = now;
      // What is no event and comes with the opening may be all that a path lets through.
      const isGreeting = event.type !== "events" && now - books.openedAt < greetingMs;
      if (words.has(event.type) && !isGreeting) {
        const heardAt = books.heardAt.get(candidate);
        // The client learns no rhythm from a pause in which it came anew: it may have missed what was said meanwhile.
        if (heardAt === undefined) books.pauseMs = 0;
        else if (books.heardBy === generation) books.pauseMs = now - heardAt;
        books.heardAt.set(candidate, now);
        books.heardBy = generation;
      }
      // What is not asked for, or was asked for before the program was started, is not waited for.
      if (event.type === "opened") {
        const left = topic.after(event.answer.askedFrom) ?? [];
        books.delivered = Math.max(books.delivered, topic.log.length - left.length);
      }
      if (event.type === "events")
        for (const { data } of event.events) books.delivered = Math.max(books.delivered, topic.find(data)?.n ?? 0);
    }
    const isLost = after.link !== link && after.link.phase === "waiting";
    if (!isLost || after.link.phase !== "waiting") return null;
    const isSuspected = after.link.failure.kind === "mute" && saidAt !== null;
    const heardAt = books.heardAt.get(candidate);
    books.heardAt.delete(candidate);
    if (!isSuspected || heardAt === undefined || !carries(client, candidate)) return null;
    // After a burst it may think that the stream is quicker.
    const usualMs = Math.min(books.beatMs, books.gapMs, unlearnedMs, 3 * books.pauseMs);
    return now - heardAt < usualMs ? "does not take a path for mute because our own connection was another" : null;
  }

  /** @throws Broken with the sentence that is not true */
  look(app: App, now: number): void {
    for (const client of app.clients) {
      const sentence = this.#sees(client, now);
      if (sentence !== null) throw new Broken(sentence, client.spec.name);
    }
  }

  #sees(client: Client, now: number): string | null {
    const books = this.#of(client);
    const { origins, policy } = client.spec;
    count(books, origins[0] as Origin);
    books.beatMs = Math.min(books.beatMs, ...origins.map(({ layers }) => layers.peek("heartbeatMs")));
    const isOurs = isListening(client);
    books.carriesSince = origins.map((_, i) => (isOurs && carries(client, i) ? (books.carriesSince[i] ?? now) : null));
    noteOn(client, books, now);
    const since = (isWebSocket: boolean) =>
      Math.min(...origins.map((o, i) => (o.isWebSocket === isWebSocket ? (books.carriesSince[i] ?? never) : never)));
    if (since(false) < never) books.sseAt = now;
    if (origins.some(({ isWebSocket }, i) => isWebSocket && !carries(client, i))) books.brokenAt = now;
    // The last resort has its turn when the others have had all their attempts; and who has kept failing is for an hour no better
    // than a path that is only silent.
    const turnAt = Math.max(since(true), books.sseAt, books.brokenAt + hourMs);
    const [from, lastMs] = since(false) < never ? [since(false), 0] : [turnAt, lastResortMs];
    // What the user has set himself is not the machine's to keep.
    if (from === never || policy.idleTimeoutMs !== null || policy.strict || !policy.repeatable) {
      books.open = [];
      return null;
    }
    const isCut = origins.some(({ cutAt, layers }) => now - cutAt < lookEveryMs || !lasts(layers));
    const isHour = lastMs === 0 && !isCut;
    books.open = isHour ? [...books.open.slice(1 - looksAnHour), client.state.link.phase === "open"] : [];
    return isLate(client, books, from + lastMs, now) ?? isShut(books) ?? isAway(client, books, now);
  }

  #of(client: Client): Books {
    const known = this.#books.get(client);
    if (known !== undefined) return known;
    const { origins } = client.spec;
    const made: Books = {
      carriesSince: origins.map(() => null),
      onAt: origins.map(() => 0),
      open: [],
      delivered: 0,
      gapMs: 0,
      counted: 0,
      beatMs: never,
      pauseMs: 0,
      openedAt: 0,
      heardBy: 0,
      sseAt: 0,
      brokenAt: -never,
      heardAt: new Map(),
    };
    this.#books.set(client, made);
    return made;
  }
}

function count(books: Books, { topic: { log } }: Origin): void {
  for (; books.counted < log.length; books.counted++) {
    const before = log[books.counted - 1]?.at ?? 0;
    books.gapMs = Math.max(books.gapMs, (log[books.counted]?.at ?? before) - before);
  }
}

/** Whether everything on our own side is well, and no connection is dead without a word. */
function isListening({ app, state: { link, asleep }, writer, live }: Client): boolean {
  if (app.isFrozen || asleep || !app.online || app.barred !== null || app.diskState.full || writer.full) return false;
  if (link.phase === "idle" || link.phase === "halted" || link.phase === "offline") return false;
  // How long a server's wish is waited for is bounds.ts's.
  if (link.phase === "waiting" && link.rule === "floor") return false;
  return link.phase !== "open" || live.get(link.generation)?.line?.works === true;
}

function lasts(layers: Layers): boolean {
  return layers.peek("endsAtMs") === never && layers.peek("idleCutMs") >= 60_000;
}

/** Whether what is sent comes through here to whoever asks. */
function carries({ spec, state, app }: Client, i: number): boolean {
  const { layers, server, isWebSocket, timeline } = spec.origins[i] as Origin;
  const { out, notBefore } = state.standings[i] ?? { out: null, notBefore: 0 };
  if (out !== null || (state.pinned !== null && state.pinned !== i && !isWebSocket)) return false;
  if (server.notBefore > timeline.now || notBefore > app.mono()) return false;
  const isOpened = layers.peek("dial") === null && layers.peek("answer") === null && layers.peek("headersMs") < 5000;
  const isWhole = layers.peek("cutsOneIn") === 0 && layers.peek("haltsOneIn") === 0 && layers.peek("holdBytes") === 0;
  const isQuick = layers.peek("pieceMs") === 0 && layers.peek("latencyMs")[1] < 1000;
  const isPlain =
    layers.peek("replay") === "exclusive" && layers.peek("idPrefix") === "" && layers.peek("noise") === null;
  return isOpened && isWhole && lasts(layers) && isQuick && isPlain && !layers.peek("dead");
}

function noteOn({ state: { link }, spec: { policy, origins } }: Client, { onAt }: Books, now: number): void {
  // What cannot be told from a mute path is not waited for.
  for (const [i, { layers }] of origins.entries()) if (layers.peek("heartbeatMs") > speaksWithinMs) onAt[i] = now;
  if (link.phase !== "open") return;
  const isSse = policy.candidates[link.candidate]?.transport === "sse";
  for (const [i] of onAt.entries()) if (link.candidate <= i || (policy.balance && isSse)) onAt[i] = now;
}

function isLate({ spec: { origins } }: Client, books: Books, since: number, now: number): string | null {
  const { topic } = origins[0] as Origin;
  const sent = topic.log[books.delivered];
  if (sent === undefined || topic.style !== "all" || topic.restarts.length > 0) return null;
  // Of a stream that may be silent for longer than an unlearned one a path that has delivered, be it to a probe, has the watchdog's time,
  // three times what is usual (its 95th percentile, which is less than the longest); three times the longest would miss a client that
  // trusts a mute path because it opens (mutants-quiet.ts).
  const times = books.gapMs > unlearnedMs ? 2.6 : 2;
  const boundMs = Math.max(unlearnedMs + deadlineMs, times * books.gapMs + moveMs);
  return now - Math.max(sent.at, since) > boundMs
    ? "delivers within twice the usual silence while some path carries"
    : null;
}

function isShut({ open }: Books): string | null {
  const isDue = open.length === looksAnHour && open.filter(Boolean).length < openShare * looksAnHour;
  return isDue ? "is open for nearly all of an hour in which some path carries" : null;
}

function isAway({ spec: { origins } }: Client, { carriesSince, onAt }: Books, now: number): string | null {
  const best = carriesSince.findIndex((since) => since !== null && now - since > backMs);
  const origin = origins[best];
  if (origin === undefined || origin.isWebSocket) return null;
  const from = Math.max(onAt[best] ?? 0, origin.cutAt);
  return now - from > backMs ? "is back on the preferred path within its longest probation" : null;
}
