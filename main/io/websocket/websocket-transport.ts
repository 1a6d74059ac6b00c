/**
 * A stream over WebSocket, on undici's: one agent per attempt, destroyed with it.
 *
 * undici's WebSocket tells neither what a refused handshake was answered nor how its bytes come, and cannot be paused. So its
 * handshake passes through a dispatcher of ours, which sees the answer, and its bytes through a gate (gate.ts). Framing,
 * masks, control frames and the key are undici's. It only listens: nothing is ever sent but pongs and the close.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Duplex } from "node:stream";
import { Agent, type Dispatcher, WebSocket } from "undici";
import { type ParsedEvent, sliceOf, type TransportEvent } from "../../core/connection/connection-state.ts";
import type { AnswerSeen } from "../../core/detection/observation.ts";
import { speakerIn } from "../../core/detection/speaker.ts";
import type { Evidence, Stage } from "../../core/failure/failure.ts";
import { address } from "../../core/redact.ts";
import { answerSeen } from "../answer-seen.ts";
import { BodyHead } from "../body-head.ts";
import type { Destroyable } from "../connector.ts";
import type { Connection, See, StreamTransport, Target } from "../ports.ts";
import { type Leg, wayOut } from "../proxy/way-out.ts";
import { errorEvidence } from "../sse/error-evidence.ts";
import { follow, isRedirect } from "../sse/redirects.ts";
import { retryAfterMs } from "../sse/retry-after.ts";
import { defaultLimits, type Limits } from "../sse/sse-decoder.ts";
import { abnormal, endingEvidence, protocolError } from "./ending.ts";
import { FrameReader } from "./frame-reader.ts";
import { nchanProtocol } from "./frame-text.ts";
import { Gate } from "./gate.ts";
import {
  anyAddress,
  asHttp,
  askedFrom,
  asWebSocket,
  dialledUrl,
  handshakeHeaders,
  headerOf,
  judgeUpgrade,
  keyOf,
  offeredProtocols,
} from "./handshake.ts";

export type WebSocketOptions = {
  readonly userAgent: string;
  /** Civil time, for a Retry-After that is a date. */
  readonly utc: () => number;
  readonly limits?: Limits;
};

/** A message may be so many times an event's limit, for what JSON and heads add; a larger one ends the connection. */
const messageFactor = 2;
/** Pieces of one message. undici's own limit would hold 131,072 buffers for a message of as many bytes. */
const maxFragments = 16_384;

const heartbeatChannels = ["undici:websocket:ping", "undici:websocket:pong"];

export function createWebSocketTransport(options: WebSocketOptions): StreamTransport {
  return { open: (target, tell, see) => new Attempt(options, target, tell, see) };
}

class Attempt implements Connection {
  readonly #options: WebSocketOptions;
  readonly #tell: (event: TransportEvent) => void;
  readonly #visited: string[] = [];
  /** What the stream goes on from, as the caller knows it: another origin is not told, and it stays true all the same. */
  readonly #lastEventId: string;
  /** Of the present hop. */
  #agent: Agent | null = null;
  #socket: { destroy(): void } | null = null;
  #webSocket: WebSocket | null = null;
  #gate: Gate | null = null;
  #stage: Stage = "connect";
  #paused = false;
  /** With which code undici began to close; null while it did not. */
  #closing: number | null = null;
  /** What came since the last chunk was read has completed something that was told. */
  #told = false;
  #heartbeat = false;
  /** Bytes are being read, and what their frames have completed so far. */
  #isReading = false;
  #events: ParsedEvent[] = [];
  #ended = false;
  readonly #see: See | undefined;
  /** The beginning of an answer that is no upgrade. */
  #refusal: BodyHead | null = null;
  /** When the handshake of this hop left. */
  #leftAt = 0;

