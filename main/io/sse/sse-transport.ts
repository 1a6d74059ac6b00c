/**
 * Server-Sent Events over HTTP, on undici: one agent per attempt, destroyed with it.
 *
 * undici's own timeouts are all off. Behind a proxy that never answers they do not apply, and `request()` does not even
 * hear its abort signal (7.30.2, measured); the machine keeps the deadlines and `close` destroys agent and socket.
 */
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { Agent, type Dispatcher } from "undici";
import { type ParsedEvent, sliceOf, type TransportEvent } from "../../core/connection/connection-state.ts";
import type { AnswerSeen } from "../../core/detection/observation.ts";
import { speakerIn } from "../../core/detection/speaker.ts";
import type { Evidence, Stage } from "../../core/failure/failure.ts";
import { address } from "../../core/redact.ts";
import { answerSeen } from "../answer-seen.ts";
import { BodyHead } from "../body-head.ts";
import type { Destroyable } from "../connector.ts";
import type { Connection, See, StreamTransport, Target } from "../ports.ts";
import { ownAnswer } from "../proxy/proxy-answer.ts";
import { type Leg, wayOut } from "../proxy/way-out.ts";
import { errorEvidence } from "./error-evidence.ts";
import { follow, isRedirect } from "./redirects.ts";
import { retryAfterMs } from "./retry-after.ts";
import { defaultLimits, isSendable, type Limits, SseDecoder } from "./sse-decoder.ts";

export type SseOptions = {
  readonly userAgent: string;
  /** Civil time, for a Retry-After that is a date. */
  readonly utc: () => number;
  readonly limits?: Limits;
};

/** What the agent speaks: HTTP/2 is off, because undici 7 loses the event that comes with a GOAWAY (measured). */
const httpVersion = "1.1";

export function createSseTransport(options: SseOptions): StreamTransport {
  return { open: (target, tell, see) => new Attempt(options, target, tell, see) };
}

class Attempt implements Connection {
  readonly #options: SseOptions;
  readonly #tell: (event: TransportEvent) => void;
  /** Of the present hop. */
  #agent: Agent | null = null;
  readonly #visited: string[] = [];
  /** What the stream goes on from, as the caller knows it: another origin is not told, and it stays true all the same. */
  readonly #lastEventId: string;
  #stage: Stage = "connect";
  #controller: Dispatcher.DispatchController | null = null;
  #socket: { destroy(): void } | null = null;
  #inflate: Transform | null = null;
  /** Reading stopped: for the reader, or for the decompressor. */
  #paused = false;
  #flooded = false;
  /** How the body ended, while some of it is still being inflated. */
  #over: Evidence | null = null;
  #ended = false;
  readonly #see: See | undefined;
  /** The beginning of an answer that is no stream. */
  #refusal: BodyHead | null = null;
  /** When the request of this hop left. */
  #leftAt = 0;

