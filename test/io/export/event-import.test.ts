/** Reading a file of events: how much of it is in memory, and what is said of what is too much. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { importedEvents, importSize, type Piece } from "../../../main/io/export/event-import.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const line = (data: string) =>
  JSON.stringify({
    receivedAtMs: 1_800_000_000_000,
    endpoint: "https://example.org/",
    transport: "sse",
    type: "message",
    id: null,
    lastEventId: "",
    data,
    bytes: data.length,
    flags: [],
  });

function aFile(text: string): string {
  const path = join(temporaryFolder(), "events.ndjson");
  writeFileSync(path, text);
  return path;
}

async function pieces(path: string): Promise<Piece[]> {
  const all: Piece[] = [];
  for await (const piece of importedEvents(path, "orders")) all.push(piece);
  return all;
}

it("gives long events in small pieces, and many short ones two hundred at a time", async () => {
  const long = await pieces(aFile(`${line("x".repeat(900_000))}\n`.repeat(10)));
  expect(long.map(({ events }) => events.length)).toEqual([3, 3, 3, 1]);
  const short = await pieces(aFile(`${line("x")}\n`.repeat(450)));
  expect(short.map(({ events }) => events.length)).toEqual([200, 200, 50]);
});

it("puts a line together that is read in many parts, characters of several bytes too", async () => {
  const data = "发货🚚".repeat(300_000);
  const [piece] = await pieces(aFile(line(data)));
  expect(piece?.events.map((event) => event.data === data)).toEqual([true]);
});

it("says of a line that never ends which it is, before it is whole in memory", async () => {
  const path = aFile(`${line("a")}\n\n${"x".repeat(60 * 1024 * 1024)}`);
  await expect(pieces(path)).rejects.toMatchObject({ code: "import-line-too-long", params: { line: 3 } });
});

it("takes no event that would be passed over if a server sent it", async () => {
  const fits = "x".repeat(8 * 1024 * 1024);
  expect(await pieces(aFile(line(fits)))).toHaveLength(1);
  await expect(pieces(aFile(`${line("a")}\n${line(`${fits}x`)}`))).rejects.toMatchObject({
    code: "import-event-too-large",
    params: { line: 2, limit: 8 * 1024 * 1024 },
  });
});

it("reads no folder, and says why a file cannot be read", async () => {
  const folder = join(temporaryFolder(), "events.ndjson");
  mkdirSync(folder);
  await expect(importSize(folder)).rejects.toMatchObject({ code: "import-not-a-file" });
  await expect(importSize(`${folder}/none`)).rejects.toMatchObject({ params: { reason: "ENOENT" } });
});
