/**
 * What the lab's origin does at each of its paths: one row each, so that any client through any proxy can ask for one fault.
 * Numbers come from the query. Nothing here counts or remembers; that is origin.ts.
 */
import type { ServerResponse } from "node:http";
import { block, type Tempo, type Topic } from "./origin-topic.ts";

/** One request, as a behaviour sees it. */
export type Ask = {
  readonly query: URLSearchParams;
  readonly lastEventId: string;
  readonly response: ServerResponse;
  readonly topic: Topic;
};

export type Behaviour = {
  /** One plain sentence for the page of links. */
  readonly about: string;
  /** An example with a query, where the path alone says less. */
  readonly example?: string;
  /** What the stream of this path sends, unless the query says otherwise. */
  readonly tempo?: Partial<Tempo>;
  readonly serve: (ask: Ask) => void;
};

/** Heartbeats of a stream that has nothing to say, ms. */
const beatMs = 1000;
/** Events on one connection before it goes wrong, unless the query says otherwise. */
const usualEvents = 5;

/** A number of the query. */
export function numberOf(query: URLSearchParams, name: string, otherwise: number): number {
  const value = Number(query.get(name) ?? "");
  return query.has(name) && Number.isFinite(value) && value >= 0 ? value : otherwise;
}

const streamHeaders = { "content-type": "text/event-stream", "cache-control": "no-cache" };

/** Opens with these headers and passes the topic on. @param then is asked after each event; true: that was the last */
function stream(ask: Ask, headers: Record<string, string> = streamHeaders, then?: (events: number) => boolean): void {
  const { response, topic, lastEventId, query } = ask;
  response.writeHead(200, headers);
  response.flushHeaders();
  const heartbeatMs = numberOf(query, "hb", beatMs / 1000) * 1000;
  const beat = heartbeatMs > 0 ? setInterval(() => response.write(": hb\n\n"), heartbeatMs) : undefined;
  let events = 0;
  let over = false;
  let leave = () => {};
  const stop = () => {
    clearInterval(beat);
    leave();
  };
  leave = topic.listen(earlier(lastEventId, numberOf(query, "again", 0)), (sent) => {
    if (over) return;
    response.write(block(sent));
    over = then?.(++events) ?? false;
    // In a later turn: while replaying, how to leave is not known yet.
    if (over) setImmediate(stop);
  });
  response.on("close", stop);
}

/** Some servers begin with the event that they were asked to go on from, or a few before it. */
function earlier(lastEventId: string, again: number): string {
  return /^\d+$/.test(lastEventId) ? String(Math.max(0, Number(lastEventId) - again)) : lastEventId;
}

/** A stream that ends in its own way after `n` events of one connection. */
function endingBy(how: (ask: Ask) => void): (ask: Ask) => void {
  return (ask) => {
    const n = numberOf(ask.query, "n", usualEvents);
    stream(ask, streamHeaders, (events) => {
      if (events < n) return false;
      how(ask);
      return true;
    });
  };
}

/** What was written before must be on its way: a reset overtakes what the system still holds. */
const beforeResetMs = 20;

/** Half an event, in half a chunk where there are chunks. */
function breakInside({ response }: Ask): void {
  const half = 'id: 999999\ndata: {"n":999999,"half an ev';
  const socket = response.socket;
  socket?.write(response.chunkedEncoding ? `${(half.length + 40).toString(16)}\r\n${half}` : half);
  socket?.end();
}

