/** How many steps of the connection machine fit into a second, over a stream of bytes and events as a busy server sends. */
import { defaultBackoff } from "../../main/core/backoff.ts";
import { step } from "../../main/core/connection.ts";
import { defaultDeadlines, type Event, initialState } from "../../main/core/connection-state.ts";
import { machine, measure, report } from "./measure.ts";

const policy = { ...defaultDeadlines, backoff: defaultBackoff, idleTimeoutMs: null, repeatable: true };
const steps = 1_000_000;
const parsed = { id: "1", lastEventId: "1", type: "message", data: "x", bytes: 1, flags: [] };
const answer = { address: "http://127.0.0.1/", server: null, httpVersion: "1.1", askedFrom: "" };
const cycle: readonly Event[] = [
  { type: "bytes", count: 100, generation: 1 },
  { type: "event", event: parsed, generation: 1 },
];

function run(): number {
  let state = initialState;
  const take = (event: Event, now: number) => {
    [state] = step(policy, state, event, { now, random: 0.5 });
  };
  take({ type: "start" }, 0);
  take({ type: "opened", answer, generation: 1 }, 1);
  const startedAt = performance.now();
  for (let i = 0; i < steps; i++) take(cycle[i % 2] as Event, 2 + i);
  return (steps / (performance.now() - startedAt)) * 1000;
}

process.stdout.write(`${machine()}\n`);
report("step, bytes and events in turn", await measure(run, false), "steps/s");
