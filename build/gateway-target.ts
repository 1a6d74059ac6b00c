/**
 * Where cargo builds the gateway: outside the checkout, in a folder of each checkout. In a common one cargo takes the crates
 * of two checkouts for the same and goes by time stamps alone: seen, tests ran the program of another checkout.
 * A new folder begins with the compiled dependencies of another, which cost minutes. Compiles nothing itself.
 */
import { createHash } from "node:crypto";
import { constants, existsSync } from "node:fs";
import { cp, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Stands in a folder once everything was compiled in it; only such a one is copied. */
const marker = "complete";

/** The folder of a checkout, ready to be built in. */
export async function targetDir(all: string, checkout: string): Promise<string> {
  const own = join(all, createHash("sha256").update(checkout).digest("hex").slice(0, 12));
  const seed = existsSync(own) ? undefined : await newest(all);
  if (seed !== undefined) await plant(seed, own);
  return own;
}

/** Says that a build ended well. */
export async function markComplete(target: string): Promise<void> {
  await writeFile(join(target, marker), "");
}

async function newest(all: string): Promise<string | undefined> {
  await mkdir(all, { recursive: true });
  const folders = (await readdir(all)).map((name) => join(all, name)).filter((path) => existsSync(join(path, marker)));
  const dated = await Promise.all(
    folders.map(async (path) => ({ path, at: (await stat(join(path, marker))).mtimeMs })),
  );
  return dated.sort((a, b) => b.at - a.at)[0]?.path;
}

/** Two processes may do so at once; whoever is second finds it done. */
async function plant(seed: string, own: string): Promise<void> {
  const part = `${own}.${process.pid}`;
  await cp(seed, part, { recursive: true, preserveTimestamps: true, mode: constants.COPYFILE_FICLONE });
  const prints = join(part, "release", ".fingerprint");
  const ours = (await readdir(prints)).filter((name) => name.startsWith("holdfast-gateway-"));
  for (const name of ours) await rm(join(prints, name), { recursive: true });
  await rename(part, own).catch(() => rm(part, { recursive: true, force: true }));
}
