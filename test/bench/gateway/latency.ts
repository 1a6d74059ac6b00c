/** Fifty streams, ten events a second each, by three ways: how old an event is when it is read. Interleaved, so that noise hits all. */
import { setTimeout as delay } from "node:timers/promises";
import { type Client, startClient } from "./processes.ts";
import { median, percentile, type Row } from "./rows.ts";

export const streams = 50;
const everyMs = 100;
/** Left out of each round: connections are made, code gets warm. */
const warmMs = 1000;
const rounds = 10;

/** The ways an event can take: their ports. */
export type Ways = { readonly direct: number; readonly nginx: number | undefined; readonly gateway: number };
type Way = keyof Ways;
type Figures = { p50: number[]; p99: number[] };

/** @param seconds how long each way is measured, in ten rounds */
export async function latencyRows(ways: Ways, seconds: number, say: (line: string) => void): Promise<Row[]> {
  const figures = new Map<Way, Figures>();
  const names = (["direct", "nginx", "gateway"] as const).filter((way) => ways[way] !== undefined);
  for (const way of names) figures.set(way, { p50: [], p99: [] });
  const client = startClient();
  for (let round = 0; round < rounds; round++) {
    // Another one goes first each time: whatever the first pays, all pay.
    for (let turn = 0; turn < names.length; turn++) {
      const way = names[(turn + round) % names.length] ?? "direct";
      const agesMs = await measure(client, ways[way] ?? 0, (seconds * 1000) / rounds);
      figures.get(way)?.p50.push(percentile(agesMs, 50));
      figures.get(way)?.p99.push(percentile(agesMs, 99));
    }
  }
  client.running.child.disconnect();
  const at = (way: Way, which: keyof Figures) => median(figures.get(way)?.[which] ?? []);
  for (const way of names) say(`${way}: p50 ${at(way, "p50").toFixed(3)} ms, p99 ${at(way, "p99").toFixed(3)} ms`);
  const load = `${streams} streams × 10 events/s × ${seconds} s`;
  return [
    { name: `${load}: p50 (bar: direct + 0.2)`, unit: "ms", ...held(at("gateway", "p50"), at("direct", "p50") + 0.2) },
    ways.nginx === undefined
      ? { name: `${load}: p99, skipped: no nginx on this machine`, unit: "ms", value: null, bar: null, holds: null }
      : {
          name: `${load}: p99 (bar: 1.25 × nginx)`,
          unit: "ms",
          ...held(at("gateway", "p99"), at("nginx", "p99") * 1.25),
        },
  ];
}

function held(value: number, bar: number) {
  const short = (number: number) => Number(number.toFixed(3));
  return { value: short(value), bar: short(bar), holds: value <= bar };
}

async function measure(client: Client, port: number, ms: number): Promise<readonly number[]> {
  await client.ask({ do: "open", port, count: streams, everyMs });
  await delay(warmMs);
  await client.ask({ do: "forget" });
  await delay(ms);
  const { agesMs, open } = await client.ask({ do: "close" });
  if (open !== streams) throw new Error(`only ${open} of ${streams} streams stayed open`);
  return agesMs;
}
