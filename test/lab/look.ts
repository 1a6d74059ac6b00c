/** Looks at a proxy of the lab as a diagnosis would: real requests, and what came back as observations. */
import { Agent, type IncomingMessage, request } from "node:http";
import type { Socket } from "node:net";
import type { AnswerSeen, ArrivalsSeen, Observation } from "../../main/core/detection/observation.ts";
import { bodyChars, framingOf, headersSeen } from "../../main/io/answer-seen.ts";
import type { Role, RunningProxy } from "./configuration.ts";

/** Longer than every proxy of the lab needs for its first word, except those that never say it, ms. */
const patienceMs = 6000;

/** @param path of the origin, with a slash @param watchMs how long a stream is looked at */
export async function look(
  { url, proxyUrl }: RunningProxy,
  role: Role,
  path: string,
  watchMs: number,
): Promise<Observation[]> {
  const target = new URL(`${url}${path}`);
  if (role === "connect" && proxyUrl !== null) return byTunnel(new URL(proxyUrl), target, watchMs);
  const via = role === "forward" && proxyUrl !== null ? new URL(proxyUrl) : target;
  const asked = role === "forward" ? target.href : `${target.pathname}${target.search}`;
  return ask({ host: via.hostname, port: Number(via.port), path: asked }, role === "forward", target.host, watchMs);
}

type Where = { readonly host: string; readonly port: number; readonly path: string; readonly socket?: Socket };

function ask({ socket, ...where }: Where, forwarded: boolean, host: string, watchMs: number): Promise<Observation[]> {
  const headers = { host, accept: "text/event-stream", "accept-encoding": "identity" };
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<Observation[]>();
  const made = socket === undefined ? {} : { createConnection: () => socket };
  // As a client does that would go on; one that asks to close is answered in kind.
  const agent = new Agent({ keepAlive: true });
  const sent = request({ ...where, ...made, headers, agent });
  const timer = setTimeout(() => end([]), patienceMs);
  const end = (seen: Observation[]): void => {
    clearTimeout(timer);
    resolve(seen);
    sent.destroy();
    agent.destroy();
  };
  sent.on("error", () => end([]));
  sent.on("response", (answer) => {
    clearTimeout(timer);
    const head = answerOf(answer, forwarded, startedAt, "");
    void read(answer, watchMs).then(({ body, arrivals }) => end([{ ...head, body }, ...arrivals]));
  });
  sent.end();
  return promise;
}

function answerOf(answer: IncomingMessage, forwarded: boolean, startedAt: number, body: string): AnswerSeen {
  const [status, headers] = [answer.statusCode ?? 0, headersSeen(answer.rawHeaders)];
  const asked = { what: "answer", to: "path", forwarded, unrouted: false } as const;
  const framing = framingOf(status, headers);
  const headersMs = Math.round(performance.now() - startedAt);
  return { ...asked, status, httpVersion: answer.httpVersion, headers, framing, body, headersMs };
}

/** The beginning of a page, or how a stream arrives. */
async function read(answer: IncomingMessage, watchMs: number): Promise<{ body: string; arrivals: ArrivalsSeen[] }> {
  const isStream = (answer.headers["content-type"] ?? "").startsWith("text/event-stream");
  const startedAt = performance.now();
  const bursts: { atMs: number; bytes: number; events: number; comments: number; lagMs: number | null }[] = [];
  let body = "";
  let lastAt = Number.NEGATIVE_INFINITY;
  answer.on("data", (chunk: Buffer) => {
    const atMs = performance.now() - startedAt;
    const text = chunk.toString("utf8");
    body = (body + text).slice(0, bodyChars);
    const last = bursts.at(-1);
    const events = text.split("\n\n").length - 1;
    if (last !== undefined && atMs - lastAt <= 20) {
      last.bytes += chunk.length;
      last.events += events;
    } else bursts.push({ atMs, bytes: chunk.length, events, comments: 0, lagMs: null });
    lastAt = atMs;
  });
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, isStream ? watchMs : patienceMs);
    for (const over of ["end", "error", "close"])
      answer.on(over, () => {
        clearTimeout(timer);
        resolve();
      });
  });
  if (!isStream) return { body, arrivals: [] };
  const watchedMs = performance.now() - startedAt;
  return { body: "", arrivals: [{ what: "arrivals", firstByteMs: bursts[0]?.atMs ?? null, watchedMs, bursts }] };
}

/** The answer to CONNECT where it is none of success; else what is seen through the tunnel. */
function byTunnel(proxy: URL, target: URL, watchMs: number): Promise<Observation[]> {
  const startedAt = performance.now();
  const { promise, resolve } = Promise.withResolvers<Observation[]>();
  const asked = { host: proxy.hostname, port: Number(proxy.port), method: "CONNECT", path: target.host };
  const sent = request({ ...asked, agent: false, timeout: patienceMs });
  sent.on("error", () => resolve([]));
  sent.on("timeout", () => sent.destroy());
  sent.on("connect", (answer: IncomingMessage, socket: Socket, head: Buffer) => {
    if (answer.statusCode !== 200) {
      resolve([{ ...answerOf(answer, true, startedAt, head.toString("utf8")), to: "connect" }]);
      socket.destroy();
      return;
    }
    const where = {
      host: target.hostname,
      port: Number(target.port),
      path: `${target.pathname}${target.search}`,
      socket,
    };
    resolve(ask(where, false, target.host, watchMs));
  });
  sent.end();
  return promise;
}
