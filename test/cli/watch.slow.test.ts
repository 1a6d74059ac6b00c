/** `watch` as a program: its lines, its exits, and what a POST means to it. */
import { expect, it } from "vitest";
import { bad } from "../fakes/certificate.ts";
import { freePort } from "../fakes/free-port.ts";
import { rawServer, type Script } from "../fakes/raw-server.ts";
import { cli, type Program, watch } from "./program.ts";
import { quickly } from "./quick-policy.ts";

const event = (n: number) => `id: ${n}\nevent: tick\ndata: {"n":${n}}\n\n`;
const good: Script = (talk) => void talk.stream().chunk(`: hello\n\n${event(1)}`);
const allOut = async (program: Program, code: number) => {
  expect(await program.exited).toBe(code);
  expect(program.stderr).toBe("");
  return program.lines;
};

const promised = {
  state: {
    at: "string",
    phase: "string",
    attempt: "number",
    url: "string",
    endpoint: "string",
    transport: "string",
    quality: "string",
    health: "string",
  },
  event: { at: "string", seq: "number", type: "string", data: "string", lastEventId: "string" },
  comment: { at: "string", text: "string" },
  gap: { at: "string", reason: "string" },
};
const nullable = { state: ["failure", "retryInMs", "proxy"], event: ["id"], comment: [], gap: ["from", "to"] };
function keepsPromise(lines: Program["lines"]): void {
  for (const line of lines) {
    for (const [field, type] of Object.entries(promised[line.kind]))
      expect(typeof (line as never)[field], field).toBe(type);
    for (const field of nullable[line.kind]) expect(line).toHaveProperty(field);
    expect(new Date(line.at).toISOString()).toBe(line.at);
    if (line.kind !== "state") continue;
    expect(["idle", "connecting", "open", "waiting", "offline", "halted"]).toContain(line.phase);
    expect(["live", "silent", "held"]).toContain(line.health);
    expect(["EXCELLENT", "GOOD", "FAIR", "POOR", "UNKNOWN"]).toContain(line.quality);
    expect(["sse", "websocket"]).toContain(line.transport);
    expect(line.proxy).toBeNull();
    expect(line.retryInMs !== null).toBe(line.phase === "waiting");
    if (line.failure !== null)
      expect(line.failure).toMatchObject({
        family: expect.any(String),
        kind: expect.any(String),
        final: line.phase === "halted",
      });
  }
}

it("prints one JSON line a fact, with the promised fields, and stops at --max-events", async () => {
  const server = await rawServer(
    (talk) =>
      void talk
        .stream()
        .chunk(`: hello\n\n${talk.number === 1 ? event(1) : event(2)}`)
        .send("0\r\n\r\n"),
  );
  const secret = ["--header", "Authorization: Bearer s3cret"];
  const program = watch(`${server.url}?token=s3cret`, "--max-events", "2", ...secret, ...quickly());
  const lines = await allOut(program, 0);
  keepsPromise(lines);
  expect(program.out.join("\n")).not.toContain("s3cret");
  expect(lines[0]).toMatchObject({
    kind: "state",
    phase: "connecting",
    attempt: 1,
    url: server.url,
    endpoint: server.url,
    transport: "sse",
    proxy: null,
    failure: null,
    retryInMs: null,
  });
  expect(lines.filter(({ kind }) => kind === "comment")).toMatchObject([{ text: "hello" }, { text: "hello" }]);
  expect(program.events).toMatchObject([
    { id: "1", type: "tick", data: '{"n":1}', lastEventId: "1" },
    { id: "2", type: "tick", data: '{"n":2}', lastEventId: "2" },
  ]);
  expect(program.states.slice(0, 5).map(({ phase }) => phase)).toEqual([
    "connecting",
    "open",
    "waiting",
    "connecting",
    "open",
  ]);
  expect(program.states[2]).toMatchObject({
    failure: { family: "PROXY", kind: "ended", final: false },
    retryInMs: expect.any(Number),
  });
  expect(server.talks[1]?.header("last-event-id")).toBe("1");
  expect(server.talks[0]?.header("authorization")).toBe("Bearer s3cret");
});
it("names a gap where ids cannot close it", async () => {
  const server = await rawServer((talk) => void talk.stream().chunk("data: x\n\n").send("0\r\n\r\n"));
  const program = watch(server.url, "--max-events", "2", ...quickly());
  keepsPromise(await allOut(program, 0));
  expect(program.lines.filter(({ kind }) => kind === "gap")).toMatchObject([
    { from: null, to: null, reason: "no-ids" },
  ]);
});
it.each(["SIGINT", "SIGTERM"] as const)("exits 0 at %s, and says idle", async (signal) => {
  const server = await rawServer(good);
  const program = watch(server.url);
  await program.until(({ kind }) => kind === "event");
  program.child.kill(signal);
  await allOut(program, 0);
  expect(program.states.at(-1)?.phase).toBe("idle");
  await expect.poll(() => server.open).toBe(0);
});
it("exits 0 after --for, also while it waits", async () => {
  await allOut(watch(`http://127.0.0.1:${await freePort()}/`, "--for", "600"), 0);
});
it("exits 0 quietly when nobody reads its lines any more", async () => {
  const server = await rawServer((talk) => {
    talk.stream();
    const timer = setInterval(() => talk.chunk("data: x\n\n"), 20);
    void talk.closed.then(() => clearInterval(timer));
  });
  const program = watch(server.url);
  await program.until(({ kind }) => kind === "event");
  program.child.stdout?.destroy();
  await allOut(program, 0);
});

const status =
  (text: string): Script =>
  (talk) =>
    void talk.answer(text, { "Content-Length": "0" });
