import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type MessagePort, Worker } from "node:worker_threads";
import { expect, it, onTestFinished, vi } from "vitest";
import { type EventJournal, openJournal } from "../../main/io/journal/event-journal.ts";
import type { SourceMessage } from "../../main/io/journal/journal-source.ts";
import { aJournal } from "./a-journal.ts";
import { aMark, anEvent, everything } from "./journal-samples.ts";
import { filesHolding, temporaryFolder } from "./temporary-folder.ts";

function crashing(plan: string): URL {
  vi.stubEnv("HOLDFAST_TEST_CRASH", plan);
  return new URL("./crashing-worker.ts", import.meta.url);
}
const crashes = (dir: string) => (existsSync(`${dir}.crashes`) ? readFileSync(`${dir}.crashes`).length : 0);

it.each(["when=after&at=3&times=1", "when=after&at=1&times=3", "when=before&at=4&times=2"])(
  "loses nothing and doubles nothing when its worker ends (%s)",
  async (query) => {
    const dir = join(temporaryFolder(), "journal");
    const journal = await aJournal(dir, { worker: crashing(query) });
    const batches = Array.from({ length: 12 }, (_, n) => [anEvent({ data: `${n}a` }), anEvent({ data: `${n}b` })]);
    const answers = await Promise.all(batches.map((batch, n) => journal.append("orders", batch, String(n))));
    expect(crashes(dir)).toBe(Number(new URLSearchParams(query).get("times")));
    const { rows, total } = await journal.tail("orders", everything, 50);
    expect(rows.map((row) => row.kind === "event" && row.preview)).toEqual(batches.flat().map(({ data }) => data));
    expect(answers.flatMap(({ seqs }) => seqs)).toEqual(rows.map(({ seq }) => seq));
    expect(new Set(answers.map(({ unsaved }) => unsaved))).toEqual(new Set([false]));
    expect([total, await journal.cursor("orders"), journal.state]).toEqual([24, "11", "ok"]);
  },
);

it("goes on when its worker ends, also with what is in memory only: the cursor is kept", async () => {
  const dir = join(temporaryFolder(), "journal");
  const journal = await aJournal(dir, { worker: crashing("when=before&at=3&times=1") });
  await journal.keepNothing("quiet", true);
  await journal.append("quiet", [anEvent({ stream: "quiet" })], "5");
  expect((await journal.tail("quiet", everything, 5)).rows).toHaveLength(1);
  expect(await journal.cursor("quiet")).toBe("5");
  expect(crashes(dir)).toBe(1);
});

it.each(["when=before&at=3", "when=after&at=3", "when=before&at=4"])(
  "knows the cursor of a stream that was told to keep nothing when its worker ends (%s)",
  async (plan) => {
    const dir = join(temporaryFolder(), "journal");
    const journal = await aJournal(dir, { worker: crashing(`${plan}&times=1`) });
    await journal.append("orders", [anEvent()], "canary-41");
    // Two questions: what the cursor is, and to keep nothing.
    await journal.keepNothing("orders", true);
    expect(await journal.cursor("orders")).toBe("canary-41");
    // What it was told is the worker's too, and one that ended is told again.
    await journal.tail("orders", everything, 5);
    expect(crashes(dir)).toBe(1);
    expect(filesHolding(dir, "canary-41")).toEqual([]);
    await journal.append("orders", [], "42");
    expect(await journal.cursor("orders")).toBe("42");
  },
);

it("numbers on, unsaved, when its worker will not stay up", async () => {
  const dir = join(temporaryFolder(), "journal");
  const before = await aJournal(dir);
  await before.append("orders", [anEvent(), anEvent()], "2");
  await before.close();
  const journal = await aJournal(dir, { worker: crashing("when=before&at=1&times=99") });
  const asked = journal.tail("orders", everything, 5);
  const first = journal.append("orders", [anEvent()], "3");
  await expect(asked).rejects.toMatchObject({ code: "journal-unavailable" });
  const second = journal.append("orders", [anEvent(), anEvent()], "5");
  expect(await Promise.all([first, second])).toEqual([
    { seqs: [3], unsaved: true },
    { seqs: [4, 5], unsaved: true },
  ]);
  expect([crashes(dir), journal.state]).toEqual([4, "failing"]);
  expect(journal.problems).toEqual([{ code: "journal-unavailable", params: { reason: "exit" } }]);
});

