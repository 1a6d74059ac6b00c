/**
 * Sees from outside how long a path looks at one record. The thread that evaluates it cannot look at a clock meanwhile; it leaves
 * word in shared memory of what it begins, and whoever owns it looks there now and then.
 */
import type { Watch } from "./finder.ts";

/** Looks at the memory, ms apart, and how many of them in a row may find the same record: 50 ms, and more on a busy machine. */
const lookEveryMs = 10;
const mostLooks = 5;

export const newMemory = (): SharedArrayBuffer => new SharedArrayBuffer(4);

/** The side of the thread that is watched. */
export function createWatch(memory: SharedArrayBuffer): Watch {
  const cell = new Int32Array(memory);
  let begun = 0;
  return {
    begin() {
      begun = begun === 0x7fff_ffff ? 1 : begun + 1;
      Atomics.store(cell, 0, begun);
    },
    end() {
      Atomics.store(cell, 0, 0);
    },
  };
}

/**
 * The side of the owner. Looks are counted, not milliseconds: where a machine is so busy that they come late, the thread had less
 * of it, too.
 * @param tooLong called once for a record that takes too long
 * @returns its end
 */
export function guard(memory: SharedArrayBuffer, tooLong: () => void): () => void {
  const cell = new Int32Array(memory);
  let [before, looks] = [0, 0];
  const timer = setInterval(() => {
    const now = Atomics.load(cell, 0);
    looks = now !== 0 && now === before ? looks + 1 : 0;
    before = now;
    if (looks === mostLooks) tooLong();
  }, lookEveryMs);
  return () => clearInterval(timer);
}
