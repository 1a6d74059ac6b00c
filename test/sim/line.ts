/**
 * One connection of the simulated world, from the dial to its end: the server's side, the path between, and at our side
 * the real decoder. It says what a real transport would say, at the moment it would, and nothing after it was closed.
 */
import { sliceOf, type TransportEvent } from "../../main/core/connection/connection-state.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
import type { DecoderSink } from "../../main/io/sse/sse-decoder.ts";
import type { Asked } from "./conditions.ts";
import { answered, networkError } from "./evidence.ts";
import { blockOf } from "./frames.ts";
import type { Origin } from "./origin.ts";
import { Path } from "./path.ts";
import { cancel, type Entry } from "./timeline.ts";
import type { Sent } from "./topic.ts";

/** What turns bytes into events at our end; `feed` says whether the stream can be followed any further. */
export type Decoder = { feed(chunk: Uint8Array): boolean };
export type MakeDecoder = (lastEventId: string, sink: DecoderSink) => Decoder;

const largestReplay = 500;
const everything = 100;

export class Line {
  readonly origin: Origin;
  readonly request: Asked;
  readonly #tell: (line: Line, event: TransportEvent) => void;
  readonly #decoder: Decoder;
  /** The server's last word of this connection is behind us, or we have closed it. */
  over = false;
  /** What has come since the last blank line, where it came in pieces. */
  #begun = "";
  /** Nothing gets through any more and nobody knows it. */
  #dead = false;
  #lastId: string | null = null;
  /** When the server said something for the last time. */
  saidAt: number;
  readonly #path: Path;
  /** We are not reading: what comes waits. */
  #unread: (() => void)[] | null = null;
  #beat: Entry | null = null;
  #end: Entry | null = null;
  /** Ends it when nothing has passed for so long. */
  #idle: Entry | null = null;
  #listener: ((sent: Sent) => void) | null = null;

