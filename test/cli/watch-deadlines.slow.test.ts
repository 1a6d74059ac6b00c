/** `watch` as a program: the deadlines it was given. */
import { expect, it } from "vitest";
import { rawServer, type Script } from "../fakes/raw-server.ts";
import { watch } from "./program.ts";
import { quickly } from "./quick-policy.ts";

const event = (n: number) => `id: ${n}\nevent: tick\ndata: {"n":${n}}\n\n`;
const dripping =
  (first: string, next: string): Script =>
  (talk) => {
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
  const program = watch(server.url, "--idle-timeout", "700", "--max-events", "2", ...quickly());
  expect(await program.exited).toBe(0);
  expect(program.states.some(({ failure }) => failure?.kind === "idle-timeout")).toBe(true);
  expect(server.talks[1]?.header("last-event-id")).toBe("1");
});
