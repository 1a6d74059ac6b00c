/**
 * One GET over a socket that is there, watched from its departure until enough was seen: the head as it stood on the wire,
 * what arrived when, and how it ended. It follows nothing and repeats nothing.
 */
import { type IncomingMessage, request as requestOver } from "node:http";
import type { Socket } from "node:net";
import type { AnswerSeen, EndingSeen, FailureSeen, Framing } from "../../core/detection/observation.ts";
import type { Watch } from "../../core/diagnosis/facts.ts";
import { BodyWatch, type Met } from "./body-watch.ts";
import { kindOf } from "./socket-steps.ts";

const maxHeadBytes = 65_536;
const keptBodyChars = 4096;

export type Question = {
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** A forward proxy is handed the whole address. */
  readonly absolute: boolean;
  /** It goes through a forward proxy, in whatever way. */
  readonly forwarded: boolean;
  readonly unrouted: boolean;
  readonly headersLimitMs: number;
  readonly signal: AbortSignal;
  /** Asked now and then once the head of a stream is there: true ends the watch. */
  readonly enough: (soFar: Watch) => boolean;
};

export type Asked = Watch & { readonly met: readonly Met[]; readonly location: string | null };

const pollMs = 25;

/** Never rejects: whatever happens is in the watch. */
export function ask(socket: Socket, question: Question): Promise<Asked> {
  return new Promise((resolve) => new Asking(socket, question, resolve));
}

class Asking {
  readonly #socket: Socket;
  readonly #question: Question;
  readonly #resolve: (asked: Asked) => void;
  readonly #startedAt = performance.now();
  #answer: Omit<AnswerSeen, "body"> | null = null;
  #body: BodyWatch | null = null;
  #text = "";
  #failure: FailureSeen | null = null;
  #ending: EndingSeen | null = null;
  #reset = false;
  #over = false;
  #poll: NodeJS.Timeout | undefined;
  readonly #abort = () => this.#finish();

  constructor(socket: Socket, question: Question, resolve: (asked: Asked) => void) {
    this.#socket = socket;
    this.#question = question;
    this.#resolve = resolve;
    socket.on("error", (error: NodeJS.ErrnoException) => {
      this.#reset ||= error.code === "ECONNRESET";
    });
    question.signal.addEventListener("abort", this.#abort);
    if (question.signal.aborted) queueMicrotask(this.#abort);
    else this.#send();
  }

  #send(): void {
    const { url, headers, absolute } = this.#question;
    this.#poll = setInterval(() => this.#look(), pollMs);
    const sent = requestOver({
      method: "GET",
      path: absolute ? url.href.replace(/#.*$/s, "") : `${url.pathname}${url.search}`,
      setHost: false,
      headers: Object.fromEntries([["Host", url.host], ["Connection", "keep-alive"], ...headers]),
      maxHeaderSize: maxHeadBytes,
      createConnection: () => this.#socket,
    });
    sent.on("response", (response) => this.#take(response));
    sent.on("upgrade", (response) => this.#take(response, true));
    sent.on("error", (error) => this.#fail(error));
    sent.end();
    // Whoever read from the socket before us has left it paused.
    this.#socket.resume();
  }

  #take(response: IncomingMessage, upgraded = false): void {
    const { forwarded, unrouted } = this.#question;
    const raw = response.rawHeaders;
    const headers = raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ""] as const] : []));
    this.#answer = {
      what: "answer",
      to: "path",
      forwarded,
      unrouted,
      status: response.statusCode ?? 0,
      httpVersion: response.httpVersion,
      headers,
      framing: framingOf(response),
      headersMs: this.#elapsedMs,
    };
    if (upgraded) {
      this.#finish();
      return;
    }
    this.#body = new BodyWatch(encodingOf(response));
    response.on("data", (chunk: Buffer) => {
      if (this.#over) return;
      if (this.#isStream) this.#body?.take(chunk);
      else this.#keep(chunk);
    });
    response.on("end", () => this.#end(response.complete ? "clean" : this.#dirty));
    response.on("error", () => this.#end(this.#dirty));
    response.on("close", () => this.#end(response.complete ? "clean" : this.#dirty));
  }

  get #dirty(): "reset" | "truncated" {
    return this.#reset ? "reset" : "truncated";
  }

  #keep(chunk: Buffer): void {
    this.#body?.take(chunk);
    if (this.#text.length < keptBodyChars) this.#text = (this.#text + chunk.toString("utf8")).slice(0, keptBodyChars);
    else this.#finish();
  }

  get #elapsedMs(): number {
    return performance.now() - this.#startedAt;
  }

  get #isStream(): boolean {
    return this.#answer?.status === 200 && isEventStream(this.#contentType);
  }

  get #contentType(): string {
    return this.#answer?.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1] ?? "";
  }

