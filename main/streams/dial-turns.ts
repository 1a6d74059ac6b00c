/**
 * Whose turn it is to dial: the streams stand in line before the one gate of core/connection/dial-gate.ts. Who leaves is
 * decided when he leaves, not when he asks: after a stalled loop all timers are due at once, and moments handed out before
 * would let everybody through together.
 */
import { emptyGate, type Gate, letThrough } from "../core/connection/dial-gate.ts";
import type { Clock } from "../io/ports.ts";

export type DialTurns = {
  /**
   * Calls `go` once when this dial may leave: at once and before `ask` returns where nobody waits or is just leaving.
   * @param go whether he left; who did not costs nobody a turn
   * @returns its end, without effect once `go` was called
   */
  ask(go: () => boolean): () => void;
  /** Sends everybody home. */
  close(): void;
};

export function createDialTurns(clock: Clock): DialTurns {
  let gate: Gate = emptyGate;
  const line: (() => boolean)[] = [];
  let stop = (): void => {};
  let isLeaving = false;
  const leave = (): void => {
    isLeaving = true;
    try {
      for (;;) {
        stop();
        const [next] = line;
        if (next === undefined) return;
        const now = clock.mono();
        const [after, atMs] = letThrough(gate, now);
        if (atMs > now) {
          stop = clock.after(atMs - now, leave);
          return;
        }
        line.shift();
        // He may stand in line again, or send others home, before this returns.
        if (next()) gate = after;
      }
    } finally {
      isLeaving = false;
    }
  };
  return {
    ask(go) {
      // A new function for each: one caller may stand in line twice.
      const turn = () => go();
      line.push(turn);
      if (!isLeaving) leave();
      return () => {
        const at = line.indexOf(turn);
        if (at >= 0) line.splice(at, 1);
        if (line.length === 0) stop();
      };
    },
    close() {
      line.length = 0;
      stop();
    },
  };
}
