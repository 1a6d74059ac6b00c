import { expect, it } from "vitest";
import { createMemoryJournal } from "../../main/io/journal/memory-journal.ts";
import { aMark, anEvent, everything } from "./journal-samples.ts";

it("numbers from 1 over all streams, and knows each one's cursor and nothing else", async () => {
  const journal = createMemoryJournal();
  expect(await journal.append("orders", [anEvent(), aMark()], "7")).toEqual({ seqs: [1, 2], unsaved: false });
  expect(await journal.append("trades", [anEvent()], null)).toEqual({ seqs: [3], unsaved: false });
  await journal.append("orders", [], "8");
  expect([await journal.cursor("orders"), await journal.cursor("trades")]).toEqual(["8", null]);
  expect(await journal.tail("orders", everything, 9)).toEqual({
    total: 0,
    matching: 0,
    exact: true,
    behind: 0,
    types: [],
    rows: [],
  });
  expect(await journal.get(1)).toBeNull();
});

it("in place of one on disk it shows the newest, unsaved, with the reason", async () => {
  const problem = { code: "journal-locked", params: {} };
  const journal = createMemoryJournal({ keep: 3, problem });
  const events = ["a", "b", "c"].map((data, index) =>
    anEvent({ data, type: data === "c" ? "price" : "message", mono: 10 * index }),
  );
  expect((await journal.append("orders", [...events, aMark()], null)).unsaved).toBe(true);
  expect([journal.state, journal.problems]).toEqual(["failing", [problem]]);
  const { rows, ...counts } = await journal.tail("orders", everything, 9);
  expect(counts).toEqual({
    total: 3,
    matching: 3,
    exact: true,
    behind: 0,
    types: [
      { type: "message", count: 1 },
      { type: "price", count: 1 },
    ],
  });
  expect(rows).toMatchObject([
    { seq: 2, gapMs: 10, preview: "b", flags: ["unsaved"] },
    { seq: 3 },
    { seq: 4, mark: "opened" },
  ]);
  expect((await journal.window("orders", { ...everything, types: ["price"], text: "C" }, 0, 9)).rows).toMatchObject([
    { seq: 3 },
  ]);
  expect(await journal.get(3)).toMatchObject({ seq: 3, data: "c", cut: false });
  await journal.clear("orders");
  expect((await journal.tail("orders", everything, 9)).total).toBe(0);
});
