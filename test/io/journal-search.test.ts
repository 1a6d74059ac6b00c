import { expect, it } from "vitest";
import type { Search } from "../../main/io/journal/journal-search.ts";
import { aJournal } from "./a-journal.ts";
import { anEvent, everything } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A search that knows the answer: the even numbers. */
const even = (known: readonly number[]): Search => ({
  tail: async (_, __, limit) => ({ seqs: known.slice(-limit), matching: known.length, exact: false, behind: 7 }),
  window: async (_, __, from, limit) => ({
    seqs: known.slice(from, from + limit),
    matching: known.length,
    exact: true,
  }),
  placeOf: async () => ({ place: 3, matching: known.length, exact: true }),
  after: async (_, __, after, limit) => known.filter((seq) => seq > after).slice(0, limit),
  clear: async () => undefined,
  close: async () => undefined,
});

it("is asked where the text decides, and its numbers become rows and events", async () => {
  const journal = await aJournal(temporaryFolder(), { search: even([2, 4, 6, 99]) });
  await journal.append(
    "orders",
    Array.from({ length: 8 }, (_, i) => anEvent({ data: `n ${i + 1}` })),
    null,
  );
  const filter = { ...everything, path: "$.n" };
  const tail = await journal.tail("orders", filter, 2);
  expect(tail).toMatchObject({
    total: 8,
    matching: 4,
    exact: false,
    behind: 7,
    types: [{ type: "message", count: 8 }],
  });
  // What it knows of and the journal has no more is left out.
  expect(tail.rows).toMatchObject([{ seq: 6, preview: "n 6" }]);
  expect((await journal.window("orders", filter, 0, 2)).rows).toMatchObject([{ seq: 2 }, { seq: 4 }]);
  expect(await journal.placeOf("orders", filter, 0)).toEqual({ place: 3, matching: 4, exact: true });
  const read = async (after: number, limit: number) =>
    (await journal.read("orders", filter, after, limit)).map(({ seq }) => seq);
  expect([await read(0, 2), await read(4, 9), await read(6, 9)]).toEqual([[2, 4], [6], []]);
});

it("is not asked for types and times: the journal knows them itself", async () => {
  const journal = await aJournal(temporaryFolder(), { search: even([99]) });
  await journal.append("orders", [anEvent(), anEvent({ type: "price" })], null);
  expect((await journal.tail("orders", { ...everything, types: ["price"] }, 5)).rows).toMatchObject([{ seq: 2 }]);
});
