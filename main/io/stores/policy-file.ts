/**
 * The administrator's layer of the settings. It is read once, at start, and only from hands that may lock a user's
 * settings: on POSIX systems root's or the user's own, and writable by nobody else.
 */
import * as fs from "node:fs";
import type { Code } from "../../../preload/contract.ts";
import { codeOf } from "./safe-file.ts";
import { type Layer, readLayer } from "./settings-schema.ts";
import { parseObject } from "./strict-json.ts";

const nothing: Layer = { leaves: new Map(), endpoints: [], ignored: [] };
const maxBytes = 1024 * 1024;

/** The layer of the policy file; no layer and a problem ("policy-ignored") when it cannot be trusted or read. */
export function readPolicy(path: string | null): { layer: Layer; problems: Code[] } {
  if (path === null) return { layer: nothing, problems: [] };
  const ignored = (reason: string) => ({
    layer: nothing,
    problems: [{ code: "policy-ignored", params: { path, reason } }],
  });
  let fd: number | undefined;
  try {
    fd = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) return ignored("not-a-file");
    if (stat.size > maxBytes) return ignored("too-large");
    if (process.getuid !== undefined) {
      if (stat.uid !== 0 && stat.uid !== process.getuid()) return ignored("foreign-owner");
      if ((stat.mode & 0o022) !== 0) return ignored("writable-by-others");
    }
    const layer = readLayer(parseObject(fs.readFileSync(fd)));
    return {
      layer,
      problems: layer.ignored.map((value) => ({ code: "policy-value-ignored", params: { path: value } })),
    };
  } catch (error) {
    if (codeOf(error) === "ENOENT" || codeOf(error) === "ENOTDIR") return { layer: nothing, problems: [] };
    return ignored(error instanceof SyntaxError ? "not-json" : codeOf(error));
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}
