/** A stream whose journal fails for good: it goes on, from what it has seen. */
import { expect, it, onTestFinished } from "vitest";
import { createMemoryJournal } from "../../main/io/journal/memory-journal.ts";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import { Stream } from "../../main/streams/stream.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { aPlan, fakeTransport } from "../fakes/stream-world.ts";

it("reconnects from the last event it saw when the journal cannot say where it stands", async () => {
  const server = await rawServer((talk) => {
    talk.stream().chunk(`id: ${talk.number}\ndata: x\n\n`);
    if (talk.number === 1) talk.send("0\r\n\r\n");
  });
  let asked = 0;
  const journal = {
    ...createMemoryJournal(),
    cursor: () => (asked++ === 0 ? Promise.resolve(null) : Promise.reject(new Error("gone"))),
  };
  const spec = { id: "s", plan: aPlan({ url: server.url }), lastEventId: "0", source: "settings" as const };
  const world = {
    clock: systemClock,
    random: () => 0,
    transports: {
      sse: createSseTransport({ userAgent: "Holdfast/test", utc: Date.now }),
      websocket: fakeTransport(),
    },
    turns: createDialTurns(systemClock),
    journal,
    memory: { worked: () => [], noteWorked: () => {}, remember: () => {} },
  };
  const stream = new Stream(spec, world, {}, 0);
  onTestFinished(() => stream.close());
  stream.start();
  await expect
    .poll(() => server.talks.map((talk) => talk.header("last-event-id")), { timeout: 5000 })
    .toEqual(["0", "1"]);
  await expect.poll(() => stream.state.link.phase).toBe("open");
});
