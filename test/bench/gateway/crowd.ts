/** Five thousand streams through the gateway: is every event there, and what does a stream cost in memory. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { end } from "../../../build/setup/children.ts";
import { descriptors, type Hop, type Origin, startClient } from "./processes.ts";
import type { Row } from "./rows.ts";

const few = 500;
const many = 5000;
const everyMs = 10_000;
/** Buffers of the opening are given back, and the allocator settles. */
const settleMs = 3000;
const patienceMs = 60_000;
const slopeBar = 80;

/** @param seconds how long all streams are held open */
export async function crowdRows(
  origin: Origin,
  gateway: Hop,
  seconds: number,
  say: (line: string) => void,
): Promise<Row[]> {
  const names = [
    `${many} streams × an event each 10 s × ${seconds} s: lost`,
    `memory a stream, ${few} to ${many}`,
  ] as const;
  const limit = descriptorLimit(gateway);
  if (limit < descriptors) {
    const why = `skipped: the limit of open files is ${limit}, ${descriptors} are needed`;
    return names.map((name) => ({ name: `${name}, ${why}`, value: null, unit: "", bar: null, holds: null }));
  }
  const client = startClient();
  const open = (count: number) => client.ask({ do: "open", port: gateway.port, count, everyMs });
  await open(few);
  await delay(settleMs);
  const atFew = rssKb(gateway);
  await open(many - few);
  say(`${many} streams are open`);
  await delay(seconds * 1000);
  const atMany = rssKb(gateway);
  origin.finish();
  const deadline = performance.now() + patienceMs;
  let report = await client.ask({ do: "report" });
  while (report.ended < many && performance.now() < deadline) {
    await delay(500);
    report = await client.ask({ do: "report" });
  }
  await end(client.running);
  say(`memory: ${atFew} kB at ${few}, ${atMany} kB at ${many}; ${report.agesMs.length} events`);
  // A stream without its end was cut; it lost at least that.
  const lost = report.lost + (many - report.ended);
  const slope = Number(((atMany - atFew) / (many - few)).toFixed(1));
  return [
    { name: names[0], value: lost, unit: "events", bar: 0, holds: lost === 0 },
    { name: names[1], value: slope, unit: "kB", bar: slopeBar, holds: slope <= slopeBar },
  ];
}

/** Linux only, as the gateway. */
function rssKb({ running }: Hop): number {
  const status = readFileSync(`/proc/${running.child.pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]);
}

function descriptorLimit({ running }: Hop): number {
  const limits = readFileSync(`/proc/${running.child.pid}/limits`, "utf8");
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
}
