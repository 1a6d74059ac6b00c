/**
 * `watch --record`: each step of the machine as a line of JSON, so that `--replay` can take it again. The first line is where
 * it began. Contents of events are left out: the machine never looks at them.
 */
import { createWriteStream, type WriteStream } from "node:fs";
import type { Writable } from "node:stream";
import { beginLine, stepLine } from "../io/ring-file.ts";
import { type Ring, withoutContents } from "../streams/ring.ts";
import { CliError } from "./arguments.ts";

export type Recorder = {
  readonly ring: Ring;
  /** Resolves when all of it is in the file; rejects with what kept it from getting there. */
  close(): Promise<void>;
};

/** A step is a few hundred bytes: a disk that is this far behind does not come back, and memory must not pay for it. */
const waitingMaxBytes = 64 * 1024 * 1024;

/**
 * @param file open for writing; nobody else writes to it
 * @param failed called once when something could not be written: from then on nothing is
 */
export function createRecorder(file: Writable, failed: () => void = () => {}): Recorder {
  let fault: Error | null = null;
  file.on("error", (error) => {
    fault ??= error;
    failed();
  });
  const write = (line: string): void => {
    if (fault !== null || file.destroyed) return;
    if (file.writableLength > waitingMaxBytes) file.destroy(new Error("the disk is too slow for it"));
    else file.write(line);
  };
  return {
    ring: {
      begin: (policy, state) => write(beginLine(policy, state)),
      note: (event, moment, after) => write(stepLine({ ...moment, event: withoutContents(event), after })),
    },
    close: () =>
      new Promise((resolve, reject) => {
        file.end((error?: Error | null) => {
          const reason = fault ?? error ?? null;
          if (reason === null) resolve();
          else reject(reason);
        });
      }),
  };
}

/** Opens the file of `--record` anew. @throws CliError when it cannot be */
export function openRecord(path: string): Promise<WriteStream> {
  const file = createWriteStream(path, { mode: 0o600 });
  return new Promise((resolve, reject) => {
    const refuse = (error: Error): void => reject(unwritable(path, error));
    file.once("error", refuse);
    file.once("open", () => {
      file.off("error", refuse);
      resolve(file);
    });
  });
}

/** What is said when the file takes no more. */
export function unwritable(path: string, error: NodeJS.ErrnoException): CliError {
  return new CliError(`watch: --record ${path}: the file cannot be written (${error.code ?? error.message})`);
}
