/**
 * `export`: the kept events of one stream as text, to stdout or a file, from the journal of an app that does not run. Exit 0 when all of it
 * was written, 1 when it was stopped before; 2 for what the caller can mend, 70 for a fault of ours.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Locale, resolveLocale, type Words, words } from "../../preload/words.ts";
import { type Exported, exportToFile, writeEvents } from "../io/export/event-file.ts";
import { exportSource } from "../io/export/event-pages.ts";
import { ExportError } from "../io/export/export-error.ts";
import { openJournal } from "../io/journal/event-journal.ts";
import { everything, needsText } from "../io/journal/journal-filter.ts";
import { JournalError } from "../io/journal/journal-protocol.ts";
import { parsePath } from "../io/journal/search/json-path.ts";
import { openSearchedJournal } from "../io/journal/search/searched-journal.ts";
import type { Journal } from "../io/ports.ts";
import { openSettings } from "../io/stores/settings-store.ts";
import { systemClock } from "../io/system-clock.ts";
import { CliError } from "./arguments.ts";
import type { ExportPlan } from "./export-plan.ts";

const exit = { ok: 0, stopped: 1 } as const;

/** The workers' modules: as sources beside this one, or built beside the bundle. */
export type ExportWorkers = { readonly journal: URL; readonly search: URL };

/** @param write to stdout; answers when more may come */
export async function exportEvents(
  plan: ExportPlan,
  workers: ExportWorkers,
  write: (text: string) => Promise<void>,
  progress: ((text: string) => void) | null,
  signal: AbortSignal,
): Promise<number> {
  const speak = words(localeOf(process.env));
  const journal = await open(plan, workers, speak);
  try {
    const stream = await streamOf(plan, journal, speak);
    const source = await exportSource(journal, stream, { what: "filter", filter: plan.filter });
    const told = (written: number) =>
      progress?.(speak.say("cli.export.progress", { written, total: source.total ?? 0 }));
    const options = { format: plan.format, signal, progress: told };
    const { out } = plan;
    const result = await (out === null ? writeEvents(source, options, write) : exportToFile(out, source, options));
    progress?.("");
    return ended(result);
  } catch (error) {
    progress?.("");
    throw refusal(error, plan, speak);
  } finally {
    await journal.close();
  }
}

const ended = ({ cancelled }: Exported): number => (cancelled ? exit.stopped : exit.ok);

function localeOf(env: NodeJS.ProcessEnv): Locale {
  return resolveLocale("system", [env["LC_ALL"] || env["LANG"] || "en"]);
}

/** Only where there is one: opening would make another, and its absence is most likely a wrong folder. */
async function open(
  { dataDir, filter }: ExportPlan,
  workers: ExportWorkers,
  { say, sayCode }: Words,
): Promise<Journal> {
  const dir = join(dataDir, "journal");
  if (!existsSync(join(dir, "events.sqlite")))
    throw new CliError(`export: ${say("cli.export.none", { dir: dataDir })}`);
  const options = { dir, worker: workers.journal };
  try {
    // Before anything is opened for it.
    if (filter.path !== "") parsePath(filter.path);
    return needsText(filter)
      ? await openSearchedJournal({ ...options, searchWorker: workers.search, log: () => undefined })
      : await openJournal(options);
  } catch (error) {
    if (!(error instanceof JournalError)) throw error;
    throw new CliError(`export: ${sayCode("cli.export", error.code, error.params, "cli.export.unknown")}`);
  }
}

/** The id of the stream: one of the settings by id or by name, or one that only the journal knows. */
async function streamOf({ dataDir, stream }: ExportPlan, journal: Journal, { say }: Words): Promise<string> {
  const { endpoints } = openSettings({ dir: dataDir, policyFile: null, clock: systemClock }).view();
  if (endpoints.some(({ id }) => id === stream)) return stream;
  const named = endpoints.filter(({ name }) => name === stream).map(({ id }) => id);
  const [only, second] = named;
  if (second !== undefined) {
    throw new CliError(`export: ${say("cli.export.ambiguous", { name: stream, ids: named.join(", ") })}`);
  }
  if (only !== undefined) return only;
  const { total } = await journal.tail(stream, everything, 0);
  if (total > 0) return stream;
  const known = endpoints.map(({ id, name }) => (id === name ? id : `${id} (${name})`)).join(", ");
  throw new CliError(`export: ${say("cli.export.noStream", { name: stream, known: known || "–" })}`);
}

/** What the caller can do something about is said; all else is a fault of ours. */
function refusal(error: unknown, { out }: ExportPlan, { sayCode }: Words): unknown {
  if (error instanceof ExportError || error instanceof JournalError) {
    const values = { ...error.params, path: out ?? "" };
    return new CliError(`export: ${sayCode("cli.export", error.code, values, "cli.export.unknown")}`);
  }
  return error;
}
