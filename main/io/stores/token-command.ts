/**
 * Reads the file that a user chose as a token command: a program, or a .json file with program and arguments in a list.
 * It runs nothing.
 */
import * as fs from "node:fs";
import * as z from "zod/mini";
import { argv } from "../../../preload/contract.ts";
import { commandTrouble } from "./candidate-rules.ts";

const maxBytes = 64 * 1024;

/**
 * What Windows starts without a shell. It calls every file executable, and hands what stands in a .bat or .cmd to a shell
 * that reads its arguments anew.
 */
const windowsPrograms = /\.(exe|com)$/i;

/** @returns the whole command, or the code of the field error that says why this file is none */
export function readTokenCommand(path: string, platform = process.platform): { argv: string[] } | { code: string } {
  try {
    const command = path.toLowerCase().endsWith(".json") ? readList(path) : [path];
    if (command === null) return { code: "command-invalid" };
    const code = commandTrouble(command);
    if (code !== null) return { code };
    const [program = ""] = command;
    if (platform === "win32" && !windowsPrograms.test(program)) return { code: "command-not-executable" };
    if (!fs.statSync(program).isFile()) return { code: "command-not-executable" };
    fs.accessSync(program, fs.constants.X_OK);
    return { argv: command };
  } catch {
    return { code: "command-not-executable" };
  }
}

/** The list of a file, or null when it holds none. */
function readList(path: string): string[] | null {
  try {
    if (fs.statSync(path).size > maxBytes) return null;
    const list: unknown = JSON.parse(fs.readFileSync(path, "utf8").replace(/^\uFEFF/, ""));
    const parsed = z.safeParse(argv, list);
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
