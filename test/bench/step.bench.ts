/**
 * How many steps of the connection machine fit into a second. Promised: a million, over a recorded simulation, which is what
 * the flaky day leaves behind: opening, events, cuts, refusals and timers as they come. And a busy stream, where nothing
 * happens but bytes and events: what most steps of the product are. Seconds are the CPU's (all threads of the process, the collector's
 * too): on a quiet machine the clock shows no more, and on a busy one they do not depend on who else is at work.
 */
import { step } from "../../main/core/connection/connection.ts";
import { type Event, initialState, sliceOf } from "../../main/core/connection/connection-state.ts";
import { holdfast, runDay } from "./flaky-day.ts";
import type { Tape } from "./fleet-clients.ts";
import { answer, onePath, parsed } from "./fleet-path.ts";
import { machine, measure, report } from "./measure.ts";

const steps = 1_000_000;
const tapes = Array.from({ length: 10 }, (_, seed) => {
  const tape: Tape = [];
  runDay(seed + 1, seed % 2 === 0, (chance) => holdfast(chance, tape));
  return tape;
});

/** Plays all recordings again, from their beginnings, until there were a million steps. */
function replay(): number {
  let done = 0;
  const before = process.cpuUsage();
  while (done < steps) {
    for (const tape of tapes) {
      let state = initialState(onePath);
      for (const [event, moment] of tape) [state] = step(onePath, state, event, moment);
      done += tape.length;
    }
  }
  return perSecond(done, before);
}

const busy: readonly Event[] = [
  { type: "bytes", count: 100, generation: 1 },
  { ...sliceOf([parsed]), generation: 1 },
];

function stream(): number {
  let state = initialState(onePath);
  const take = (event: Event, now: number) => {
    [state] = step(onePath, state, event, { now, random: 0.5 });
  };
  take({ type: "start" }, 0);
  take({ type: "opened", answer, generation: 1 }, 1);
  const before = process.cpuUsage();
  for (let i = 0; i < steps; i++) take(busy[i % 2] as Event, 2 + i);
  return perSecond(steps, before);
}

function perSecond(done: number, before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (done / (user + system)) * 1_000_000;
}

process.stdout.write(`${machine()}\n`);
report(
  `step, ${tapes.flat().length.toLocaleString("en")} recorded steps replayed`,
  await measure(replay, false),
  "steps/s",
);
report("step, bytes and events in turn", await measure(stream, false), "steps/s");
