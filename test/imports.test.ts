/** Imports: what was exported comes back into a real journal, or nothing does. */
import { readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { createImport } from "../main/imports.ts";
import { exportToFile } from "../main/io/export/event-file.ts";
import { exportSource } from "../main/io/export/event-pages.ts";
import { systemClock } from "../main/io/system-clock.ts";
import type { Importing, Retention } from "../preload/contract.ts";
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

type Parts = Parameters<typeof createImport>[0];

async function into(path: string | null, change: Partial<Parts> = {}) {
  const journal = await aJournal(temporaryFolder());
  await journal.append("edge", [anEvent({ stream: "edge", data: "own", mono: systemClock.mono() })], "own-1");
  const changed: string[] = [];
  const tails = { changed: (stream: string) => void changed.push(stream) };
  const told: Importing[] = [];
  const publish = (news: Importing) => void told.push(news);
  const parts: Parts = {
    journal,
    tails,
    clock: systemClock,
    publish,
    retention: () => null,
    chooseFile: async () => path,
  };
  const { import: take, cancelImport: cancel } = createImport({ ...parts, ...change });
  const rows = async () => (await journal.window("edge", everything, 0, 500)).rows;
  return { take, cancel, told, journal, changed, rows, read: () => journal.read("edge", everything, 0, 1000) };
}

it("brings back what was exported, into the stream that was chosen, without moving its place at the server", async () => {
  const path = await aFile(450);
  const { take, journal, changed, read, rows } = await into(path);
  expect(await take("edge")).toEqual({ path, written: 450, total: 450, unsaved: false, cancelled: false });
  const [own, ...others] = await read();
  expect([own?.data, others.length, await journal.cursor("edge")]).toEqual(["own", 450, "own-1"]);
  expect(others[7]).toMatchObject({
    stream: "edge",
    id: "7",
    data: "发货\n7",
    receivedAt: at + 350,
    flags: ["replayed", "imported"],
  });
  expect((await rows())[1]).toMatchObject({ mark: "imported", params: { events: 450, file: "events.ndjson" } });
  // Pauses are those of their times, and none of them is years.
  expect((await rows()).slice(2, 5).map((row) => "gapMs" in row && row.gapMs)).toEqual([0, 50, 50]);
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

/** A clock by which every piece is worth telling of. */
const hurried = () => {
  let now = 0;
  return { mono: () => (now += 1000), utc: systemClock.utc };
};

it("says how far it is: bytes that are checked, then events that are added", async () => {
  const path = await aFile(450);
  const { take, told } = await into(path, { clock: hurried() });
  await take("edge");
  const size = statSync(path).size;
  expect(told.map(({ phase, total }) => [phase, total])).toEqual([
    ...Array(3).fill(["checking", size]),
    ...Array(3).fill(["adding", 450]),
  ]);
  expect(told.map(({ done }) => done)).toEqual([65_536, size, size, 200, 400, 450]);
});

it("adds nothing when it is cancelled while it checks", async () => {
  const imports = await into(await aFile(450), { clock: hurried(), publish: () => imports.cancel(undefined) });
  expect(await imports.take("edge")).toMatchObject({ written: 0, cancelled: true });
  expect(await imports.rows()).toHaveLength(1);
});

it("keeps what was added when it is cancelled later, and says in the list how much of it is there", async () => {
  const publish = ({ phase }: Importing) => phase === "adding" && imports.cancel(undefined);
  const imports = await into(await aFile(450), { clock: hurried(), publish });
  expect(await imports.take("edge")).toMatchObject({ written: 200, total: 450, cancelled: true });
  const rows = await imports.rows();
  expect(rows.filter(({ kind }) => kind === "event")).toHaveLength(201);
  expect(rows.at(-1)).toMatchObject({ mark: "imported", params: { events: 200, total: 450, file: "events.ndjson" } });
  // The next one is a new one.
  expect(await imports.take("edge")).toMatchObject({ written: 200 });
});

it("says that the file was changed between the two readings, and how much of it is there", async () => {
  const path = await aFile(450);
  const publish = ({ phase, done }: Importing) => {
    if (phase === "adding" && done === 200) truncateSync(path, 20_000);
  };
  const big = `${readFileSync(path, "utf8").repeat(12)}`;
  writeFileSync(path, big);
  const { take, journal } = await into(path, { clock: hurried(), publish });
  await expect(take("edge")).rejects.toMatchObject({ code: "import-changed", params: { written: expect.any(Number) } });
  const { rows } = await journal.tail("edge", everything, 1);
  expect(rows).toMatchObject([{ mark: "imported", params: { total: 5400 } }]);
});

const retention: Retention = { days: 366, events: 10_000_000, mebibytes: 4096 };
it.each<[string, Partial<Retention>, object]>([
  ["older than the stream keeps", { days: 366 }, { code: "import-beyond-age", params: { days: 366 } }],
  [
    "more than the stream keeps",
    { days: 36_500, events: 449 },
    { code: "import-beyond-count", params: { events: 450, most: 449 } },
  ],
])("imports nothing that is %s: it would go again at once", async (_, bounds, refusal) => {
  const { take, rows } = await into(await aFile(450), { retention: () => ({ ...retention, ...bounds }) });
  await expect(take("edge")).rejects.toMatchObject(refusal);
  expect(await rows()).toHaveLength(1);
});

it("does not take what came from a file for what the server has sent", async () => {
  const { take, journal } = await into(await aFile(3));
  await journal.append("edge", [anEvent({ stream: "edge", id: "own-2", mono: systemClock.mono() })], "own-2");
  await take("edge");
  expect(await journal.recent("edge", 100)).toHaveLength(2);
});
