/** The connection machine through thousands of random hours, and proof that the world would notice a broken one. */
import { array, assert, constantFrom, integer, nat, oneof, property, record, tuple } from "fast-check";
import { expect, it } from "vitest";
import { step } from "../../main/core/connection.ts";
import { type Event, initialState, type Policy, type State } from "../../main/core/connection-state.ts";
import { check } from "./invariants.ts";
import { bytes, comment, connected, event, failed, network, opened, policy, refused, retry, status } from "./play.ts";
import { type Step, World } from "./world.ts";

const hour = 3_600_000;
const policies: Record<string, Policy> = {
  "a stream": policy,
  "an impatient stream": { ...policy, idleTimeoutMs: 700, connectTimeoutMs: 500, headersTimeoutMs: 300 },
  "a request that must not be repeated": { ...policy, repeatable: false },
};

it.each(Object.keys(policies))(
  "%s keeps its invariants through seeded days, and is open 10 minutes after the faults end",
  (name) => {
    for (let seed = 1; seed <= (name === "a stream" ? 8 : 3); seed++) {
      const world = new World(seed, policies[name] as Policy);
      world.run(24 * hour);
      world.heal();
      world.run(hour / 6);
      expect(world.state.link.phase, `seed ${seed}\n${world.story()}`).toBe("open");
    }
  },
);

it("meets every phase and nearly every event in them", () => {
  const met = new Map<string, number>();
  for (let seed = 1; seed <= 8; seed++) {
    const world = new World(seed, policy);
    world.run(24 * hour);
    for (const [arm, n] of world.met) met.set(arm, (met.get(arm) ?? 0) + n);
  }
  const phases = ["idle", "offline", "halted", "waiting", "connecting", "open"];
  const always = ["start", "stop", "retryNow", "timer", "network", "opened", "bytes", "event", "failed"];
  const missing = phases.flatMap((p) => always.map((e) => `${p} ${e}`)).filter((arm) => !met.has(arm));
  expect(missing).toEqual([]);
});

// Test the tester: each of these machines is broken in one way, and must be found out within a few days.
const after =
  (change: (state: State, before: State, event: Event, now: number) => State): Step =>
  (rules, state, one, moment) => {
    const [next, effects] = step(rules, state, one, moment);
    return [change(next, state, one, moment.now), effects];
  };
const without =
  (type: string): Step =>
  (rules, state, one, moment) => {
    const [next, effects] = step(rules, state, one, moment);
    return [next, effects.filter((effect) => effect.type !== type)];
  };
const broken: Record<string, readonly [sentence: RegExp, machine: Step]> = {
  "believes dead connections": [
    /dead connection|that one/,
    (rules, state, one, moment) =>
      step(rules, state, "generation" in one ? { ...one, generation: state.generation } : one, moment),
  ],
  "never hangs up": [/two connections|before was disconnected|exactly one/, without("disconnect")],
  "never sets its timer": [/timer is set/, without("setTimer")],
  "forgets failures when a connection opens": [
    /forgets failures/,
    after((next, before, one) => (one.type === "opened" && next !== before ? { ...next, failures: 0 } : next)),
  ],
  "ignores the floor": [
    /no shorter than the floor|timer is set/,
    after((next, _before, _one, now) =>
      next.link.phase === "waiting" ? { ...next, link: { ...next.link, delayMs: 10, until: now + 10 } } : next,
    ),
  ],
  "has no cap": [
    /longer than the cap/,
    (rules, ...rest) => step({ ...rules, backoff: { ...rules.backoff, capMs: 1e9 } }, ...rest),
  ],
  "dials while offline": [
    /dials only for|timer is set/,
    (rules, state, one, moment) =>
      state.link.phase === "offline" && one.type === "timer"
        ? step(rules, state, network(true), moment)
        : step(rules, state, one, moment),
  ],
  "dials before the wait is over": [
    /dials only for/,
    (rules, state, one, moment) =>
      step(
        rules,
        state,
        one,
        state.link.phase === "waiting" && one.type === "timer" ? { ...moment, now: state.link.until } : moment,
      ),
  ],
  "returns from a final failure": [
    /halted only by|dials only/,
    (rules, state, one, moment) =>
      state.link.phase === "halted" && one.type === "start"
        ? step(rules, state, { type: "retryNow" }, moment)
        : step(rules, state, one, moment),
  ],
  "halts for a passing failure": [
    /halted only by/,
    after((next) =>
      next.link.phase === "waiting" && next.failures > 3
        ? { ...next, link: { phase: "halted", failure: next.link.failure } }
        : next,
    ),
  ],
  "takes retry: as it comes": [
    /retry: within|floor/,
    after((next, _, one) =>
      one.type === "retry" && next.link.phase === "open" ? { ...next, retryMs: one.retryMs } : next,
    ),
  ],
  "has no watchdog": [
    /sleeps through|timer is set/,
    (rules, ...rest) => step({ ...rules, idleTimeoutMs: 1e8 }, ...rest),
  ],
  "numbers connections alike": [
    /numbers only grow|before was/,
    (rules, state, one, moment) => step(rules, one.type === "start" ? { ...state, generation: 0 } : state, one, moment),
  ],
};

