/** Exports of a real journal to real files: whole or not at all, page by page. */
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportToFile, writeEvents } from "../../../main/io/export/event-file.ts";
import { type ExportChoice, exportSource } from "../../../main/io/export/event-pages.ts";
import { aJournal } from "../a-journal.ts";
import { aMark, anEvent, everything } from "../journal-samples.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const all: ExportChoice = { what: "filter", filter: everything };
const never = new AbortController().signal;

async function aStream(count: number, data = (n: number) => `event ${n}`) {
  const journal = await aJournal(temporaryFolder());
  const events = Array.from({ length: count }, (_, n) =>
    anEvent({ type: n % 2 === 0 ? "even" : "odd", data: data(n), id: String(n), receivedAt: 1_800_000_000_000 + n }),
  );
  for (let at = 0; at < count; at += 200)
    await journal.append("orders", [aMark(), ...events.slice(at, at + 200)], null);
  return journal;
}
type Line = { seq: number; id: string; type: string; data: string };
const linesOf = (path: string): Line[] =>
  readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);
const partsIn = (dir: string): string[] => readdirSync(dir).filter((name) => name.endsWith(".part"));

it("writes every event once and in order, and knows before how many there are", async () => {
  const journal = await aStream(2500);
  const dir = temporaryFolder();
  const source = await exportSource(journal, "orders", all);
  expect(source.total).toBe(2500);
  const progress: number[] = [];
  const path = join(dir, "orders.ndjson");
  const options = { format: "ndjson", signal: never, progress: (n: number) => void progress.push(n) } as const;
  expect(await exportToFile(path, source, options)).toEqual({ written: 2500, cancelled: false });
  expect(linesOf(path).map(({ id }) => Number(id))).toEqual(Array.from({ length: 2500 }, (_, n) => n));
  expect(progress.length).toBeGreaterThan(2);
  expect(progress.at(-1)).toBe(2500);
  expect(readdirSync(dir)).toEqual(["orders.ndjson"]);
  if (process.platform !== "win32") expect(statSync(path).mode & 0o777).toBe(0o600);
});

it("writes what a filter leaves, and what was chosen one by one", async () => {
  const journal = await aStream(20);
  const path = join(temporaryFolder(), "some.ndjson");
  const take = async (choice: ExportChoice) => {
    const source = await exportSource(journal, "orders", choice);
    const { written } = await exportToFile(path, source, { format: "ndjson", signal: never });
    return { total: source.total, written, ids: linesOf(path).map(({ id }) => Number(id)) };
  };
  const filtered = (change: object): ExportChoice => ({ what: "filter", filter: { ...everything, ...change } });
  expect(await take(filtered({ types: ["odd"] }))).toMatchObject({ total: 10, written: 10 });
  expect(await take(filtered({ from: 1_800_000_000_003, to: 1_800_000_000_006 }))).toEqual({
    total: 3,
    written: 3,
    ids: [3, 4, 5],
  });
  expect(await take(filtered({ text: "event 7" }))).toEqual({ total: null, written: 1, ids: [7] });
  // Number 1 is the mark before the first event; 99 is nobody's.
  expect(await take({ what: "seqs", seqs: [1, 2, 5, 99] })).toEqual({ total: 4, written: 2, ids: [0, 3] });
});

it("ends at what was there when it began, though more comes while it writes", async () => {
  const journal = await aStream(1500);
  const source = await exportSource(journal, "orders", all);
  let texts = "";
  const result = await writeEvents(source, { format: "ndjson", signal: never }, async (text) => {
    texts += text;
    await journal.append("orders", [anEvent({ id: "late" })], null);
  });
  expect(result.written).toBe(1500);
  expect(texts).not.toContain('"late"');
});

it("leaves nothing behind when it is cancelled, and what stood there before", async () => {
  const journal = await aStream(3000);
  const dir = temporaryFolder();
  const path = join(dir, "orders.json");
  writeFileSync(path, "before");
  const stop = new AbortController();
  let partSeen: string[] = [];
  const result = await exportToFile(path, await exportSource(journal, "orders", all), {
    format: "json",
    signal: stop.signal,
    progress: () => {
      partSeen = partsIn(dir);
      stop.abort();
    },
  });
  expect(result).toEqual({ written: 1000, cancelled: true });
  expect(partSeen).toHaveLength(1);
  expect([readFileSync(path, "utf8"), readdirSync(dir)]).toEqual(["before", ["orders.json"]]);
});

it("says by a code what the disk says, and leaves nothing behind", async () => {
  const journal = await aStream(3);
  const dir = temporaryFolder();
  const source = () => exportSource(journal, "orders", all);
  const options = { format: "csv", signal: never } as const;
  await expect(exportToFile(join(dir, "none", "x.csv"), await source(), options)).rejects.toMatchObject({
    code: "export-disk",
    params: { reason: "ENOENT" },
  });
  await expect(exportToFile(dir, await source(), options)).rejects.toMatchObject({ code: "export-not-a-file" });
  expect(readdirSync(dir)).toEqual([]);
});

it.runIf(existsSync("/dev/full"))("does not put a file in the place of a device", async () => {
  const journal = await aStream(3);
  const source = await exportSource(journal, "orders", all);
  await expect(exportToFile("/dev/full", source, { format: "csv", signal: never })).rejects.toMatchObject({
    code: "export-not-a-file",
  });
  expect(statSync("/dev/full").isCharacterDevice()).toBe(true);
});

it("removes its part when the journal fails in the middle", async () => {
  const dir = temporaryFolder();
  async function* pages() {
    yield [{ ...anEvent(), seq: 1 }];
    throw new Error("the worker ended");
  }
  const failing = exportToFile(join(dir, "x"), { total: null, pages }, { format: "ndjson", signal: never });
  await expect(failing).rejects.toThrow("the worker ended");
  expect(readdirSync(dir)).toEqual([]);
});

it.skipIf(process.platform === "win32")("writes through a link, which stays one", async () => {
  const journal = await aStream(3);
  const dir = temporaryFolder();
  writeFileSync(join(dir, "real"), "");
  symlinkSync("real", join(dir, "link"));
  const source = await exportSource(journal, "orders", all);
  await exportToFile(join(dir, "link"), source, { format: "ndjson", signal: never });
  expect(linesOf(join(dir, "real"))).toHaveLength(3);
  expect(readdirSync(dir).sort()).toEqual(["link", "real"]);
});
