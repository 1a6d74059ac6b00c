/**
 * The gateway of gateway/ as a program: finds cargo and a C compiler, builds once in release, and says where the binary is.
 * What a build leaves behind lies in the cache of the user, never in the checkout. Runs nothing; whoever wants the gateway starts it.
 */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { markComplete, targetDir } from "./gateway-target.ts";
import { cacheDir, root } from "./root.ts";
import { PlainError, step } from "./setup/progress.mjs";
import { runTool } from "./setup/tool.mjs";

/** What a machine lacks: one line that says what, and how to get it. */
export type Missing = { missing: string };

/** How a run of cargo ended, and the folder it built in. */
export type CargoRun = { code: number; stdout: string; stderr: string; target: string };

/** Edition 2024 with `if let … && …` needs it, and the newest of the crates; Cargo.toml says the same. */
const leastRust = [1, 88] as const;

/**
 * Builds what is out of date: minutes the first time, an unchanged crate under a second and without network.
 * @throws PlainError when the gateway does not compile
 */
export async function gatewayBinary(): Promise<{ path: string } | Missing> {
  const built = await runCargo(["build", "--release", "--locked"], "the gateway (Rust; minutes the first time)");
  if ("missing" in built) return built;
  if (built.code !== 0) throw new PlainError(`The gateway does not compile:\n${built.stderr.trimEnd()}`);
  return { path: join(built.target, "release", `holdfast-gateway${process.platform === "win32" ? ".exe" : ""}`) };
}

/**
 * Compiles the gateway and its tests, so that no test has to wait for that: a first compile may take longer than a test file
 * is given. What goes wrong here the tests will say.
 */
export async function compileGateway(): Promise<void> {
  await runCargo(
    ["test", "--release", "--locked", "--no-run"],
    "the gateway and its tests (Rust; minutes the first time)",
  );
}

/** Runs cargo in the crate. Without network that is enough once all crates are here: the lockfile leaves nothing to ask. */
export async function runCargo(args: readonly string[], name: string): Promise<CargoRun | Missing> {
  const cargo = await findCargo();
  if ("missing" in cargo) return cargo;
  // The rustc beside this cargo must be found too.
  const PATH = [join(homedir(), ".cargo", "bin"), process.env["PATH"] ?? ""].join(delimiter);
  const target = await targetDir(join(cacheDir, "gateway-target"), root);
  const env = { ...process.env, PATH, CARGO_TARGET_DIR: target, CARGO_TERM_COLOR: "never" };
  const ended = await step(name, () => runTool(cargo.path, args, { cwd: join(root, "gateway"), env }));
  if (ended.code === 0) await markComplete(target);
  if (ended.code !== 0 && /failed to (download|get|fetch|query)/.test(ended.stderr)) {
    return {
      missing: "the gateway's crates are not on this machine and the network does not give them: try again online",
    };
  }
  return { ...ended, target };
}

/** Looks in the PATH and where rustup puts it; the crates also need a C compiler, for zlib-ng. */
async function findCargo(): Promise<{ path: string } | Missing> {
  const path = onPath("cargo") ?? [join(homedir(), ".cargo", "bin", "cargo")].find((file) => existsSync(file));
  if (path === undefined) return { missing: "no cargo on this machine: install Rust from https://rustup.rs" };
  const { stdout } = await runTool(path, ["--version"]).catch(() => ({ stdout: "" }));
  const [major = 0, minor = 0] = rustVersion(stdout);
  if (major < leastRust[0] || (major === leastRust[0] && minor < leastRust[1])) {
    return { missing: `cargo ${major}.${minor} is older than ${leastRust.join(".")}: run \`rustup update\`` };
  }
  const lacking = ["cmake", "cc", "make"].find((tool) => onPath(tool) === undefined);
  if (lacking !== undefined) return { missing: `no ${lacking}: sudo apt-get install -y cmake gcc g++ make` };
  return { path };
}

/** Major and minor of `cargo 1.95.0 (…)`; empty when it says something else. */
export function rustVersion(line: string): number[] {
  const [, major, minor] = /^cargo (\d+)\.(\d+)\./.exec(line) ?? [];
  return major === undefined || minor === undefined ? [] : [Number(major), Number(minor)];
}

function onPath(name: string): string | undefined {
  const file = process.platform === "win32" ? `${name}.exe` : name;
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.map((folder) => join(folder, file)).find((path) => existsSync(path));
}
