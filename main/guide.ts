/**
 * A program: `guide.ts [--check]` writes docs/troubleshooting.md and its Chinese twin from the rules of the diagnosis, so
 * that guide and program cannot disagree. With `--check` it writes nothing and ends with 1 where a file is another.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { words } from "../preload/words.ts";
import { guide } from "./core/diagnosis/guide.ts";
import type { Speak } from "./core/diagnosis/report.ts";

const files = [
  ["docs/troubleshooting.md", "en"],
  ["docs/troubleshooting.zh-CN.md", "zh-CN"],
] as const;

const check = process.argv.includes("--check");
const stale = files.filter(([path, locale]) => {
  const whole = join(import.meta.dirname, "..", path);
  const text = guide(words(locale) as Speak);
  if (existsSync(whole) && readFileSync(whole, "utf8") === text) return false;
  if (!check) writeFileSync(whole, text);
  process.stdout.write(`${path}: ${check ? "not what the rules say; npm run guide writes it" : "written"}\n`);
  return true;
});
process.exitCode = check && stale.length > 0 ? 1 : 0;
