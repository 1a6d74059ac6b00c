/** `watch` that does not run for a while (SIGSTOP): what was sent meanwhile comes once, and our silence is not the server's. */
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { watch } from "./program.ts";
import { quickly } from "./quick-policy.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Stop = readonly [what: string, cut: boolean, stoppedMs: number];
const stops: readonly Stop[] = [
  ["for longer than its patience", false, 9000],
  ["for as long as a sleep", false, 12_000],
  ["while the server ended the connection", true, 12_000],
];

async function survives([what, cut, stoppedMs]: Stop): Promise<void> {
  const origin = await eventOrigin();
  const program = watch(origin.url, "--idle-timeout", "3000", ...quickly());
  await program.until((line) => line.kind === "state" && line.phase === "open");
  const heartbeat = setInterval(() => origin.comment(), 500);
  const has = (count: number) => expect.poll(() => program.events.length, { timeout: 20_000 }).toBe(count);
  try {
    origin.publishMany(20);
    await has(20);
    program.child.kill("SIGSTOP");
    await pause(stoppedMs / 3);
    origin.publishMany(300);
    if (cut) origin.cut();
    await pause(stoppedMs / 3);
    origin.publishMany(200);
    await pause(stoppedMs / 3);
    program.child.kill("SIGCONT");
    await has(520);
    origin.publishMany(5);
    await has(525);
    // A probe that is under way must bring nothing later either.
    await pause(4000);
  } finally {
    clearInterval(heartbeat);
    program.child.kill("SIGCONT");
  }
  program.child.kill("SIGINT");
  expect(await program.exited, what).toBe(0);
  expect(
    program.events.map(({ id }) => id),
    what,
  ).toEqual(origin.log.map(({ id }) => id));
  expect(
    program.lines.filter(({ kind }) => kind === "gap"),
    what,
  ).toEqual([]);
  // Only the connection that was really ended counts as lost.
  const failures = program.states.flatMap(({ failure }) => (failure === null ? [] : [failure.kind]));
  expect(failures.length, `${what}: ${failures}`).toBe(cut ? 1 : 0);
}

it("loses nothing and has nothing twice, however long it is stopped", { timeout: 60_000 }, async () => {
  await Promise.all(stops.map(survives));
});
