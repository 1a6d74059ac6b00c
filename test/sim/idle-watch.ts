/**
 * Looks at silences and what they end in, and keeps books of its own: a path that cuts what is silent is known after three
 * ends like each other, or after one like those of another path of the same stream, and not before; only then is a good
 * connection replaced because it has been silent for so long.
 */
import { consuming, type Event, type State } from "../../main/core/connection/connection-state.ts";
import type { Client, Taken } from "./client.ts";

/** What is shorter is no idle cut, ms. */
const shortestMs = 5000;
const enough = 3;

type Failed = Extract<Event, { type: "failed" }>;

type Books = {
  /** By candidate: silences at whose end the last connections were cut. */
  readonly ends: Map<number, number[]>;
  /** And those that were seen so often, or were known from elsewhere. */
  readonly known: Map<number, number[]>;
  /** Of the open connection: its last byte, and the longest silence that it has borne. */
  candidate: number;
  byteAt: number;
  boreMs: number;
};

export class IdleWatch {
  readonly #books = new Map<Client, Books>();

  /** @returns the sentence that is not true, or null */
  taken(taken: Taken): string | null {
    const { client, before, event, now } = taken;
    const books = this.#of(client);
    if (event.type === "network" && event.changed) this.#books.delete(client);
    if (event.type === "path" && event.idleCutMs !== null) learn(books, event.candidate, event.idleCutMs);
    if (event.type === "wake") books.byteAt = now;
    if (!("generation" in event)) return renewed(taken) ? this.#mayRenew(taken, books) : null;
    if (event.generation !== consuming(before.link)) return null;
    return this.#hear(taken, event, books);
  }

  #hear({ before, after, now }: Taken, event: Event, books: Books): string | null {
    switch (event.type) {
      case "opened":
        books.candidate = after.link.phase === "open" ? after.link.candidate : -1;
        books.byteAt = now;
        books.boreMs = 0;
        return null;
      case "unread":
        books.byteAt = now;
        return null;
      case "bytes":
        bore(books, now - books.byteAt);
        books.byteAt = now;
        return null;
      case "failed":
        return before.link.phase === "open" && wasCut(event) && !isPlanned(before, event)
          ? ended(before.link.candidate, after, now, books)
          : null;
      default:
        return null;
    }
  }

  #mayRenew({ before, now }: Taken, { known, byteAt }: Books): string | null {
    const candidate = before.link.phase === "open" ? before.link.candidate : -1;
    const cuts = known.get(candidate) ?? [];
    const silentMs = now - byteAt;
    const isDue = cuts.some((cutMs) => silentMs >= cutMs * 0.6 && silentMs < cutMs + 5000);
    return isDue ? null : "replaces a good connection only shortly before a cut that is known";
  }

  #of(client: Client): Books {
    const known = this.#books.get(client);
    if (known !== undefined) return known;
    const made: Books = { ends: new Map(), known: new Map(), candidate: -1, byteAt: 0, boreMs: 0 };
    this.#books.set(client, made);
    return made;
  }
}

function ended(candidate: number, after: State, now: number, books: Books): string | null {
  const silenceMs = now - books.byteAt;
  if (silenceMs < shortestMs || books.boreMs >= silenceMs) return null;
  const ends = [...(books.ends.get(candidate) ?? []).slice(1 - enough), silenceMs];
  books.ends.set(candidate, ends);
  const last = ends.slice(-enough);
  const isPlain = last.length === enough && last.every((one) => last.every((other) => alike(one, other)));
  const isKnown = after.standings[candidate]?.idleCut.cutMs !== null;
  const isTheirs = [...books.known].some(
    ([other, cuts]) => other !== candidate && cuts.some((cutMs) => alike(cutMs, silenceMs)),
  );
  if (isPlain) learn(books, candidate, Math.min(...last));
  else if (isTheirs) learn(books, candidate, silenceMs);
  return isPlain && !isKnown ? "knows after three ends like each other that silence is cut" : null;
}

/** What is borne ends nothing: shorter silences that did once are history. */
function bore(books: Books, silenceMs: number): void {
  books.boreMs = Math.max(books.boreMs, silenceMs);
  if (silenceMs < shortestMs) return;
  for (const silences of [books.ends, books.known]) {
    const left = silences.get(books.candidate)?.filter((one) => one >= silenceMs || alike(one, silenceMs)) ?? [];
    silences.set(books.candidate, left);
  }
}

function learn({ known }: Books, candidate: number, cutMs: number): void {
  // The same once more takes nobody's place.
  const others = (known.get(candidate) ?? []).filter((one) => one < cutMs || !alike(one, cutMs));
  known.set(candidate, [...others.slice(-4), cutMs]);
}

/** The server said when to come again, and this is how it ends what was of use. */
function isPlanned({ link, standings }: State, { evidence }: Failed): boolean {
  if (evidence.what !== "end") return false;
  return link.phase === "open" && link.events > 0 && (standings[link.candidate]?.retryMs ?? null) !== null;
}

function wasCut({ evidence }: Failed): boolean {
  return evidence.what === "end" || evidence.what === "closed" || evidence.what === "error";
}

/** In place of an open connection came another to the same candidate, and nobody had asked for it. */
function renewed({ before, event, effects }: Taken): boolean {
  const { link, probe } = before;
  if (link.phase !== "open" || event.type !== "timer" || probe?.why === "wake") return false;
  return effects.some((effect) => effect.type === "connect" && effect.candidate === link.candidate);
}

function alike(a: number, b: number): boolean {
  return Math.abs(a - b) <= Math.max(1500, 0.03 * Math.max(a, b));
}
