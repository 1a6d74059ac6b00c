/**
 * A data folder of the app with so many records of one stopped stream in it: made once through the app and the Journal port, then used
 * again. It lies in the project's cache, outside the checkout; whoever deletes it has it made anew.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { cacheDir } from "../../../build/root.ts";
import { openJournal } from "../../../main/io/journal/event-journal.ts";
import { Window, type World } from "./electron.ts";
import { everyMs, keptRecord, keptStream } from "./kept-records.ts";
import type { Plan } from "./plan.ts";

const journalSources = fileURLToPath(new URL("../../../main/io/journal/", import.meta.url));
/** Folders that nobody has used for so long are taken away when another one is made. */
const unusedMs = 86_400_000;
const batch = 200;
const indexPatienceMs = 1_800_000;

export const journalWorker = new URL("../../../main/io/journal/journal-worker.ts", import.meta.url);

export type Kept = {
  readonly dataDir: string;
  readonly count: number /** UTC ms of the first record. */;
  readonly firstAt: number;
};

/** The folder, made where it is missing. @param count 0: the same app with nothing kept */
export async function keptData(world: World, plan: Plan, count: number): Promise<Kept> {
  const place = join(cacheDir, "bench", `kept-${count}-${key()}`);
  const dataDir = join(place, "data");
  const made = join(place, "made.json");
  if (existsSync(made)) {
    utimesSync(made, new Date(), new Date());
    return { dataDir, count, ...(JSON.parse(readFileSync(made, "utf8")) as { firstAt: number }) };
  }
  removeUnused();
  plan.say(`making a journal of ${count.toLocaleString("en")} records in ${place}`);
  rmSync(place, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  const firstAt = Date.now() - count * everyMs;
  await fill(dataDir, count, firstAt);
  await index(world, plan, dataDir);
  writeFileSync(made, JSON.stringify({ firstAt }));
  return { dataDir, count, firstAt };
}

/** Another journal, or other records, make another folder: none is opened by code that is older than it, and none is measured as migrated. */
function key(): string {
  const hash = createHash("sha256");
  const sources = readdirSync(journalSources, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".ts"),
  );
  for (const name of sources.sort()) hash.update(readFileSync(join(journalSources, name)));
  return hash
    .update(readFileSync(new URL("kept-records.ts", import.meta.url)))
    .digest("hex")
    .slice(0, 12);
}

function removeUnused(): void {
  const folder = join(cacheDir, "bench");
  for (const name of existsSync(folder) ? readdirSync(folder) : []) {
    const usedAt = statSync(join(folder, name, "made.json"), { throwIfNoEntry: false })?.mtimeMs;
    if (usedAt !== undefined && Date.now() - usedAt > unusedMs)
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

async function fill(dataDir: string, count: number, firstAt: number): Promise<void> {
  const journal = await openJournal({ dir: join(dataDir, "journal"), worker: journalWorker });
  try {
    for (let n = 0; n < count; n += batch) {
      const records = Array.from({ length: Math.min(batch, count - n) }, (_, i) => keptRecord(n + i, firstAt));
      const { unsaved } = await journal.append(keptStream, records, records.at(-1)?.id ?? null);
      if (unsaved) throw new Error("the journal of the bench could not be written; is the disk full?");
    }
  } finally {
    await journal.close();
  }
}

/** The app gets the stream, and its search takes everything in once; what it makes of it stays in the folder. */
async function index(world: World, plan: Plan, dataDir: string): Promise<void> {
  const app = await Window.holdfast(world, dataDir);
  try {
    // After the records: the mark of a stream that is added stopped is younger than they are.
    await app.addStream(keptStream, "http://127.0.0.1:9/stream", { paused: true });
    const lateAt = performance.now() + indexPatienceMs;
    for (;;) {
      const { behind } = await app.tail(keptStream);
      if (behind === 0) return;
      if (performance.now() > lateAt) throw new Error(`the search is still ${behind} rows behind`);
      plan.say(`the search is ${behind.toLocaleString("en")} rows behind`);
      await delay(2000);
    }
  } finally {
    await app.end();
  }
}
