/** How long the main loop stands still when the quality history of ten full streams goes to disk. Promised: at most 5 ms. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { emptyHistory, note } from "../../main/core/quality/history.ts";
import { pack } from "../../main/core/quality/history-pack.ts";
import { openHistory } from "../../main/io/stores/history-store.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { machine, measure, report } from "./measure.ts";

const streams = 10;
const minuteMs = 60_000;
const days = 90;

function fullHistory(): ReturnType<typeof emptyHistory> {
  const history = emptyHistory();
  const now = Date.now();
  for (let at = now - days * 24 * 60 * minuteMs; at <= now; at += 15 * minuteMs) {
    note(history, at, { type: "time", state: "open", fromUtc: at - 14 * minuteMs, toUtc: at - minuteMs });
    note(history, at, { type: "attempt" });
    note(history, at, { type: "opened", headersMs: 20 + ((at / minuteMs) % 397) });
    note(history, at, { type: "unopened" });
    note(history, at, { type: "failure" });
    note(history, at, { type: "gap" });
    for (let n = 1; n <= 8; n++) {
      note(history, at, { type: "session", lengthMs: ((at / minuteMs) % 997) * 100 * 2 ** n });
      note(history, at, { type: "recovered", recoveryMs: ((at / minuteMs) % 991) * 2 ** n });
    }
    note(history, at, { type: "events", count: 1 + (at % 90), bytes: 12_345 });
  }
  return history;
}

const dir = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
const store = openHistory({ dir, clock: systemClock });
const histories = Array.from({ length: streams }, fullHistory);

/** The longest stretch of the loop, as a timer that wants to run every millisecond sees it. */
async function stall(): Promise<number> {
  let longest = 0;
  let last = performance.now();
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  longest = 0;
  for (const [i, history] of histories.entries()) {
    // As the app does it: each stream in a turn of its own.
    await new Promise((resolve) => setImmediate(resolve));
    store.put(`s${i}`, pack(history, Date.now()));
  }
  await store.flushLater();
  await new Promise((resolve) => setTimeout(resolve, 20));
  clearInterval(timer);
  return longest;
}

process.stdout.write(`${machine()}\n`);
report("longest stall of the main loop, 10 full streams", await measure(stall, true), "ms");
store.close();
rmSync(dir, { recursive: true });
