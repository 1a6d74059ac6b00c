/**
 * Requests for the stream that fared otherwise than the first one, which opened it. One good answer does not make a path good:
 * every later request asks the same of the same path, and what one of them gets, a reconnect may get.
 */
import { idleFromMs } from "./ends.ts";
import type { Facts, Watch } from "./facts.ts";
import { connectionsOf, isOpenStream, read } from "./reading.ts";

export type Stray = {
  readonly watch: Watch;
  /** `empty`: opened, and ended without a word; `silent`: no headers, or nothing behind them, where the others flow. */
  readonly how: "answered" | "failed" | "empty" | "silent";
};

/** A request without an answer may only be slow until so much later than the first one, ms. */
const lateByMs = 1500;
/** A silence that is shorter is none, ms. */
const leastSilentMs = 1500;
/** They say something about this computer, or that we hung up, and nothing about the path. */
const ours = new Set(["cancelled", "local-limit", "network-changed", "offline", "not-permitted"]);

/** Those of them, and how many requests for the stream there were. Of none, where it did not open at first. */
export function straysOf(facts: Facts): { readonly strays: readonly Stray[]; readonly asked: number } {
  if (!isOpenStream(facts.plain)) return { strays: [], asked: 0 };
  const later = laterOf(facts);
  const strays = later.flatMap((watch, at): Stray[] => {
    const how = howOf(watch, facts);
    if (how !== null) return [{ watch, how }];
    // That nothing comes any more may be so for everybody: what flows again afterwards shows that it is not.
    const flowsAgain = later.slice(at + 1).some((other) => read(other).bursts > 0);
    return flowsAgain && watch !== facts.compressed && isSilent(watch, facts) ? [{ watch, how: "silent" }] : [];
  });
  return { strays, asked: later.length + 1 };
}

/** What fails with an id may be the id's doing, unless with one the stream opened as well. */
function laterOf(facts: Facts): Watch[] {
  const { plain, reconnects } = facts;
  const isTaken = reconnects.some(({ withId, watch }) => withId && isOpenStream(watch));
  const untold = isTaken ? [] : reconnects.filter(({ withId }) => withId).map(({ watch }) => watch);
  return connectionsOf(facts).filter((watch) => watch !== plain && !untold.includes(watch));
}

function howOf(watch: Watch, facts: Facts): Stray["how"] | null {
  const { plain } = facts;
  const { answer, failure, ending, bodyBytes } = watch;
  if (answer === null) {
    if (failure?.kind !== "headers-timeout") return failure === null || ours.has(failure.kind) ? null : "failed";
    // Silence where compression was asked for is compression's likelier than an accident.
    return !isCompressions(watch, facts) && watch.waitedMs > 3 * (plain?.answer?.headersMs ?? 0) + lateByMs
      ? "silent"
      : null;
  }
  if (!isOpenStream(watch)) return "answered";
  // What ends later may have been cut for its silence.
  const isSoon = ending !== null && ending.openMs < idleFromMs;
  const isEmpty = bodyBytes === 0 && isSoon && plain?.ending === null && read(plain).bursts > 0;
  return isEmpty ? "empty" : null;
}

/** It asked for compression, and whoever asks so gets no headers. */
function isCompressions(watch: Watch, { compressed, compressedBefore }: Facts): boolean {
  return watch === compressed || (watch === compressedBefore && compressed?.answer === null);
}

/** Open, and without a word for longer than those that flow are ever silent. */
export function isSilent(watch: Watch, facts: Facts): boolean {
  if (!isOpenStream(watch) || watch.bodyBytes > 0 || watch.ending !== null) return false;
  const patienceMs = patienceWith(facts);
  return patienceMs !== null && (watch.arrivals?.watchedMs ?? 0) >= patienceMs;
}

/** So long a connection has to be silent to differ from those that flow, ms; null: none is known to. */
function patienceWith({ plain, holds, listened }: Facts): number | null {
  const flowing = [plain, ...holds, listened].filter((watch) => read(watch).gapsMs.length >= 3).map(read);
  if (plain?.ending !== null || flowing.length === 0) return null;
  return Math.max(leastSilentMs, ...flowing.map(({ longestMs }) => 3 * longestMs));
}
