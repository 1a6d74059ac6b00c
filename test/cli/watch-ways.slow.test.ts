/** `watch` with several ways to one stream, on real sockets: further addresses, usual paths, a WebSocket; whose headers go where. */
import { appendFileSync } from "node:fs";
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { freePort } from "../fakes/free-port.ts";
import { rawServer, type Script, type Talk } from "../fakes/raw-server.ts";
import { twinOrigins } from "../fakes/twin-origins.ts";
import { accept } from "../fakes/websocket-server.ts";
import { temporaryFolder } from "../io/temporary-folder.ts";
import { watch } from "./program.ts";
import { quickly } from "./quick-policy.ts";

const event = (n: number) => `id: ${n}\ndata: {"n":${n}}\n\n`;
const good: Script = (talk) => void talk.stream().chunk(event(1));
const status =
  (text: string, headers: Record<string, string> = {}): Script =>
  (talk) =>
    void talk.answer(text, { "Content-Length": "0", ...headers });
const path = (talk: Talk) => talk.request.split(" ")[1] ?? "";

it("goes over to the second address when the first dies, and takes its place in the stream along", async () => {
  const { first, second, publishMany } = await twinOrigins();
  const program = watch(first.url, "--endpoint", second.url, ...quickly());
  await program.until((line) => line.kind === "state" && line.phase === "open");
  publishMany(10);
  await expect.poll(() => program.events.length, { timeout: 10_000 }).toBe(10);
  await first.stop();
  publishMany(5);
  const isThere = (line: (typeof program.lines)[number]) =>
    line.kind === "state" && line.phase === "open" && line.endpoint === second.url;
  await program.until(isThere);
  publishMany(5);
  await expect.poll(() => program.events.length, { timeout: 10_000 }).toBe(20);
  program.child.kill("SIGINT");
  expect(await program.exited).toBe(0);
  expect(program.events.map(({ id }) => Number(id))).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  expect(second.asked.map(({ headers }) => headers["last-event-id"])).toEqual(["10"]);
  expect(program.states.every(({ url }) => url === first.url)).toBe(true);
});

it("sends no header to a second origin that was not given for it", async () => {
  const first = await rawServer(status("503 Service Unavailable"));
  const second = await rawServer(status("503 Service Unavailable"));
  const third = await rawServer(good);
  const program = watch(
    ...[first.url, "--endpoint", second.url, "--endpoint", third.url, "--max-events", "1", ...quickly()],
    ...["--header", "Authorization: Bearer s3cret-1", "--header", "X-Custom: s3cret-1"],
    ...["--endpoint-header", `http://127.0.0.1:${third.port} X-Custom: s3cret-3`],
  );
  expect(await program.exited).toBe(0);
  expect(first.talks[0]?.header("authorization")).toBe("Bearer s3cret-1");
  expect(second.talks.length).toBeGreaterThan(0);
  for (const talk of second.talks) expect(talk.request).not.toMatch(/s3cret|authorization|x-custom/i);
  for (const talk of third.talks) expect(talk.request).not.toMatch(/s3cret-1|authorization/i);
  expect(third.talks[0]?.header("x-custom")).toBe("s3cret-3");
  expect(program.out.join()).not.toContain("s3cret");
});

it("finds the usual path by GET, and keeps to it", async () => {
  let cuts = 0;
  const server = await rawServer((talk) => {
    if (path(talk) !== "/api/events") return status("404 Not Found")(talk);
    talk.stream().chunk(event(++cuts)).send("0\r\n\r\n");
  });
  const base = `http://127.0.0.1:${server.port}`;
  const program = watch("--base", base, "--max-events", "2", ...quickly());
  expect(await program.exited).toBe(0);
  expect(server.talks.map(path)).toEqual(["/events", "/stream", "/api/events", "/api/events"]);
  for (const { request } of server.talks) expect(request).toMatch(/^GET /);
  expect(program.states.at(-1)?.endpoint).toBe(`${base}/api/events`);
});

it("takes a path that wants a credential for the one it looked for", async () => {
  const server = await rawServer((talk) =>
    status(path(talk) === "/stream" ? "401 Unauthorized" : "404 Not Found")(talk),
  );
  const program = watch("--base", `http://127.0.0.1:${server.port}`, ...quickly());
  expect(await program.exited).toBe(3);
  expect(server.talks.map(path)).toEqual(["/events", "/stream", "/stream"]);
  expect(program.states.at(-1)?.failure).toMatchObject({ kind: "unauthorized", final: true });
});

