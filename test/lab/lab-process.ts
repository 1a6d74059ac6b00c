/**
 * A server program of the lab: in the foreground, from its own configuration in a temporary folder, on loopback only, ended
 * by its pid. What the machine has installed as a service is neither asked nor touched. Knows no product and no test runner.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { end, type Running, start } from "../../build/setup/children.ts";

export type Program = {
  /** Names its folder and its failures. */
  readonly name: string;
  /** Path of the program, as `findProgram` gives it. */
  readonly program: string;
  readonly args: (folder: string) => readonly string[];
  /** What is written before it starts: path within the folder → content. */
  readonly files: (folder: string) => Readonly<Record<string, string>>;
  /** Folders that it expects to be there. */
  readonly folders?: readonly string[];
  /** It takes connections here when it is ready. */
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Started by root it becomes another user, who writes here too. */
  readonly shared?: boolean;
  /** Files of the folder that tell why it did not start, beside what it prints. */
  readonly logs?: readonly string[];
};

const startTimeoutMs = 30_000;
/** Squid needs more than a second to end in order, and only then takes its shared memory along. */
const endPatienceMs = 4000;
const output = "output.log";

export class LabProcess {
  readonly port: number;
  readonly folder: string;
  readonly #program: Program;
  #running: Running | null = null;

  constructor(program: Program) {
    this.#program = program;
    this.port = program.port;
    this.folder = mkdtempSync(join(tmpdir(), `holdfast-${program.name}-`));
    if (program.shared) chmodSync(this.folder, 0o777);
    for (const name of program.folders ?? []) mkdirSync(join(this.folder, name), { recursive: true });
    for (const [name, content] of Object.entries(program.files(this.folder))) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true });
      writeFileSync(join(this.folder, name), content);
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it wrote into a file of its folder; "" when it did not. */
  read(name: string): string {
    const file = join(this.folder, name);
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Starts it and waits until it takes connections. @throws Error with its own words when it does not */
  async start(): Promise<this> {
    const { name, program, args, env = {} } = this.#program;
    const out = openSync(join(this.folder, output), "a", 0o666);
    const running = start(program, args(this.folder), {
      cwd: this.folder,
      env: { ...process.env, ...env },
      stdio: ["ignore", out, out],
    });
    closeSync(out);
    this.#running = running;
    let code: number | null = null;
    void running.exited.then((exit) => {
      code = exit;
    });
    const until = performance.now() + startTimeoutMs;
    while (code === null && !(await accepts(this.port))) {
      if (performance.now() > until) {
        await this.stop();
        throw new Error(`${name} takes no connection after ${startTimeoutMs / 1000} s: ${this.#words()}`);
      }
      await delay(20);
    }
    if (code !== null) throw new Error(`${name} ended with ${code}: ${this.#words()}`);
    return this;
  }

  /** Ends it at once; every connection through it breaks. It can be started again. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running !== null) await end(running, endPatienceMs);
  }

  /** Ends it for good. */
  async dispose(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #words(): string {
    const all = [output, ...(this.#program.logs ?? [])].map((name) => this.read(name).trim()).filter(Boolean);
    return all.join("\n").slice(-2000) || "it said nothing";
  }
}

/** Starts one; when it does not come up, nothing of it is left. */
export async function startProgram(program: Program): Promise<LabProcess> {
  const made = new LabProcess(program);
  try {
    return await made.start();
  } catch (error) {
    await made.dispose();
    throw error;
  }
}

/** Where a program is, looking also where only root has it in the PATH; null when it is not installed. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/bin", "/usr/local/bin"];
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** Why a program is missing and how it is had, or null. */
export function missingProgram(name: string, debianPackage = name): string | null {
  return findProgram(name) === null ? `${name} is not installed (Debian: apt-get install ${debianPackage})` : null;
}

function accepts(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  return new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
  }).finally(() => socket.destroy());
}
