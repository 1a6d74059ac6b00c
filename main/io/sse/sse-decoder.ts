/**
 * From the bytes of one connection to events, comments and reconnection times, by WHATWG HTML §9.2, within limits.
 *
 * eventsource-parser does the grammar. What stands here is what a hostile or broken server makes necessary: an event
 * that grows past the limit is skipped and reported, ids and types are bounded, and strings do not hold on to much more
 * than themselves (V8 slices do: 10,000 ids kept 625 MB of chunks alive). Events that came together share the text they came
 * in, where most of it is theirs; the last id of them, types and comments, which may be kept for long, have memory of their own.
 */
import { createParser } from "eventsource-parser";
import type { ParsedEvent } from "../../core/connection/connection-state.ts";
import { ChunkText } from "./chunk-text.ts";
import { OpenBlock } from "./open-block.ts";
import { createStamps } from "./stamp.ts";

export type Limits = { readonly eventBytes: number; readonly idBytes: number; readonly typeChars: number };
export const defaultLimits: Limits = { eventBytes: 8 * 1024 * 1024, idBytes: 1024, typeChars: 256 };

/** How much of an event that is too large is passed over before the connection is given up. */
const skipFactor = 16;
/** The parser's limit does not count what is whole within one chunk: chunks are fed in slices of this size. */
const sliceBytes = 65_536;
const commentChars = 4096;
/** Events may hold on to a text of so many times their own length; where they are less of it, each is copied. */
const sharedFactor = 4;
/** Names of types of which one copy serves all their events. */
const sharedTypes = 64;
const unflagged: ParsedEvent["flags"] = [];

type Building = { -readonly [name in keyof ParsedEvent]: ParsedEvent[name] };
/** What the parser collects costs some 50 bytes a line, whatever is on it: empty `data:` lines held 384 MB (measured). */
const blockLines = 1_000_000;

export type DecoderSink = {
  /** At least one, oldest first: what one read completed, up to whatever else has to be told between them. */
  events(events: readonly ParsedEvent[]): void;
  /** @param isOpen what it came with ends within a block */
  comment(text: string, isOpen: boolean): void;
  retry(retryMs: number): void;
  /** The last event id moved without an event. */
  cursor(lastEventId: string): void;
  /** An event of at least so many bytes was passed over. */
  skipped(bytes: number): void;
  /** The chunk ended between blocks and completed nothing that was told: a heartbeat, a `retry:`, the end of a pair. */
  settled(): void;
};

/** Decodes one connection. `feed` returns false when the stream cannot be followed any further: an event without end. */
export class SseDecoder {
  readonly #sink: DecoderSink;
  readonly #limits: Limits;
  readonly #text = new ChunkText();
  // The one byte-order mark is taken off here: the parser also takes it off after a reset and when it was encoded twice.
  #started = false;
  readonly #parser: ReturnType<typeof createParser>;
  #lastEventId: string;
  #cursorMoved = false;
  /** The id of the block that is being told can be sent back. */
  #idFits = false;
  /** What the present read has completed and the sink was not told yet. */
  #events: Building[] = [];
  #eventChars = 0;
  /** Types that came lately, each with memory of its own; and the last of them, which mostly comes again. */
  readonly #types = new Map<string, string>();
  #type = "";
  /** All that came since the last event before this slice is ASCII. */
  #wasAscii = true;
  /** The text that slices of it hold on to is at most so long; and what of it the parser still has. */
  #parentChars = 0;
  #pendingChars = 0;
  #overflow = false;
  #skippedBytes = 0;
  /** Lines of the block that is open, as far as they came in slices that completed nothing. */
  #openLines = 0;
  #completed = false;
  /** Last character fed. */
  #last = "\n";
  #scan = { lineStart: false, afterCr: false };
  readonly #block = new OpenBlock();
  readonly #stamps = createStamps();
  /** This chunk completed something that the sink was told. */
  #told = false;