  /** @param tell hears what comes in, in order, when it has come */
  constructor(origin: Origin, request: Asked, make: MakeDecoder, tell: (line: Line, event: TransportEvent) => void) {
    this.origin = origin;
    this.request = request;
    this.#tell = tell;
    this.saidAt = origin.timeline.now;
    this.#path = new Path(origin, (bytes, isLast) => this.#hear(() => this.#take(bytes, isLast)));
    this.#decoder = make(request.lastEventId, {
      events: (events) => this.#say(sliceOf(events.map((event) => ({ ...event, stampedAt: this.#stamp() })))),
      comment: (text, isOpen) => this.#say({ type: "comment", text, isOpen }),
      retry: (retryMs) => this.#say({ type: "retry", retryMs }),
      cursor: (lastEventId) => this.#say({ type: "cursor", lastEventId }),
      skipped: (bytes) => this.#say({ type: "skipped", reason: "event-too-large", bytes }),
      settled: () => this.#say({ type: "settled" }),
    });
    this.#after(origin.chance.between(1, 30), () => this.#dial());
  }

  /** We hang up. */
  close(): void {
    this.over = true;
    this.#leave();
  }

  /** The server holds it for open, and what it says gets through. */
  get works(): boolean {
    return !this.over && !this.#dead && this.origin.lines.has(this);
  }

  /** An event has begun to come and is not complete; comments and `retry:` are none. */
  get half(): boolean {
    return this.#begun.split(/[\r\n]/).some((text) => /^[^:r]/.test(text));
  }

  pause(): void {
    this.#unread ??= [];
  }

  resume(): void {
    const waiting = this.#unread ?? [];
    this.#unread = null;
    while (waiting.length > 0 && this.#unread === null) waiting.shift()?.();
    // Paused again meanwhile: the rest waits on, before what is still to come.
    if (this.#unread !== null) (this.#unread as (() => void)[]).unshift(...waiting);
  }

  /** The path or the server ends it. `silence`: nobody is told. */
  cut(how: "fin" | "rst" | "silence"): void {
    if (this.over) return;
    if (how === "silence") this.#dead = true;
    else this.#finish(how);
  }

  #dial(): void {
    const dial = this.origin.layers.get("dial");
    if (dial === "silence" || this.#isDead()) return;
    const refused = dial?.() ?? null;
    if (refused !== null) this.#fail(refused, this.origin.chance.between(1, 400));
    else
      this.#after(this.origin.chance.between(1, 40), () => {
        this.#say({ type: "connected" });
        this.#ask();
      });
  }

  #ask(): void {
    const headersMs = this.origin.layers.get("headersMs");
    if (!Number.isFinite(headersMs)) return;
    this.#after(headersMs * (0.5 + this.origin.chance.draw()), () => this.#answer());
  }

  #answer(): void {
    if (this.over || this.#isDead()) return;
    const { origin, request } = this;
    const isKnown = request.credential === origin.credential;
    const refused = isKnown ? (origin.layers.get("answer")?.(request) ?? null) : answered(401);
    if (refused !== null) {
      this.#refuse(refused);
      return;
    }
    const answer = { address: `${origin.url}/events`, server: "simulated", httpVersion: "1.1" };
    this.#say({ type: "opened", answer: { ...answer, askedFrom: request.lastEventId } });
    origin.lines.add(this);
    this.#stir();
    this.#serve();
  }

  /** An answer that is no stream, and in it perhaps a wish for peace: as the server means it, and as we read it. */
  #refuse(evidence: Evidence): void {
    const { origin } = this;
    if (evidence.what !== "answer" || evidence.retryAfterMs === null) {
      this.#fail(evidence, 1);
      return;
    }
    const wishMs = Math.min(Math.max(evidence.retryAfterMs, 1000), 3_600_000);
    const asRead = { ...evidence, retryAfterMs: origin.ground.retryAfterMs(evidence.retryAfterMs) };
    // What we hung up on before it came binds nobody.
    this.#fail(asRead, 1, () => {
      const { server } = origin;
      server.notBefore = Math.max(server.notBefore, origin.timeline.now + wishMs);
    });
  }

  /** The body: what was missed, then what happens. */
  #serve(): void {
    const { layers, topic } = this.origin;
    this.#send(layers.get("preamble"), layers.get("greets"));
    const missed = this.#missed();
    topic.noteReplay(this.#askedId(), missed[0]?.n ?? topic.log.length + 1);
    for (const sent of missed) this.#event(sent);
    if (this.over) return;
    this.#listener = (sent) => this.#event(sent);
    topic.listeners.add(this.#listener);
    this.#pulse();
    const endsAtMs = layers.get("endsAtMs");
    if (Number.isFinite(endsAtMs))
      this.#end = this.origin.timeline.after(endsAtMs, () => this.#finish(layers.get("endsWith")));
  }

  #missed(): readonly Sent[] {
    const { layers, topic } = this.origin;
    const replay = layers.get("replay");
    if (replay === "everything") return topic.held(everything);
    const id = this.#askedId();
    if (id === "" || replay === "only-new") return [];
    const after = topic.after(id) ?? topic.held(largestReplay);
    if (replay === "exclusive") return after;
    const from = topic.log[topic.log.length - after.length - 1];
    return from?.id === id ? [from, ...after] : after;
  }

  /** As the server knows it: one that another address gave is unknown to it. */
  #askedId(): string {
    const prefix = this.origin.layers.get("idPrefix");
    const { lastEventId } = this.request;
    return lastEventId === "" || lastEventId.startsWith(prefix) ? lastEventId.slice(prefix.length) : "unknown";
  }

  #pulse(): void {
    const everyMs = this.origin.layers.get("heartbeatMs");
    // Asked again each minute, so that a condition that ends is noticed.
    const waitMs = Number.isFinite(everyMs) ? everyMs : 60_000;
    this.#beat = this.origin.timeline.after(waitMs, () => {
      if (Number.isFinite(everyMs)) this.#send(": hb\n\n");
      if (!this.over) this.#pulse();
    });
  }

  /** One event on its way, whole or cut at some byte of it. */
  #event(sent: Sent): void {
    if (this.over) return;
    const { layers, chance } = this.origin;
    const noise = layers.get("noise");
    if (noise !== null && chance.oneIn(5)) this.#send(noise(this.#lastId));
    const prefix = layers.get("idPrefix");
    const named = prefix === "" || sent.id === null ? sent : { ...sent, id: `${prefix}${sent.id}` };
    const block = blockOf(named, layers.get("lineBreak"), chance.oneIn(6));
    this.#lastId = named.id ?? this.#lastId;
    const haltsOneIn = layers.get("haltsOneIn");
    if (haltsOneIn > 0 && chance.oneIn(haltsOneIn) && !this.#isDead()) {
      this.#halve(Buffer.from(block));
      return;
    }
    const cutsOneIn = layers.get("cutsOneIn");
    if (cutsOneIn === 0 || !chance.oneIn(cutsOneIn)) {
      this.#send(block);
      return;
    }
    const bytes = Buffer.from(block);
    this.saidAt = this.origin.timeline.now;
    if (!this.#isDead()) this.#path.carry(bytes.subarray(0, chance.between(0, bytes.length)));
    this.#finish(layers.get("endsWith"));
  }

  #send(text: string, passes = false): void {
    if (text !== "") this.saidAt = this.origin.timeline.now;
    if (text === "" || this.over || this.#isDead()) return;
    this.#path.carry(Buffer.from(text), passes);
    this.#stir();
  }

  /** Something passes: whoever cuts silence on the way counts from here. */
  #stir(): void {
    this.#idle = cancel(this.#idle);
    const { layers, timeline } = this.origin;
    const idleCutMs = layers.get("idleCutMs");
    if (Number.isFinite(idleCutMs)) this.#idle = timeline.after(idleCutMs, () => this.#finish(layers.get("endsWith")));
  }

  /** An event whose second half lies on the way for a while. */
  #halve(bytes: Buffer): void {
    const { chance, layers } = this.origin;
    const at = chance.between(1, bytes.length - 1);
    this.saidAt = this.origin.timeline.now;
    this.#path.carryHalves(bytes, at, layers.get("haltMs"));
    this.#stir();
  }

  #take(bytes: Uint8Array, isLast: boolean): void {
    if (this.over) return;
    this.#say({ type: "bytes", count: bytes.length });
    this.#begun = isLast ? "" : afterBlank(this.#begun + Buffer.from(bytes).toString("latin1"));
    if (!this.#decoder.feed(bytes)) this.#fail({ what: "too-large", limitBytes: 8 * 1024 * 1024 }, 0);
  }

  /** The end comes after all that was on its way; what a proxy held comes with it, unless it was reset. */
  #finish(how: "fin" | "rst"): void {
    if (this.over || this.#isDead()) return;
    this.#leave();
    if (how === "fin") this.#path.letGo();
    const { isWebSocket, layers } = this.origin;
    const end: Evidence = isWebSocket ? { what: "closed", code: layers.get("closeCode"), reason: "" } : { what: "end" };
    const evidence = how === "fin" ? end : networkError("body", "ECONNRESET");
    this.#path.end(() => this.#hear(() => this.#last(evidence)));
  }

  #fail(evidence: Evidence, delayMs: number, heard: () => void = () => undefined): void {
    this.#leave();
    this.#after(delayMs, () => {
      heard();
      this.#last(evidence);
    });
  }

  #last(evidence: Evidence): void {
    this.#say({ type: "failed", evidence });
    this.over = true;
  }

  #isDead(): boolean {
    this.#dead ||= this.origin.layers.get("dead");
    return this.#dead;
  }

  /** The server has nothing more to say to this one. */
  #leave(): void {
    this.#beat = cancel(this.#beat);
    this.#end = cancel(this.#end);
    this.#idle = cancel(this.#idle);
    if (this.#listener !== null) this.origin.topic.listeners.delete(this.#listener);
    this.#listener = null;
    this.origin.lines.delete(this);
  }

  /** When the server says it made the event, by its own clock; null where it does not say. */
  #stamp(): number | null {
    const offsetMs = this.origin.layers.get("clockOffsetMs");
    return offsetMs === null ? null : this.origin.timeline.now + offsetMs;
  }

  #say(event: TransportEvent): void {
    if (!this.over) this.#tell(this, event);
  }

  #after(delayMs: number, run: () => void): void {
    this.origin.timeline.after(delayMs, () => this.#hear(run));
  }

  #hear(run: () => void): void {
    if (!this.over) this.origin.ground.hear(() => (this.#unread === null ? run() : this.#unread.push(run)));
  }
}

function afterBlank(text: string): string {
  const blank = Math.max(text.lastIndexOf("\n\n"), text.lastIndexOf("\r\r"), text.lastIndexOf("\n\r"));
  return blank > 0 ? text.slice(blank + 2) : text;
}
