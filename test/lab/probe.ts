/** One GET as it arrives: the header and every piece of the body with its time. For looking at the wire; it judges nothing. */
import { type ClientRequest, type IncomingHttpHeaders, request } from "node:http";

export type Piece = { readonly atMs: number; readonly bytes: number };

export type Probed = {
  /** null: no header came. */
  readonly status: number | null;
  readonly headers: IncomingHttpHeaders;
  /** Since the request was made, ms; null: no header came. */
  readonly headerMs: number | null;
  readonly pieces: readonly Piece[];
  readonly body: string;
};

/** Asks and looks for so long; an answer that is over ends it earlier. Never rejects. */
export function probe(url: string, forMs: number, headers: Record<string, string> = {}): Promise<Probed> {
  const beganAt = performance.now();
  const pieces: Piece[] = [];
  let [status, headerMs, body, head]: [number | null, number | null, string, IncomingHttpHeaders] = [
    null,
    null,
    "",
    {},
  ];
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      asked.destroy();
      resolve({ status, headers: head, headerMs, pieces, body });
    };
    const asked: ClientRequest = request(url, { agent: false, headers: { accept: "text/event-stream", ...headers } });
    const timer = setTimeout(finish, forMs);
    asked.on("error", finish);
    asked.on("response", (answer) => {
      [status, headerMs, head] = [answer.statusCode ?? null, performance.now() - beganAt, answer.headers];
      answer.on("data", (data: Buffer) => {
        pieces.push({ atMs: performance.now() - beganAt, bytes: data.length });
        body += data.toString("latin1");
      });
      answer.on("close", finish).on("error", finish);
    });
    asked.end();
  });
}
