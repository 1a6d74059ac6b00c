/** What the transports say of an answer beside the stream: headers as they were written, bounded and harmless. */
import { expect, it, onTestFinished } from "vitest";
import type { AnswerSeen, Observation } from "../../main/core/detection/observation.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
import { framingOf, headersSeen } from "../../main/io/answer-seen.ts";
import type { StreamTransport, Target } from "../../main/io/ports.ts";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { createWebSocketTransport } from "../../main/io/websocket/websocket-transport.ts";
import { rawServer } from "../fakes/raw-server.ts";

const identity = { userAgent: "Holdfast/test", utc: Date.now };

/** Asks once, until it opened or failed. */
async function ask(transport: StreamTransport, url: string) {
  const seen: Observation[] = [];
  const target: Target = {
    url,
    method: "GET",
    body: null,
    headers: [],
    lastEventId: "",
    resumeQuery: null,
    frames: "auto",
  };
  const startedAt = performance.now();
  const evidence = await new Promise<Evidence | null>((resolve) => {
    const tell: Parameters<StreamTransport["open"]>[1] = (event) => {
      if (event.type === "failed") resolve(event.evidence);
      if (event.type === "events") resolve(null);
    };
    const connection = transport.open(target, tell, (one) => seen.push(one));
    onTestFinished(() => connection.close());
  });
  return { answers: seen as AnswerSeen[], evidence, tookMs: performance.now() - startedAt };
}

const page = "<html><body><h1>x</h1><hr><center>nginx/1.22.1</center></body></html>";
const nginx502 = `HTTP/1.1 502 Bad Gateway\r\nServer: nginx/1.22.1\r\nSet-Cookie: sid=canary; Path=/\r\nX-Auth-Token: canary\r\nLocation: http://a/x?key=canary\r\nLink: </x?key=canary>; rel=next\r\nRefresh: 5; url=/x?key=canary\r\nContent-Type: text/html\r\nContent-Length: ${page.length}\r\n\r\n${page}`;

it("sees a stream's headers in the order and the letters of the wire, and nothing of its contents", async () => {
  const server = await rawServer(
    (talk) =>
      void talk
        .send(
          "HTTP/1.1 200 OK\r\ndate: x\r\nX-Odd: 1\r\ncontent-type: text/event-stream\r\nkeep-alive: timeout=5\r\ntransfer-encoding: chunked\r\n\r\n",
        )
        .chunk("data: canary\n\n"),
  );
  const { answers, evidence } = await ask(createSseTransport(identity), server.url);
  expect(evidence).toBeNull();
  expect(answers).toHaveLength(1);
  expect(answers[0]?.headers.map(([name]) => name)).toEqual([
    "date",
    "X-Odd",
    "content-type",
    "keep-alive",
    "transfer-encoding",
  ]);
  expect(answers[0]).toMatchObject({ what: "answer", status: 200, framing: "chunked", body: "" });
  expect(JSON.stringify(answers)).not.toContain("canary");
});

it.each<[string, StreamTransport, (url: string) => string]>([
  ["SSE", createSseTransport(identity), (url) => url],
  ["WebSocket", createWebSocketTransport(identity), (url) => url.replace("http:", "ws:")],
])("says by %s who made an error, by its first words, and keeps no credential of it", async (_name, transport, as) => {
  const server = await rawServer((talk) => void talk.send(nginx502));
  const { answers, evidence } = await ask(transport, as(server.url));
  expect(evidence).toMatchObject({ what: "answer", status: 502, by: { who: "proxy", name: "nginx" } });
  expect(answers[0]?.body).toBe(page);
  expect(answers[0]?.headers).toContainEqual(["Set-Cookie", "sid="]);
  expect(JSON.stringify([answers, evidence])).not.toContain("canary");
});

it("does not wait for an error page that never ends", async () => {
  const server = await rawServer(
    (talk) => void talk.send("HTTP/1.1 503 No\r\nContent-Type: text/html\r\nContent-Length: 9999\r\n\r\n<html>"),
  );
  const { answers, evidence, tookMs } = await ask(createSseTransport(identity), server.url);
  expect(evidence).toMatchObject({ what: "answer", status: 503 });
  expect(answers[0]?.body).toBe("<html>");
  expect(tookMs).toBeGreaterThan(400);
  // Of its own patience; the rest is how slow the machine may be.
  expect(tookMs).toBeLessThan(4000);
});

it("takes no more than four kilobytes of a page, and does not wait for the rest", async () => {
  const server = await rawServer(
    (talk) =>
      void talk.send(`HTTP/1.1 500 No\r\nContent-Type: text/html\r\nContent-Length: 99999\r\n\r\n${"x".repeat(9000)}`),
  );
  const { answers } = await ask(createSseTransport(identity), server.url);
  expect(answers[0]?.body).toHaveLength(4096);
});

it("keeps sixty-four headers of two hundred and fifty-six letters each", () => {
  const raw = Array.from({ length: 200 }, (_, i) => [Buffer.from(`X-${i}`), Buffer.from("v".repeat(999))]).flat();
  const seen = headersSeen(raw);
  expect(seen).toHaveLength(64);
  expect(seen.every(([, value]) => value.length === 256)).toBe(true);
});

it.each([
  [200, [["Transfer-Encoding", "chunked"]], "chunked"],
  [200, [["content-length", "5"]], "length"],
  [200, [["Connection", "close"]], "close"],
  [204, [], "none"],
  [101, [["Connection", "Upgrade"]], "none"],
] as const)("takes the framing of a %s with %j to be %s", (status, headers, framing) => {
  expect(framingOf(status, headers)).toBe(framing);
});
