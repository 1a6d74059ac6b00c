/**
 * The gateway of gateway/ as a program: finds cargo and a C compiler, builds once in release, and says where the binary is.
 * What a build leaves behind lies in the cache of the user, never in the checkout. Runs nothing; whoever wants the gateway starts it.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { cacheDir, root } from "./root.ts";
import { PlainError, step } from "./setup/progress.mjs";
import { runTool } from "./setup/tool.mjs";

/** A gateway that can be started, or the one line that says what is missing and how to get it. */
export type Gateway = { path: string } | { missing: string };

/** A cargo that can build the gateway, with the environment it needs. */
export type Cargo = { path: string; env: NodeJS.ProcessEnv };

/** The crate. */
export const crateDir = join(root, "gateway");

/** Edition 2024 with `if let … && …` needs it; the crates below ask for less. */
const leastRust = [1, 88] as const;

/** Where cargo puts what it builds: outside the checkout, shared by all checkouts of a user. */
const targetDir = join(cacheDir, "gateway-target");

/** Builds what is out of date; the first time takes minutes, an unchanged crate under a second, without network. */
export async function gatewayBinary(): Promise<Gateway> {
  const cargo = await findCargo();
  if ("missing" in cargo) return cargo;
  await step("the gateway (Rust; minutes the first time)", async () => {
    const { code, stderr } = await cargoOnline(cargo, ["build", "--release", "--locked"]);
    if (code !== 0) throw new PlainError(`The gateway does not compile:\n${stderr.trimEnd()}`);
  });
  return {
    path: join(targetDir, "release", process.platform === "win32" ? "holdfast-gateway.exe" : "holdfast-gateway"),
  };
}

/**
 * Runs cargo in the crate, without network when all crates are already here: a machine that built once can always build again.
 * @returns code and output of the run that counts
 */
export async function cargoOnline({ path, env }: Cargo, args: readonly string[]) {
  const offline = await runTool(path, ["fetch", "--locked", "--offline"], { cwd: crateDir, env });
  const reach = offline.code === 0 ? ["--offline"] : [];
  const [command = "", ...rest] = args;
  return runTool(path, [command, ...reach, ...rest], { cwd: crateDir, env });
}

/** Looks in the PATH and where rustup puts it. */
export async function findCargo(): Promise<Cargo | { missing: string }> {
  const path = onPath("cargo") ?? [join(homedir(), ".cargo", "bin", "cargo")].find((file) => existsSync(file));
  if (path === undefined) return { missing: "no cargo on this machine: install Rust from https://rustup.rs" };
  const [major = 0, minor = 0] = await versionOf(path);
  if (major < leastRust[0] || (major === leastRust[0] && minor < leastRust[1])) {
    return { missing: `cargo ${major}.${minor} is older than ${leastRust.join(".")}: run \`rustup update\`` };
  }
  for (const tool of ["cmake", "cc", "make"]) {
    // zlib-ng is compiled from C.
    if (onPath(tool) === undefined) return { missing: `no ${tool}: sudo apt-get install -y cmake gcc g++ make` };
  }
  // A rustc beside this cargo must be found by it too.
  const PATH = [join(homedir(), ".cargo", "bin"), process.env["PATH"] ?? ""].join(delimiter);
  return { path, env: { ...process.env, PATH, CARGO_TARGET_DIR: targetDir, CARGO_TERM_COLOR: "never" } };
}

async function versionOf(cargo: string): Promise<number[]> {
  const { stdout } = await runTool(cargo, ["--version"]).catch(() => ({ stdout: "" }));
  return rustVersion(stdout);
}

/** Major and minor of `cargo 1.95.0 (…)`; empty when it says something else. */
export function rustVersion(line: string): number[] {
  const [, major, minor] = /^cargo (\d+)\.(\d+)\./.exec(line) ?? [];
  return major === undefined || minor === undefined ? [] : [Number(major), Number(minor)];
}

function onPath(name: string): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const names = process.platform === "win32" ? [`${name}.exe`] : [name];
  return folders.flatMap((folder) => names.map((file) => join(folder, file))).find((file) => existsSync(file));
}
