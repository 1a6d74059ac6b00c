/** Two real servers of one stream, one of which dies and returns: over to the other, back again, each event kept once. */
import { expect, it } from "vitest";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { createWebSocketTransport } from "../../main/io/websocket/websocket-transport.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import { Stream } from "../../main/streams/stream.ts";
import { hurriedClock } from "../fakes/hurried-clock.ts";
import { aPlan, ending } from "../fakes/stream-world.ts";
import { twinOrigins } from "../fakes/twin-origins.ts";
import { aJournal } from "../io/a-journal.ts";
import { everything } from "../io/journal-samples.ts";
import { temporaryFolder } from "../io/temporary-folder.ts";

const times = 10;

async function failingOver() {
  const { first, second, publishMany } = await twinOrigins();
  const clock = hurriedClock(times);
  const identity = { userAgent: "Holdfast/test", utc: clock.utc };
  const journal = await aJournal(temporaryFolder());
  const plan = aPlan({ url: first.url, group: [{ url: second.url, headers: [] }], idleTimeoutMs: 600_000 });
  const world = {
    clock,
    random: Math.random,
    transports: { sse: createSseTransport(identity), websocket: createWebSocketTransport(identity) },
    turns: createDialTurns(clock),
    journal,
    memory: { worked: () => [], noteWorked: () => {}, remember: () => {} },
  };
  const spec = { id: "orders", plan, lastEventId: "", source: "settings" as const };
  const stream = ending(new Stream(spec, world, {}, 0));
  const kept = async () => {
    await stream.flush();
    const { rows } = await journal.window("orders", everything, 0, 1000);
    return rows.flatMap((row) => (row.kind === "event" ? [Number(row.id)] : []));
  };
  const at = (origin: { url: string }) =>
    expect
      .poll(() => [stream.state.link.phase, stream.facts.endpoint], { timeout: 30_000 })
      .toEqual(["open", origin.url]);
  return { first, second, publishMany, stream, kept, at };
}

it("goes over to the second server, and back to the first when that has proved itself; nothing is lost or comes twice", {
  timeout: 60_000,
}, async () => {
  const { first, second, publishMany, stream, kept, at } = await failingOver();
  stream.start();
  await at(first);
  publishMany(20);
  await expect.poll(kept).toHaveLength(20);

  await first.stop();
  publishMany(7);
  await at(second);
  publishMany(5);
  await expect.poll(kept).toHaveLength(32);
  expect(second.asked.at(-1)?.headers["last-event-id"]).toBe("20");

  await first.start();
  const begun = performance.now();
  // It speaks all the time, so that the way back has to find a moment between two events.
  const speaking = setInterval(() => publishMany(1), 30);
  try {
    await at(first);
  } finally {
    clearInterval(speaking);
  }
  // Half a minute to the first probe, a minute of probation after it.
  expect((performance.now() - begun) * times).toBeGreaterThan(80_000);
  publishMany(3);
  const published = first.log.length;
  await expect.poll(kept).toHaveLength(published);
  expect(await kept()).toEqual(Array.from({ length: published }, (_, i) => i + 1));
  // The first one was asked by probes without an id, which bring nothing, and at last from where the stream stood.
  const back = first.asked.slice(1).map(({ headers }) => headers["last-event-id"]);
  expect(back.slice(0, -1).every((id) => id === undefined)).toBe(true);
  expect(Number(back.at(-1))).toBeGreaterThanOrEqual(32);
  await expect.poll(() => [first.listeners, second.listeners]).toEqual([1, 0]);
  expect(stream.facts.duplicates).toBe(0);
});
