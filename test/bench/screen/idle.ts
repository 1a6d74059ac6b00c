/**
 * Fifty streams that only say every 15 s that they are alive, with the window hidden: CPU of the app and all its processes, as a share of
 * one core. Started as a user would, without anything that watches from outside.
 */
import { setTimeout as delay } from "node:timers/promises";
import { root } from "../../../build/root.ts";
import { sandboxArgs } from "../../../build/setup/app-process.ts";
import { end, start } from "../../../build/setup/children.ts";
import { family } from "../../e2e/process-tree.ts";
import { benchEnv, folder, Window, type World } from "./electron.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { cpuMs } from "./processes.ts";
import { judged, type Row } from "./rows.ts";

const settleMs = 15_000;

export async function idleRows(world: World, origin: Origin, plan: Plan): Promise<Row[]> {
  const data = folder("idle");
  try {
    const keys = await prepare(world, origin, plan, data.path);
    const args = [...sandboxArgs(), root, "--data-dir", data.path, "--hidden"];
    const app = start(world.executable, args, { cwd: root, env: benchEnv(world, data.path), stdio: "ignore" });
    try {
      for (const key of keys) await origin.until(key, ({ openings }) => openings > 1, 60_000);
      await delay(Math.min(settleMs, plan.idleS * 1000));
      const shares: number[] = [];
      for (let run = 0; run < plan.runs; run++) {
        const [before, from] = [used(app.child.pid), performance.now()];
        await delay(plan.idleS * 1000);
        shares.push(((used(app.child.pid) - before) / (performance.now() - from)) * 100);
        plan.say(`idle ${run + 1}/${plan.runs}: ${shares.at(-1)?.toFixed(2)} % of a core`);
      }
      const note = `${plan.idleStreams} streams`;
      return [judged({ name: "idle-hidden-cpu", unit: "% of a core", note }, shares, { atMost: 0.5 })];
    } finally {
      await end(app, 20_000);
    }
  } finally {
    data.remove();
  }
}

/** The settings with all the streams in them, written by the app itself. */
async function prepare(world: World, origin: Origin, plan: Plan, dataDir: string): Promise<string[]> {
  const app = await Window.holdfast(world, dataDir);
  try {
    const keys: string[] = [];
    for (let n = 0; n < plan.idleStreams; n++) {
      const { key, url } = origin.stream(`kind=beat&everyMs=${plan.beatMs}`);
      await app.addStream(`idle-${n}`, url);
      keys.push(key);
    }
    for (const key of keys) await origin.until(key, ({ openings }) => openings > 0, 60_000);
    return keys;
  } finally {
    await app.end();
  }
}

function used(pid: number | undefined): number {
  return family(pid ?? 0).reduce((sum, member) => {
    try {
      return sum + cpuMs(member);
    } catch {
      // It ended just now.
      return sum;
    }
  }, 0);
}
