/**
 * One process at a time for what must not be done twice at once: two commands started together in a fresh checkout would
 * both install packages into one folder, and each would pull away what the other has just put there. Runs on Node 20.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

const lookEveryMs = 100;

/**
 * Does the work when nobody else holds the file, and holds it meanwhile. A holder that has died does not count.
 * @template T
 * @param {string} file holds the process id of whoever has the turn
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function inTurn(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  while (!take(file)) await wait(lookEveryMs);
  const leave = () => rmSync(file, { force: true });
  process.once("exit", leave);
  try {
    return await work();
  } finally {
    process.off("exit", leave);
    leave();
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, `${process.pid}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isHeld(file)) rmSync(file, { force: true });
  return false;
}

/** @param {string} file */
function isHeld(file) {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    // Made a moment ago and not yet written: somebody has it.
    if (pid === 0) return true;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
