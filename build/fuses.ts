/**
 * The switches burnt into the packaged program: what it refuses to do whoever asks. Every fuse the runtime has is set
 * explicitly, and read back: a new fuse of a later Electron stops the packing until somebody has thought about it.
 */
import {
  FuseState,
  type FuseV1Config,
  FuseV1Options,
  FuseVersion,
  flipFuses,
  getCurrentFuseWire,
} from "@electron/fuses";
import { PlainError } from "./setup/progress.mjs";

/** The wanted state of each fuse on a platform. */
export function fuseTable(platform: NodeJS.Platform): Record<FuseV1Options, boolean> {
  return {
    // A signed program must not become an interpreter for somebody else's script.
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.EnableCookieEncryption]: true,
    // Linux has no such check; there a folder that only root can write is the protection.
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: platform === "darwin" || platform === "win32",
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
    [FuseV1Options.WasmTrapHandlers]: true,
  };
}

/** Sets the fuses of a program and returns the names of those it has, or refuses. */
export async function setFuses(executable: string, platform: NodeJS.Platform): Promise<string[]> {
  const table = fuseTable(platform);
  const present = fusesOf(await getCurrentFuseWire(executable));
  const unknown = present.filter(([fuse]) => !(fuse in table)).map(([fuse]) => fuse);
  if (unknown.length > 0)
    throw new PlainError(
      `This Electron has fuses nobody has decided about (${unknown.join(", ")}). Add them to build/fuses.ts.`,
    );
  const wanted = Object.fromEntries(present.map(([fuse]) => [fuse, table[fuse]]));
  await flipFuses(executable, {
    version: FuseVersion.V1,
    resetAdHocDarwinSignature: platform === "darwin",
    ...wanted,
  } as FuseV1Config);
  for (const [fuse, state] of fusesOf(await getCurrentFuseWire(executable))) {
    if ((state === FuseState.ENABLE) !== table[fuse])
      throw new PlainError(`The fuse ${FuseV1Options[fuse]} could not be set.`);
  }
  return present.map(([fuse]) => FuseV1Options[fuse]);
}

function fusesOf(wire: object): [FuseV1Options, FuseState][] {
  return Object.entries(wire)
    .filter(([name]) => /^\d+$/.test(name))
    .map(([name, state]) => [Number(name), state]);
}