  /** The whole of an answer that is no stream, or as much as comes in this time, ms. */
  static readonly #pageMs = 1500;

  #look(): void {
    if (this.#answer === null) {
      if (this.#elapsedMs >= this.#question.headersLimitMs) this.#fail(null);
      return;
    }
    const openMs = this.#elapsedMs - this.#answer.headersMs;
    if (this.#isStream ? this.#question.enough(this.#watch()) : openMs > Asking.#pageMs) this.#finish();
  }

  #fail(error: unknown): void {
    if (this.#over || this.#answer !== null) return;
    const kind =
      error === null
        ? "headers-timeout"
        : this.#socket.bytesRead === 0 && !this.#reset
          ? "closed-early"
          : kindOf(error, "headers");
    const isHangUp = (error as NodeJS.ErrnoException | null)?.code === "ECONNRESET" && !this.#reset;
    this.#failure = {
      what: "failure",
      kind: isHangUp ? "closed-early" : kind,
      forwarded: this.#question.forwarded,
      afterMs: this.#elapsedMs,
    };
    this.#finish();
  }

  #end(how: EndingSeen["how"]): void {
    if (this.#over || this.#answer === null || this.#body === null) return;
    const openMs = this.#body.nowMs;
    this.#ending = {
      what: "ending",
      how,
      openMs,
      idleMs: openMs - this.#body.lastByteMs,
      framing: this.#answer.framing,
    };
    this.#finish();
  }

  #watch(): Watch {
    const answer = this.#answer === null ? null : { ...this.#answer, body: this.#text };
    return {
      answer,
      failure: this.#failure,
      waitedMs: this.#answer?.headersMs ?? this.#elapsedMs,
      isStream: this.#answer !== null && isEventStream(this.#contentType),
      contentType: this.#contentType.slice(0, 100),
      encoding: encodingName(this.#answer?.headers ?? []),
      bodyBytes: this.#body?.bytes ?? 0,
      arrivals: this.#isStream ? (this.#body?.seen ?? null) : null,
      ending: this.#ending,
      serverTimingMs: serverTimingOf(this.#answer?.headers ?? []),
      saidDone: this.#body?.saidDone === true && this.#ending?.how === "clean",
      unreadable: this.#body?.unreadable === true,
      ...(this.#body === null ? {} : { ids: { ...this.#body.ids } }),
    };
  }

  #finish(): void {
    if (this.#over) return;
    this.#over = true;
    clearInterval(this.#poll);
    this.#question.signal.removeEventListener("abort", this.#abort);
    this.#body?.end();
    const location = this.#answer?.headers.find(([name]) => name.toLowerCase() === "location")?.[1] ?? null;
    this.#resolve({ ...this.#watch(), met: this.#body?.met ?? [], location });
    this.#socket.destroy();
  }
}

export function isEventStream(contentType: string): boolean {
  return /^\s*text\/event-stream\s*(;|$)/i.test(contentType);
}

function framingOf({ headers, statusCode = 0 }: IncomingMessage): Framing {
  if (statusCode === 204 || statusCode === 304 || statusCode < 200) return "none";
  if (/\bchunked\b/i.test(headers["transfer-encoding"] ?? "")) return "chunked";
  return headers["content-length"] === undefined ? "close" : "length";
}

function encodingOf({ headers }: IncomingMessage): string {
  return (headers["content-encoding"] ?? "").trim().toLowerCase();
}

function encodingName(headers: AnswerSeen["headers"]): string {
  return (headers.find(([name]) => name.toLowerCase() === "content-encoding")?.[1] ?? "")
    .trim()
    .toLowerCase()
    .slice(0, 40);
}

/** `proxy;dur=` of Server-Timing (W3C Server Timing §3), in milliseconds. */
function serverTimingOf(headers: AnswerSeen["headers"]): number | null {
  const all = headers
    .filter(([name]) => name.toLowerCase() === "server-timing")
    .map(([, value]) => value)
    .join(",");
  const found =
    /(?:^|[,\s])proxy\s*(?:;[^,]*)?;\s*dur=([\d.]+)/i.exec(all) ?? /(?:^|[,\s])proxy;dur=([\d.]+)/i.exec(all);
  const value = Number(found?.[1] ?? Number.NaN);
  return Number.isFinite(value) ? value : null;
}
