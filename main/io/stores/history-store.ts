/**
 * Keeps the packed history of every stream in one file, over restarts. It writes on a timer and at the end, never when
 * something happens; what a history means is main/core/quality/history.ts's.
 */
import { join } from "node:path";
import type { Code } from "../../../preload/contract.ts";
import type { HistorySnapshot } from "../../core/quality/history-pack.ts";
import type { Clock, HistoryStore } from "../ports.ts";
import { SafeFile } from "./safe-file.ts";
import { type OpenShelf, plainShelf, recover } from "./shelf.ts";
import { isObject, isObjectText, type Json } from "./strict-json.ts";

/** A minute of history at most is lost in a crash. */
const flushEveryMs = 60_000;
const fileName = "history.json";
/** Its streams' snapshots have versions of their own; an older Holdfast must not take those of this one for damaged. */
const version = 2;
/** 64 streams of 52 kB, with room. */
const maxBytes = 4 * 1024 * 1024;

export type HistoryFile = HistoryStore & {
  readonly problems: readonly Code[];
  /** Writes without holding the main loop; what the timer does. Resolves when it is on disk or has failed. */
  flushLater(): Promise<void>;
  /** Writes what is left and stops the timer. */
  close(): void;
};

export function openHistory(options: { dir: string; clock: Clock; shelf?: OpenShelf }): HistoryFile {
  const { dir, clock } = options;
  const file = new SafeFile(join(dir, fileName), isObjectText, maxBytes);
  const { shelf, value, problems } = recover(file, "history", fileName, clock.utc(), options.shelf ?? plainShelf);
  const stored = shelf?.read() ?? value;
  const newer = typeof stored["version"] === "number" && stored["version"] > version;
  if (newer) problems.push({ code: "history-newer", params: { path: fileName } });
  const streams = new Map<string, unknown>(isObject(stored["streams"]) ? Object.entries(stored["streams"]) : []);
  const writable = newer ? null : shelf;
  let dirty = false;
  let trouble: string | null = null;
  const content = (): Json => ({ version, streams: Object.fromEntries(streams) });
  const flushLater = async (): Promise<void> => {
    if (!dirty || writable === null) return;
    dirty = false;
    trouble = await writable.writeLater(content());
    dirty ||= trouble !== null;
  };
  let stop = clock.after(flushEveryMs, tick);
  function tick(): void {
    void flushLater();
    stop = clock.after(flushEveryMs, tick);
  }
  return {
    // Unpacking judges what is in it.
    read: (stream) => (streams.get(stream) as HistorySnapshot | undefined) ?? null,
    put(stream, snapshot) {
      streams.set(stream, snapshot);
      dirty = true;
    },
    remove(stream) {
      dirty = streams.delete(stream) || dirty;
    },
    flush() {
      if (!dirty || writable === null) return;
      trouble = writable.write(content());
      dirty = trouble !== null;
    },
    flushLater,
    close() {
      stop();
      this.flush();
    },
    get problems() {
      if (trouble === null) return problems;
      return [...problems, { code: "history-not-saved", params: { path: fileName, reason: trouble } }];
    },
  };
}
