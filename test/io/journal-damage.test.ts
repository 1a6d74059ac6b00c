/** Bytes of one block that are not what they were, in a real file: what is lost, what is not, and what is said. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "libsql";
import { expect, it } from "vitest";
import { openSearchedJournal } from "../../main/io/journal/search/searched-journal.ts";
import type { Code } from "../../preload/contract.ts";
import { aJournal } from "./a-journal.ts";
import { anEvent, everything, realWorker } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const searchWorker = new URL("../../main/io/journal/search/search-worker.ts", import.meta.url);
const texts = ["first", "second", "third"] as const;
const batch = (text: string, count = 200) =>
  Array.from({ length: count }, (_, n) =>
    anEvent({ data: `${text} kumquat ${n}`, id: `${text}-${n}`, receivedAt: 1_800_000_000_000 + n }),
  );

/** A closed journal of three blocks of 200 events, and a large event in a block of its own. */
async function kept(): Promise<string> {
  const dir = temporaryFolder();
  const journal = await aJournal(dir);
  for (const [at, text] of texts.entries()) await journal.append("orders", batch(text), String(at));
  await journal.append("orders", [anEvent({ data: `large ${"y".repeat(100_000)} end` })], "3");
  await journal.close();
  return dir;
}

/** Flips bytes in the file where the text stands. */
function damage(dir: string, text: string): void {
  const path = join(dir, "events.sqlite");
  const bytes = readFileSync(path);
  const at = bytes.indexOf(text);
  expect(at, `${text} in the file`).toBeGreaterThan(0);
  for (let i = 0; i < 3; i++) bytes[at + i] = (bytes[at + i] ?? 0) ^ 0x5a;
  writeFileSync(path, bytes);
}

const gap = { kind: "mark", mark: "gap", seq: 201, params: { reason: "block-damaged", records: 200 } };
const problem = { code: "journal-block-damaged", params: { blocks: 1, records: 200 } };

it("shows a gap for a damaged block, and all that was before and after it", async () => {
  const dir = await kept();
  damage(dir, "second kumquat 117");
  const told: Code[] = [];
  const journal = await aJournal(dir, { onProblem: (problem) => void told.push(problem) });
  const before = await journal.window("orders", everything, 199, 3);
  expect(before.rows).toMatchObject([{ preview: "first kumquat 199" }, gap, { preview: "third kumquat 0" }]);
  const { total, rows, types } = await journal.tail("orders", everything, 500);
  expect([total, rows.length]).toEqual([402, 402]);
  expect(types).toEqual([{ type: "message", count: 401 }]);
  expect((await journal.read("orders", everything, 0, 1000)).map(({ seq }) => seq)).not.toContain(201);
  expect(await journal.read("orders", everything, 200, 1)).toMatchObject([{ seq: 401 }]);
  expect([await journal.get(201), await journal.cursor("orders")]).toEqual([null, "3"]);
  expect([journal.state, journal.problems, told]).toEqual(["ok", [problem], [problem]]);
  expect(readdirSync(dir).filter((name) => name.includes("corrupt"))).toEqual([]);
  // It goes on being written, and numbered.
  expect(await journal.append("orders", [anEvent()], "4")).toEqual({ seqs: [602], unsaved: false });
});

it("remembers the gap, with the bytes as they were, until the block would have gone", async () => {
  const dir = await kept();
  damage(dir, "second kumquat 117");
  const journal = await aJournal(dir);
  await journal.tail("orders", everything, 500);
  await journal.close();
  const again = await aJournal(dir);
  expect((await again.window("orders", everything, 200, 1)).rows).toMatchObject([gap]);
  expect((await again.tail("orders", everything, 1)).total).toBe(402);
  // Said once: it is no new damage.
  expect(again.problems).toEqual([]);
  await again.close();
  const path = join(dir, "events.sqlite");
  expect(readFileSync(path).includes("second kumquat 5")).toBe(true);
  const last = await aJournal(dir);
  await last.clear("orders");
  await last.close();
  expect(readFileSync(path).includes("second kumquat 5")).toBe(false);
});

it("finds by text, type and time what stands around a damaged block", async () => {
  const dir = await kept();
  damage(dir, "second kumquat 117");
  const journal = await openSearchedJournal({ dir, worker: realWorker, searchWorker, log: () => {} });
  try {
    const filter = { ...everything, text: "kumquat" };
    const found = async () => {
      const { matching, exact, behind } = await journal.tail("orders", filter, 1);
      return [matching, exact, behind];
    };
    await expect.poll(found, { timeout: 10_000 }).toEqual([400, true, 0]);
    expect((await journal.tail("orders", { ...everything, types: ["message"] }, 1)).matching).toBe(401);
    expect(await journal.placeOf("orders", everything, 1_800_000_000_150)).toMatchObject({ place: 150 });
    const page = await journal.read("orders", { ...filter, text: "third" }, 0, 500);
    expect(page).toHaveLength(200);
  } finally {
    await journal.close();
  }
});

it("takes the whole of a large event where only its short form is damaged; where the whole is, there is a gap", async () => {
  const dir = await kept();
  const path = join(dir, "events.sqlite");
  const db = new Database(path);
  db.exec("UPDATE bodies SET short = CAST(zeroblob(300) AS BLOB) WHERE short IS NOT NULL");
  db.close();
  const journal = await aJournal(dir);
  const { rows, total } = await journal.tail("orders", everything, 1);
  expect([rows[0], total]).toMatchObject([{ preview: expect.stringMatching(/^large y+$/) }, 601]);
  expect(journal.problems).toEqual([]);
  await journal.close();
  damage(dir, "yyyy end");
  const again = await aJournal(dir);
  expect(await again.read("orders", everything, 600, 5)).toEqual([]);
  expect((await again.tail("orders", everything, 1)).rows).toMatchObject([{ mark: "gap", params: { records: 1 } }]);
});

it("believes the block where what is listed of it is wrong", async () => {
  const dir = await kept();
  const db = new Database(join(dir, "events.sqlite"));
  db.exec("UPDATE blocks SET count = 150, events = 150 WHERE first = 201");
  db.close();
  const journal = await aJournal(dir);
  expect((await journal.read("orders", everything, 0, 1000)).length).toBe(601);
  expect([(await journal.tail("orders", everything, 1)).total, journal.problems]).toEqual([601, []]);
});

it("survives damage in every block at once, also while old ones go", async () => {
  const dir = await kept();
  for (const text of texts) damage(dir, `${text} kumquat 100`);
  const journal = await aJournal(dir);
  const { rows, total } = await journal.tail("orders", everything, 10);
  expect([total, rows.map(({ kind }) => kind)]).toEqual([4, ["mark", "mark", "mark", "event"]]);
  expect(journal.problems).toEqual([{ code: "journal-block-damaged", params: { blocks: 3, records: 600 } }]);
  const limits = { maxAgeMs: Number.MAX_SAFE_INTEGER, maxRecords: 2, maxBytes: Number.MAX_SAFE_INTEGER };
  await journal.limit({ every: limits, own: [] });
  // What is shown may be a second behind what goes.
  await expect.poll(async () => (await journal.tail("orders", everything, 1)).total, { timeout: 5000 }).toBe(2);
});