it.each([
  ["204", status("204 No Content"), [], "no-content", 1],
  ["404 where nothing ever was", status("404 Not Found"), [], "not-found", 1],
  ["401 twice", status("401 Unauthorized"), [], "unauthorized", 2],
  ["410", status("410 Gone"), [], "gone", 1],
  [
    "the end of a POST",
    (t: Parameters<Script>[0]) => void t.stream().chunk(event(1)).send("0\r\n\r\n"),
    ["--method", "POST", "--body", "q"],
    "not-repeatable",
    1,
  ],
] as [string, Script, string[], string, number][])("exits 3 at %s", async (_, script, args, kind, requests) => {
  const server = await rawServer(script);
  const program = watch(server.url, ...args, ...quickly());
  keepsPromise(await allOut(program, 3));
  expect(program.states.at(-1)).toMatchObject({ phase: "halted", failure: { kind, final: true } });
  expect(server.talks).toHaveLength(requests);
});
it("prints what a POST brought before its end, and drops the unfinished event", async () => {
  const server = await rawServer(
    (talk) =>
      void talk
        .stream()
        .chunk(`${event(1)}${event(2)}data: half\n`)
        .send("0\r\n\r\n"),
  );
  const program = watch(server.url, "--method", "POST", "--body", "q");
  await allOut(program, 3);
  expect(program.events.map(({ id }) => id)).toEqual(["1", "2"]);
  expect(server.talks.map(({ body }) => body)).toEqual(["q"]);
});
it("exits 0 when a POST brought as many events as were asked for and ended", async () => {
  const server = await rawServer(
    (talk) =>
      void talk
        .stream()
        .chunk(event(1) + event(2))
        .send("0\r\n\r\n"),
  );
  await allOut(watch(server.url, "--method", "POST", "--max-events", "2"), 0);
});
it("sends a POST again with --repeat, and goes on from the last id", async () => {
  const server = await rawServer((talk) => void talk.stream().chunk(event(talk.number)).send("0\r\n\r\n"));
  const program = watch(server.url, "--method", "POST", "--body", "q", "--repeat", "--max-events", "2", ...quickly());
  await allOut(program, 0);
  expect(server.talks.map((talk) => [talk.body, talk.header("last-event-id")])).toEqual([
    ["q", null],
    ["q", "1"],
  ]);
});
it("starts from --last-event-id", async () => {
  const server = await rawServer(good);
  await allOut(watch(server.url, "--last-event-id", "€42", "--max-events", "1"), 0);
  expect(Buffer.from(server.talks[0]?.header("last-event-id") ?? "", "latin1").toString()).toBe("€42");
});
it("says certificate of a server that nobody vouches for, and tells it nothing", async () => {
  const server = await rawServer(good, { tls: bad["self-signed"]() });
  const program = watch(server.url, "--header", "Authorization: Bearer s3cret");
  await program.until((line) => line.kind === "state" && line.failure?.kind === "certificate");
  expect(server.bytes).toBe(0);
});

it("prints for people with --pretty, without control characters", async () => {
  const server = await rawServer((talk) => void talk.stream().chunk("data: \u001b[2Jred\u202e\n\n"));
  const program = watch(server.url, "--pretty", "--max-events", "1");
  expect(await program.exited).toBe(0);
  const text = program.out.join("\n");
  expect(text).toContain("\\u001b[2Jred\\u202e");
  expect(text).not.toMatch(/[^\n\P{C}]|\u202e/u);
});
it("exits 70 at a fault of its own, and names it without its secrets", async () => {
  const fault = "setTimeout(() => { throw new Error('broken at http://bob:s3cret@h/') }, 900)";
  const server = await rawServer(good);
  const program = cli(["watch", server.url], { NODE_OPTIONS: `--import "data:text/javascript,${fault}"` });
  expect(await program.exited).toBe(70);
  expect(program.stderr).toContain("broken at http://***@h/");
  expect(program.stderr).not.toMatch(/^\s+at /m);
});
it.each(["\n", "\r", "\r\n"])(
  "reads a stream with line ends %j that comes byte by byte behind a byte-order mark",
  async (end) => {
    const bytes = Buffer.from(`\ufeff${event(1)}data: €\n\nid: 3\ndata: z\n\n`.replaceAll("\n", end));
    const server = await rawServer(async (talk) => {
      talk.stream({ Connection: "close" });
      for (const byte of bytes)
        await new Promise((sent) => talk.socket.write(Buffer.of(byte), () => setImmediate(sent)));
    });
    const program = watch(server.url, "--max-events", "3");
    await allOut(program, 0);
    expect(program.events.map(({ id, data, lastEventId }) => [id, data, lastEventId])).toEqual([
      ["1", '{"n":1}', "1"],
      [null, "€", "1"],
      ["3", "z", "3"],
    ]);
  },
);
it("is found under npm run -s cli", { timeout: 60_000 }, async () => {
  const server = await rawServer(good);
  const { spawn } = await import("node:child_process");
  const child = spawn("npm", ["run", "-s", "cli", "--", "watch", server.url, "--max-events", "1"], {
    cwd: `${import.meta.dirname}/../..`,
  });
  let out = "";
  child.stdout.on("data", (data) => (out += data));
  expect(await new Promise((resolve) => child.once("close", resolve))).toBe(0);
  keepsPromise(
    out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  );
});
it("says which port is taken, with exit 2", async () => {
  const server = await rawServer(good);
  const program = cli(["demo", "--port", String(server.port)]);
  expect(await program.exited).toBe(2);
  expect(program.stderr).toContain(`--port ${server.port}`);
});
