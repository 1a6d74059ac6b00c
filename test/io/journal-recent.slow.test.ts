import { expect, it } from "vitest";
import { contentPrint, idPrint } from "../../main/core/events/fingerprint.ts";
import type { ReceivedEvent } from "../../main/core/events/record.ts";
import { createMemoryJournal } from "../../main/io/journal/memory-journal.ts";
import type { Journal } from "../../main/io/ports.ts";
import { aJournal } from "./a-journal.ts";
import { aMark, anEvent } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const printsOf = (events: readonly ReceivedEvent[]): number[] =>
  events.flatMap(({ id, type, data }) => [idPrint(id ?? ""), contentPrint(type, data)]);
const recent = async (journal: Journal, limit: number) => [...(await journal.recent("orders", limit))];
const counted = (count: number, change: Partial<ReceivedEvent> = {}) =>
  Array.from({ length: count }, (_, n) => anEvent({ id: String(n), data: `says ${n}`, ...change }));

it.each<[string, () => Journal | Promise<Journal>]>([
  ["on disk", () => aJournal(temporaryFolder())],
  ["in memory", () => createMemoryJournal({ keep: 100 })],
  [
    "for a stream that keeps nothing",
    async () => {
      const journal = await aJournal(temporaryFolder());
      await journal.keepNothing("orders", true);
      return journal;
    },
  ],
])("remembers the newest events with an id, oldest first, %s", async (_, open) => {
  const journal = await open();
  const events = [
    anEvent({ id: "é-1", type: "price\0up", data: "NUL \0 and ✓ and 😀" }),
    anEvent({ id: "2", data: "" }),
    anEvent({ id: "3", data: "x".repeat(5000) }),
  ];
  await journal.append("orders", [...events.slice(0, 1), aMark(), anEvent(), ...events.slice(1)], "3");
  await journal.append("others", [anEvent({ stream: "others", id: "4" })], "4");
  expect(await recent(journal, 10)).toEqual(printsOf(events));
  expect(await recent(journal, 2)).toEqual(printsOf(events.slice(1)));
  expect(await journal.recent("nobody", 10)).toEqual(new Float64Array(0));
});

it("still knows them in the next run", async () => {
  const dir = temporaryFolder();
  const first = await aJournal(dir);
  await first.append("orders", counted(3), "2");
  await first.close();
  expect(await recent(await aJournal(dir), 10)).toEqual(printsOf(counted(3)));
});

it("goes from page to page until it has as many as were asked for", async () => {
  const journal = await aJournal(temporaryFolder());
  const events = counted(5000);
  await journal.append("orders", events, "4999");
  expect(await recent(journal, 4500)).toEqual(printsOf(events.slice(500)));
  expect(await recent(journal, 9000)).toEqual(printsOf(events));
});

it("finds the few that have an id among many that have none", async () => {
  const journal = await aJournal(temporaryFolder());
  const named = counted(1);
  await journal.append("orders", [...named, ...counted(4100, { id: null })], "0");
  expect(await recent(journal, 10)).toEqual(printsOf(named));
});

it("lets an append in between two pages", async () => {
  const journal = await aJournal(temporaryFolder());
  await journal.append("orders", counted(8000), "7999");
  const order: string[] = [];
  const asked = journal.recent("orders", 8000).then(() => order.push("recent"));
  await journal.append("others", [anEvent({ stream: "others" })], null);
  order.push("append");
  await asked;
  expect(order).toEqual(["append", "recent"]);
});

it("reads no more than 64 MiB of long events", async () => {
  const journal = await aJournal(temporaryFolder());
  const data = "x".repeat(1024 * 1024);
  for (let n = 0; n < 70; n++)
    await journal.append("orders", [anEvent({ id: String(n), data, bytes: data.length })], "0");
  const found = (await journal.recent("orders", 100)).length / 2;
  expect(found).toBeGreaterThanOrEqual(63);
  expect(found).toBeLessThanOrEqual(65);
});

it("is refused by a journal that is closed, like any question", async () => {
  const journal = await aJournal(temporaryFolder());
  await journal.close();
  await expect(journal.recent("orders", 10)).rejects.toMatchObject({ code: "journal-closed" });
});
