/** Whether a stream comes over HTTP/2 too: one GET on a session of its own over a socket that has agreed on h2. */
import { connect, constants } from "node:http2";
import type { Socket } from "node:net";
import type { Facts } from "../../core/diagnosis/facts.ts";
import { isEventStream } from "./ask.ts";

/** A first byte is waited for so long behind the headers, ms. */
const firstByteMs = 1000;

export function askHttp2(
  socket: Socket,
  url: URL,
  headers: readonly (readonly [name: string, value: string])[],
  limitMs: number,
  signal: AbortSignal,
): Promise<NonNullable<Facts["http2"]>> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    let headersMs: number | null = null;
    const session = connect(url.origin, { createConnection: () => socket });
    const finish = (streams: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      session.destroy();
      socket.destroy();
      resolve({ offered: true, streams, headersMs });
    };
    const abort = () => finish(false);
    let timer = setTimeout(() => finish(false), Math.max(1, limitMs));
    signal.addEventListener("abort", abort);
    session.on("error", () => finish(false));
    const stream = session.request({
      ...Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])),
      ":method": "GET",
      ":path": `${url.pathname}${url.search}`,
    });
    stream.on("error", () => finish(false));
    stream.on("response", (answer) => {
      headersMs = performance.now() - startedAt;
      const isStream = answer[":status"] === 200 && isEventStream(String(answer["content-type"] ?? ""));
      if (!isStream) return finish(false);
      clearTimeout(timer);
      // A silent stream that opened is one.
      timer = setTimeout(() => finish(true), firstByteMs);
    });
    stream.on("data", () => finish(true));
    stream.on("close", () => finish(headersMs !== null && stream.rstCode === constants.NGHTTP2_NO_ERROR));
  });
}
