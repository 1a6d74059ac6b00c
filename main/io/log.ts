/**
 * The log on disk: `holdfast.log` and four older ones of at most 5 MB each. One line an entry, secrets taken out.
 * It is for people who look for a fault; events, settings and headers are never written. Losing it never stops the app.
 */
import { constants, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { FailureView, Grade } from "../../preload/contract.ts";
import type { DelayRule } from "../core/connection/backoff.ts";
import { redact } from "../core/redact.ts";

export type Log = {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, cause?: unknown): void;
  /** The line that tells how long a reconnect waits, why, and by which rule of core/connection/backoff.ts. */
  retry(family: FailureView["family"], grade: Grade, delayMs: number, rule: DelayRule): void;
  /** Resolves when all entries so far are on disk or given up. */
  flush(): Promise<void>;
  /** Entries that could not be written. */
  lost(): number;
};

export type LogOptions = {
  /** The data folder; the log goes into `logs` below it. */
  readonly dataDir: string;
  /** UTC, milliseconds. */
  now(): number;
  /** Hears once that the log cannot be written. */
  onProblem(problem: { code: "log-failing"; params: { reason: string } }): void;
  readonly maxBytes?: number;
  readonly files?: number;
};

/** What may wait in memory while the disk is slow. */
const waitingMaxChars = 1024 * 1024;
const messageMaxChars = 8192;

/** Opens the log. Nothing is touched before the first entry. */
export function openLog({ dataDir, now, onProblem, maxBytes = 5_000_000, files = 5 }: LogOptions): Log {
  const folder = join(dataDir, "logs");
  const name = (age: number): string => join(folder, age === 0 ? "holdfast.log" : `holdfast.log.${age}`);
  let waiting: string[] = [];
  let waitingChars = 0;
  let writing: Promise<void> | null = null;
  let lost = 0;
  let told = false;

  const write = (level: string, message: string): void => {
    const entry = `${new Date(now()).toISOString()} ${level} ${oneLine(redact(message.slice(0, messageMaxChars)))}\n`;
    if (waitingChars + entry.length > waitingMaxChars) {
      lost += 1;
      return;
    }
    waiting.push(entry);
    waitingChars += entry.length;
    writing ??= drain().finally(() => {
      writing = null;
    });
  };

  const drain = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      waitingChars = 0;
      try {
        await append(batch);
      } catch (error) {
        lost += batch.length;
        const reason = error instanceof Error && "code" in error ? String(error.code) : "unknown";
        if (!told) onProblem({ code: "log-failing", params: { reason } });
        told = true;
      }
    }
  };

  const append = async (batch: readonly string[]): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let rest = batch;
    while (rest.length > 0) {
      const room = maxBytes - (await sizeOf(name(0)));
      const fits = countThatFits(rest, room);
      // An entry larger than a whole file goes alone into an empty one.
      if (fits === 0 && room < maxBytes) {
        await rotate();
        continue;
      }
      const part = rest.slice(0, Math.max(1, fits));
      await appendFile(name(0), part.join(""));
      rest = rest.slice(part.length);
    }
  };

  const rotate = async (): Promise<void> => {
    await rm(name(files - 1), { force: true });
    for (let age = files - 2; age >= 0; age -= 1) await rename(name(age), name(age + 1)).catch(ignoreMissing);
  };

  return {
    info: (message) => write("INFO", message),
    warn: (message) => write("WARN", message),
    error: (message, cause) => write("ERROR", cause === undefined ? message : `${message}: ${describe(cause)}`),
    retry: (family, grade, delayMs, rule) =>
      write("INFO", `Smart reconnect: ${family}, quality: ${grade}, delay: ${delayMs}ms, rule: ${rule}`),
    flush: async () => {
      await writing;
    },
    lost: () => lost,
  };
}

/** Appends to a file of ours; a link in its place is refused (ELOOP) and not followed. */
async function appendFile(path: string, text: string): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);
  const file = await open(path, flags, 0o600);
  try {
    await file.appendFile(text);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await lstat(path).catch(ignoreMissing))?.size ?? 0;
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
  throw error;
}

function countThatFits(entries: readonly string[], room: number): number {
  let bytes = 0;
  let count = 0;
  for (const entry of entries) {
    bytes += Buffer.byteLength(entry);
    if (bytes > room) break;
    count += 1;
  }
  return count;
}

/** What an error says of itself, with its stack: the log is where a stack belongs. */
function describe(cause: unknown): string {
  return cause instanceof Error ? (cause.stack ?? `${cause.name}: ${cause.message}`) : String(cause);
}

/** Line breaks and other controls made visible, so that one entry is one line and a terminal obeys none of it. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (found) => {
    if (found === "\n") return "\\n";
    return found === "\r" ? "\\r" : `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