  /** @param lastEventId what the connection was asked to go on from */
  constructor(lastEventId: string, sink: DecoderSink, limits: Limits = defaultLimits) {
    this.#sink = sink;
    this.#limits = limits;
    this.#lastEventId = lastEventId;
    this.#parser = createParser({
      maxBufferSize: limits.eventBytes,
      onId: (id) => this.#takeId(id),
      onEvent: ({ event, data, id }) => this.#take(event, data, id),
      onComment: (text) => {
        this.#told = true;
        this.#tellEvents();
        sink.comment(copied(text.slice(0, commentChars)), this.#block.isOpen);
      },
      onRetry: (retryMs) => {
        this.#tellEvents();
        sink.retry(retryMs);
      },
      onError: (error) => {
        if (error.type === "max-buffer-size-exceeded") this.#overflow = true;
      },
    });
    this.#begin();
  }

  /** A blank line before everything: the parser takes a byte-order mark only off what it is fed first. */
  #begin(): void {
    this.#parser.reset();
    this.#parser.feed("\n");
  }

  /** A block has begun and not ended. */
  get isOpen(): boolean {
    return this.#block.isOpen;
  }

  feed(chunk: Uint8Array): boolean {
    this.#told = false;
    this.#stamps.arrived();
    const size = Math.min(sliceBytes, this.#limits.eventBytes);
    for (let from = 0; from < chunk.length; from += size) {
      const slice = chunk.subarray(from, from + size);
      const text = this.#text.of(slice);
      const plain = this.#started || !text.startsWith("\ufeff") ? text : text.slice(1);
      this.#block.read(plain);
      if (!this.#feedText(plain)) return false;
      this.#started ||= text !== "";
    }
    if (!this.#told && !this.#block.isOpen) this.#sink.settled();
    return true;
  }

  #feedText(text: string): boolean {
    if (text === "") return true;
    const before = this.#last;
    this.#last = text.charAt(text.length - 1);
    if (this.#skippedBytes > 0) return this.#skip(text);
    this.#completed = false;
    this.#parentChars = this.#pendingChars + text.length;
    this.#parser.feed(text);
    this.#tellEvents();
    this.#wasAscii = this.#text.isAscii && (this.#completed || this.#wasAscii);
    const lastBreak = text.lastIndexOf("\n");
    this.#pendingChars = lastBreak < 0 ? this.#parentChars : text.length - lastBreak;
    // An id in a block without data is no event, and still what a reconnect has to ask from.
    if (this.#cursorMoved) {
      this.#lastEventId = copied(this.#lastEventId);
      this.#sink.cursor(this.#lastEventId);
    }
    this.#cursorMoved = false;
    // A slice is no longer than the limit, so the block began before it: its end, if here, is the first blank line.
    this.#scan = { lineStart: before === "\n" || before === "\r", afterCr: before === "\r" };
    if (!this.#overflow && !this.#hasTooManyLines(text)) return true;
    this.#overflow = false;
    this.#openLines = 0;
    this.#begin();
    this.#skippedBytes = this.#limits.eventBytes;
    return this.#skip(text);
  }

  #hasTooManyLines(text: string): boolean {
    const scan = this.#scan;
    const goesOn = !this.#completed && this.#endOfBlock(text) === null;
    this.#scan = scan;
    this.#openLines = goesOn ? this.#openLines + text.split(text.includes("\n") ? "\n" : "\r").length - 1 : 0;
    return this.#openLines > blockLines;
  }

  /** Passes over what is left of the block that grew too large; what follows it is fed as ever. */
  #skip(text: string): boolean {
    const end = this.#endOfBlock(text);
    this.#skippedBytes += end ?? text.length;
    if (end === null) return this.#skippedBytes < this.#limits.eventBytes * skipFactor;
    this.#sink.skipped(this.#skippedBytes);
    this.#skippedBytes = 0;
    this.#pendingChars = 0;
    return end === text.length || this.#feedText(text.slice(end));
  }

  /** Index just after the blank line that ends the block, or null when the block goes on. CR LF is one break. */
  #endOfBlock(text: string): number | null {
    let { lineStart, afterCr } = this.#scan;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const secondOfPair = code === 10 && afterCr;
      afterCr = code === 13;
      if (secondOfPair) continue;
      const isBreak = code === 10 || code === 13;
      if (isBreak && lineStart) return i + 1;
      lineStart = isBreak;
    }
    this.#scan = { lineStart, afterCr };
    return null;
  }

  #takeId(id: string): void {
    this.#idFits = isSendable(id, this.#limits.idBytes);
    if (!this.#idFits) return;
    this.#lastEventId = id;
    this.#cursorMoved = true;
  }

  #take(event: string | undefined, data: string, id: string | undefined): void {
    const isPlain = this.#text.isAscii && (this.#completed || this.#wasAscii);
    this.#completed = true;
    this.#told = true;
    const bytes =
      bytesOf(data, isPlain) +
      (event === undefined ? 0 : bytesOf(event, isPlain)) +
      (id === undefined ? 0 : bytesOf(id, isPlain));
    if (bytes > this.#limits.eventBytes) {
      this.#tellEvents();
      this.#sink.skipped(bytes);
      return;
    }
    const ignored = id !== undefined && !this.#idFits;
    const cut = event !== undefined && event.length > this.#limits.typeChars;
    this.#cursorMoved = false;
    const ownId = id === undefined || ignored ? null : this.#lastEventId;
    this.#eventChars += data.length;
    this.#events.push({
      id: ownId,
      lastEventId: this.#lastEventId,
      type: event === undefined || event === "" ? "message" : this.#typeOf(event),
      data,
      bytes,
      flags:
        ignored || cut
          ? [...(ignored ? (["id-ignored"] as const) : []), ...(cut ? (["type-cut"] as const) : [])]
          : unflagged,
      stampedAt: this.#stamps.of(data, ownId),
    });
  }

  /** The type with memory of its own: once for many events. */
  #typeOf(event: string): string {
    if (event === this.#type) return this.#type;
    const known = this.#types.get(event);
    if (known !== undefined) {
      this.#type = known;
      return known;
    }
    const type = copied(event.slice(0, this.#limits.typeChars));
    if (this.#types.size >= sharedTypes) this.#types.clear();
    // What had to be cut is not kept in full as a key either.
    if (type.length === event.length) this.#types.set(type, type);
    return type;
  }

  #tellEvents(): void {
    const events = this.#events;
    const last = events.at(-1);
    if (last === undefined) return;
    this.#events = [];
    if (this.#eventChars * sharedFactor < this.#parentChars) {
      for (const event of events) detach(event);
    } else detachId(last);
    this.#eventChars = 0;
    // Unless a later block has moved it on, without an event.
    if (!this.#cursorMoved) this.#lastEventId = last.lastEventId;
    this.#sink.events(events);
  }
}

function detach(event: Building): void {
  event.data = copied(event.data);
  detachId(event);
}

/** Its id is what is asked from later, when the text it came in has long been of no use. */
function detachId(event: Building): void {
  const isOwn = event.id === event.lastEventId;
  event.lastEventId = copied(event.lastEventId);
  if (event.id !== null) event.id = isOwn ? event.lastEventId : copied(event.id);
}

/** UTF-8 bytes. @param isPlain it is known to be ASCII */
function bytesOf(text: string, isPlain: boolean): number {
  return isPlain ? text.length : Buffer.byteLength(text);
}

/** An id can be sent back when it fits and holds no control character: with one, undici refuses every later request. */
export function isSendable(id: string, maxBytes: number = defaultLimits.idBytes): boolean {
  // A unit is three bytes at most.
  if (id.length * 3 > maxBytes && Buffer.byteLength(id) > maxBytes) return false;
  for (let i = 0; i < id.length; i++) {
    const code = id.charCodeAt(i);
    if (code < 32 || code === 127) return false;
  }
  return true;
}

/** The same string with memory of its own. */
function copied(text: string): string {
  return Buffer.from(text, "utf8").toString("utf8");
}