  constructor(options: WebSocketOptions, target: Target, tell: (event: TransportEvent) => void, see?: See) {
    this.#options = options;
    this.#tell = tell;
    this.#see = see;
    this.#lastEventId = target.lastEventId;
    for (const channel of heartbeatChannels) subscribe(channel, this.#onHeartbeat);
    // In a turn of its own: nothing may be told before `open` has returned.
    queueMicrotask(() => void this.#request(target));
  }

  close(): void {
    this.#ended = true;
    this.#refusal?.cancel();
    for (const channel of heartbeatChannels) unsubscribe(channel, this.#onHeartbeat);
    // The server learns that we went on purpose, if its socket has room for that; nobody waits for its answer.
    if (this.#webSocket?.readyState === WebSocket.OPEN) this.#webSocket.close(1000);
    this.#hangUp();
  }

  pause(): void {
    this.#paused = true;
    this.#gate?.hold(true);
  }

  resume(): void {
    this.#paused = false;
    this.#gate?.hold(false);
  }

  #hangUp(): void {
    this.#agent?.destroy().catch(() => {});
    // An upgraded socket is not the agent's any more, one that still connects is not yet.
    this.#socket?.destroy();
    this.#gate?.destroy();
  }

  /** This hop is left: nothing that it still says is anybody's. */
  #abandon(): void {
    this.#hangUp();
    this.#agent = null;
    this.#webSocket = null;
  }

  /** Server's pings are answered by undici and reach nobody; the channel is one for all connections of the process. */
  readonly #onHeartbeat = (message: unknown): void => {
    if ((message as { websocket?: unknown }).websocket === this.#webSocket) this.#heartbeat = true;
  };

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
      const url = asHttp(dialledUrl(target));
      if (!/^https?:/.test(url)) throw new TypeError("not an address of a WebSocket");
      this.#visited.push(url);
      const way = await wayOut(target, new URL(url), this.#watched, "websocket");
      if ("evidence" in way) this.#fail(way.evidence);
      else this.#leave(target, new URL(url), way);
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
    if (leg.via !== null) this.#say({ type: "via", ...leg.via });
    this.#agent = new Agent({
      connect: leg.connector,
      bodyTimeout: 0,
      headersTimeout: 0,
      webSocket: { maxPayloadSize: this.#messageBytes, maxFragments },
    });
    const dispatcher = this.#agent.compose(this.#interceptor(target, url, leg));
    this.#listen(new WebSocket(anyAddress, { dispatcher }), url.host);
  }

  /** Tries the next way of the list, when it was a proxy that failed and there is one. */
  #moveOn(target: Target, url: URL, leg: Leg, error: unknown): boolean {
    const next = leg.after(error);
    if (next === null) return false;
    this.#abandon();
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

  #interceptor(target: Target, url: URL, leg: Leg): Dispatcher.DispatcherComposeInterceptor {
    return (dispatch) => (request, handler) => {
      const headers = handshakeHeaders(target, this.#options.userAgent, keyOf(request.headers));
      const asked = { ...request, origin: url.origin, path: `${url.pathname}${url.search}`, headers };
      return dispatch(asked, this.#handler(target, url, leg, handler));
    };
  }

  /** Sees the answer to the handshake before undici's WebSocket does, and keeps from it what is none. */
  #handler(target: Target, url: URL, leg: Leg, inner: Dispatcher.DispatchHandler): Dispatcher.DispatchHandler {
    const agent = this.#agent;
    /** This hop is over; what it still says is nobody's. */
    const isOld = () => this.#ended || this.#agent !== agent;
    return {
      onRequestStart: (controller, context) => {
        if (!isOld()) this.#stage = "headers";
        this.#leftAt = performance.now();
        inner.onRequestStart?.(controller, context);
      },
      onRequestUpgrade: (controller, status, headers, socket) => {
        const judged = judgeUpgrade(headers, offeredProtocols(target));
        if (isOld() || judged.refused !== null) {
          socket.destroy();
          if (!isOld()) this.#fail({ what: "closed", code: protocolError, reason: judged.refused ?? "" });
          return;
        }
        this.#see?.(answerSeen(status, controller.rawHeaders, this.#leftAt, leg.route.kind === "proxy"));
        const gate = this.#opened(target, socket, headerOf(headers, "server"), judged.protocol);
        inner.onRequestUpgrade?.(controller, status, judged.headers, gate as unknown as Duplex);
      },
      onResponseStart: (controller, status, headers) => {
        // 1xx are no answer: endless 103s must run into the deadline for the final headers.
        if (status < 200 || isOld()) return;
        this.#refused(
          target,
          status,
          headers,
          answerSeen(status, controller.rawHeaders, this.#leftAt, leg.route.kind === "proxy"),
        );
      },
      onResponseData: (_controller, chunk) => {
        if (!isOld()) this.#refusal?.take(chunk);
      },
      onResponseEnd: () => {
        if (!isOld()) this.#refusal?.end();
      },
      onResponseError: (controller, error) => {
        if (this.#refusal !== null && !isOld()) this.#refusal.end();
        else if (!isOld() && !this.#moveOn(target, url, leg, error))
          this.#fail(errorEvidence(error, this.#stage, url.host));
        inner.onResponseError?.(controller, error);
      },
    };
  }

  #refused(target: Target, status: number, headers: Parameters<typeof headerOf>[0], seen: AnswerSeen): void {
    const location = headerOf(headers, "location");
    if (isRedirect(status)) {
      const dialled = { ...target, url: asHttp(target.url), method: "GET", body: null };
      const next = follow(dialled, status, location === null ? null : asHttp(location), this.#visited);
      if ("evidence" in next) {
        this.#fail(next.evidence);
        return;
      }
      this.#abandon();
      queueMicrotask(() => void this.#request({ ...next.target, url: asWebSocket(next.target.url) }));
      return;
    }
    const contentType = (headerOf(headers, "content-type") ?? "").slice(0, 100);
    const after = retryAfterMs(headerOf(headers, "retry-after"), headerOf(headers, "date"), this.#options.utc());
    // A look at its beginning tells who made it.
    this.#refusal = new BodyHead((body) => {
      const whole = { ...seen, body };
      this.#see?.(whole);
      const by = speakerIn(whole);
      this.#fail({ what: "answer", status, contentType, retryAfterMs: after, ...(by === null ? {} : { by }) });
    });
  }

  /** The socket is ours; whether the handshake was a good one, undici says next. */
  #opened(target: Target, socket: Duplex, server: string | null, protocol: string | null): Gate {
    const reader = this.#reader(target, protocol === nchanProtocol);
    const sink = {
      bytes: (count: number) => {
        reader.arrived();
        this.#told = false;
        this.#heartbeat = false;
        this.#say({ type: "bytes", count });
        this.#isReading = true;
      },
      chunk: () => {
        this.#isReading = false;
        this.#tellEvents();
        // Whether a frame is half here undici does not say; that a heartbeat was all, it does.
        if (this.#heartbeat && !this.#told) this.#say({ type: "settled" });
      },
      closing: (code: number) => {
        this.#closing ??= code;
        // Both sides have said goodbye, or undici has; the server's end of the socket need not be waited for.
        queueMicrotask(() => gate.destroy());
      },
    };
    const gate = new Gate(socket, this.#paused, sink);
    this.#gate = gate;
    const webSocket = this.#webSocket;
    if (webSocket === null) return gate;
    webSocket.onopen = () => {
      this.#stage = "body";
      const answer = { address: address(target.url), server, httpVersion: "1.1", askedFrom: askedFrom(target) };
      this.#say({ type: "opened", answer });
      if (!this.#ended) gate.begin();
    };
    webSocket.onmessage = ({ data }) => {
      if (!this.#ended) reader.take(data);
    };
    return gate;
  }

  #listen(webSocket: WebSocket, host: string): void {
    this.#webSocket = webSocket;
    webSocket.binaryType = "arraybuffer";
    const isOld = () => this.#ended || this.#webSocket !== webSocket;
    // Some versions tell an error and never a close (Node 22's own): a turn later the error is the end.
    webSocket.onerror = () => {
      setImmediate(() => {
        if (!isOld()) this.#fail(this.#ending(abnormal, "", host));
      });
    };
    webSocket.onclose = ({ code, reason }) => {
      if (!isOld()) this.#fail(this.#ending(code, reason, host));
    };
  }

  #ending(code: number, reason: string, host: string): Evidence {
    const seen = { stage: this.#stage, closing: this.#closing, error: this.#gate?.error ?? null };
    return endingEvidence({ ...seen, code, reason, host, limitBytes: this.#messageBytes });
  }

  get #messageBytes(): number {
    return (this.#options.limits ?? defaultLimits).eventBytes * messageFactor;
  }

  #reader({ frames }: Target, offersNchan: boolean): FrameReader {
    const sink = {
      events: (events: readonly ParsedEvent[]) => {
        this.#told = true;
        this.#events.push(...events);
        // What undici had to inflate first comes in a turn of its own.
        if (!this.#isReading) this.#tellEvents();
      },
      comment: (text: string, isOpen: boolean) => this.#say({ type: "comment", text, isOpen }),
      settled: () => this.#say({ type: "settled" }),
      retry: (retryMs: number) => this.#say({ type: "retry", retryMs }),
      cursor: (id: string) => this.#say({ type: "cursor", lastEventId: id }),
      skipped: (bytes: number) => this.#say({ type: "skipped", reason: "event-too-large", bytes }),
    };
    return new FrameReader(frames, offersNchan, this.#lastEventId, sink, this.#options.limits);
  }

  #say(event: TransportEvent): void {
    this.#tellEvents();
    if (this.#ended) return;
    this.#told ||= event.type !== "bytes";
    this.#tell(event);
  }

  /** The frames of one read are one slice, as far as nothing else has to be told between them. */
  #tellEvents(): void {
    if (this.#ended || this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#tell(sliceOf(events));
  }

  #fail(evidence: Evidence): void {
    this.#tellEvents();
    if (this.#ended) return;
    this.#tell({ type: "failed", evidence });
    this.close();
  }
}
