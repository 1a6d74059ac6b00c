/**
 * How long each request of a diagnosis is worth to be watched, by what the ones before showed and by the time that is left, ms.
 * The probe only keeps to it.
 */
import { outlivedMs, outliveMs } from "./ends.ts";
import type { Watch } from "./facts.ts";
import { lateMs } from "./held-back.ts";
import { isOpenStream, openMsOf, read } from "./reading.ts";
import { heartbeatMs } from "./stages.ts";
import { restMs, silentFromMs } from "./stopped.ts";

/** Without the idle measurement; what is left of 15 s is for slow machines, ms. */
export const defaultBudgetMs = 12_000;
/** Kept back of a usual budget for what has to follow the first watch, ms; of a smaller one the same share. */
const [reserveMs, compareReserveMs] = [3500, 4500];

/** The first watch, where its rhythm is not known sooner. @param compares a direct one is to follow */
export function firstMs(leftMs: number, compares: boolean): number {
  const reserve = compares ? compareReserveMs : reserveMs;
  return Math.min(heartbeatMs, Math.max(leftMs * (1 - reserve / defaultBudgetMs), leftMs - reserve));
}

/**
 * With compression: after the longest of its silences anything is missing, or until it ends again.
 * @param leftMs without what is kept back for the direct request
 * @param byRhythm whether it is watched as the first one was
 */
export function compressedMs(plain: Watch, leftMs: number, mostMs: number): { limitMs: number; byRhythm: boolean } {
  const { gapsMs, first } = read(plain);
  const rhythmMs = gapsMs.length > 0 ? Math.max(...gapsMs) : Math.max(300, first?.atMs ?? 0);
  const { ending } = plain;
  const againMs = ending !== null && ending.openMs < 4500 ? ending.openMs * 1.15 + 500 : 0;
  const wantedMs = Math.max(1200, 3 * rhythmMs + 300, againMs);
  return { limitMs: Math.min(leftMs, mostMs, wantedMs), byRhythm: againMs > 0 };
}

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
  if (plain?.ending != null) return Math.max(asSlowMs(plain), outliveMs(plain.ending.openMs));
  if (isOpenStream(plain) && (bursts === 0 || stopsShort(plain))) return Math.max(leastMs, heartbeatMs / 9);
  return burstEvents >= 2 ? Math.max(leastMs, 2.2 * (medianGapMs ?? 0) + 300) : leastMs;
}

/** Kept back for the direct request where headers were late: only there it shows whose doing that is. */
export function owedMs(plain: Watch | null): number {
  return (plain?.answer?.headersMs ?? 0) < lateMs ? 0 : asSlowMs(plain);
}

/** Whether the direct watch was long enough to show whose the end of the first one is: a rhythm says nothing of that. */
export function showsWhose(direct: Watch, ended: Watch | null): boolean {
  return ended?.ending == null || openMsOf(direct) > outlivedMs(ended.ending.openMs);
}
