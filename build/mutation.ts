/**
 * `npm run mutation`: breaks main/core in small ways, one at a time, and counts the breaks that a test of the core notices.
 * Texts are left alone: most are codes and words, and a typo in one is the compiler's or the catalogues' business.
 * Arguments name files of main/core; without any it is all of it. Options go to Stryker: with `--incremental` only what
 * changed since the last such run is tried again. Writes reports/mutation/, ends with 1 below the bar.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Files, scoreOf, summary, survivors } from "./mutation-report.ts";
import { root } from "./root.ts";
import { runTool } from "./setup/tool.mjs";

/** Promised by the plan: so many of a hundred mutants are noticed. */
const bar = 85;
const folder = join(root, "reports", "mutation");
const core = "main/core";

/**
 * Subjects of the core: how their files' paths begin, and their tests' names; the first that fits is meant. A mutant meets only
 * the tests of its own part: it is a tenth of the time, and can only lower the score. What belongs to none of these is the machine.
 */
type Subject = { readonly files: readonly string[]; readonly tests: readonly string[] };
const subjects: Readonly<Record<string, Subject>> = {
  failure: { files: ["failure/"], tests: ["failure", "close-codes", "login-address"] },
  history: { files: ["quality/history", "quality/sketch"], tests: ["history", "sketch"] },
  once: {
    files: ["events/once", "events/id-sequence", "events/fingerprint"],
    tests: ["once", "id-sequence", "fingerprint"],
  },
  masks: { files: ["diagnosis/mask"], tests: ["diagnosis-mask"] },
  lines: {
    files: ["diagnosis/fix", "diagnosis/guide", "diagnosis/report"],
    tests: ["diagnosis-fixes", "diagnosis-report"],
  },
  diagnosis: { files: ["diagnosis/"], tests: ["diagnosis-"] },
  detection: { files: ["detection/", "proxy-signature"], tests: ["proxy-signature", "speaker", "known-path"] },
  proxy: { files: ["proxy/"], tests: ["proxy/"] },
  search: { files: ["search/"], tests: ["search/"] },
  export: { files: ["export/"], tests: ["export/"] },
  texts: {
    files: ["plain-text", "redact", "notice", "rules", "tray-state", "events/record"],
    tests: ["plain-text", "redact", "notice", "rules", "tray-state", "record"],
  },
};
const machine = "machine";

/** The command. */
export async function run(args: readonly string[]): Promise<number> {
  const wanted = args.filter((arg) => !arg.startsWith("-")).map((file) => basename(file));
  const options = args.filter((arg) => arg.startsWith("-"));
  const files = coreFiles();
  const unknown = wanted.filter((name) => !files.some((file) => basename(file) === name));
  if (unknown.length > 0) {
    process.stdout.write(`Not in ${core}: ${unknown.join(", ")}\n`);
    return 2;
  }
  const tests = coreTests();
  let found: Files = {};
  for (const part of [...Object.keys(subjects), machine]) {
    const isWanted = (file: string) => wanted.length === 0 || wanted.includes(basename(file));
    const mine = files.filter((file) => partOf(file) === part && isWanted(file));
    if (mine.length === 0) continue;
    process.stdout.write(`\n${part}: ${mine.join(" ")}\n`);
    const answer = await stryker(
      part,
      mine,
      tests.filter((name) => partOfTest(name) === part),
      options,
    );
    if (typeof answer === "number") return answer;
    found = { ...found, ...answer };
  }
  writeFileSync(join(folder, "survivors.md"), survivors(found));
  const total = scoreOf(Object.values(found).flatMap(({ mutants }) => mutants));
  process.stdout.write(`\n${summary(found)}\n\nsurvivors: reports/mutation/survivors.md\n`);
  process.stdout.write(`mutation score ${total.score.toFixed(1)} % (${bar} % promised)\n`);
  return total.score >= bar ? 0 : 1;
}

/** The core's files, by their paths in it. */
export function coreFiles(): string[] {
  return readdirSync(join(root, core), { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
}

/** The core's quick tests, by their paths in test/core. */
export function coreTests(): string[] {
  const names = readdirSync(join(root, "test", "core"), { recursive: true, encoding: "utf8" });
  return names.filter((name) => /(?<!\.slow)\.test\.ts$/.test(name));
}

/** The part of the core that a file belongs to. @param path in main/core */
export function partOf(path: string): string {
  return subjectOf(path, ({ files }) => files);
}

/** The part that a file of tests is about. @param path in test/core */
export function partOfTest(path: string): string {
  return subjectOf(path, ({ tests }) => tests);
}

function subjectOf(path: string, stems: (subject: Subject) => readonly string[]): string {
  const found = Object.entries(subjects).find(([, subject]) => stems(subject).some((stem) => path.startsWith(stem)));
  return found?.[0] ?? machine;
}

/** Runs Stryker over some files with some tests. Returns what it found, or the code it ended with. */
async function stryker(part: string, files: readonly string[], tests: readonly string[], options: readonly string[]) {
  const temporary = mkdtempSync(join(tmpdir(), "holdfast-mutation-"));
  try {
    const args = [
      ["run", "build/stryker.json"],
      ["--mutate", files.map((name) => `${core}/${name}`).join(",")],
      ["--tempDirName", temporary],
      ["--incrementalFile", `reports/mutation/${part}.incremental.json`],
      options,
    ];
    const { code } = await runTool(
      process.execPath,
      [join(root, "node_modules", "@stryker-mutator", "core", "bin", "stryker.js"), ...args.flat()],
      { cwd: root, env: { ...process.env, HOLDFAST_MUTATION_TESTS: tests.join(",") }, inherit: true },
    );
    if (code !== 0) return code;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  const report = JSON.parse(readFileSync(join(folder, "mutation.json"), "utf8")) as { files: Files };
  return report.files;
}
