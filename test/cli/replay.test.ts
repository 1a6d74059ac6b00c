/** `--record` and `--replay`: what was recorded is stepped again to the same states, and a wrong file says where it is wrong. */
import { createWriteStream, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CliError } from "../../main/cli/arguments.ts";
import type { Line, StateLine } from "../../main/cli/lines.ts";
import { createRecorder } from "../../main/cli/recorder.ts";
import { replay } from "../../main/cli/replay.ts";
import { writeRing } from "../../main/io/ring-file.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import { Stream } from "../../main/streams/stream.ts";
import { refused } from "../core/play.ts";
import { aPlan, streamWorld } from "../fakes/stream-world.ts";
import { temporaryFolder } from "../io/temporary-folder.ts";

const further = "https://b.example/orders";

/** A run of two addresses with a failover, a sleep and another policy in it. @returns the file, and the phases it went through */
async function recorded() {
  const path = join(temporaryFolder(), "ring.jsonl");
  const recorder = createRecorder(createWriteStream(path));
  const { clock, transport, ...world } = streamWorld();
  const plan = aPlan({ group: [{ url: further, headers: [] }] });
  const phases: string[] = [];
  const memory = { worked: () => [], noteWorked: () => {}, remember: () => {} };
  const stream = new Stream(
    { id: "s", plan, lastEventId: "", source: "settings" },
    { ...world, clock, memory, turns: createDialTurns(clock), ring: recorder.ring },
    { moved: (_, before, after) => void (before.link.phase !== after.link.phase && phases.push(after.link.phase)) },
    0,
  );
  stream.start();
  await clock.advance(30);
  transport.last.opens().says("canary-1", { data: "canary", type: "canary" });
  for (const evidence of [undefined, refused]) {
    transport.last.fails(evidence);
    const { link } = stream.state;
    await clock.advance(link.phase === "waiting" ? link.delayMs + 30 : 0);
  }
  transport.last.opens().says("canary-2", { data: "canary" });
  stream.adopt({ ...plan.policy, resetAfterMs: 1000 });
  stream.suspend();
  await clock.advance(90_000);
  stream.wake(90_000);
  await clock.advance(60_000);
  await stream.close();
  await recorder.close();
  return { path, phases, lines: readFileSync(path, "utf8").trim().split("\n") };
}

async function replayed(path: string) {
  const said: Line[] = [];
  const printed: { kind: string; steps?: number; differences?: number; line?: number }[] = [];
  const code = await replay(
    path,
    (line) => void said.push(line),
    (line) => void printed.push(JSON.parse(line)),
  );
  return { code, said: said as StateLine[], printed };
}

function file(lines: readonly unknown[]): string {
  const path = join(temporaryFolder(), "ring.jsonl");
  writeFileSync(path, lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""));
  return path;
}

it("takes a recorded run again, step by step, to the same states", async () => {
  const { path, phases, lines } = await recorded();
  const { code, said, printed } = await replayed(path);
  expect([code, printed]).toEqual([0, [{ kind: "replayed", steps: lines.length - 2, differences: 0 }]]);
  expect(said.map(({ phase }) => phase)).toEqual(phases);
  expect(new Set(phases)).toEqual(new Set(["connecting", "open", "waiting", "idle"]));
  const opened = said.filter(({ phase }) => phase === "open");
  expect(opened.map(({ endpoint }) => endpoint)).toContain(further);
  expect(said.every((line) => line.kind === "state" && line.transport === "sse" && line.quality !== undefined)).toBe(
    true,
  );
});

it("takes a ring again that was written when each event was told by itself", async () => {
  const { lines } = await recorded();
  const old = { id: null, lastEventId: "", type: "", data: "", bytes: 9, flags: [], stampedAt: null };
  const before = lines.map((line) => {
    const { event, ...rest } = JSON.parse(line) as { event?: { type: string; generation?: number } };
    if (event?.type !== "events") return event === undefined ? rest : { ...rest, event };
    return { ...rest, event: { type: "event", event: old, generation: event.generation } };
  });
  expect(before.filter((line) => JSON.stringify(line).includes('"type":"event"'))).toHaveLength(2);
  const { code, printed } = await replayed(file(before));
  expect([code, printed[0]?.differences]).toEqual([0, 0]);
});