it("goes by WebSocket where SSE does not work, from where it stands", async () => {
  const server = await rawServer((talk) => {
    if (path(talk) === "/socket") {
      const from = Number(talk.header("last-event-id") ?? "0");
      accept(talk).send(`id: ${from + 1}\ndata: by socket\n\n`);
    } else if (talk.number === 1) talk.stream().chunk(event(41)).send("0\r\n\r\n");
    else status("500 Internal Server Error")(talk);
  });
  const socket = `ws://127.0.0.1:${server.port}/socket`;
  const program = watch(server.url, "--ws", socket, "--ws-frames", "sse", "--max-events", "2", ...quickly());
  expect(await program.exited).toBe(0);
  expect(program.events.map(({ id, data }) => [id, data])).toEqual([
    ["41", '{"n":41}'],
    ["42", "by socket"],
  ]);
  expect(program.states.at(-1)).toMatchObject({ transport: "websocket", endpoint: socket });
});

it("leaves an SSE path that opens and stays mute for the WebSocket, after a quarter of a minute", {
  timeout: 40_000,
}, async () => {
  const server = await rawServer((talk) => {
    if (path(talk) === "/socket") accept(talk).send("here");
    else talk.stream();
  });
  const program = watch(server.url, "--ws", `ws://127.0.0.1:${server.port}/socket`, "--max-events", "1", ...quickly());
  const begun = performance.now();
  expect(await program.exited).toBe(0);
  expect(performance.now() - begun).toBeGreaterThan(15_000);
  expect(program.states.map(({ failure }) => failure?.kind).filter(Boolean)).toEqual(["mute"]);
  expect(program.events.map(({ data }) => data)).toEqual(["here"]);
});

it("says which policy it is given is wrong, with exit 2, and goes by a right one", async () => {
  const port = await freePort();
  const program = watch(
    `http://127.0.0.1:${port}/`,
    ...quickly({ SERVER: { firstMs: 700, capMs: 700, factor: 1, attempts: 9 } }),
  );
  await expect
    .poll(() => program.states.filter(({ phase }) => phase === "waiting").length, { timeout: 10_000 })
    .toBe(4);
  // Refused spreads like SERVER: the first anywhere below twice the mean, here below the cap, the next from a third of it.
  const waits = program.states.flatMap(({ retryInMs }) => (retryInMs === null ? [] : [retryInMs]));
  expect(Math.max(...waits)).toBeLessThanOrEqual(700);
  expect(Math.min(...waits.slice(1))).toBeGreaterThanOrEqual(233);
  const wrong = watch(
    `http://127.0.0.1:${port}/`,
    ...quickly({ SERVER: { firstMs: 1, capMs: 700, factor: 1, attempts: 9 } }),
  );
  expect(await wrong.exited).toBe(2);
  expect(wrong.stderr).toMatch(/--policy .*SERVER\.firstMs/);
});

it("records what it does, and takes it again without the server", async () => {
  const origin = await eventOrigin();
  const file = `${temporaryFolder()}/ring.jsonl`;
  const program = watch(origin.url, "--record", file, "--header", "Authorization: Bearer s3cret", ...quickly());
  await program.until((line) => line.kind === "state" && line.phase === "open");
  origin.publishMany(3);
  await program.until(({ kind }) => kind === "event");
  origin.cut();
  await expect.poll(() => program.states.filter(({ phase }) => phase === "open").length, { timeout: 10_000 }).toBe(2);
  program.child.kill("SIGINT");
  expect(await program.exited).toBe(0);
  await origin.stop();
  const again = watch("--replay", file);
  expect(await again.exited).toBe(0);
  const phases = (lines: readonly { kind: string }[]) => lines.flatMap((line) => ("phase" in line ? [line.phase] : []));
  expect(JSON.parse(again.out.at(-1) ?? "")).toMatchObject({ kind: "replayed", differences: 0 });
  expect(phases(again.lines)).toEqual(phases(program.lines));
  appendFileSync(file, "{\n");
  const broken = watch("--replay", file);
  expect(await broken.exited).toBe(2);
  expect(broken.stderr).toMatch(new RegExp(`--replay ${file}: line \\d+ is not JSON`));
});