it("says so when its worker cannot be loaded at all", async () => {
  const worker = new URL("./no-such-worker.ts", import.meta.url);
  const opened = openJournal({ dir: temporaryFolder(), worker });
  await expect(opened).rejects.toMatchObject({
    code: "journal-unavailable",
    params: { reason: expect.stringContaining("MODULE_NOT_FOUND") },
  });
});

/** Appends until the disk refuses; the numbers of the saved and of the refused appends. */
async function fill(journal: Awaited<ReturnType<typeof aJournal>>, stream: string, data: string, most = 400) {
  for (let n = 1; n <= most; n++) {
    const { unsaved } = await journal.append(stream, [anEvent({ stream, data, bytes: data.length })], `${stream}-${n}`);
    if (unsaved) return n;
  }
  throw new Error("the disk did not fill");
}

it("shows what it could not write, does not move the cursor on disk past it, and writes it when there is room", async () => {
  const dir = temporaryFolder();
  const journal = await aJournal(dir, { maxBytes: 200_000 });
  await journal.append("orders", [anEvent({ data: "early" })], "early");
  await fill(journal, "filler", "x".repeat(20_000));
  expect([journal.state, journal.problems]).toEqual([
    "failing",
    [{ code: "journal-full", params: { reason: "SQLITE_FULL" } }],
  ]);
  // Small enough to fit, and yet it must not overtake what waits.
  const late = await journal.append("orders", [anEvent({ data: "late" })], "late");
  expect(late.unsaved).toBe(true);
  const shown = await journal.tail("orders", everything, 9);
  expect(shown.rows).toMatchObject([
    { preview: "early", flags: [] },
    { preview: "late", flags: ["unsaved"] },
  ]);
  expect(shown).toMatchObject({ total: 2, matching: 2, types: [{ type: "message", count: 2 }] });
  expect((await journal.get(late.seqs[0] ?? 0))?.flags).toEqual(["unsaved"]);
  expect(await journal.cursor("orders")).toBe("late");
  expect(diskCursor(dir, "orders")).toBe("early");

  await journal.clear("filler");
  const after = await journal.append("orders", [anEvent({ data: "after" })], "after");
  expect([after.unsaved, journal.state, journal.problems]).toEqual([false, "ok", []]);
  await journal.close();
  const next = await aJournal(dir);
  const { rows, total } = await next.tail("orders", everything, 9);
  expect(rows.map((row) => [row.seq, row.kind === "event" && row.preview, row.kind === "event" && row.flags])).toEqual([
    [1, "early", []],
    [late.seqs[0], "late", []],
    [after.seqs[0], "after", []],
  ]);
  expect([total, await next.cursor("orders")]).toEqual([3, "after"]);
});

/** Needs pages of its own, more than a file has left that just refused an event. */
const longCursor = "5".repeat(40_000);

it.each([
  ["came without events", (journal: EventJournal) => journal.append("orders", [], longCursor)],
  ["was set by hand", (journal: EventJournal) => journal.setCursor("orders", longCursor)],
])("follows the cursor again when one %s while the disk refused", async (_, move) => {
  const dir = temporaryFolder();
  const journal = await aJournal(dir, { maxBytes: 200_000 });
  await journal.append("orders", [anEvent({ id: "1" })], "1");
  await fill(journal, "filler", "x".repeat(20_000));
  await move(journal);
  expect([await journal.cursor("orders"), diskCursor(dir, "orders")]).toEqual([longCursor, "1"]);
  await journal.clear("filler");
  await journal.append("others", [anEvent({ stream: "others" })], null);
  expect([journal.state, diskCursor(dir, "orders")]).toEqual(["ok", longCursor]);
  for (const id of ["6", "7"]) expect((await journal.append("orders", [anEvent({ id })], id)).unsaved).toBe(false);
  expect(await journal.cursor("orders")).toBe("7");
});