it("records where it began and no contents", async () => {
  const { lines } = await recorded();
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ kind: "ring", state: { link: { phase: "idle" } } });
  expect(lines.join("\n")).not.toContain("canary");
});

it("takes again what a stream's ring was written to a file with, gaps and all", async () => {
  const { clock, transport, ...world } = streamWorld();
  const memory = { worked: () => [], noteWorked: () => {}, remember: () => {} };
  const stream = new Stream(
    { id: "orders", plan: aPlan(), lastEventId: "", source: "settings" },
    { ...world, clock, memory, turns: createDialTurns(clock) },
    {},
    0,
  );
  stream.start();
  await clock.advance(30);
  transport.last.opens();
  for (let n = 0; n < 1000; n++) transport.last.says(`canary-${n}`, { data: "canary" });
  transport.last.fails({
    what: "error",
    stage: "body",
    codes: ["NEW"],
    names: [],
    message: "canary of https://a.example/?key=secret",
    bytesRead: 1,
    host: "a.example",
  });
  const dir = join(temporaryFolder(), "logs");
  const name = await writeRing(dir, "orders", stream.recording);
  const path = join(dir, name);
  const { code, said, printed } = await replayed(path);
  expect([name, code, printed]).toEqual(["ring-orders.ndjson", 0, [{ kind: "replayed", steps: 13, differences: 0 }]]);
  expect(said.map(({ phase }) => phase)).toEqual(["connecting", "open", "waiting"]);
  expect(readFileSync(path, "utf8")).not.toMatch(/canary-|"canary"|secret/);
  await stream.close();
});

it("says which line leads elsewhere than it did", async () => {
  const { lines } = await recorded();
  const at = lines.findIndex((line) => JSON.parse(line).event?.type === "opened");
  const changed = lines.with(at, JSON.stringify({ ...JSON.parse(lines[at] ?? ""), phase: "halted" }));
  const { code, printed } = await replayed(file(changed));
  expect(code).toBe(1);
  expect(printed).toMatchObject([
    { kind: "difference", line: at + 1, recorded: "halted", now: "open" },
    { kind: "replayed", differences: 1 },
  ]);
});

it("goes another way when what happened is changed, and counts how often", async () => {
  const { lines } = await recorded();
  const without = lines.filter(
    (line) => JSON.parse(line).event?.type !== "connected" && !line.includes('"type":"opened"'),
  );
  const { code, printed } = await replayed(file(without));
  expect(code).toBe(1);
  expect(printed.at(-1)?.differences).toBeGreaterThan(1);
});

const header = { kind: "ring", policy: aPlan().policy };
const start = { at: 5, random: 0.5, event: { type: "start" }, phase: "connecting" };

it("steps a file written by hand, from the state before the first event", async () => {
  const { code, said } = await replayed(file([header, "", start]));
  expect([code, said.map(({ phase, endpoint }) => [phase, endpoint])]).toEqual([
    0,
    [["connecting", "https://a.example/orders"]],
  ]);
});

it.each<[string, readonly unknown[], RegExp]>([
  ["no JSON", [header, start, "{"], /line 3 is not JSON/],
  ["JSON that is no step", [header, { at: "now", event: {} }], /line 2 is no step/],
  ["a step before its beginning", [start, header], /line 1 comes before/],
  ["a beginning without a candidate", [{ ...header, policy: { candidates: [] } }], /line 1 is no step/],
  [
    "an event of another age",
    [header, { ...start, event: { type: "teleport" } }],
    /line 2 is an event the machine does not know/,
  ],
  ["nothing", [], /there is no ring in it/],
])("refuses a file with %s, naming file and line", async (_, lines, says) => {
  const path = file(lines);
  await expect(replayed(path)).rejects.toThrow(CliError);
  await expect(replayed(path)).rejects.toThrow(says);
  await expect(replayed(path)).rejects.toThrow(path);
});

it("refuses a file that is not there", async () => {
  await expect(replayed("/not/there")).rejects.toThrow(/--replay \/not\/there: it cannot be read \(ENOENT\)/);
});
