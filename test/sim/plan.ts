/** What happens in one run, written down before it begins: so that it can be repeated, and made smaller when it fails. */
import { Chance } from "./chance.ts";

export type Episode = { readonly fault: string; readonly fromMs: number; readonly toMs: number };

export type Plan = {
  readonly seed: number;
  readonly streams: number;
  readonly pace: "brisk" | "calm" | "quiet";
  /** When the faults end and recovery is asked for. */
  readonly endMs: number;
  readonly episodes: readonly Episode[];
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
/** Undisturbed at first, so that there is something to lose. */
const settledMs = 2 * minuteMs;

/** Half an hour with these faults, each twice. */
export function shortPlan(seed: number, faults: readonly string[]): Plan {
  const chance = new Chance(seed ^ 0x5bd1e995);
  const endMs = 28 * minuteMs + chance.between(0, 4 * minuteMs);
  const episodes = faults.flatMap((fault) =>
    [0, 1].map((half) => episode(chance, fault, settledMs + (half * endMs) / 2, endMs / 2 - settledMs)),
  );
  return { seed, streams: 2 + (seed % 7 === 0 ? 1 : 0), pace: "brisk", endMs, episodes };
}

/** A day and more of everything. */
export function longPlan(seed: number, faults: readonly string[]): Plan {
  const chance = new Chance(seed ^ 0x2545f491);
  const endMs = 24 * hourMs + chance.between(0, 2 * hourMs);
  const episodes: Episode[] = [];
  for (let at = settledMs; at < endMs - 20 * minuteMs; at += chance.between(2 * minuteMs, 30 * minuteMs))
    episodes.push(episode(chance, chance.pick(faults), at, Math.min(40 * minuteMs, endMs - at)));
  return {
    seed,
    streams: 2 + (seed % 3 === 0 ? 1 : 0),
    pace: "calm",
    endMs,
    episodes,
  };
}

/** Six hours in which little is said, with these faults from the beginning or from some time on, to the end. */
export function quietPlan(seed: number, faults: readonly string[]): Plan {
  const chance = new Chance(seed ^ 0x1b873593);
  const endMs = 6 * hourMs + chance.between(0, hourMs);
  const episodes = faults.map((fault) => {
    const fromMs = chance.oneIn(2) ? 0 : chance.between(settledMs, hourMs);
    return {
      fault,
      fromMs,
      toMs: chance.oneIn(4) ? fromMs + chance.between(hourMs, 3 * hourMs) : endMs,
    };
  });
  return { seed, streams: 3, pace: "quiet", endMs, episodes };
}

/** Somewhere in a span: mostly for minutes, sometimes for moments. */
function episode(chance: Chance, fault: string, fromMs: number, spanMs: number): Episode {
  const lengthMs = chance.oneIn(4) ? chance.between(500, 30_000) : chance.between(30_000, spanMs * 0.9);
  const begin = fromMs + chance.between(0, Math.max(1, spanMs - lengthMs));
  return { fault, fromMs: Math.round(begin), toMs: Math.round(begin + lengthMs) };
}