it("tells the search anew of a block that is written late: it may be indexed now", async () => {
  const told: SourceMessage[] = [];
  const source = (port: MessagePort) => {
    port.on("message", (message: SourceMessage) => told.push(message));
    onTestFinished(() => port.close());
  };
  const journal = await aJournal(temporaryFolder(), { maxBytes: 200_000, source });
  await fill(journal, "filler", "x".repeat(20_000));
  const { seqs } = await journal.append("orders", [anEvent({ data: "late" })], "late");
  await journal.clear("filler");
  const { unsaved } = await journal.append("orders", [anEvent()], "after");
  expect(unsaved).toBe(false);
  const news = () => told.filter((message) => "stream" in message && message.stream === "orders");
  await expect.poll(() => news().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
  const [first] = seqs;
  expect(news()).toMatchObject([
    { kind: "added", block: { first, kept: false } },
    { kind: "removed", firsts: [first] },
    { kind: "added", block: { first, kept: true } },
    { kind: "added", block: { kept: true } },
  ]);
});

it("names the gap when memory overflows too, and keeps the cursor before it until a new connection", async () => {
  const dir = temporaryFolder();
  const journal = await aJournal(dir, { maxBytes: 1_000_000 });
  await journal.append("orders", [anEvent({ data: "early" })], "early");
  await fill(journal, "filler", "x".repeat(90_000));
  const first = await journal.append(
    "orders",
    Array.from({ length: 1500 }, () => anEvent({ data: "" })),
    "mid",
  );
  await journal.append(
    "orders",
    Array.from({ length: 1500 }, () => anEvent({ data: "" })),
    "end",
  );
  expect((await journal.tail("orders", everything, 1)).total).toBe(2001);
  expect(await journal.cursor("orders")).toBe("early");
  await journal.clear("filler");
  await journal.append("orders", [anEvent({ data: "next" })], "next");
  expect(journal.state).toBe("ok");
  const { rows, matching } = await journal.window("orders", everything, 0, 3000);
  const from = first.seqs[0] ?? 0;
  // It stands where they stood.
  expect(rows.slice(0, 3)).toMatchObject([
    { preview: "early" },
    { seq: from, mark: "gap", params: { reason: "unsaved", from, to: from + 999 } },
    { seq: from + 1000, preview: "" },
  ]);
  expect([rows.at(-1), matching]).toMatchObject([{ preview: "next" }, 2003]);
  expect(await journal.cursor("orders")).toBe("early");
  await journal.append("orders", [aMark({ params: { askedFrom: "early" } }), anEvent()], "newest");
  expect(await journal.cursor("orders")).toBe("newest");
});

/** What "orders" shows. */
const told = async (journal: EventJournal) =>
  (await journal.tail("orders", everything, 9)).rows.map((row) => (row.kind === "event" ? row.preview : row.mark));

it("names as a gap what waited for the disk when its worker ended, and asks for it again", async () => {
  const workers = startedWorkers();
  const journal = await aJournal(temporaryFolder(), { maxBytes: 400_000 });
  await journal.append("orders", [anEvent({ data: "one" })], "1");
  await fill(journal, "filler", "x".repeat(20_000));
  const waiting = ["2", "3", "4"].map((id) => journal.append("orders", [anEvent({ id, data: id })], id));
  const seqs = (await Promise.all(waiting)).flatMap((answer) => answer.seqs);
  await workers.at(-1)?.terminate();
  await journal.clear("filler");
  const { unsaved } = await journal.append("orders", [anEvent({ data: "five" })], "5");
  expect([unsaved, journal.state]).toEqual([false, "ok"]);
  expect(await told(journal)).toEqual(["one", "gap", "five"]);
  const { rows } = await journal.tail("orders", everything, 2);
  expect(rows[0]).toMatchObject({ mark: "gap", params: { reason: "unsaved", from: seqs[0], to: seqs[2] } });
  expect(await journal.cursor("orders")).toBe("1");
  await journal.append("orders", [aMark({ params: { askedFrom: "1" } }), anEvent()], "6");
  expect(await journal.cursor("orders")).toBe("6");
});

it("claims no gap for what was written, or cleared, before its worker ended", async () => {
  const workers = startedWorkers();
  const journal = await aJournal(temporaryFolder(), { maxBytes: 400_000 });
  await fill(journal, "filler", "x".repeat(20_000));
  await journal.append("orders", [anEvent({ data: "late" })], "1");
  await journal.clear("filler");
  await journal.append("orders", [anEvent({ data: "after" })], "2");
  await workers.at(-1)?.terminate();
  await journal.append("orders", [anEvent({ data: "anew" })], "3");
  expect([await told(journal), await journal.cursor("orders")]).toEqual([["late", "after", "anew"], "3"]);
  expect((await journal.tail("filler", everything, 9)).total).toBe(0);
});

/** The threads that are started from here on, in their order. */
function startedWorkers(): Worker[] {
  const workers: Worker[] = [];
  const on = Worker.prototype.on;
  const spy = vi.spyOn(Worker.prototype, "on").mockImplementation(function (
    this: Worker,
    ...args: Parameters<typeof on>
  ) {
    if (!workers.includes(this)) workers.push(this);
    return on.apply(this, args);
  } as typeof on);
  onTestFinished(() => spy.mockRestore());
  return workers;
}

it("lives through a disk that is really full", async ({ skip }) => {
  const mount = temporaryFolder();
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m", "tmpfs", mount], { stdio: "ignore" });
  } catch {
    skip("mounting a small disk needs root");
  }
  try {
    const journal = await aJournal(join(mount, "journal"));
    await journal.append("orders", [anEvent({ data: "early" })], "1");
    writeFileSync(join(mount, "ballast"), Buffer.alloc(1_500_000));
    await fill(journal, "orders", "y".repeat(50_000));
    expect(journal.state).toBe("failing");
    writeFileSync(join(mount, "ballast"), "");
    const { unsaved } = await journal.append("orders", [anEvent({ data: "late" })], "last");
    expect([unsaved, journal.state, await journal.cursor("orders")]).toEqual([false, "ok", "last"]);
    const { rows } = await journal.tail("orders", everything, 500);
    expect(rows.filter((row) => row.kind === "event" && row.flags.length > 0)).toEqual([]);
    await journal.close();
  } finally {
    execFileSync("umount", [mount]);
  }
});

