/**
 * What the events of one stream are: new, here already, caught up, out of count. It asks the journal what it has and
 * remembers what comes; what becomes of an event is the stream's business.
 */
import type { Filter } from "../../preload/contract.ts";
import type { ParsedEvent } from "../core/connection/connection-state.ts";
import { type IdGap, noteId, reconnected, unknownSequence } from "../core/events/id-sequence.ts";
import { admit, createOnce, opened, rememberedIds, seed } from "../core/events/once.ts";
import type { EventFlag } from "../core/events/record.ts";
import type { Journal } from "../io/ports.ts";

/** Events that follow each other this closely after a resumed opening are what the server had kept for us, ms. */
const catchUpPauseMs = 250;
const catchUpStartMs = 1000;
/** Live events can come as closely: what comes later than this after the opening counts as new, ms. */
const catchUpLongestMs = 5000;
/** Rows in which a run of ids shows, marks among them. */
const countedRows = 24;
const nothing = new Float64Array();
const everything: Filter = { types: [], text: "", path: "", from: null, to: null };

/** An event that is to be kept, with what has to be said of it and of what is missing before it. */
export type Arrival = { readonly flags: readonly EventFlag[]; readonly gap: IdGap | null };

/** Nothing has to be said of it: nearly every event. */
const plain: Arrival = { flags: [], gap: null };

export class Arrivals {
  readonly #stream: string;
  readonly #journal: Pick<Journal, "recent" | "tail">;
  readonly #once = createOnce();
  #ids = unknownSequence;
  /** The journal has said what it has already, and has kept everything since. */
  #seeded = false;
  /** It is being asked just now. */
  #asking: Promise<void> | null = null;
  /** How often it could not keep something: what it said before that is worth nothing. */
  #losses = 0;
  /** Monotonic moment until which the next event still counts as caught up; null: nothing is being caught up. */
  #catchUpUntil: number | null = null;
  #catchUpEnd = 0;

  constructor(stream: string, journal: Pick<Journal, "recent" | "tail">) {
    this.#stream = stream;
    this.#journal = journal;
  }

  /** Events that came again and were not kept twice. */
  get duplicates(): number {
    return this.#once.dropped;
  }

  /** Before a connection whose events are taken: learns what the journal has, where that is not known. Never rejects. */
  prepare(): Promise<void> {
    if (this.#seeded) return Promise.resolve();
    this.#asking ??= this.#learn().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #learn(): Promise<void> {
    const losses = this.#losses;
    const known = await this.#journal.recent(this.#stream, rememberedIds).catch(() => null);
    if (known !== null && losses === this.#losses) {
      seed(this.#once, known);
      this.#seeded = true;
    }
    if (this.#ids !== unknownSequence) return;
    // Where the ids stood when the app last ran, so that what was left out meanwhile shows.
    const kept = await this.#journal.tail(this.#stream, everything, countedRows).catch(() => null);
    for (const row of kept?.rows ?? []) {
      if (row.kind === "event" && !row.flags.includes("imported")) [this.#ids] = noteId(this.#ids, row.id);
    }
  }

  /**
   * The journal could not keep something: it will be sent again, and must not be taken for something we have. Which of
   * those that are remembered it was, only the journal knows: until it has said so, keeping one twice is the lesser evil.
   */
  unsaved(): void {
    this.#losses += 1;
    this.#seeded = false;
    seed(this.#once, nothing);
  }

  /** A connection opened. @param now monotonic ms @param asked whether it was asked by id */
  opened(now: number, asked: boolean): void {
    opened(this.#once);
    this.#ids = reconnected(this.#ids);
    this.#catchUpUntil = asked ? now + catchUpStartMs : null;
    this.#catchUpEnd = now + catchUpLongestMs;
  }

  /** @returns null for an event that is here already */
  take(event: ParsedEvent, now: number): Arrival | null {
    const { id, flags } = event;
    const verdict = admit(this.#once, event);
    if (verdict === "duplicate") return null;
    const [ids, gap] = noteId(this.#ids, id);
    this.#ids = ids;
    const caughtUp = this.#catchUpUntil !== null && now <= this.#catchUpUntil;
    this.#catchUpUntil = caughtUp ? Math.min(now + catchUpPauseMs, this.#catchUpEnd) : null;
    if (!caughtUp && verdict === "new") return gap === null && flags.length === 0 ? plain : { flags, gap };
    const marks: EventFlag[] = caughtUp ? ["replayed"] : [];
    if (verdict === "reused") marks.push("id-reused");
    return { flags: [...flags, ...marks], gap };
  }
}
