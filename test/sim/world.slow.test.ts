/** The world itself: that it is the same for the same seed, that what it writes can be stepped again, and a small fleet. */
import { expect, it } from "vitest";
import { step } from "../../main/core/connection/connection.ts";
import { initialState, type Policy } from "../../main/core/connection/connection-state.ts";
import { peakShare } from "./fleet.ts";
import { planOf } from "./job.ts";
import { mutants } from "./mutants.ts";
import { longPlan, shortPlan } from "./plan.ts";
import { recordRun, ringOf } from "./record.ts";
import { runPlan, shrink } from "./run.ts";

it("is the same run for the same seed", () => {
  const plan = planOf({ length: "any", seed: 7, faults: [], mutant: null });
  const [one, other] = [runPlan(plan), runPlan(plan)];
  expect([...other.met]).toEqual([...one.met]);
  expect([other.steps, other.events, other.dials]).toEqual([one.steps, one.events, one.dials]);
});

it("writes a ring that leads through the same phases again", () => {
  const ring = ringOf(shortPlan(3, ["L01 the preferred one dies", "D02 end within an event"]), "s0");
  const [head, ...steps] = ring
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  let state = initialState(head.policy as Policy, head.worked);
  for (const { at, random, event, phase } of steps) {
    [state] = step(head.policy, state, event, { now: at, random });
    expect(state.link.phase).toBe(phase);
  }
  expect(steps.length).toBeGreaterThan(100);
});

it("records a day for measuring the machine over it", () => {
  const { policy, steps } = recordRun(1);
  let state = initialState(policy);
  for (const { event, moment } of steps) [state] = step(policy, state, event, moment);
  expect(state.link.phase).toBe("open");
  expect(steps.length).toBeGreaterThan(1000);
});

it("shrinks a plan that fails to what is needed for it", () => {
  const broken = mutants.find(({ name }) => name === "204 retried");
  const ids = ["C04 no content", "G01 the server's clock jumps", "D17 slow and uneven path"];
  const plan = Array.from({ length: 20 }, (_, i) => shortPlan(i + 1, ids)).find(
    (one) => runPlan(one, broken?.parts).failed !== null,
  );
  const failed = plan === undefined ? null : runPlan(plan, broken?.parts).failed;
  const small = shrink(plan ?? longPlan(1, []), failed?.sentence ?? "", broken?.parts).plan;
  expect(new Set(small.episodes.map(({ fault }) => fault))).toEqual(new Set(["C04 no content"]));
});

// I4 with this project's 5 %: of a fleet that is cut off together, no more than that comes back in any one second.
it.each([10, 60, 300])("spreads a fleet that lost its server for %s s", (outageS) => {
  expect(peakShare(5000, outageS)).toBeLessThanOrEqual(0.05);
});
