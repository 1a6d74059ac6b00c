/** The search's thread: takes questions as they come and indexes between them. What a question means is search-engine.ts's. */
import { setImmediate } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { codeOf } from "../../stores/safe-file.ts";
import { JournalError } from "../journal-protocol.ts";
import { PortSource } from "./port-source.ts";
import { SearchEngine } from "./search-engine.ts";
import { createWatch } from "./search-guard.ts";
import { SearchIndex } from "./search-index.ts";
import type { FromSearch, SearchQuestion, SearchStart, ToSearch } from "./search-protocol.ts";

const { dir, watched } = workerData as SearchStart;
const say = (message: FromSearch): void => parentPort?.postMessage(message);
const log = (code: string): void => say({ kind: "log", code });
const watch = createWatch(watched);

let index: SearchIndex | null = null;
let source: PortSource | null = null;
let engine: SearchEngine | null = null;
let isStepping = false;
let isClosing = false;

async function step(): Promise<void> {
  await setImmediate();
  const isMore = (await engine?.step().catch(failed)) === true;
  isStepping = false;
  if (isClosing) end();
  else if (isMore) wake();
}

/** Nothing is left to wait for then, and the thread ends. */
function end(): void {
  engine?.close();
  parentPort?.close();
}

/** One step after the other, with room for questions between two. */
function wake(): void {
  if (isStepping || isClosing) return;
  isStepping = true;
  void step();
}

/** A block that cannot be read is tried again when something is new. */
const failed = (error: unknown): false => {
  log(codeOf(error));
  return false;
};

function openIndex(): SearchIndex | null {
  try {
    return new SearchIndex(dir);
  } catch (error) {
    log(codeOf(error));
    return null;
  }
}

async function answer(id: number, question: SearchQuestion): Promise<void> {
  try {
    // News of what was appended before was sent before, but over another port: it is heard first now.
    await setImmediate();
    if (engine === null) throw new JournalError("search-unavailable");
    say({ kind: "answer", id, answer: await engine.ask(question) });
  } catch (error) {
    if (!(error instanceof JournalError)) log(codeOf(error));
    const { code, params } = error instanceof JournalError ? error : new JournalError("search-unavailable");
    say({ kind: "error", id, code, params });
  }
}

parentPort?.on("message", (message: ToSearch) => {
  if (message.kind === "ask") {
    void answer(message.id, message.question);
    return;
  }
  source?.close();
  if (message.kind === "close") {
    isClosing = true;
    if (!isStepping) end();
    return;
  }
  source = new PortSource(message.port);
  index ??= openIndex();
  engine = new SearchEngine({ source, index, watch, now: () => performance.now(), log, wake });
  engine.start().catch(failed);
});
