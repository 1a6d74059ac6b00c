/** What processes have used, as Linux counts it. Knows pids and nothing of what they are. */
import { readdirSync, readFileSync } from "node:fs";

/** CPU that a process's living threads have used, ms: to the nanosecond, where `stat` counts hundredths of a second. */
export function cpuMs(pid: number): number {
  let ns = 0;
  for (const task of readdirSync(`/proc/${pid}/task`)) {
    try {
      ns += Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "latin1").split(" ")[0]);
    } catch {
      // The thread ended between the two readings.
    }
  }
  return ns / 1e6;
}

/** Proportional set size, MB: shared pages count by their share. */
export function pssMb(pid: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "latin1"));
  return Number(match?.[1]) / 1024;
}
