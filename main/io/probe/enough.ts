/** When a watch has seen enough: the sooner the livelier the stream is. Times are since the headers, ms. */
import type { Watch } from "../../core/diagnosis/facts.ts";
import { read } from "../../core/diagnosis/reading.ts";

export type Enough = (soFar: Watch) => boolean;

const openMs = ({ arrivals }: Watch): number => arrivals?.watchedMs ?? 0;

/** Whether the rhythm of a stream is known, and it is not silent beyond it. */
function hasRhythm(watch: Watch): boolean {
  const { bursts, silentMs, medianGapMs } = read(watch);
  const gap = medianGapMs ?? 0;
  return (bursts >= 6 && silentMs < 4 * gap + 300) || (bursts >= 3 && gap > 400 && silentMs < 1.6 * gap + 300);
}

/** Long enough for batches of 200 ms and heartbeats of a second to show, and at most so long. */
export const rhythmOr =
  (limitMs: number): Enough =>
  (watch) =>
    openMs(watch) >= limitMs || (openMs(watch) >= Math.min(2200, limitMs) && hasRhythm(watch));

/** Until something came that could be read, or so long. */
export const somethingOr =
  (limitMs: number): Enough =>
  (watch) => {
    const { events, comments } = read(watch);
    return openMs(watch) >= limitMs || (openMs(watch) >= Math.min(600, limitMs) && events + comments >= 2);
  };

/** Shortly after the first byte, or so long. */
export const firstByteOr =
  (limitMs: number): Enough =>
  (watch) => {
    const first = watch.arrivals?.firstByteMs ?? null;
    return openMs(watch) >= limitMs || (first !== null && openMs(watch) >= first + 200);
  };

/** Shortly after the first event, or so long: heartbeats do not count. */
export const firstEventOr =
  (limitMs: number): Enough =>
  (watch) => {
    const first = watch.arrivals?.bursts.find(({ events }) => events > 0)?.atMs ?? null;
    return openMs(watch) >= limitMs || (first !== null && openMs(watch) >= first + 200);
  };

/** Until more came than this many events and comments, or so long. */
export const moreOr =
  (limitMs: number, count: number): Enough =>
  (watch) => {
    const { events, comments } = read(watch);
    return events + comments > count || openMs(watch) >= limitMs;
  };

/** Until the other side ends it, or so long; or it speaks so often that no silence will be seen. */
export const silenceOr =
  (limitMs: number, oftenMs: number): Enough =>
  (watch) => {
    const { bursts, longestMs } = read(watch);
    return openMs(watch) >= limitMs || (bursts >= 6 && openMs(watch) >= 3000 && longestMs < oftenMs);
  };
