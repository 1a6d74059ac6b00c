/**
 * What the client's work costs: CPU of this process for one refused attempt, one that opens, and one event, through the
 * real transport against an origin in another process on the loopback. The median of five rounds after one thrown away.
 * Attempts and events come one by one with pauses between them, as in life: work in a tight loop costs less than it does there.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import type { TransportEvent } from "../../main/core/connection/connection-state.ts";
import { createSseTransport } from "../../main/io/sse/sse-transport.ts";
import { longEvents } from "./flaky-origin.ts";
import { measure } from "./measure.ts";

/** CPU (user and system), ms. */
export type Costs = { readonly refusedMs: number; readonly openedMs: number; readonly eventMs: number };

const attemptsPerRound = 150;
const pauseMs = 5;
const rounds = 5;

export async function measureCosts(): Promise<Costs> {
  const origin = fork(new URL("flaky-origin.ts", import.meta.url), { execArgv: [] });
  try {
    const [port] = await once(origin, "message");
    const base = `http://127.0.0.1:${port}`;
    const each = async (path: string, times: number) => {
      const before = process.cpuUsage();
      for (let i = 0; i < times; i++) {
        await attempt(`${base}${path}`);
        await setTimeout(pauseMs);
      }
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000 / times;
    };
    const median = async (run: () => Promise<number>) => (await measure(run, true, rounds)).median;
    const refusedMs = await median(() => each("/refused", attemptsPerRound));
    const openedMs = await median(() => each("/short", attemptsPerRound));
    const eventMs = await median(async () => ((await each("/long", 1)) - openedMs) / (longEvents - 1));
    return { refusedMs, openedMs, eventMs };
  } finally {
    origin.disconnect();
  }
}

const transport = createSseTransport({ userAgent: "Holdfast/bench", utc: () => Date.now() });

/** One attempt to its end, closed as the driver does it. */
function attempt(url: string): Promise<void> {
  return new Promise((resolve) => {
    const connection = transport.open(
      { url, method: "GET", body: null, headers: [], lastEventId: "16", resumeQuery: null, frames: "auto" },
      (event: TransportEvent) => {
        if (event.type !== "failed") return;
        connection.close();
        resolve();
      },
    );
  });
}