  constructor(options: SseOptions, target: Target, tell: (event: TransportEvent) => void, see?: See) {
    this.#options = options;
    this.#tell = tell;
    this.#see = see;
    this.#lastEventId = target.lastEventId;
    // In a turn of its own: nothing may be told before `open` has returned.
    queueMicrotask(() => void this.#request(target));
  }

  close(): void {
    this.#ended = true;
    this.#refusal?.cancel();
    this.#hangUp();
    this.#inflate?.destroy();
  }

  #hangUp(): void {
    this.#agent?.destroy().catch(() => {});
    // A socket that still connects is not the agent's yet and would linger for minutes.
    this.#socket?.destroy();
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
    this.#inflate?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#inflate?.resume();
    if (!this.#flooded) this.#controller?.resume();
  }

  readonly #watched = {
    made: (socket: Destroyable) => {
      this.#socket = socket;
      if (this.#ended) socket.destroy();
    },
    connected: () => this.#say({ type: "connected" }),
  };

  async #request(target: Target): Promise<void> {
    if (this.#ended) return;
    this.#stage = "connect";
    try {
      const url = new URL(target.url);
      this.#visited.push(url.href);
      const way = await wayOut(target, url, this.#watched);
      if ("evidence" in way) this.#fail(way.evidence);
      else this.#leave(target, url, way);
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Our own input is at fault: the request cannot be made at all. */
  #refuse(error: unknown): void {
    this.#fail({ what: "bad-request", message: error instanceof Error ? error.name : "unknown" });
  }

  #leave(target: Target, url: URL, leg: Leg): void {
    if (this.#ended) return;
    const { method, body } = target;
    const { path, via } = leg;
    const headers = { ...requestHeaders(target, this.#options.userAgent), ...leg.headers };
    const request = { origin: url.origin, path, method: method as Dispatcher.HttpMethod, headers, body };
    if (via !== null) this.#say({ type: "via", ...via });
    // A new one for every hop: one whose request was aborted connects once more, for nothing (undici 7.30.2, measured).
    this.#agent = new Agent({ connect: leg.connector, bodyTimeout: 0, headersTimeout: 0 });
    this.#agent.dispatch(request, this.#handler(target, url, leg));
  }

  #handler(target: Target, url: URL, leg: Leg): Dispatcher.DispatchHandler {
    const { host } = url;
    let take: (chunk: Buffer) => void = () => {};
    let moved = false;
    return {
      onRequestStart: (controller) => {
        this.#controller = controller;
        this.#stage = "headers";
        this.#leftAt = performance.now();
      },
      onResponseStart: (controller, status, headers) => {
        // 1xx are no answer: endless 103s must run into the deadline for the final headers.
        if (status < 200 || this.#ended) return;
        leg.answered();
        const head = new Head(headers);
        if (isRedirect(status)) {
          moved = true;
          const next = follow(target, status, head.get("location"), this.#visited);
          this.#hangUp();
          if ("evidence" in next) this.#fail(next.evidence);
          else queueMicrotask(() => void this.#request(next.target));
          return;
        }
        const refused = leg.absolute && leg.route.kind === "proxy" ? ownAnswer(leg.route, status, headers) : null;
        if (refused !== null) {
          // The proxy may have handed on what it then got no answer to.
          moved = target.method === "GET" && this.#moveOn(target, url, leg, refused);
          if (!moved) this.#fail(refused.evidence);
          return;
        }
        take = this.#open(
          target,
          status,
          head,
          host,
          answerSeen(status, controller.rawHeaders, this.#leftAt, leg.route.kind === "proxy"),
        );
      },
      onResponseData: (_controller, chunk) => {
        if (!this.#ended && !moved) take(chunk);
      },
      onResponseEnd: () => {
        if (!moved) this.#finish({ what: "end" });
      },
      onResponseError: (_controller, error) => {
        if (moved) return;
        moved = this.#moveOn(target, url, leg, error);
        if (!moved) this.#finish(errorEvidence(error, this.#stage, host));
      },
    };
  }

  /** Tries the next way of the list, when it was a proxy that failed and there is one. */
  #moveOn(target: Target, url: URL, leg: Leg, error: unknown): boolean {
    if (this.#ended) return false;
    const next = leg.after(error);
    if (next === null) return false;
    this.#hangUp();
    this.#stage = "connect";
    queueMicrotask(() => {
      try {
        this.#leave(target, url, next);
      } catch (refused) {
        this.#refuse(refused);
      }
    });
    return true;
  }

  /** Looks at the final headers; returns who takes the body. */
  #open(target: Target, status: number, head: Head, host: string, seen: AnswerSeen): (chunk: Buffer) => void {
    const contentType = head.get("content-type") ?? "";
    const encoding = (head.get("content-encoding") ?? "identity").trim().toLowerCase();
    if (status !== 200 || !isEventStream(contentType)) {
      const after = retryAfterMs(head.get("retry-after"), head.get("date"), this.#options.utc());
      const moved = this.#visited.length > 1 ? { movedTo: address(target.url) } : {};
      const answer = { status, contentType: contentType.slice(0, 100), retryAfterMs: after, ...moved };
      return this.#refused(answer, seen);
    }
    this.#see?.(seen);
    const inflate = inflater(encoding);
    if (inflate === undefined) {
      this.#fail({ what: "encoding", encoding: encoding.slice(0, 40) });
      return () => {};
    }
    this.#stage = "body";
    const answer = { address: address(target.url), server: head.get("server"), httpVersion };
    const askedFrom = isSendable(target.lastEventId) ? target.lastEventId : "";
    this.#say({ type: "opened", answer: { ...answer, askedFrom } });
    const decoder = this.#decoder(this.#lastEventId);
    const feed = (chunk: Uint8Array) => {
      if (!this.#ended && !decoder.feed(chunk)) this.#fail({ what: "too-large", limitBytes: this.#eventBytes });
    };
    if (inflate === null) {
      return (chunk) => {
        this.#say({ type: "bytes", count: chunk.length });
        feed(chunk);
      };
    }
    this.#inflate = inflate;
    let hasText = false;
    inflate.on("data", (chunk: Uint8Array) => {
      hasText = true;
      feed(chunk);
    });
    inflate.on("end", () => {
      // The last bytes of a compressed body are no text, and so nothing that could have stopped in the midst of an event.
      if (hasText && !decoder.isOpen) this.#say({ type: "settled" });
      this.#fail(this.#over ?? { what: "end" });
    });
    // A body that was cut ends with an error here too; how the connection ended is the better cause.
    inflate.on("error", (error) => this.#fail(this.#over ?? errorEvidence(error, "body", host)));
    inflate.on("drain", () => {
      this.#flooded = false;
      if (!this.#paused) this.#controller?.resume();
    });
    return (chunk) => {
      this.#say({ type: "bytes", count: chunk.length });
      // What a bomb inflates to is bounded by reading no faster than it is taken.
      if (inflate.write(chunk)) return;
      this.#flooded = true;
      this.#controller?.pause();
    };
  }

  /** An answer that is no stream: a look at its beginning tells who made it. */
  #refused(answer: Omit<Extract<Evidence, { what: "answer" }>, "what" | "by">, seen: AnswerSeen) {
    const head = new BodyHead((body) => {
      const whole = { ...seen, body };
      this.#see?.(whole);
      const by = speakerIn(whole);
      this.#fail({ what: "answer", ...answer, ...(by === null ? {} : { by }) });
    });
    this.#refusal = head;
    if (seen.framing === "none") head.end();
    return (chunk: Buffer) => head.take(chunk);
  }

  /** The body is over; what is still being inflated comes first. */
  #finish(evidence: Evidence): void {
    if (this.#refusal !== null) {
      this.#refusal.end();
      return;
    }
    this.#over = evidence;
    if (this.#inflate === null) this.#fail(evidence);
    else this.#inflate.end();
  }

  get #eventBytes(): number {
    return (this.#options.limits ?? defaultLimits).eventBytes;
  }

  #decoder(lastEventId: string): SseDecoder {
    const sink = {
      events: (events: readonly ParsedEvent[]) => this.#say(sliceOf(events)),
      comment: (text: string, isOpen: boolean) => this.#say({ type: "comment", text, isOpen }),
      settled: () => this.#say({ type: "settled" }),
      retry: (retryMs: number) => this.#say({ type: "retry", retryMs }),
      cursor: (id: string) => this.#say({ type: "cursor", lastEventId: id }),
      skipped: (bytes: number) => this.#say({ type: "skipped", reason: "event-too-large", bytes }),
    };
    return new SseDecoder(lastEventId, sink, this.#options.limits);
  }

  #say(event: TransportEvent): void {
    if (!this.#ended) this.#tell(event);
  }

  #fail(evidence: Evidence): void {
    if (this.#ended) return;
    this.#tell({ type: "failed", evidence });
    this.close();
  }
}

/** Response headers; the first value counts where a header came twice. */
class Head {
  readonly #headers: Readonly<Record<string, string | string[] | undefined>>;
  constructor(headers: Readonly<Record<string, string | string[] | undefined>>) {
    this.#headers = headers;
  }
  get(name: string): string | null {
    const value = this.#headers[name];
    return (Array.isArray(value) ? value[0] : value) ?? null;
  }
}

function requestHeaders(target: Target, userAgent: string): Record<string, string> {
  const headers: Record<string, string> = {
    accept: "text/event-stream",
    "cache-control": "no-cache",
    // Compression is what makes several proxies hold a stream back until its end.
    "accept-encoding": "identity",
    "user-agent": userAgent,
  };
  for (const [name, value] of target.headers) headers[name.toLowerCase()] = wire(value);
  if (target.lastEventId !== "" && isSendable(target.lastEventId)) headers["last-event-id"] = wire(target.lastEventId);
  return headers;
}

/** UTF-8 bytes as undici puts them on the wire: it writes header text as latin1 and refuses anything beyond. */
function wire(value: string): string {
  return Buffer.from(value, "utf8").toString("latin1");
}

function isEventStream(contentType: string): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(contentType);
}

/** A decompressor for servers that compress although asked not to; null: nothing to undo; undefined: not known. */
function inflater(encoding: string) {
  if (encoding === "identity" || encoding === "") return null;
  if (encoding === "gzip" || encoding === "x-gzip") return createGunzip();
  if (encoding === "deflate") return createInflate();
  if (encoding === "br") return createBrotliDecompress();
  return undefined;
}
