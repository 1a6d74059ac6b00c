/** How long it is worth to look again or directly, by what the first watch showed, ms. Pure; the probe also has to keep its time. */
import type { Watch } from "../../core/diagnosis/facts.ts";
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

/** Until the direct path can show what is different: its end, the rhythm of what came in gulps, or that something comes at all. */
export function directMs(plain: Watch | null): number {
  const { burstEvents, medianGapMs } = read(plain);
  if (plain?.ending != null) return 1.15 * plain.ending.openMs + 1500;
  if (plain !== null && stopsShort(plain)) return heartbeatMs / 9;
  return burstEvents >= 2 ? Math.max(2600, 1.2 * (medianGapMs ?? 0)) : 2600;
}
