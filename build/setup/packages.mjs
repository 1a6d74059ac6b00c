/**
 * Installs the packages of the lockfile when they are not the ones in node_modules. Runs on Node 20, before any package
 * can be imported. Does not choose versions: the lockfile does.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { PlainError, step } from "./progress.mjs";
import { runTool } from "./tool.mjs";
import { inTurn } from "./turn.mjs";

/**
 * npm as it should be started from here. npm finds its global settings by the path of the Node it runs on, so it must
 * not run on the Node inside node_modules; npm tells scripts which Node it was started with.
 * @param {NodeJS.ProcessEnv} env
 * @returns {{ file: string, args: string[], env: NodeJS.ProcessEnv }}
 */
export function npmCommand(env = process.env) {
  const clean = { ...env, PATH: pathWithoutBin(env["PATH"] ?? "") };
  const { npm_node_execpath: node, npm_execpath: cli } = env;
  if (node && cli && existsSync(node) && existsSync(cli)) return { file: node, args: [cli], env: clean };
  return { file: process.platform === "win32" ? "npm.cmd" : "npm", args: [], env: clean };
}

/** @param {string} path */
export function pathWithoutBin(path) {
  return path
    .split(delimiter)
    .filter((folder) => !/node_modules[\\/]\.bin[\\/]?$/.test(folder))
    .join(delimiter);
}

/**
 * What identifies an installation: the lockfile's content.
 * @param {string} lockfileText
 */
export function stampOf(lockfileText) {
  return createHash("sha256").update(lockfileText).digest("hex");
}

/**
 * True when a node_modules made by hand (`npm ci`) already holds what the lockfile asks for: npm leaves a copy of what it installed.
 * Packages for other systems may be absent; anything else must be there with the same integrity.
 * @param {string} lockfileText
 * @param {string} installedText node_modules/.package-lock.json
 */
export function matchesLockfile(lockfileText, installedText) {
  const wanted = JSON.parse(lockfileText).packages ?? {};
  const installed = JSON.parse(installedText).packages ?? {};
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === "") continue;
    const found = installed[path];
    if (found === undefined ? !entry.optional : found.integrity !== entry.integrity) return false;
  }
  return Object.keys(installed).every((path) => path in wanted);
}

/**
 * Makes node_modules equal to the lockfile. A few milliseconds when it already is.
 * @param {string} root the checkout
 */
export async function ensurePackages(root) {
  const lockfile = readFileSync(join(root, "package-lock.json"), "utf8");
  const stampFile = join(root, "node_modules", ".holdfast-stamp");
  const stamp = stampOf(lockfile);
  if (readIfAny(stampFile) === stamp) return;
  const turn = join(tmpdir(), `holdfast-packages-${stampOf(root).slice(0, 16)}`, "turn");
  await step("packages", () =>
    inTurn(turn, async () => {
      // Whoever had the turn before us may have done it.
      if (readIfAny(stampFile) === stamp) return;
      const installed = readIfAny(join(root, "node_modules", ".package-lock.json"));
      if (installed === undefined || !matchesLockfile(lockfile, installed)) await install(root);
      writeFileSync(stampFile, stamp);
    }),
  );
}

/** @param {string} root */
async function install(root) {
  // Without a network npm tries each of 400 packages in vain, which takes half a minute; asked for one, it knows at once.
  const online =
    (await npm(root, ["view", "libsql", "name", "--prefer-online", "--fetch-retries=0"], 15_000)).code === 0;
  const result = await npm(root, ["ci", online ? "--prefer-offline" : "--offline", "--no-audit", "--no-fund"]);
  if (result.code === 0) return;
  throw new PlainError(
    !online || looksOffline(result.stderr)
      ? "The packages of Holdfast are not installed and the package registry cannot be reached. Connect to the network, then run the same command again."
      : `npm ci could not install the packages:\n${firstLines(result.stderr)}\nRun "npm ci" to see it in full.`,
  );
}

/**
 * @param {string} cwd
 * @param {string[]} args
 * @param {number} [timeoutMs]
 */
async function npm(cwd, args, timeoutMs) {
  const command = npmCommand();
  const options = { cwd, env: command.env, ...(timeoutMs === undefined ? {} : { timeoutMs }) };
  try {
    return await runTool(command.file, [...command.args, ...args, "--loglevel=error"], options);
  } catch (error) {
    throw new PlainError(
      `npm could not be started (${error.code ?? error.message}). Install Node.js with npm, then try again.`,
    );
  }
}

/**
 * npm's words for "no network".
 * @param {string} text
 */
export function looksOffline(text) {
  return /\b(EAI_AGAIN|ENOTFOUND|ENETUNREACH|ECONNREFUSED|EHOSTUNREACH|ETIMEDOUT|ENOTCACHED|ERR_SOCKET_TIMEOUT|FETCH_ERROR)\b/.test(
    text,
  );
}

/** @param {string} text */
function firstLines(text) {
  return text.trim().split("\n").slice(0, 8).join("\n");
}

/** @param {string} file */
function readIfAny(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