it.each(Object.keys(broken))("notices a machine that %s", (name) => {
  const [sentence, machine] = broken[name] as (typeof broken)[string];
  expect(() => {
    for (let seed = 1; seed <= 30; seed++) new World(seed, policy, machine).run(24 * hour);
  }).toThrow(sentence);
});
it("notices a machine that repeats what must not be repeated", () => {
  const forgetful: Step = (rules, ...rest) => step({ ...rules, repeatable: true }, ...rest);
  expect(() =>
    new World(1, policies["a request that must not be repeated"] as Policy, forgetful).run(24 * hour),
  ).toThrow(/never repeats/);
});

it("keeps its invariants for any events in any order at any time, sensible or not", () => {
  const g = nat(6);
  const evidence = constantFrom(refused, status(204), status(401), status(404), status(503, 5000), {
    what: "end",
  } as const);
  const anything = oneof(
    constantFrom<Event>(
      { type: "start" },
      { type: "stop" },
      { type: "retryNow" },
      { type: "timer" },
      network(true),
      network(false),
    ),
    g.chain((n) => constantFrom(connected(n), opened(n), bytes(n), event(n), comment(n))),
    tuple(g, constantFrom(0, 1, 700, 2 ** 31, 1e20, Number.POSITIVE_INFINITY)).map(([n, ms]) => retry(n, ms)),
    tuple(g, evidence).map(([n, what]) => failed(n, what)),
  );
  const steps = array(
    record({
      one: anything,
      passes: oneof(nat(10), nat(20_000), nat(10_000_000)),
      random: integer({ min: 0, max: 999 }),
    }),
    { maxLength: 40 },
  );
  assert(
    property(steps, constantFrom(...Object.values(policies)), (script, rules) => {
      const live = new Map<number, { opened: boolean; sent: boolean }>();
      let [state, now, timer]: [State, number, number | null] = [initialState, 0, null];
      for (const { one, passes, random } of script) {
        now += passes;
        const [before, moment, liveBefore] = [state, { now, random: random / 1000 }, new Set(live.keys())];
        const [next, effects] = step(rules, before, one, moment);
        if (one.type === "timer") timer = null;
        for (const effect of effects) {
          if (effect.type === "setTimer") timer = effect.at;
          else if (effect.type === "connect") live.set(effect.generation, { opened: false, sent: false });
          else live.delete(effect.generation);
        }
        const held = live.get("generation" in one ? one.generation : -1);
        if (held !== undefined && one.type === "opened") held.opened = true;
        state = next;
        expect(
          check({ policy: rules, before, event: one, after: next, effects, moment, liveBefore }, { live, timer }),
        ).toBeNull();
      }
    }),
    { numRuns: 3000 },
  );
});