function answer(status: number, text: string, headers: Record<string, string> = {}): Behaviour {
  return {
    about: `answers ${status}, as an origin of its own will does`,
    serve({ response }) {
      const body = status === 204 ? "" : JSON.stringify({ error: text });
      response.writeHead(status, status === 204 ? headers : { "content-type": "application/json", ...headers });
      response.end(body);
    },
  };
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="en"><title>${title}</title><h1>${title}</h1>${body}</html>\n`;
}

function html(ask: Ask, title: string, body: string): void {
  ask.response.writeHead(200, { "content-type": "text/html; charset=utf-8", "cache-control": "no-cache" });
  ask.response.end(page(title, body));
}

export const behaviours: Readonly<Record<string, Behaviour>> = {
  "/events": { about: "10 stamped events a second and a heartbeat each second", serve: (ask) => stream(ask) },
  "/slow": { about: "an event each 2 s, no heartbeat", tempo: { everyMs: 2000 }, serve: (ask) => silently(ask) },
  "/burst": {
    about: "100 events at once, each second",
    tempo: { everyMs: 1000, each: 100 },
    serve: (ask) => stream(ask),
  },
  "/heartbeat": {
    about: "no event ever, a heartbeat each second",
    tempo: { everyMs: null },
    serve: (ask) => stream(ask),
  },
  "/quiet": {
    about: "opens, says one comment, and is silent for ever",
    tempo: { everyMs: null },
    serve(ask) {
      silently(ask);
      ask.response.write(": open\n\n");
    },
  },
  "/headers-only": {
    about: "opens, and not one byte of a body follows",
    tempo: { everyMs: null },
    serve: (ask) => silently(ask),
  },
  "/mute": { about: "takes the request and never answers", serve: () => {} },
  "/slow-header": {
    about: "answers after s seconds, then as /events",
    example: "/slow-header?s=5",
    serve(ask) {
      const timer = setTimeout(() => stream(ask), numberOf(ask.query, "s", 2) * 1000);
      ask.response.on("close", () => clearTimeout(timer));
    },
  },
  "/fin-after": {
    about: "after n events the connection is closed, the body incomplete",
    example: "/fin-after?n=5",
    serve: endingBy(({ response }) => void response.socket?.end()),
  },
  "/rst-after": {
    about: "after n events the connection is reset",
    example: "/rst-after?n=5",
    serve: endingBy(({ response }) => void setTimeout(() => response.socket?.resetAndDestroy(), beforeResetMs)),
  },
  "/mid-chunk-fin": {
    about: "after n events and a half the connection is closed, inside a chunk",
    example: "/mid-chunk-fin?n=5",
    serve: endingBy(breakInside),
  },
  "/end-after": {
    about: "after n events the stream ends as it should",
    example: "/end-after?n=5",
    serve: endingBy(({ response }) => void response.end()),
  },
  "/max-age": {
    about: "ends as it should s seconds after opening, whatever is said",
    example: "/max-age?s=5",
    serve(ask) {
      stream(ask);
      const timer = setTimeout(() => ask.response.end(), numberOf(ask.query, "s", 5) * 1000);
      ask.response.on("close", () => clearTimeout(timer));
    },
  },
  "/length": {
    about: "a stream with a Content-Length, which no stream has",
    serve: (ask) => stream(ask, { ...streamHeaders, "content-length": "100000000" }),
  },
  "/close-delimited": {
    about: "a stream without framing: its end is the connection's",
    serve(ask) {
      ask.response.removeHeader("transfer-encoding");
      ask.response.shouldKeepAlive = false;
      ask.response.useChunkedEncodingByDefault = false;
      stream(ask, { ...streamHeaders, connection: "close" });
    },
  },
  "/gzip-able": {
    about: "events of 700 characters, which compressors take",
    tempo: { pad: 700 },
    serve: (ask) => stream(ask),
  },
  "/no-cache-control": {
    about: "as /events, without a Cache-Control",
    serve: (ask) => stream(ask, { "content-type": "text/event-stream" }),
  },
  "/portions": {
    about: "a history of an hour ago, then five events each 2 s, which are as old as that when they are sent",
    serve: portions,
  },
  "/unbuffered": {
    about: "as /events, with X-Accel-Buffering: no",
    serve: (ask) => stream(ask, { ...streamHeaders, "x-accel-buffering": "no" }),
  },
  "/html": { about: "answers 200 with a page", serve: (ask) => html(ask, "A page", "<p>No stream lives here.</p>") },
  "/json": {
    about: "answers 200 with JSON",
    serve({ response }) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ now: Date.now(), text: "no stream lives here ".repeat(100) }));
    },
  },
  "/health": answerOk(),
  "/redirect": {
    about: "leads to /events by 307",
    serve: (ask) => redirect(ask, 307, `/events${suffix(ask.query)}`),
  },
  "/login": { about: "leads to a page to sign in at by 302", serve: (ask) => redirect(ask, 302, "/login-page") },
  "/login-page": {
    about: "the page to sign in at",
    serve: (ask) => html(ask, "Sign in", '<form method="post"><input name="user"><input type="password"></form>'),
  },
  "/204": answer(204, ""),
  "/401": answer(401, "sign in", { "www-authenticate": 'Bearer realm="lab"' }),
  "/403": answer(403, "not for you"),
  "/404": answer(404, "no such stream"),
  "/407": answer(407, "the proxy wants a name", { "proxy-authenticate": 'Basic realm="lab"' }),
  "/410": answer(410, "gone for good"),
  "/429": answer(429, "too many", { "retry-after": "2" }),
  "/500": answer(500, "broken"),
  "/502": answer(502, "a gateway behind this origin"),
  "/503": answer(503, "in maintenance", { "retry-after": "2" }),
  "/504": answer(504, "too slow behind this origin"),
};

/** An origin that gathers by its own clock, and repeats what was: odd to look at, and well. */
function portions({ response }: Ask): void {
  const [everyMs, each, hourMs] = [2000, 5, 3_600_000];
  const made = (at: number) => `data: ${JSON.stringify({ sentAt: at })}\n\n`;
  const some = (from: number, apartMs: number) =>
    response.write(Array.from({ length: each }, (_, i) => made(from + i * apartMs)).join(""));
  response.writeHead(200, streamHeaders);
  some(Date.now() - hourMs, 60_000);
  const timer = setInterval(() => some(Date.now() - everyMs, everyMs / each), everyMs);
  response.on("close", () => clearInterval(timer));
}

/** A stream without heartbeats, unless they are asked for. */
function silently(ask: Ask): void {
  if (!ask.query.has("hb")) ask.query.set("hb", "0");
  stream(ask);
}

function answerOk(): Behaviour {
  return {
    about: "answers health checks",
    serve({ response }) {
      response.writeHead(200, { "content-type": "application/json" });
      response.end('{"ok":true}');
    },
  };
}

function suffix(query: URLSearchParams): string {
  return query.size === 0 ? "" : `?${query}`;
}

function redirect({ response }: Ask, status: number, location: string): void {
  response.writeHead(status, { location });
  response.end();
}
