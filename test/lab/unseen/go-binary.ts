/** Builds go-proxy/ with the machine's Go, once for each state of its source; the program lies in the user's cache. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cacheDir } from "../../../build/root.ts";
import { runTool } from "../../../build/setup/tool.mjs";
import { findProgram } from "../lab-process.ts";

const source = join(import.meta.dirname, "go-proxy", "main.go");
/** The first build compiles the standard library, on a slow machine for minutes. */
const buildTimeoutMs = 300_000;
let asked: Promise<string> | null = null;

export function missingGo(): string | null {
  return findProgram("go") === null ? "no go on this machine (Debian: apt-get install golang-go)" : null;
}

/** Path of the program. @throws Error with the compiler's words */
export function goProxyBinary(): Promise<string> {
  asked ??= build();
  return asked;
}

async function build(): Promise<string> {
  const go = findProgram("go") ?? "go";
  const { stdout: version } = await runTool(go, ["version"]);
  const state = createHash("sha256").update(version).update(readFileSync(source)).digest("hex").slice(0, 16);
  const folder = join(cacheDir, "go-proxy");
  const path = join(folder, state);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  // Another run may build the same: whoever is last puts the same program in its place.
  const fresh = `${path}.${process.pid}`;
  // Only the standard library is used, so nothing is asked of any network.
  const env = { ...process.env, GOFLAGS: "-buildvcs=false", GOPROXY: "off", CGO_ENABLED: "0" };
  const { code, stderr } = await runTool(go, ["build", "-o", fresh, source], { env, timeoutMs: buildTimeoutMs });
  if (code !== 0) throw new Error(`go-proxy does not compile: ${stderr.trim()}`);
  renameSync(fresh, path);
  return path;
}
