/**
 * The journal's thread: takes one question at a time, in order, and answers it. SQLite is synchronous; here it holds
 * nobody up. What a call means is journal-store.ts's.
 */
import { parentPort, workerData } from "node:worker_threads";
import { codeOf } from "../stores/safe-file.ts";
import {
  type JournalAnswer,
  type JournalCall,
  JournalError,
  type JournalHandOver,
  type JournalQuestion,
  type JournalStart,
} from "./journal-protocol.ts";
import { JournalStore } from "./journal-store.ts";
import { isTrouble } from "./journal-trouble.ts";

/** While the disk refuses: how often to try without being asked, so that a quiet stream's last events are written too. */
const recoverEveryMs = 5000;
/** Between two steps of upkeep, of some ms each. */
const upkeepPauseMs = 5;

const say = (answer: JournalAnswer): void => parentPort?.postMessage(answer);

function run(start: JournalStart): void {
  const store = new JournalStore(start);
  store.whenWritten = () => say({ kind: "written" });
  let told = "";
  const tellState = (): void => {
    const { state, problems } = store;
    const now = JSON.stringify([state, problems]);
    if (now !== told) say({ kind: "state", state, problems });
    told = now;
  };
  told = JSON.stringify([store.state, store.problems]);
  say({ kind: "ready", lastSeq: store.lastSeq, state: store.state, problems: store.problems });
  let upkeep: NodeJS.Timeout | null = null;
  /** Step by step, with room for questions between two. */
  const keepUp = (streams: readonly string[]): void => {
    const isMore = store.keepUp(streams);
    upkeep = isMore ? setTimeout(keepUp, upkeepPauseMs, streams).unref() : null;
  };
  const timer = setInterval(() => {
    store.recover();
    if (upkeep === null) keepUp(store.streams());
    tellState();
  }, recoverEveryMs);
  timer.unref();
  parentPort?.on("message", (message: JournalQuestion | JournalHandOver) => {
    if ("source" in message) return store.source.serve(message.source);
    const { id, call } = message;
    try {
      const value = isQuestion(call) ? store.past(() => perform(store, id, call)) : perform(store, id, call);
      // The state first: whoever awaits the answer sees it as it is after the answer.
      tellState();
      say({ kind: "answer", id, value });
    } catch (error) {
      const code = store.failed(error);
      tellState();
      if (error instanceof JournalError) say({ kind: "error", id, code: error.code, params: error.params });
      else if (isTrouble(code)) say({ kind: "error", id, code: "journal-failing", params: { reason: code } });
      else throw error;
    }
    // What is too much from now on goes now, not at the next look.
    if (call.op === "limit" && upkeep === null) keepUp(store.streams());
    if (call.op !== "close") return;
    if (upkeep !== null) clearTimeout(upkeep);
    clearInterval(timer);
    parentPort?.close();
  });
}

/** What only reads, and may be asked twice. */
const isQuestion = ({ op }: JournalCall): boolean =>
  ["tail", "window", "placeOf", "read", "rows", "events", "get", "recent", "kept"].includes(op);

function perform(store: JournalStore, id: number, call: JournalCall): unknown {
  switch (call.op) {
    case "append":
      return store.append(id, call);
    case "hold":
      return store.hold(call.stream, call.blocks);
    case "reserve":
      return store.reserve(call.last);
    case "cursor":
      return store.cursor(call.stream);
    case "setCursor":
      return store.setCursor(call.stream, call.cursor);
    case "keepNothing":
      return store.keepNothing(call.stream, call.on);
    case "tail":
      return store.view.tail(call.stream, call.filter, call.limit);
    case "window":
      return store.view.window(call.stream, call.filter, call.from, call.limit);
    case "placeOf":
      return store.view.placeOf(call.stream, call.filter, call.at);
    case "read":
      return store.view.read(call.stream, call.filter, call.after, call.limit);
    case "rows":
      return store.view.rows(call.stream, call.seqs);
    case "events":
      return store.view.events(call.stream, call.seqs);
    case "get":
      return store.view.get(call.seq);
    case "recent":
      return store.view.recent(call.stream, call.before, call.limit);
    case "kept":
      return store.view.kept(call.stream);
    case "clear":
      return mustBeDone(store.clear(call.stream, false), store);
    case "forget":
      return mustBeDone(store.clear(call.stream, true), store);
    case "limit":
      store.limits = call.limits;
      return undefined;
    case "close":
      return store.close(call.last);
  }
}

/** Deleting is a promise to the user: when it could not be done, they must hear it. */
function mustBeDone(done: boolean, store: JournalStore): undefined {
  if (!done) throw new JournalError("journal-not-cleared", { reason: store.problems.at(-1)?.code ?? "unknown" });
}

try {
  run(workerData as JournalStart);
} catch (error) {
  const known = error instanceof JournalError;
  say({
    kind: "refused",
    code: known ? error.code : "journal-unavailable",
    params: known ? error.params : { reason: codeOf(error) },
  });
  parentPort?.close();
}
