/** The bare window of the bench as a child: runs scripts in its page, without developer tools, and ends with us. */
import { root } from "../../../build/root.ts";
import { sandboxArgs } from "../../../build/setup/app-process.ts";
import { end, type Running, start } from "../../../build/setup/children.ts";
import { bareDir, benchEnv, folder, type World } from "./electron.ts";

type Answer = { readonly id: number; readonly value?: unknown; readonly error?: string };
type Waiting = Map<number, (answer: Answer) => void>;

const startMs = 60_000;

export class Bare {
  readonly rendererPid: number;
  readonly #running: Running;
  readonly #folder: ReturnType<typeof folder>;
  readonly #waiting: Map<number, (answer: Answer) => void>;
  #asked = 0;

  private constructor(running: Running, own: ReturnType<typeof folder>, waiting: Waiting, rendererPid: number) {
    this.#running = running;
    this.#folder = own;
    this.#waiting = waiting;
    this.rendererPid = rendererPid;
  }

  static async open(world: World, page: string): Promise<Bare> {
    const own = folder("bare");
    const running = start(world.executable, [...sandboxArgs(), bareDir, `--page=${page}`], {
      cwd: root,
      env: benchEnv(world, own.path),
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const waiting = new Map<number, (answer: Answer) => void>();
    running.child.on("message", (answer: Answer) => {
      waiting.get(answer.id)?.(answer);
      waiting.delete(answer.id);
    });
    try {
      // Number 0 is its own word that the page is there.
      const pid = await heard(running, waiting, 0, startMs);
      return new Bare(running, own, waiting, Number(pid));
    } catch (error) {
      await end(running);
      own.remove();
      throw error;
    }
  }

  /** What the script comes to; a promise is waited for. */
  run<T>(script: string, patienceMs = 600_000): Promise<T> {
    return this.#ask(script, patienceMs) as Promise<T>;
  }

  /** The page anew. */
  async reload(): Promise<void> {
    await this.#ask(null, startMs);
  }

  async end(): Promise<void> {
    await end(this.#running);
    this.#folder.remove();
  }

  #ask(script: string | null, patienceMs: number): Promise<unknown> {
    const id = ++this.#asked;
    const answer = heard(this.#running, this.#waiting, id, patienceMs);
    this.#running.child.send({ id, script });
    return answer;
  }
}

function heard({ exited }: Running, waiting: Waiting, id: number, patienceMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the bare window did not answer in ${patienceMs / 1000} s`)),
      patienceMs,
    );
    waiting.set(id, ({ value, error }) => {
      clearTimeout(timer);
      if (error === undefined) resolve(value);
      else reject(new Error(error));
    });
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`the bare window ended with ${code}`));
    });
  });
}
