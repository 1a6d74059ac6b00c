/**
 * The second entry: the same core in plain Node, without Electron, without a window and without the app's lock.
 * stdout carries only what a command promises; everything else goes to stderr.
 */
import { writeSync } from "node:fs";
import { CliError } from "./cli/arguments.ts";
import { demo, demoUsage, planDemo } from "./cli/demo.ts";
import { diagnose } from "./cli/diagnose.ts";
import { diagnoseUsage, planDiagnose } from "./cli/diagnose-plan.ts";
import { type ExportWorkers, exportEvents } from "./cli/export.ts";
import { exportUsage, planExport } from "./cli/export-plan.ts";
import { watch } from "./cli/watch.ts";
import { planWatch, watchUsage } from "./cli/watch-plan.ts";
import { redact } from "./core/redact.ts";
import { version } from "./version.ts";

const usage = `usage: npm run -s cli -- COMMAND …\n  ${watchUsage}\n  ${diagnoseUsage}\n  ${exportUsage}\n  ${demoUsage}\n  --version | --help`;
const exit = { ok: 0, usage: 2, crash: 70 } as const;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // Whoever read our lines has gone (`| head`): that is a way of asking to stop. Anything else loses what was printed.
  if (error.code === "EPIPE") stop.abort();
  else process.exit(report(error));
});

/** What we did not write ourselves may quote a secret. */
function complain(text: string): void {
  writeSync(2, `${redact(text)}\n`);
}

/** One line on a terminal that is written over; null: nobody looks at it. */
function progress(): ((text: string) => void) | null {
  return process.stderr.isTTY ? (text) => void process.stderr.write(`\r\u001b[K${text}`) : null;
}

/** Answers when it has been taken, or when nobody takes it any more. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(text, () => resolve()));
}

/** Beside the sources, or built beside the bundle. */
function exportWorkers(): ExportWorkers {
  const at = (source: string, built: string) =>
    new URL(import.meta.url.endsWith(".ts") ? source : built, import.meta.url);
  return {
    journal: at("./io/journal/journal-worker.ts", "./journal-worker.js"),
    search: at("./io/journal/search/search-worker.ts", "./search-worker.js"),
  };
}

async function main(args: readonly string[]): Promise<number> {
  const print = (line: string) => void process.stdout.write(`${line}\n`);
  const [command, ...rest] = args;
  if (command !== undefined && rest.includes("--help")) {
    print(usage);
    return exit.ok;
  }
  switch (command) {
    case "watch":
      return await watch(planWatch(rest, process.env), print, stop.signal);
    case "diagnose":
      return await diagnose(planDiagnose(rest, process.env), print, progress(), stop.signal);
    case "export":
      return await exportEvents(planExport(rest), exportWorkers(), write, progress(), stop.signal);
    case "demo":
      return await demo(planDemo(rest), print, stop.signal);
    case "--version":
      print(version);
      return exit.ok;
    case "--help":
    case "help":
      print(usage);
      return exit.ok;
    default:
      throw new CliError(command === undefined ? "a command is missing" : `there is no command "${command}"`, usage);
  }
}

function report(error: unknown): number {
  if (error instanceof CliError) {
    writeSync(2, `${error.usage === null ? error.message : `${error.message}\n${error.usage}`}\n`);
    return exit.usage;
  }
  complain(`holdfast: stopped by a fault of its own: ${error instanceof Error ? error.message : String(error)}`);
  return exit.crash;
}

process.on("uncaughtException", (error) => process.exit(report(error)));
const code = await main(process.argv.slice(2)).catch(report);
// What was printed into a pipe must be out before the process is gone.
process.stdout.write("", () => process.exit(code));
