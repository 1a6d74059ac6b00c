/** What is said of a run that failed: the sentence, the smallest plan that still fails, its story, and the ring as a file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Tally } from "./crowd.ts";
import { partsOf } from "./job.ts";
import { ringOf } from "./record.ts";
import { shrink } from "./run.ts";

const folder = join(import.meta.dirname, "..", "..", "dist", "sim");

export function tell({ job, failed }: Tally["failures"][number], plan: Tally["failures"][number]["plan"]): string {
  const smallest = shrink(plan, failed.sentence, partsOf(job));
  const { failed: told, plan: small } = smallest;
  if (told === null) return `seed ${job.seed}: ${failed.message} (not seen again)`;
  const episodes = small.episodes.map(
    ({ fault, fromMs, toMs }) => `  ${fault}, ${fromMs / 1000} s to ${toMs / 1000} s`,
  );
  return [
    `seed ${job.seed} (${job.length}${job.faults.length > 0 ? `: ${job.faults.join(" + ")}` : ""}), stream ${told.stream}: ${told.message}`,
    `shrunk to ${small.streams} streams, ${Math.round(small.endMs / 60_000)} minutes and ${episodes.length} faults:`,
    ...episodes,
    told.story,
    `its ring, for watch --replay: ${ringFile(job.seed, ringOf(small, told.stream))}`,
  ].join("\n");
}

function ringFile(seed: number, ring: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `seed-${seed}.ndjson`);
  writeFileSync(path, ring);
  return path;
}
