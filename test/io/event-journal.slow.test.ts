import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { packBlocks } from "../../main/io/journal/block-pack.ts";
import { JournalStore } from "../../main/io/journal/journal-store.ts";
import { aJournal } from "./a-journal.ts";
import { storeStart } from "./a-store.ts";
import { anEvent, everything } from "./journal-samples.ts";
import { rotation, seeded } from "./seeded.ts";
import { temporaryFolder } from "./temporary-folder.ts";

it("loses nothing it answered for, and keeps cursor and events together, killed 200 times", {
  timeout: 300_000,
}, async () => {
  // Four journals in one child: its start takes longer than everything else.
  const dirs = [1, 2, 3, 4].map(() => temporaryFolder());
  const random = seeded(4711 + rotation);
  let answered = dirs.map(() => 0);
  let next = readyChild(dirs);
  for (let round = 0; round < 200 / dirs.length; round++) {
    const child = await next;
    const last = await lastAnswers(child, answered, 1 + Math.floor(random() * 40), random() * 3);
    next = readyChild(dirs);
    answered = dirs.map((dir, index) => writtenTo(dir, last[index] ?? 0, `round ${round}, journal ${index}`));
  }
  for (const count of answered) expect(count).toBeGreaterThan(300);
  (await next).kill("SIGKILL");
});

/** What stands in a journal after a kill, checked. */
function writtenTo(dir: string, answered: number, when: string): number {
  const store = new JournalStore(storeStart(dir));
  const { rows, total } = store.view.tail("orders", everything, 500);
  const written = Number(store.cursor("orders"));
  expect(written, when).toBeGreaterThanOrEqual(answered);
  // The child's nth event says n: the newest is the cursor's, and none is missing or twice.
  expect(total, when).toBe(written);
  const shown = rows.map((row) => (row.kind === "event" ? Number(row.preview) : Number.NaN));
  expect(shown, when).toEqual(shown.map((_, index) => written - shown.length + 1 + index));
  expect(store.problems).toEqual([]);
  // The upkeep changes nothing of it.
  while (store.keepUp(["orders"]));
  expect(store.view.tail("orders", everything, 500).rows, when).toEqual(rows);
  store.close();
  return written;
}

/** A child that has loaded everything and has not opened the journals. */
async function readyChild(dirs: readonly string[]): Promise<ChildProcess> {
  const child = fork(new URL("./appending-child.ts", import.meta.url), dirs, { stdio: "inherit" });
  await once(child, "message");
  return child;
}

/** Lets the child go on from these numbers, and kills it some time after so many answers; what it answered for last. */
async function lastAnswers(
  child: ChildProcess,
  from: readonly number[],
  answers: number,
  delayMs: number,
): Promise<number[]> {
  const last = [...from];
  let heard = 0;
  child.on("message", ([index, written]: [number, number]) => {
    last[index] = written;
    if (++heard === answers) setTimeout(() => child.kill("SIGKILL"), delayMs);
  });
  child.send(from);
  await once(child, "close");
  return last;
}

it("opens to a clean beginning of what was written when the log was damaged, 200 times", {
  timeout: 60_000,
}, async () => {
  const dir = temporaryFolder();
  const journal = await aJournal(dir);
  for (let n = 1; n <= 40; n++)
    await journal.append("orders", [anEvent({ data: `${n} ${"x".repeat(500)}` })], String(n));
  const [file, log] = ["events.sqlite", "events.sqlite-wal"].map((name) => readFileSync(join(dir, name))) as [
    Buffer,
    Buffer,
  ];
  const random = seeded(13 + rotation);
  for (let round = 0; round < 200; round++) {
    const copy = temporaryFolder();
    const damaged = Buffer.from(log);
    const at = Math.floor(random() * log.length);
    const some = damaged.subarray(at, at + 1 + Math.floor(random() * 6000));
    const cut = round % 3 === 0;
    if (!cut)
      for (let byte = 0; byte < some.length; byte++) some[byte] = round % 3 === 1 ? 0 : Math.floor(random() * 256);
    writeFileSync(join(copy, "events.sqlite"), file, { mode: 0o600 });
    writeFileSync(join(copy, "events.sqlite-wal"), cut ? damaged.subarray(0, at) : damaged, { mode: 0o600 });
    const store = new JournalStore(storeStart(copy));
    const { rows } = store.view.tail("orders", everything, 500);
    const shown = rows.map((row) => (row.kind === "event" ? Number.parseInt(row.preview, 10) : Number.NaN));
    expect(shown, `round ${round}`).toEqual(shown.map((_, index) => index + 1));
    expect(store.cursor("orders"), `round ${round}`).toBe(shown.length === 0 ? null : String(shown.length));
    store.close();
  }
});

it("sets a file with flipped bits aside or reads it; it never fails to open, 100 times", {
  timeout: 60_000,
}, async () => {
  const dir = temporaryFolder();
  const journal = await aJournal(dir);
  for (let n = 1; n <= 200; n++)
    await journal.append("orders", [anEvent({ data: `${n} ${"x".repeat(500)}` })], String(n));
  await journal.close();
  const random = seeded(99 + rotation);
  let aside = 0;
  for (let round = 0; round < 100; round++) {
    const copy = temporaryFolder();
    const bytes = readFileSync(join(dir, "events.sqlite"));
    for (let flip = 0; flip < 20; flip++) {
      const at = Math.floor(random() * bytes.length);
      // Bytes 60 to 63 are the version of the tables: flipped, they say "newer", and a newer file is rightly only read.
      if (at >= 60 && at < 64) continue;
      bytes[at] = (bytes[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    }
    writeFileSync(join(copy, "events.sqlite"), bytes, { mode: 0o600 });
    // A log that is not empty says that the last run did not end well.
    copyFileSync(join(copy, "events.sqlite"), join(copy, "events.sqlite-wal"));
    const store = new JournalStore(storeStart(copy));
    // Whatever is in it, it is a row or SQLite's own error: libsql ends the whole process over a text that is not UTF-8.
    for (let seq = 1; seq <= 200; seq++) readOrFail(() => store.view.get(seq));
    readOrFail(() => store.view.tail("orders", everything, 500));
    const { unsaved } = store.append(1, {
      stream: "orders",
      blocks: packBlocks([anEvent()]),
      first: store.lastSeq + 1,
      cursor: "1",
    });
    expect([unsaved, store.state], `round ${round} ${JSON.stringify(store.problems)}`).toEqual([false, "ok"]);
    if (store.problems.length > 0) aside++;
    store.close();
  }
  expect(aside).toBeGreaterThan(50);
});

function readOrFail(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toMatchObject({ code: expect.stringMatching(/^(SQLITE_|block-)/) });
  }
}
