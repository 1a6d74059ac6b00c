/** How long it is worth to look again or directly, by what the first watch showed, ms. Pure; the probe also has to keep its time. */
import type { Watch } from "../../core/diagnosis/facts.ts";
import { lateMs } from "../../core/diagnosis/held-back.ts";
import { isOpenStream, read } from "../../core/diagnosis/reading.ts";
import { heartbeatMs } from "../../core/diagnosis/stages.ts";
import { restMs, silentFromMs } from "../../core/diagnosis/stopped.ts";

/** Until a connection that stays silent differs from the first one, where that has a quick rhythm. */
export function repeatMs(plain: Watch | null): number {
  const { gapsMs, longestMs } = read(plain);
  const differsMs = gapsMs.length >= 3 ? 4 * longestMs + 500 : 0;
  return differsMs > 3000 ? 900 : Math.max(900, differsMs);
}

/** Until another connection shows whether it stops at the same place and stays silent behind it. */
export function stopMs(stopped: Watch): number {
  return (stopped.arrivals?.bursts.at(-1)?.atMs ?? 0) + restMs(stopped) + 400;
}

/** A stream that was ended, or that was silent when the watch ended. */
export function stopsShort(plain: Watch): boolean {
  return isOpenStream(plain) && (plain.ending !== null || read(plain).silentMs >= silentFromMs);
}

/** As slow as the path was, and somewhat slower. */
const asSlowMs = (plain: Watch | null) => (isOpenStream(plain) ? plain.answer.headersMs + 1500 : 0);

/**
 * Until the direct path can show what is different: its end, the rhythm of what came in gulps, that something comes at all, or
 * that its headers are as late.
 */
export function directMs(plain: Watch | null): number {
  const { bursts, burstEvents, medianGapMs } = read(plain);
  const leastMs = Math.max(2600, asSlowMs(plain));
  if (plain?.ending != null) return Math.max(asSlowMs(plain), 1.15 * plain.ending.openMs + 1500);
  if (isOpenStream(plain) && (bursts === 0 || stopsShort(plain))) return Math.max(leastMs, heartbeatMs / 9);
  return burstEvents >= 2 ? Math.max(leastMs, 2.2 * (medianGapMs ?? 0) + 300) : leastMs;
}

/** Kept back for the direct request where headers were late: only there it shows whose doing that is. */
export function owedMs(plain: Watch | null): number {
  return (plain?.answer?.headersMs ?? 0) < lateMs ? 0 : asSlowMs(plain);
}
