/**
 * The long poll that feeds the list: one question at a time, asked again only after the last answer was painted, and not at all
 * while the window is hidden. So main never sends more than somebody looks at, however fast events come.
 */
import type { Filter, Tail } from "../../preload/contract.ts";
import { seen } from "../seen.ts";

export type TailQuestion = { stream: string; ack: number; filter: Filter; limit: number };

/** What the loop needs of the world. */
export type TailWorld = {
  ask(question: TailQuestion): Promise<Tail>;
  /** Resolves when what was shown has reached the screen. */
  painted(): Promise<void>;
  /** Resolves when the window can be seen; at once when it can be. */
  visible(): Promise<void>;
  /** Resolves after a while: how long to wait after a question that failed. */
  pause(): Promise<void>;
};

/** No version has this number: the first answer comes at once. */
const never = -1;

/**
 * Asks until told to stop; returns that stop.
 * @param show is waited for: no further question is asked before it is done
 * @param refused hears why a question failed; true when asking again would be in vain
 */
export function followTail(
  world: TailWorld,
  question: () => Omit<TailQuestion, "ack">,
  show: (tail: Tail) => unknown,
  refused: (error: unknown) => boolean = () => false,
): () => void {
  let ended = false;
  const run = async (): Promise<void> => {
    let ack = never;
    let exact = true;
    while (!ended) {
      await world.visible();
      if (ended) return;
      try {
        const tail = await world.ask({ ...question(), ack });
        if (ended) return;
        // After 20 s without news the version is the same: nothing to show, nothing to paint. It is the same too while a search goes
        // on in a stream where nothing comes: then each answer says more than the last, up to the one that is exact.
        if (tail.version !== ack || !exact) await show(tail);
        ({ version: ack, exact } = tail);
        await world.painted();
      } catch (error) {
        if (ended || refused(error)) return;
        await world.pause();
      }
    }
  };
  void run();
  return () => {
    ended = true;
  };
}

/** The world as the window has it. */
export function windowWorld(ask: TailWorld["ask"]): TailWorld {
  return {
    ask,
    // The frame is drawn after the callback, so one more turn of the loop.
    painted: () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))),
    visible: seen,
    pause: () => new Promise((resolve) => setTimeout(resolve, 1000)),
  };
}
