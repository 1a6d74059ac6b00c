import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { MessageChannel, type MessagePort } from "node:worker_threads";
import { expect, it, onTestFinished, vi } from "vitest";
import { openBlock } from "../../main/io/journal/block.ts";
import type { SourceMessage, SourceQuestion } from "../../main/io/journal/journal-source.ts";
import { JournalStore } from "../../main/io/journal/journal-store.ts";
import { aJournal } from "./a-journal.ts";
import { appendTo, storeStart } from "./a-store.ts";
import { anEvent, everything } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** The search's end of the port: what it was told, and answers to what it asks. */
function listener() {
  const told: SourceMessage[] = [];
  const ports: MessagePort[] = [];
  let ids = 0;
  onTestFinished(() => {
    for (const port of ports) port.close();
  });
  return {
    told,
    ports,
    source(port: MessagePort) {
      ports.push(port);
      port.on("message", (message: SourceMessage) => told.push(message));
    },
    async ask(
      question:
        | { ask: "streams" }
        | { ask: "blocks"; stream: string }
        | { ask: "bytes"; stream: string; first: number },
    ) {
      const id = ++ids;
      ports.at(-1)?.postMessage({ id, ...question } as SourceQuestion);
      await expect
        .poll(() => told.some((message) => "id" in message && message.id === id), { timeout: 10_000 })
        .toBe(true);
      return told.find((message) => "id" in message && message.id === id);
    },
  };
}

const notices = (told: readonly SourceMessage[]) => told.filter((message) => !("id" in message));

it("tells of each block, lists them and gives their bytes", async () => {
  const search = listener();
  const journal = await aJournal(temporaryFolder(), search);
  await journal.append("orders", [anEvent({ data: "one" }), anEvent({ data: "two" })], null);
  await journal.append("others", [anEvent({ stream: "others" })], null);
  expect(await search.ask({ ask: "streams" })).toMatchObject({ streams: ["orders", "others"] });
  const block = { first: 1, last: 2, count: 2, kept: true };
  expect(await search.ask({ ask: "blocks", stream: "orders" })).toMatchObject({ blocks: [block] });
  const given = await search.ask({ ask: "bytes", stream: "orders", first: 1 });
  const read = openBlock((given?.kind === "bytes" && given.bytes) || new Uint8Array());
  expect([read.seq(1), read.data(1)]).toEqual([2, "two"]);
  expect(await search.ask({ ask: "bytes", stream: "orders", first: 2 })).toMatchObject({ bytes: null });
  expect(notices(search.told)).toMatchObject([
    { kind: "added", stream: "orders", block },
    { kind: "added", stream: "others" },
  ]);
  // Its bytes were given away; the journal still has its own.
  expect(await journal.get(2)).toMatchObject({ data: "two" });
});

it("says what was cleared, and which blocks are in memory only", async () => {
  const search = listener();
  const journal = await aJournal(temporaryFolder(), search);
  await journal.keepNothing("quiet", true);
  await journal.append("quiet", [anEvent({ stream: "quiet", data: "still" })], null);
  // Before somebody asks for what only the worker can say, it has nothing of a stream that keeps nothing.
  expect(await search.ask({ ask: "blocks", stream: "quiet" })).toMatchObject({ blocks: [] });
  await journal.window("quiet", everything, 0, 1);
  expect(await search.ask({ ask: "blocks", stream: "quiet" })).toMatchObject({ blocks: [{ first: 1, kept: false }] });
  expect(await search.ask({ ask: "bytes", stream: "quiet", first: 1 })).toMatchObject({ kind: "bytes" });
  expect((await journal.tail("quiet", { types: [], text: "still", path: "", from: null, to: null }, 1)).matching).toBe(
    1,
  );
  await journal.clear("quiet");
  expect(await search.ask({ ask: "blocks", stream: "quiet" })).toMatchObject({ blocks: [] });
  expect(notices(search.told)).toMatchObject([
    { kind: "added", block: { kept: false } },
    { kind: "removed", firsts: [1] },
    { kind: "cleared", stream: "quiet" },
  ]);
});

it("says that blocks in memory went when newer ones took their room", async () => {
  const search = listener();
  const journal = await aJournal(temporaryFolder(), search);
  await journal.keepNothing("quiet", true);
  for (let n = 0; n < 11; n++) {
    await journal.append("quiet", new Array(190).fill(anEvent({ stream: "quiet" })), null);
    await journal.window("quiet", everything, 0, 1);
  }
  await search.ask({ ask: "streams" });
  const standing = new Map<number, number>();
  for (const message of notices(search.told)) {
    if (message.kind === "added") standing.set(message.block.first, message.block.count);
    if (message.kind === "removed") for (const first of message.firsts) standing.delete(first);
  }
  expect([...standing.values()].reduce((sum, count) => sum + count, 0)).toBe(2000);
});

it("gives another port when the worker was started anew", async () => {
  vi.stubEnv("HOLDFAST_TEST_CRASH", "when=after&at=3&times=1");
  const search = listener();
  const dir = join(temporaryFolder(), "journal");
  const journal = await aJournal(dir, { ...search, worker: new URL("./crashing-worker.ts", import.meta.url) });
  const [before] = search.ports;
  const closed = before === undefined ? null : once(before, "close");
  for (let n = 0; n < 4; n++) await journal.append("orders", [anEvent()], null);
  await closed;
  expect(search.ports).toHaveLength(2);
  expect(await search.ask({ ask: "blocks", stream: "orders" })).toMatchObject({ blocks: [{}, {}, {}, {}] });
});

it("answers nothing more once the journal let its file go, and leaves the file where it is", async () => {
  const dir = temporaryFolder();
  const store = new JournalStore(storeStart(dir));
  appendTo(store, "orders", [anEvent()]);
  const { port1, port2 } = new MessageChannel();
  store.source.serve(port1);
  const heard: SourceMessage[] = [];
  port2.on("message", (message: SourceMessage) => {
    heard.push(message);
    port2.close();
  });
  const closed = once(port2, "close");
  store.close();
  port2.postMessage({ id: 1, ask: "streams" } satisfies SourceQuestion);
  await closed;
  expect(heard).toEqual([]);
  expect(readdirSync(dir)).toEqual(["events.sqlite"]);
});

it("sets no file aside for a read that fails after it was closed", () => {
  const dir = temporaryFolder();
  const store = new JournalStore(storeStart(dir));
  store.close();
  expect(store.failed(Object.assign(new Error("gone"), { code: "SQLITE_CORRUPT" }))).toBe("SQLITE_CORRUPT");
  expect(readdirSync(dir)).toEqual(["events.sqlite"]);
});
