/**
 * From the start of the program to what is seen: the first paint of the window, and the paint in which every row of the first screenful has
 * its content (up to forty; the window shows as many as fit). The app has a million kept records; the rival is a bare window with one word.
 * By turns, nothing watching but start-hook.cjs inside each.
 */
import { createInterface } from "node:readline";
import { root } from "../../../build/root.ts";
import { sandboxArgs } from "../../../build/setup/app-process.ts";
import { end, start } from "../../../build/setup/children.ts";
import { bareDir, benchEnv, folder, type World } from "./electron.ts";
import { keptData } from "./million.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { judged, type Row, ratios, told } from "./rows.ts";

/** After the start, ms. */
type Begun = { readonly windowMs: number; readonly rowsMs: number };

const hook = new URL("start-hook.cjs", import.meta.url).pathname;
const patienceMs = 90_000;

/** In the page: when it painted first and, where rows are waited for, when the last of them did, UTC ms. */
const script = (rows: boolean): string => `(async () => {
  const painted = await new Promise((resolve) => new PerformanceObserver((list, observer) => {
    const entry = list.getEntriesByName("first-contentful-paint")[0];
    if (entry) { observer.disconnect(); resolve(performance.timeOrigin + entry.startTime); }
  }).observe({ type: "paint", buffered: true }));
  const filled = () => {
    const rows = [...document.querySelectorAll("[role=grid] [role=rowgroup] [role=row]")].slice(0, 40);
    return rows.length >= 10 && rows.every((row) => !/^…?$/.test(row.textContent));
  };
  const at = !${rows} ? painted : await new Promise((resolve) => {
    const look = () => {
      if (!filled()) return false;
      observer.disconnect();
      requestAnimationFrame(() => setTimeout(() => resolve(Date.now())));
      return true;
    };
    const observer = new MutationObserver(look);
    observer.observe(document, { childList: true, characterData: true, subtree: true });
    look();
  });
  return { painted, rows: at };
})()`;

export async function startRows(world: World, origin: Origin, plan: Plan): Promise<Row[]> {
  const { dataDir } = await keptData(world, plan, plan.kept);
  const bareData = folder("bare");
  const [ours, theirs]: [Begun[], Begun[]] = [[], []];
  try {
    for (let run = -1; run < plan.runs; run++) {
      const app = await begin(world, [root, "--data-dir", dataDir], dataDir, true);
      const bare = await begin(world, [bareDir, `--page=${origin.page("blank")}`], bareData.path, false);
      plan.say(
        `start ${run + 1}/${plan.runs}: window ${app.windowMs.toFixed()} ms, rows ${app.rowsMs.toFixed()} ms, bare ${bare.windowMs.toFixed()} ms`,
      );
      if (run < 0) continue;
      ours.push(app);
      theirs.push(bare);
    }
  } finally {
    bareData.remove();
  }
  const windows = ours.map(({ windowMs }) => windowMs);
  const rows = ours.map(({ rowsMs }) => rowsMs);
  const bare = theirs.map(({ windowMs }) => windowMs);
  return [
    judged({ name: "start-window-vs-bare", unit: "× bare" }, ratios(windows, bare), { atMost: 1.6 }),
    judged({ name: "start-first-rows-vs-bare", unit: "× bare" }, ratios(rows, bare), { atMost: 2.5 }),
    told({ name: "start-window", unit: "ms" }, windows),
    told({ name: "start-first-rows", unit: "ms" }, rows),
    told({ name: "bare-window-start", unit: "ms" }, bare),
  ];
}

async function begin(world: World, args: readonly string[], dataDir: string, rows: boolean): Promise<Begun> {
  const env = {
    ...benchEnv(world, dataDir),
    NODE_OPTIONS: `--require ${JSON.stringify(hook)}`,
    HOLDFAST_BENCH_SCRIPT: script(rows),
  };
  const at = Date.now();
  const app = start(world.executable, [...sandboxArgs(), ...args], {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  let timer: NodeJS.Timeout | undefined;
  try {
    const { stdout } = app.child;
    if (stdout === null) throw new Error("the app has no output");
    const answer = await new Promise<{ painted: number; rows: number }>((resolve, reject) => {
      const failed = (words: string): void => reject(new Error(words));
      timer = setTimeout(failed, patienceMs, "the window did not paint what was waited for");
      createInterface({ input: stdout }).on("line", (line) => {
        if (line.startsWith("bench ")) resolve(JSON.parse(line.slice("bench ".length)));
        if (line.startsWith("bench-failed ")) failed(line);
      });
      void app.exited.then((code) => failed(`it ended with ${code} before it had painted`));
    });
    await Promise.race([app.exited, new Promise((resolve) => setTimeout(resolve, 15_000).unref())]);
    return { windowMs: answer.painted - at, rowsMs: answer.rows - at };
  } finally {
    clearTimeout(timer);
    await end(app);
  }
}
