/**
 * Bounds of the world's own: how long anybody may wait, how often a stream may return, when `retry:` is over, what a watchdog
 * may be wrong about. They look at servers and at what came from them; of the machine they take what it does, and not what
 * it says of the reasons.
 */
import type { State } from "../../main/core/connection/connection-state.ts";
import type { Client, Taken } from "./client.ts";
import type { Server } from "./origin.ts";
import type { Timeline } from "./timeline.ts";

const longestMs = 122_000;
const longestCertificateMs = 602_000;
/** So often within half an hour a stream may return to one address: 1, 2, 4, 8 and 16 minutes of probation, and none is shorter. */
const returnsAtMost = 5;
const halfHourMs = 1_800_000;
/** Without a rhythm 300 s of silence are borne, and a deadline beside it. */
const findsOutMs = 330_000;
/** Three times the usual silence, which is known to the half of a power of two. */
const longestShare = 4.3;
/** What comes later than this after an opening comes of itself. */
const greetingMs = 15_000;
const heard: ReadonlySet<string> = new Set(["bytes", "retry", "events"]);
/** A silence that has ended is not forgotten for so long, and is long enough to be remembered. */
const remembersMs = 600_000;
const rememberedFromMs = 120_000;

/** What is remembered of one stream since the program began to run. */
type Books = {
  /** By candidate: what its server asked for by `retry:`, and the end of its last connection. */
  readonly wishes: Map<number, number>;
  readonly ends: Map<number, number>;
  readonly returns: Map<number, number[]>;
  /** A silence for which the watchdog ended a connection that was well, and which nothing has ended yet; of one path. */
  silentSince: number | null;
  /** Who was dialled last. */
  candidate: number;
  readonly silences: { readonly lengthMs: number; readonly endedAt: number }[];
  /** The longest silence that it has seen end, be it the stream's or the path's; and since when there is one, over connections. */
  longestMs: number;
  quietSince: number | null;
};

export class Bounds {
  readonly #timeline: Timeline;
  readonly #books = new Map<string, Books>();
  /** Until when servers asked not to be called, by our own clock: it may stand still while the computer sleeps. */
  readonly #asked = new Map<Server, { readonly until: number; readonly mono: number }>();

  constructor(timeline: Timeline) {
    this.#timeline = timeline;
  }

  restarted(): void {
    this.#books.clear();
    this.#asked.clear();
  }

  /** @returns the sentence that is not true, or null */
  taken(taken: Taken): string | null {
    const books = this.#of(taken.client);
    if (heard.has(taken.event.type)) this.#hears(taken, books);
    if (taken.event.type === "failed") this.#noteAsked(taken);
    // Nobody listened.
    if (taken.event.type === "wake" || taken.event.type === "unread") books.silentSince = null;
    const { before, event, after, effects } = taken;
    if (
      before.link.phase === "open" &&
      after.link.phase === "connecting" &&
      before.link.candidate === after.link.candidate
    )
      books.quietSince ??= before.link.byteAt;
    const sentence = effects.length === 0 ? null : this.#dials(taken, books);
    if (["retryNow", "start", "stop"].includes(event.type)) forget(books);
    if (event.type === "network" && event.changed) books.returns.clear();
    if (sentence !== null || before.link === after.link) return sentence;
    return this.#ends(taken, books) ?? this.#waits(taken);
  }

  #hears({ before, event, now }: Taken, books: Books): void {
    const { link } = before;
    if (link.phase !== "open" || !("generation" in event) || event.generation !== link.generation) return;
    if (event.type === "retry") books.wishes.set(link.candidate, Math.min(Math.max(event.retryMs, 500), 60_000));
    const { silentSince } = books;
    const isGreeting = now - link.openedAt < greetingMs;
    books.longestMs = Math.max(books.longestMs, now - (isGreeting ? link.byteAt : (books.quietSince ?? link.byteAt)));
    if (!isGreeting || event.type === "events") books.quietSince = null;
    if (silentSince === null) return;
    if (isGreeting) {
      // What comes at once had been missed; a comment is a greeting.
      if (event.type === "events") books.silentSince = null;
      return;
    }
    const lengthMs = this.#timeline.now - silentSince;
    books.longestMs = Math.max(books.longestMs, lengthMs);
    if (lengthMs >= rememberedFromMs) books.silences.push({ lengthMs, endedAt: this.#timeline.now });
    books.silentSince = null;
  }

  #dials({ before, event, after, effects, now }: Taken, books: Books): string | null {
    const dial = effects.find((effect) => effect.type === "connect" || effect.type === "probe");
    if (dial === undefined || !("candidate" in dial)) return null;
    const { link } = before;
    const isAsking = dial.type === "probe" && after.probe?.why === "failback";
    if ((link.phase === "waiting" && event.type !== "retryNow") || isAsking) {
      const wish = books.wishes.get(dial.candidate) ?? 0;
      const endedAt = books.ends.get(dial.candidate) ?? Number.NEGATIVE_INFINITY;
      if (now < endedAt + wish) return "comes back no sooner than retry:, whatever the network does meanwhile";
    }
    if (dial.type === "probe") return null;
    // What another path says then does not tell whose silence it was.
    if (dial.candidate !== books.candidate) books.silentSince = null;
    books.candidate = dial.candidate;
    const isReturn = link.phase === "open" && link.candidate !== dial.candidate && event.type !== "retryNow";
    if (!isReturn) return null;
    books.ends.set(link.candidate, now);
    const at = this.#timeline.now;
    const recent = [...(books.returns.get(dial.candidate) ?? []).filter((one) => at - one < halfHourMs), at];
    books.returns.set(dial.candidate, recent);
    return recent.length > returnsAtMost ? "returns ever more seldom to an address that does not stay" : null;
  }

