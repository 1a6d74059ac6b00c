/**
 * Which Electron the app runs on here: the one the caller names, else the one the electron package downloads, else the
 * test runtime. Installs nothing into the system.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheDir, root } from "../root.ts";
import { fallback, fallbackDist } from "./electron-fallback.ts";
import { PlainError, say, step } from "./progress.mjs";
import { runTool } from "./tool.mjs";

/** An Electron that can be started. */
export type Runtime = { executable: string; dist: string; version: string; kind: "override" | "package" | "fallback" };

const packageDir = join(root, "node_modules", "electron");
const wantedVersion: string = JSON.parse(readFileSync(join(packageDir, "package.json"), "utf8")).version;
const failureFile = join(cacheDir, `electron-${wantedVersion}-unreachable`);
const forgetFailureMs = 24 * 60 * 60 * 1000;

/** Where the program is inside a distribution folder. */
export function executableIn(dist: string, platform: NodeJS.Platform = process.platform): string {
  if (platform === "darwin") return join(dist, "Electron.app", "Contents", "MacOS", "Electron");
  return join(dist, platform === "win32" ? "electron.exe" : "electron");
}

/** Finds or fetches the runtime; says so when it is the test runtime. */
export async function electronRuntime(): Promise<Runtime> {
  const override = process.env["ELECTRON_OVERRIDE_DIST_PATH"];
  if (override) return describe(override, "override");
  const own = join(packageDir, "dist");
  if (await packageHasIt(own)) return describe(own, "package");
  if (process.platform !== "linux" || process.arch !== "x64") {
    throw new PlainError(
      `Electron ${wantedVersion} could not be downloaded. Connect to the network and try again, or set ELECTRON_OVERRIDE_DIST_PATH to a folder that holds Electron.`,
    );
  }
  const dist = await fallbackDist();
  say(
    `• Electron ${wantedVersion} cannot be downloaded here: running on the old test runtime ${fallback.version}, good for development and tests only`,
  );
  return describe(dist, "fallback");
}

/** What the app is told about its runtime: the window says when it runs on the old one. */
export function runtimeEnv({ kind }: Runtime): NodeJS.ProcessEnv {
  return kind === "fallback" ? { HOLDFAST_TEST_RUNTIME: "1" } : {};
}

function describe(dist: string, kind: Runtime["kind"]): Runtime {
  const executable = executableIn(dist);
  if (!existsSync(executable))
    throw new PlainError(
      `There is no Electron in ${dist}. Set ELECTRON_OVERRIDE_DIST_PATH to a folder that holds one, or unset it.`,
    );
  const versionFile = join(dist, "version");
  const version = existsSync(versionFile) ? readFileSync(versionFile, "utf8").trim().replace(/^v/, "") : wantedVersion;
  return { executable, dist, version, kind };
}

/** The package's own download, tried at most once a day when it fails; HOLDFAST_RETRY_ELECTRON=1 tries again at once. */
async function packageHasIt(dist: string): Promise<boolean> {
  if (existsSync(executableIn(dist)) && existsSync(join(packageDir, "path.txt"))) return true;
  const failedAt = (await stat(failureFile).catch(() => undefined))?.mtimeMs;
  const remembered = failedAt !== undefined && Date.now() - failedAt < forgetFailureMs;
  if (remembered && !process.env["HOLDFAST_RETRY_ELECTRON"]) return false;
  const tried = await step(`Electron ${wantedVersion}`, () =>
    runTool(process.execPath, [join(packageDir, "install.js")], { cwd: packageDir, timeoutMs: 300_000 }),
  );
  if (tried.code === 0 && existsSync(executableIn(dist))) {
    await rm(failureFile, { force: true });
    return true;
  }
  await mkdir(cacheDir, { recursive: true });
  await writeFile(failureFile, `${tried.stderr.trim().split("\n")[0] ?? ""}\n`);
  return false;
}
