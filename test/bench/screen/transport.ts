/**
 * The transport alone against a bare loop of the same libraries, and against npm's eventsource: CPU of a Node process each, per event, from
 * the opening to the end of the stream. What a process needs to begin is not in it.
 */

import { once } from "node:events";
import { createInterface } from "node:readline";
import { end, start } from "../../../build/setup/children.ts";
import type { Origin } from "./origin-process.ts";
import type { Plan } from "./plan.ts";
import { judged, type Row, ratios, told } from "./rows.ts";

const kinds = ["ours", "bare", "eventsource"] as const;
type Kind = (typeof kinds)[number];

export async function transportRows(origin: Origin, plan: Plan): Promise<Row[]> {
  const costs: Record<Kind, number[]> = { ours: [], bare: [], eventsource: [] };
  for (let run = 0; run < plan.runs; run++) {
    for (const kind of kinds) costs[kind].push(await costUs(origin, kind, plan.transport));
    plan.say(
      `transport ${run + 1}/${plan.runs}: ${kinds.map((kind) => `${kind} ${costs[kind].at(-1)?.toFixed(2)} µs`).join(", ")}`,
    );
  }
  return [
    judged({ name: "transport-vs-bare-loop", unit: "× bare" }, ratios(costs.ours, costs.bare), { atMost: 1.25 }),
    told({ name: "transport", unit: "µs/event" }, costs.ours),
    told({ name: "bare-loop", unit: "µs/event", note: "undici and eventsource-parser" }, costs.bare),
    told({ name: "npm-eventsource", unit: "µs/event" }, costs.eventsource),
  ];
}

/** CPU, µs an event. */
async function costUs(origin: Origin, kind: Kind, n: number): Promise<number> {
  const { key, url } = origin.stream(`kind=flood&n=${n}&ends`);
  const program = new URL("transport-client.ts", import.meta.url).pathname;
  const client = start(process.execPath, [program, kind, url, String(n)], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const { stdout } = client.child;
    if (stdout === null) throw new Error("the client has no output");
    const said = once(createInterface({ input: stdout }), "line") as Promise<[string]>;
    await origin.go(key);
    const failed = client.exited.then((code) =>
      code === 0 ? said : Promise.reject(new Error(`${kind} ended with ${code}`)),
    );
    const [line] = await Promise.race([said, failed]);
    return Number(line);
  } finally {
    await end(client);
  }
}
