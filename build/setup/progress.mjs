/**
 * What the set-up tells the person who waits: progress lines on stderr, and errors that are a sentence.
 * Not a logger. Runs on Node 20, so it uses nothing newer.
 */

/** An error whose message is meant for the user as it stands: what is missing and what to do. */
export class PlainError extends Error {
  name = "PlainError";
}

/**
 * Prints one line on stderr; stdout belongs to the program that is started.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Elapsed time for people.
 * @param {number} elapsedMs
 */
export function elapsed(elapsedMs) {
  return elapsedMs < 9_950 ? `${(elapsedMs / 1000).toFixed(1)} s` : `${Math.round(elapsedMs / 1000)} s`;
}

/**
 * Does a piece of work and says so when it takes a while: a step under half a second stays silent.
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(name, work) {
  const startedAt = performance.now();
  let spoke = false;
  const speak = () => {
    spoke = true;
    say(`• ${name} …`);
  };
  const first = setTimeout(speak, 500);
  const beat = setInterval(() => say(`• ${name} … ${elapsed(performance.now() - startedAt)} so far`), 10_000);
  try {
    const result = await work();
    if (spoke) say(`• ${name} … ${elapsed(performance.now() - startedAt)}`);
    return result;
  } catch (error) {
    if (spoke) say(`• ${name} … failed after ${elapsed(performance.now() - startedAt)}`);
    throw error;
  } finally {
    clearTimeout(first);
    clearInterval(beat);
  }
}
