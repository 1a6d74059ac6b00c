/**
 * The long poll that feeds the list: one question at a time, and not at all while the window is hidden. What is drawn for a frame is the
 * newest that came before it; a window that draws no frames soon asks no more. So main never sends more than somebody looks at, however
 * fast events come; how often a torrent is drawn is main's to say (main/streams/tails.ts).
 */
import type { Filter, Tail } from "../../preload/contract.ts";
import { seen } from "../seen.ts";

export type TailQuestion = { stream: string; ack: number; filter: Filter; limit: number };

/** What the loop needs of the world. */
export type TailWorld = {
  ask(question: TailQuestion): Promise<Tail>;
  /** Resolves in the next frame, before it is painted. */
  frame(): Promise<void>;
  /** Resolves a little after the frame that is being made is painted: what is asked then is answered for the next one. */
  drawn(): Promise<void>;
  /** Resolves when the window can be seen; at once when it can be. */
  visible(): Promise<void>;
  /** Resolves after a while: how long to wait after a question that failed. */
  pause(): Promise<void>;
};

/** No version has this number: the first answer comes at once. */
const never = -1;
/** Answers that may come for one frame: the last of them is drawn. */
const answersAFrame = 4;
/** Between a frame and the question for the next one, ms: a quarter of one is left for the answer, which is so much newer. */
const restMs = 4;
/** Above so many rows in an answer the next question waits until the frame is drawn: its answer comes for the next one, and is as new. */
const busyRows = 20;

/**
 * Asks until told to stop; returns that stop.
 * @param show is waited for: nothing else is shown before it is done
 * @param refused hears why a question failed, or why its answer could not be shown; true when asking again would be in vain
 */
export function followTail(
  world: TailWorld,
  question: () => Omit<TailQuestion, "ack">,
  show: (tail: Tail) => unknown,
  refused: (error: unknown) => boolean = () => false,
): () => void {
  let ended = false;
  let next: Tail | null = null;
  let drawing: Promise<void> | null = null;
  /** Resolves in the frame that paints what was shown last. */
  let painting: Promise<void> | null = null;
  /**
   * Shows what is newest, once a frame, until there is nothing newer: at once where nothing was shown yet that waits for its frame, so that
   * the frame finds it done. What could not be shown is tried again.
   */
  const draw = async (): Promise<void> => {
    while (next !== null && !ended) {
      await painting;
      const tail: Tail = next;
      next = null;
      if (ended) return;
      painting = world.frame().then(() => {
        painting = null;
      });
      try {
        await show(tail);
      } catch (error) {
        if (refused(error)) ended = true;
        next ??= tail;
        if (!ended) await world.pause();
      }
    }
    drawing = null;
  };
  const run = async (): Promise<void> => {
    let ack = never;
    let exact = true;
    let total = 0;
    let waiting = 0;
    while (!ended) {
      await world.visible();
      if (ended) return;
      try {
        const tail = await world.ask({ ...question(), ack });
        if (ended) return;
        // After 20 s without news the version is the same: nothing to show. It is the same too while a search goes on in a stream where
        // nothing comes: then each answer says more than the last, up to the one that is exact.
        const isNews = tail.version !== ack || !exact;
        const came = tail.total - total;
        ({ version: ack, exact, total } = tail);
        if (!isNews) continue;
        next = tail;
        waiting = painting === null ? 1 : waiting + 1;
        drawing ??= draw();
        if (came > busyRows || !exact || waiting >= answersAFrame) {
          await drawing;
          await painting;
          await world.drawn();
        }
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
    frame: () => new Promise((resolve) => requestAnimationFrame(() => resolve())),
    // A task of its own: the frame is painted in the one that is running.
    drawn: () => new Promise((resolve) => setTimeout(resolve, restMs)),
    visible: seen,
    pause: () => new Promise((resolve) => setTimeout(resolve, 1000)),
  };
}
