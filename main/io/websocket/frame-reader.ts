/**
 * From the frames of one WebSocket connection to events. What a frame may be:
 *
 * - `raw`: its text is the data; no id, type "message".
 * - `json`: an object with `id`, `event` or `type`, and `data` (a text as it is, anything else as its JSON was written).
 * - `sse`: whole blocks of SSE text; a block does not go on in the next frame.
 * - `nchan`: nchan's `ws+meta.nchan`: the id in lines before the message.
 * - `auto`: raw, until a frame can be nothing else than one of the others; from then on the connection speaks that one. After
 *   three frames that were none of them it is raw for good: what a connection speaks does not change in its midst, and looking
 *   costs more than reading.
 *
 * In every form a frame that does not fit it is raw: nothing is dropped because it was not understood. Where JSON was found
 * by looking, later frames must fit as strictly as the first. Binary frames are read as text where they are UTF-8; where not,
 * the data is a `data:` URL of them. An empty frame is a heartbeat.
 */
import type { ParsedEvent } from "../../core/connection/connection-state.ts";
import type { Target } from "../ports.ts";
import { type DecoderSink, defaultLimits, isSendable, type Limits, SseDecoder } from "../sse/sse-decoder.ts";
import { createStamps } from "../sse/stamp.ts";
import { beginsAsSse, type Envelope, readJson, readNchan, recogniseJson, recogniseSse } from "./frame-text.ts";

/** What one frame may be; see above. */
export type FrameForm = Target["frames"];

/** So many frames that nobody can tell apart from plain data make a connection raw. */
const framesToRaw = 3;

export class FrameReader {
  #form: FrameForm;
  /** Nobody said that it is JSON: it looked like it. */
  #found = false;
  #unfit = 0;
  readonly #offersNchan: boolean;
  readonly #sink: DecoderSink;
  readonly #limits: Limits;
  #lastEventId: string;
  #sse: SseDecoder | null = null;
  readonly #stamps = createStamps();

  /**
   * @param offersNchan the server has agreed to `ws+meta.nchan`: without that, such a head is somebody's text
   * @param lastEventId what the connection was asked to go on from
   */
  constructor(
    form: FrameForm,
    offersNchan: boolean,
    lastEventId: string,
    sink: DecoderSink,
    limits: Limits = defaultLimits,
  ) {
    this.#form = form;
    this.#offersNchan = offersNchan;
    this.#lastEventId = lastEventId;
    this.#limits = limits;
    this.#sink = {
      ...sink,
      events: (events) => {
        this.#lastEventId = events.at(-1)?.lastEventId ?? this.#lastEventId;
        sink.events(events);
      },
      cursor: (id) => {
        this.#lastEventId = id;
        sink.cursor(id);
      },
    };
  }

  /** Bytes came: the frames that they complete came at one moment. */
  arrived(): void {
    this.#stamps.arrived();
  }

  /** Takes one whole message. Something is always told of it. */
  take(frame: string | ArrayBuffer): void {
    if (typeof frame === "string") this.#takeText(frame);
    else this.#takeBytes(frame);
  }

  #takeBytes(frame: ArrayBuffer): void {
    try {
      this.#takeText(new TextDecoder("utf-8", { fatal: true }).decode(frame));
    } catch {
      const base64 = Buffer.from(frame).toString("base64");
      this.#tell({ ...raw, data: `data:application/octet-stream;base64,${base64}` });
    }
  }

  #takeText(text: string): void {
    if (text === "") {
      this.#sink.comment("", false);
      return;
    }
    if (this.#form === "auto") this.#look(text);
    if (this.#form === "sse" && beginsAsSse(text)) this.#takeSse(text);
    else this.#tell(this.#envelope(text) ?? { ...raw, data: text });
  }

  #look(text: string): void {
    this.#form = this.#recognise(text);
    if (this.#form !== "auto") this.#found = true;
    // A comment of SSE is a heartbeat: what follows it may still be anything.
    else if (!text.startsWith(":") && ++this.#unfit === framesToRaw) this.#form = "raw";
  }

  #recognise(text: string): FrameForm {
    if (this.#offersNchan && readNchan(text) !== null) return "nchan";
    if (recogniseJson(text) !== null) return "json";
    return recogniseSse(text) ? "sse" : "auto";
  }

  #envelope(text: string): Envelope | null {
    if (this.#form === "json") return this.#found ? recogniseJson(text) : readJson(text);
    return this.#form === "nchan" ? readNchan(text) : null;
  }

  #takeSse(text: string): void {
    this.#sse ??= new SseDecoder(this.#lastEventId, this.#sink, this.#limits);
    // The end of the frame is the end of its last block, whether the blank line was sent or not.
    this.#sse.feed(Buffer.from(`${text}\n\n`));
  }

  #tell({ id, badId, type, data }: Envelope): void {
    const sendable = id !== null && isSendable(id, this.#limits.idBytes);
    // Strings of their own: a slice would keep all of its frame in memory.
    const cursor = sendable ? Buffer.from(id).toString() : this.#lastEventId;
    const bytes = Buffer.byteLength(data) + Buffer.byteLength(type) + Buffer.byteLength(id ?? "");
    if (bytes > this.#limits.eventBytes) {
      this.#sink.skipped(bytes);
      // It is a gap on record; asked from before it, it would only come again.
      if (sendable) this.#sink.cursor(cursor);
      return;
    }
    const ignored = badId || (id !== null && !sendable);
    const cut = type.length > this.#limits.typeChars;
    const ownId = sendable ? cursor : null;
    const event: ParsedEvent = {
      id: ownId,
      lastEventId: cursor,
      type: type === "" ? "message" : Buffer.from(type.slice(0, this.#limits.typeChars)).toString(),
      data,
      bytes,
      flags: [...(ignored ? (["id-ignored"] as const) : []), ...(cut ? (["type-cut"] as const) : [])],
      stampedAt: this.#stamps.of(data, ownId),
    };
    this.#sink.events([event]);
  }
}

const raw = { id: null, badId: false, type: "" } as const;
