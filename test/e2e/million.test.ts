/**
 * A million kept events in the built app, as a person meets them: scrolled from the newest to the oldest, searched in English and in
 * Chinese, and exported with progress; then every line of the file is looked at.
 */
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it } from "vitest";
import { openJournal } from "../../main/io/journal/event-journal.ts";
import { keptRecord, keptStream, pairs, word } from "../bench/screen/kept-records.ts";
import { journalWorker } from "../bench/screen/million.ts";
import { scrollTo } from "../bench/screen/scroller.ts";
import { type App, launch, say, temporaryFolder } from "./app.ts";

const count = 1_000_000;
const firstAt = Date.UTC(2026, 9, 1);
const batch = 256;

/** A journal with all of them, made by the port that the streams use, a few batches on the way at a time. */
async function fill(dataDir: string): Promise<void> {
  const journal = await openJournal({ dir: join(dataDir, "journal"), worker: journalWorker });
  const waiting: Promise<{ unsaved: boolean }>[] = [];
  const settle = async (most: number): Promise<void> => {
    while (waiting.length > most) expect((await waiting.shift())?.unsaved).toBe(false);
  };
  for (let n = 0; n < count; n += batch) {
    const records = Array.from({ length: Math.min(batch, count - n) }, (_, i) => keptRecord(n + i, firstAt));
    waiting.push(journal.append(keptStream, records, null));
    await settle(8);
  }
  await settle(0);
  await journal.close();
}

const rowCount = async ({ page }: App): Promise<number> =>
  Number(await page.locator("[role=grid]").getAttribute("aria-rowcount"));
const shows = (app: App, n: number) =>
  expect.poll(() => app.page.locator("[role=grid]").innerText(), { timeout: 20_000 }).toContain(`{"n":${n},`);

async function search(app: App, text: string): Promise<void> {
  await app.page.getByRole("searchbox", { name: say("filter.text") }).fill(text);
}

/** Where the export goes; what the dialog of the system would have said. */
async function answerDialog({ electron }: App, path: string): Promise<void> {
  await electron.evaluate(({ dialog }, filePath) => {
    Object.assign(dialog, { showSaveDialog: async () => ({ canceled: false, filePath }) });
  }, path);
}

it("scrolls through a million kept events, finds words in two languages, and exports all of them", async () => {
  const dataDir = temporaryFolder("million");
  await fill(dataDir);
  const app = await launch({ dataDir });
  await app.addStream({ id: keptStream, name: "Kept", url: "http://127.0.0.1:9/stream", paused: true });
  await app.page.getByRole("navigation").getByText("Kept", { exact: true }).first().click();
  // The head of the list, and the mark of a stream that was stopped, where there is one.
  await expect.poll(() => rowCount(app), { timeout: 30_000 }).toBeGreaterThan(count);
  await shows(app, count - 1);
  await scrollTo(app.page, 0);
  await shows(app, 0);
  await scrollTo(app.page, 0.5);
  await expect.poll(() => app.page.locator("[role=grid]").innerText()).toMatch(/\{"n":(499|500)\d{3},/);

  // The index may still be behind: what it has not taken in yet is searched all the same.
  await search(app, word(7));
  await expect.poll(() => rowCount(app), { timeout: 60_000 }).toBe(count / 2000 + 1);
  await expect.poll(() => app.page.locator("[role=grid]").innerText()).toContain(word(7));
  await search(app, pairs[0] ?? "");
  await expect.poll(() => rowCount(app), { timeout: 60_000 }).toBe(count / 10 + 1);
  await scrollTo(app.page, 0);
  await shows(app, 0);
  await search(app, "");
  await expect.poll(() => rowCount(app)).toBeGreaterThan(count);

  const path = join(temporaryFolder("export"), "kept.ndjson");
  await answerDialog(app, path);
  await app.page.keyboard.press("Control+e");
  await app.page.getByRole("button", { name: say("export.verb") }).click();
  const bar = app.page.getByRole("progressbar", { name: say("export.progress") });
  await expect.poll(async () => Number(await bar.getAttribute("value")), { interval: 20 }).toBeGreaterThan(0);
  expect(await bar.getAttribute("max")).toBe(String(count));
  await app.page
    .getByRole("status")
    .filter({ hasText: say("export.done", { written: count, path }) })
    .waitFor({ timeout: 90_000 });

  let n = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const { data, id, type, receivedAtMs } = JSON.parse(line) as Record<string, unknown>;
    const record = keptRecord(n, firstAt);
    if (data !== record.data || id !== record.id || type !== record.type || receivedAtMs !== record.receivedAt)
      expect.fail(`line ${n + 1} is another event: ${line}`);
    n++;
  }
  expect(n).toBe(count);
}, 300_000);