  #ends({ client, before, event, after, now, saidAt }: Taken, books: Books): string | null {
    const { link } = before;
    if (link.phase !== "open" && link.phase !== "connecting") return null;
    if (after.link.phase !== "waiting" && after.link.phase !== "offline") return null;
    if (link.phase === "open" || event.type === "failed") books.ends.set(link.candidate, now);
    const isWatchdog = after.link.phase === "waiting" && after.link.failure.kind === "idle-timeout";
    const isSilent = isWatchdog || (after.link.phase === "waiting" && after.link.failure.family === "PLANNED");
    books.quietSince = link.phase === "open" && isSilent ? (books.quietSince ?? link.byteAt) : null;
    if (link.phase !== "open" || !isWatchdog || client.spec.policy.idleTimeoutMs !== null) {
      if (!isWatchdog) books.silentSince = null;
      return null;
    }
    return this.#silenced(saidAt, now - link.byteAt, books);
  }

  /** The watchdog has ended a connection: was it well, and does the stream do so by habit? */
  #silenced(saidAt: number | null, silentMs: number, books: Books): string | null {
    const at = this.#timeline.now;
    // What it had said by then has not come: the path holds it, or loses it.
    if (saidAt === null || saidAt > at - silentMs + 1000) {
      books.silentSince = null;
      return null;
    }
    books.silentSince ??= at - silentMs;
    const isKnown = books.silences.some(({ lengthMs, endedAt }) => lengthMs >= silentMs && at - endedAt < remembersMs);
    return isKnown ? "is not wrong again about a silence that it has seen end" : null;
  }

  /** Retry-After binds who asked the server that said so, and nobody waits for it who has another way. */
  #waits({ client, after, now }: Taken): string | null {
    const longest = this.longestWaitMs(client, after, now);
    if (longest === null || after.link.phase !== "waiting" || after.link.delayMs <= longest) return null;
    return "waits no longer than two minutes while somebody may be asked";
  }

  #noteAsked({ client: { spec }, now }: Taken): void {
    for (const { server } of spec.origins) {
      const { notBefore: until } = server;
      if (this.#asked.get(server)?.until !== until)
        this.#asked.set(server, { until, mono: now + until - this.#timeline.now });
    }
  }

  /** How long a stream may wait at this moment; null: as long as its servers ask, since none of them may be called. */
  longestWaitMs({ spec: { policy, origins } }: Client, { link, standings, pinned }: State, now: number): number | null {
    const isAsked = origins.some(({ server, isWebSocket }, i) => {
      const isTried = standings[i]?.out === null && (pinned === null || pinned === i || isWebSocket);
      return isTried && server.notBefore <= this.#timeline.now && (this.#asked.get(server)?.mono ?? 0) <= now;
    });
    if (!isAsked) return null;
    if (policy.strict) return Math.max(...Object.values(policy.strategies).map(({ capMs }) => capMs));
    return link.phase === "waiting" && link.failure.kind === "certificate" ? longestCertificateMs : longestMs;
  }

  /** How long a dead connection may stand before it is found out, by the silences that its stream has shown. */
  findsOutMs(client: Client): number {
    return Math.max(findsOutMs, longestShare * this.#of(client).longestMs);
  }

  #of({ spec: { name } }: Client): Books {
    const known = this.#books.get(name);
    if (known !== undefined) return known;
    const made: Books = {
      wishes: new Map(),
      ends: new Map(),
      returns: new Map(),
      silentSince: null,
      candidate: -1,
      silences: [],
      longestMs: 0,
      quietSince: null,
    };
    this.#books.set(name, made);
    return made;
  }
}

/** The user's word is taken at once, and what he ended was no silence. */
function forget(books: Books): void {
  books.ends.clear();
  books.returns.clear();
  books.silentSince = null;
}
