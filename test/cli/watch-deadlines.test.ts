/** `watch` as a program: the deadlines it was given, and that a cut loses nothing and brings nothing twice. */
import { expect, it } from "vitest";
import { type Faults, startDemoServer } from "../../main/io/demo-server.ts";
import { onTestFinished } from "vitest";
import { rawServer, type Script } from "../fakes/raw-server.ts";
import { watch } from "./program.ts";

const event = (n: number) => `id: ${n}\nevent: tick\ndata: {"n":${n}}\n\n`;
const dripping = (first: string, next: string): Script => (talk) => {
  talk.send(first);
  const timer = setInterval(() => talk.send(next), 50);
  void talk.closed.then(() => clearInterval(timer));
};
it.each([
  ["drips headers", dripping("HTTP/1.1 200 OK\r\n", "X-A: 1\r\n")],
  ["sends 103 for ever", dripping("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")],
  ["never answers", () => {}],
] as [string, Script][])("bounds the time to final headers of a server that %s", async (_, script) => {
  let accepted = 0;
  const server = await rawServer(script, { onConnection: () => (accepted ||= performance.now()) });
  const program = watch(server.url, "--connect-timeout", "1500");
  await program.until((line) => line.kind === "state" && line.failure?.kind === "headers-timeout");
  const heldMs = (await (server.talks[0] as { closed: Promise<number> }).closed) - accepted;
  expect(Math.abs(heldMs - 1500)).toBeLessThan(150);
});
it("ends a silent stream after --idle-timeout, and takes it up again by id", async () => {
  const server = await rawServer((talk) => void talk.stream().chunk(event(talk.number)));
  const program = watch(server.url, "--idle-timeout", "700", "--max-events", "2");
  expect(await program.exited).toBe(0);
  expect(program.states.some(({ failure }) => failure?.kind === "idle-timeout")).toBe(true);
  expect(server.talks[1]?.header("last-event-id")).toBe("1");
});

it.each([
  [{ "reset-after": 7 }, "reset"],
  [{ "half-event": 9 }, "ended"],
  [{ "idle-cut": 60 }, "ended"],
] as [Faults, string][])("brings every event of a server with %j once, in order", { timeout: 60_000 }, async (faults, kind) => {
  // At 5 a second, an idle cut after 60 ms falls between any two events.
  const server = await startDemoServer({ port: 0, rateHz: 5, faults });
  onTestFinished(() => server.close());
  const program = watch(server.url, "--max-events", "40", "--last-event-id", "0");
  expect(await program.exited).toBe(0);
  expect(program.events.map(({ id }) => Number(id))).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  expect(program.events.map(({ seq }) => seq)).toEqual(program.events.map(({ seq }) => seq).toSorted((a, b) => a - b));
  const causes = program.states.flatMap(({ failure }) => (failure === null ? [] : [failure.kind]));
  expect(causes.length).toBeGreaterThan(1);
  expect(new Set(causes)).toEqual(new Set([kind]));
  expect(program.lines.filter((line) => line.kind === "gap")).toEqual([]);
});
