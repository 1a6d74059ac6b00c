/** Imports: what was exported comes back into a real journal, or nothing does. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createImport } from "../main/imports.ts";
import { exportToFile } from "../main/io/export/event-file.ts";
import { exportSource } from "../main/io/export/event-pages.ts";
import { systemClock } from "../main/io/system-clock.ts";
import { aJournal } from "./io/a-journal.ts";
import { anEvent, everything } from "./io/journal-samples.ts";
import { temporaryFolder } from "./io/temporary-folder.ts";

const dir = () => join(temporaryFolder(), "events.ndjson");
const at = Date.UTC(2020, 1, 29);

async function aFile(count: number): Promise<string> {
  const journal = await aJournal(temporaryFolder());
  const events = Array.from({ length: count }, (_, n) =>
    anEvent({
      id: String(n),
      lastEventId: String(n),
      data: `发货\n${n}`,
      receivedAt: at + n * 50,
      flags: ["replayed"],
    }),
  );
  await journal.append("orders", events, null);
  const path = dir();
  const source = await exportSource(journal, "orders", { what: "filter", filter: everything });
  await exportToFile(path, source, { format: "ndjson", signal: new AbortController().signal });
  return path;
}

async function into(path: string | null) {
  const journal = await aJournal(temporaryFolder());
  await journal.append("edge", [anEvent({ stream: "edge", data: "own", mono: systemClock.mono() })], "own-1");
  const changed: string[] = [];
  const tails = { changed: (stream: string) => void changed.push(stream) };
  const take = createImport({ journal, tails, clock: systemClock, chooseFile: async () => path });
  const rows = async () => (await journal.window("edge", everything, 0, 500)).rows;
  return { take, journal, changed, rows, read: () => journal.read("edge", everything, 0, 1000) };
}

it("brings back what was exported, into the stream that was chosen, without moving its place at the server", async () => {
  const path = await aFile(450);
  const { take, journal, changed, read, rows } = await into(path);
  expect(await take("edge")).toEqual({ path, written: 450, unsaved: false });
  const [own, ...others] = await read();
  expect([own?.data, others.length, await journal.cursor("edge")]).toEqual(["own", 450, "own-1"]);
  expect(others[7]).toMatchObject({
    stream: "edge",
    id: "7",
    data: "发货\n7",
    receivedAt: at + 350,
    flags: ["replayed"],
  });
  // Pauses are those of their times, and none of them is years.
  expect((await rows()).slice(1, 4).map((row) => "gapMs" in row && row.gapMs)).toEqual([0, 50, 50]);
  expect(changed).toContain("edge");
});

it("imports nothing when a line late in the file is no event, and names it", async () => {
  const path = await aFile(300);
  writeFileSync(path, `${readFileSync(path, "utf8")}\n{"data":1}\n`);
  const { take, read } = await into(path);
  await expect(take("edge")).rejects.toMatchObject({
    code: "import-field",
    params: { line: 302, field: "receivedAtMs" },
  });
  expect(await read()).toHaveLength(1);
});

it("takes a file that an editor has saved: a mark at its beginning, CRLF, no end of line", async () => {
  const path = await aFile(3);
  writeFileSync(path, `\ufeff${readFileSync(path, "utf8").trimEnd().replaceAll("\n", "\r\n")}`);
  expect(await (await into(path)).take("edge")).toMatchObject({ written: 3 });
});

it("says that a file cannot be read, and that none was chosen", async () => {
  await expect((await into(dir())).take("edge")).rejects.toMatchObject({
    code: "import-unreadable",
    params: { reason: "ENOENT" },
  });
  expect(await (await into(null)).take("edge")).toBeNull();
});
