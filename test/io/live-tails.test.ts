/** The end of a list that is looked at: what was given to the journal is in it at once, and as the worker says it afterwards. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { Mark, ReceivedEvent } from "../../main/core/events/record.ts";
import { LiveTails } from "../../main/io/journal/live-tails.ts";
import type { Row, Tail } from "../../preload/contract.ts";
import { aJournal } from "./a-journal.ts";
import { aMark, anEvent, everything } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

type Answer = Omit<Tail, "version">;
const anAnswer = (rows: Row[], change: Partial<Answer> = {}): Answer => ({
  total: rows.length,
  matching: rows.length,
  exact: true,
  behind: 0,
  types: [],
  rows,
  ...change,
});

/** A worker that answers when the test says so. */
function slowWorker() {
  const answers: ((answer: Answer) => void)[] = [];
  let now = 0;
  const lives = new LiveTails(
    () => new Promise((resolve) => answers.push(resolve)),
    () => now,
  );
  return {
    lives,
    answer: (answer: Answer) => answers.shift()?.(answer),
    asked: () => answers.length,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

it("shows what was given while the question was on its way, and after it without asking again", async () => {
  const { lives, answer, asked } = slowWorker();
  const first = lives.tail("orders", 5, true);
  lives.take("orders", 7, [anEvent({ data: "seven", type: "a" })], 0);
  answer(anAnswer([], { total: 6, types: [{ type: "a", count: 6 }] }));
  expect(await first).toMatchObject({
    total: 7,
    types: [{ type: "a", count: 7 }],
    rows: [{ seq: 7, preview: "seven" }],
  });
  lives.take("orders", 8, [anEvent({ data: "eight" })], 0);
  expect(await lives.tail("orders", 1, true)).toMatchObject({ total: 8, rows: [{ seq: 8 }] });
  expect(asked()).toBe(0);
});

it("asks again after a second, while nobody waits for it, and believes what it hears", async () => {
  const { lives, answer, asked, pass } = slowWorker();
  const first = lives.tail("orders", 5, true);
  answer(anAnswer([], { total: 100 }));
  await first;
  pass(1001);
  expect((await lives.tail("orders", 5, true)).total).toBe(100);
  expect(asked()).toBe(1);
  lives.take("orders", 101, [anEvent()], 0);
  answer(anAnswer([], { total: 40 }));
  await Promise.resolve();
  expect((await lives.tail("orders", 5, true)).total).toBe(41);
});

it("forgets what it is told to forget, also while a question is on its way", async () => {
  const { lives, answer, asked } = slowWorker();
  const first = lives.tail("orders", 5, true);
  lives.drop("orders");
  answer(anAnswer([], { total: 9 }));
  expect((await first).total).toBe(9);
  void lives.tail("orders", 5, true);
  expect(asked()).toBe(1);
});

it("says that it is a little off of a stream that keeps nothing, until the worker was asked", async () => {
  const { lives, answer, pass } = slowWorker();
  const first = lives.tail("quiet", 5, false);
  answer(anAnswer([], { total: 2000 }));
  expect(await first).not.toHaveProperty("settled");
  lives.take("quiet", 3000, [anEvent(), anEvent()], 2);
  expect(await lives.tail("quiet", 5, false)).toMatchObject({ total: 2000, settled: false, rows: [{}, { seq: 3001 }] });
  pass(1001);
  const next = lives.tail("quiet", 5, false);
  answer(anAnswer([], { total: 2000 }));
  expect(await next).not.toHaveProperty("settled");
});

it("holds on to no more of an event than the row shows", async () => {
  const { lives, answer } = slowWorker();
  const first = lives.tail("orders", 5, true);
  answer(anAnswer([]));
  await first;
  lives.take("orders", 1, [anEvent({ data: "ü".repeat(100_000), id: "7" })], 0);
  const { rows } = await lives.tail("orders", 5, true);
  expect(rows).toMatchObject([{ id: "7", preview: "ü".repeat(240) }]);
});

const records = fc.array(
  fc.oneof(
    fc.record({ type: fc.constantFrom("a", "b", "order"), step: fc.integer({ min: 0, max: 90 }), data: fc.string() }),
    fc.constant(null),
  ),
  { maxLength: 12 },
);

it("says the same as the worker, whatever comes and whenever one asks", { timeout: 60_000 }, async () => {
  // One for all: a thread of SQLite's begun and ended for each is not what is tried here.
  const journal = await aJournal(temporaryFolder());
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(records, fc.boolean(), fc.boolean()), { maxLength: 8 }),
      fc.boolean(),
      async (batches, keeps) => {
        const stream = `orders-${runs++}`;
        if (!keeps) await journal.keepNothing(stream, true);
        let mono = 1000;
        const made = (one: { type: string; step: number; data: string } | null): ReceivedEvent | Mark => {
          if (one === null) return aMark({ stream });
          mono += one.step;
          return anEvent({ stream, type: one.type, data: one.data, id: one.data === "" ? null : one.data, mono });
        };
        for (const [batch, looks, waits] of batches) {
          const written = journal.append(stream, batch.map(made), null);
          if (waits) await written;
          if (!looks) continue;
          const { settled: _, ...shown } = await journal.tail(stream, everything, 6);
          const { rows, matching } = await journal.window(stream, everything, Math.max(0, shown.total - 6), 6);
          expect([shown.rows, shown.total, shown.matching]).toEqual([rows, matching, matching]);
        }
      },
    ),
    { numRuns: 25 },
  );
});