it("sets the file aside when it breaks while it is open, and goes on with the numbers", async () => {
  const dir = temporaryFolder();
  const first = await aJournal(dir);
  for (let n = 0; n < 60; n++) await first.append("orders", [anEvent({ data: "z".repeat(100_000) })], String(n));
  await first.close();
  const path = join(dir, "events.sqlite");
  const journal = await aJournal(dir);
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0x5a, 10 * 4096), { flag: "r+" });
  await expect(journal.window("orders", { ...everything, text: "zz" }, 0, 50)).rejects.toMatchObject({
    code: "journal-failing",
  });
  expect(journal.problems).toMatchObject([{ code: "journal-set-aside" }]);
  expect(await journal.cursor("orders")).toBe("59");
  const { seqs, unsaved } = await journal.append("orders", [anEvent({ data: "anew" })], "60");
  expect([seqs[0], unsaved, journal.state]).toEqual([61, false, "ok"]);
  expect(statSync(path).size).toBeLessThan(bytes.length);
});

/** What a crash right now would leave as the cursor: read from a copy of the files. */
function diskCursor(dir: string, stream: string): string {
  const script = `const { cpSync } = require("node:fs");
    const copy = ${JSON.stringify(temporaryFolder())};
    cpSync(${JSON.stringify(dir)}, copy, { recursive: true });
    const db = new (require("libsql"))(copy + "/events.sqlite");
    process.stdout.write(db.prepare("SELECT cursor FROM cursors WHERE stream = ?").all(${JSON.stringify(stream)})[0].cursor);`;
  return execFileSync(process.execPath, ["-e", script], { cwd: new URL("../..", import.meta.url), encoding: "utf8" });
}
