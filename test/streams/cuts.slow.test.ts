/** Real sockets that are cut at any byte, in any way, by a server that repeats itself: sender and journal count the same. */
import { expect, it } from "vitest";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { createDialTurns } from "../../main/streams/dial-turns.ts";
import { Stream } from "../../main/streams/stream.ts";
import { hurriedClock } from "../fakes/hurried-clock.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { aPlan, ending, fakeTransport } from "../fakes/stream-world.ts";
import { aJournal } from "../io/a-journal.ts";
import { everything } from "../io/journal-samples.ts";
import { seeded } from "../io/seeded.ts";
import { temporaryFolder } from "../io/temporary-folder.ts";

const count = 400;
const ends = ["\n", "\r", "\r\n"];
/** Events of different lengths, ends of line and alphabets. */
const events = Array.from({ length: count }, (_, i) => {
  const end = ends[i % 3];
  const lines = [
    ": beat",
    `id: ${i + 1}`,
    ...(i % 5 === 0 ? ["event: tick"] : []),
    `data: ${i} €漢😀`,
    "data: \u2028",
    "",
  ];
  return `${lines.join(end)}${end}`;
});
const quick = { firstMs: 100, capMs: 200, factor: 1, attempts: 100 };

it.each([1, 2, 3])("keeps each event once, whatever is cut (seed %s)", { timeout: 90_000 }, async (seed) => {
  const random = seeded(seed);
  const cuts = { cut: 0, repeated: 0 };
  const server = await rawServer((talk) => {
    const last = Number(talk.header("last-event-id") ?? "0");
    // Some servers begin with the event that they were asked to go on from, or a few before it.
    const from = Math.max(0, last - Math.floor(random() * 3));
    cuts.repeated += last - from;
    const body = Buffer.from(events.slice(from).join(""));
    const room = Math.ceil(random() * 2200);
    const way = Math.floor(random() * 3);
    talk.stream();
    for (let at = 0; at < Math.min(room, body.length); ) {
      const piece = Math.min(room - at, 1 + Math.floor(random() * 300));
      talk.chunk(body.subarray(at, at + piece));
      at += piece;
    }
    if (room >= body.length) return;
    cuts.cut++;
    if (way === 0) talk.send("0\r\n\r\n");
    else if (way === 1) talk.fin();
    else talk.rst();
  });
  const clock = hurriedClock(30);
  const journal = await aJournal(temporaryFolder());
  const { policy, routes } = aPlan({ url: server.url, idleTimeoutMs: 600_000 });
  const strategies = { NETWORK: quick, AUTH: quick, SERVER: quick, PROXY: quick };
  const world = {
    clock,
    random,
    transports: { sse: createSseTransport({ userAgent: "Holdfast/test", utc: Date.now }), websocket: fakeTransport() },
    turns: createDialTurns(clock),
    journal,
    memory: { worked: () => [], noteWorked: () => {}, remember: () => {} },
  };
  const plan = { policy: { ...policy, strategies }, routes };
  const stream = ending(new Stream({ id: "s", plan, lastEventId: "", source: "settings" }, world, {}, 0));
  stream.start();
  await expect.poll(() => stream.facts.lastEventId, { timeout: 80_000 }).toBe(String(count));
  await stream.flush();
  const { rows } = await journal.window("s", everything, 0, 5000);
  const kept = rows.flatMap((row) => (row.kind === "event" ? [row] : []));
  expect(kept.map(({ id }) => Number(id))).toEqual(events.map((_, i) => i + 1));
  const details = await Promise.all(kept.map(({ seq }) => journal.get(seq)));
  expect(details.map((detail) => detail?.data)).toEqual(events.map((_, i) => `${i} €漢😀\n\u2028`));
  expect(rows.flatMap((row) => (row.kind === "mark" && row.mark === "gap" ? [row.params] : []))).toEqual([]);
  expect(cuts.cut).toBeGreaterThan(5);
  expect(stream.facts.duplicates).toBeGreaterThan(0);
  expect(stream.facts.duplicates).toBeLessThanOrEqual(cuts.repeated);
});
