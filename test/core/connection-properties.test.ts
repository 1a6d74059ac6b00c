/** What is true of the machine for any events in any order at any time, sensible or not; and that a broken one is found out. */
import { array, assert, check, constantFrom, nat, oneof, property, record, tuple } from "fast-check";
import { expect, it } from "vitest";
import { step } from "../../main/core/connection/connection.ts";
import {
  consuming,
  type Effect,
  type Event,
  initialState,
  type Moment,
  type Policy,
  type State,
} from "../../main/core/connection/connection-state.ts";
import { nextDue } from "../../main/core/connection/deadlines.ts";
import type { Evidence } from "../../main/core/failure/failure.ts";
import {
  broken,
  bytes,
  candidate,
  comment,
  connected,
  cursor,
  dialling,
  ended,
  event,
  failed,
  group,
  network,
  opened,
  player,
  policy,
  refused,
  retry,
  settled,
  skipped,
  status,
  timedOut,
  unread,
  wake,
} from "./play.ts";

type Taken = {
  readonly policy: Policy;
  readonly before: State;
  readonly event: Event;
  readonly after: State;
  readonly effects: readonly Effect[];
  readonly moment: Moment;
  /** Connections that were begun and not ended, after it. */
  readonly has: ReadonlySet<number>;
};

const policies: readonly Policy[] = [
  policy,
  group(["a", "b", "ws:w"]),
  group(["a", "b"], { balance: true, strict: true }),
  group(["a", "b", "ws:w"], { repeatable: false }),
  group([candidate("a", { freshCredential: true }), "ws:w"], { idleTimeoutMs: 700, headersTimeoutMs: 300 }),
  group(
    ["/1", "/2", "/3"].map((path) => candidate(path, { origin: "http://a" })),
    { discover: true },
  ),
];

const evidence = constantFrom<Evidence>(
  refused,
  timedOut,
  ended,
  broken("ENETUNREACH"),
  broken("ENOTFOUND"),
  broken("ECONNRESET", "body"),
  broken("CERT_HAS_EXPIRED"),
  status(200),
  status(204),
  status(401),
  status(403),
  status(404),
  status(410),
  status(431),
  status(503, 5000),
  status(503, 3_600_000),
  status(429, 3_600_000),
  { what: "closed", code: 1001, reason: "" },
);
/** Told of a connection, which may be the consuming one, the probe or a dead one. */
const told = oneof(
  constantFrom(dialling, connected, opened, bytes, event, comment, cursor, settled, skipped, unread),
  constantFrom(0, 1, 700, 70_000, 2 ** 31, 1e20, Number.POSITIVE_INFINITY).map((ms) => (g: number) => retry(g, ms)),
  evidence.map((what) => (g: number) => failed(g, what)),
);
type Pick = "consuming" | "probe" | "dead";
const anything = oneof(
  { weight: 1, arbitrary: constantFrom<Event>({ type: "start" }, { type: "stop" }, { type: "retryNow" }) },
  { weight: 3, arbitrary: constantFrom<Event>({ type: "timer" }) },
  {
    weight: 1,
    arbitrary: tuple(constantFrom(true, false), constantFrom(true, false), constantFrom(null, 0, 1)).map(
      ([online, changed, first]) => network(online, changed, first),
    ),
  },
  {
    weight: 1,
    arbitrary: oneof(
      constantFrom<Event>({ type: "suspend" }),
      tuple(nat(30_000), constantFrom(true, false)).map(([ms, slept]) => wake(ms, slept)),
    ),
  },
  {
    weight: 8,
    arbitrary: tuple(told, constantFrom<Pick>("consuming", "consuming", "consuming", "probe", "probe", "dead")),
  },
);
const steps = array(
  record({
    one: anything,
    passes: oneof(nat(10), nat(2000), nat(20_000), nat(10_000_000)),
    /** Go on to the moment of the timer instead, and let it ring. */
    rings: nat(2),
    random: nat(999),
  }),
  { minLength: 5, maxLength: 80 },
);

type Sentence = readonly [sentence: string, holds: (taken: Taken) => boolean];

const began = ({ effects }: Taken) => effects.filter(({ type }) => type === "connect" || type === "probe");
const byUser = ({ event: { type } }: Taken) => type === "start" || type === "stop" || type === "retryNow";
const isOf = (one: Event, generation: number | null | undefined) =>
  "generation" in one && one.generation === generation;
const completing: readonly Event["type"][] = ["events", "comment", "cursor", "settled", "skipped"];

const sentences: readonly Sentence[] = [
  [
    "has at most one consuming connection and one probe, and ends every other",
    ({ after, has }) => {
      const mine = [consuming(after.link), after.probe?.generation ?? null].filter((g) => g !== null);
      return has.size === mine.length && mine.every((g) => has.has(g));
    },
  ],
  [
    "has a probe or a way back only while something is open, and in between no plan but for the way back",
    ({ after: { link, probe, nextProbe, returnTo } }) => {
      if (link.phase === "open") return true;
      const isBetween = link.phase === "waiting" || link.phase === "connecting";
      const mayPlan = nextProbe === null || (isBetween && nextProbe.why === "failback");
      return probe === null && returnTo === null && mayPlan;
    },
  ],
  [
    "numbers every connection anew",
    (taken) =>
      began(taken).every(
        (effect, i) => "generation" in effect && effect.generation === taken.before.generation + 1 + i,
      ),
  ],
  [
    "dials nothing while it is offline, asleep, paused or halted, but for the user",
    (taken) => {
      const { before, event: one } = taken;
      if (began(taken).length === 0 || byUser(taken)) return true;
      const quiet = ["idle", "halted", "offline"].includes(before.link.phase);
      return !quiet && !(one.type === "timer" && before.asleep) && !(one.type === "network" && !one.online);
    },
  ],
  [
    "dials by itself only when a wait is over, or to go where a probe has been",
    (taken) => {
      const { link, probe, returnTo } = taken.before;
      if (byUser(taken) || taken.effects.every(({ type }) => type !== "connect")) return true;
      if (link.phase === "waiting") return link.until <= taken.moment.now;
      return link.phase === "open" && (probe !== null || returnTo !== null);
    },
  ],
  [
    "has its timer set for all that is due, and after a timer for nothing that is past",
    ({ policy: rules, after, event: one, moment }) => {
      const due = nextDue(rules, after);
      const isSet = due === Number.POSITIVE_INFINITY || (after.timerAt !== null && after.timerAt <= due);
      return isSet && (one.type !== "timer" || after.timerAt === null || after.timerAt > moment.now);
    },
  ],
  [
    "sets only timers that a timer can hold, and none while it is asleep",
    ({ after, effects, moment }) =>
      effects.every(
        (effect) =>
          effect.type !== "setTimer" ||
          (Number.isSafeInteger(effect.at) && effect.at - moment.now < 2 ** 31 && !after.asleep),
      ),
  ],
  [
    "is changed by nothing that a dead connection says",
    ({ before, after, effects, event: one }) => {
      if (!("generation" in one) || isOf(one, consuming(before.link)) || isOf(one, before.probe?.generation))
        return true;
      return after === before && effects.length === 0;
    },
  ],
  [
    "takes nothing that a probe says for the stream's",
    ({ before, after, event: one }) => {
      if (before.probe === null || !isOf(one, before.probe.generation) || one.type === "failed") return true;
      const same = after.link === before.link || after.link.phase === "connecting";
      return same && after.quality.lag === before.quality.lag && after.rhythm === before.rhythm;
    },
  ],
  [
    "leaves an open connection in mid-event for no better one",
    (taken) => {
      const { before, after, event: one } = taken;
      if (byUser(taken) || before.link.phase !== "open" || before.link.pendingSince === null) return true;
      const elsewhere = after.link.phase === "connecting" && after.link.candidate !== before.link.candidate;
      return !elsewhere || (isOf(one, before.link.generation) && completing.includes(one.type));
    },
  ],
  [
    "forgets failures only for an event, a minute open, or the user",
    (taken) => {
      const { policy: rules, before, after, event: one, moment } = taken;
      if (after.failures >= before.failures || byUser(taken)) return true;
      if (before.link.phase !== "open") return false;
      const byTime = one.type === "timer" && moment.now - before.link.openedAt >= rules.resetAfterMs;
      return byTime || (one.type === "events" && isOf(one, before.link.generation));
    },
  ],
  [
    "halts only for what is final, and stays so until the user asks",
    (taken) =>
      taken.after.link.phase === "halted"
        ? taken.after.link.failure.final
        : taken.before.link.phase !== "halted" || byUser(taken),
  ],
  [
    "never repeats by itself what was sent and must not be repeated",
    (taken) => {
      const { link } = taken.before;
      const sent = link.phase === "open" || (link.phase === "connecting" && link.sent);
      if (taken.policy.repeatable || byUser(taken) || !sent) return true;
      return ["halted", link.phase, "open"].includes(taken.after.link.phase) && began(taken).length === 0;
    },
  ],
  [
    "waits at least 100 ms, and never less than the server or our pace asks",
    ({ before, after, moment }) => {
      if (after.link.phase !== "waiting" || before.link === after.link) return true;
      const { until, delayMs, candidate: next } = after.link;
      const { notBefore, dials } = after.standings[next] ?? { notBefore: 0, dials: [] };
      const paced = dials.length < 8 ? 0 : (dials[0] ?? 0) + 60_000;
      return until === moment.now + delayMs && delayMs >= 100 && until >= notBefore && until >= paced;
    },
  ],
  [
    "waits no longer than two minutes while another may be asked",
    ({ policy: { candidates, strict }, before, after: { link, standings, pinned }, moment: { now } }) => {
      if (link.phase !== "waiting" || before.link === link || strict || link.failure.kind === "certificate")
        return true;
      const mayBeAsked = candidates.some(({ transport }, i) => {
        const { out, notBefore } = standings[i] ?? { out: null, notBefore: 0 };
        return out === null && notBefore <= now && (pinned === null || pinned === i || transport === "websocket");
      });
      return !mayBeAsked || link.delayMs <= 122_000;
    },
  ],
  [
    "passes eight connections a minute to one candidate only for the user",
    (taken) =>
      began(taken).every((effect) => {
        const dials = "candidate" in effect ? (taken.before.standings[effect.candidate]?.dials ?? []) : [];
        return byUser(taken) || dials.length < 8 || taken.moment.now >= (dials[0] ?? 0) + 60_000;
      }),
  ],
  [
    "never asks a candidate that is out, or another guess than the one that was found",
    (taken) =>
      began(taken).every((effect) => {
        if (!("candidate" in effect)) return true;
        const { standings, pinned } = taken.after;
        const isSse = taken.policy.candidates[effect.candidate]?.transport === "sse";
        const isFound = pinned === null || !isSse || effect.candidate === pinned;
        return standings[effect.candidate]?.out === null && isFound;
      }),
  ],
  [
    "keeps its books bounded, and retry: within half a second and a minute",
    ({ after }) =>
      after.standings.every(
        ({ dials, ages, headersMs, retryMs, wayBack: { probeEveryMs } }) =>
          dials.length <= 8 &&
          ages.length <= 3 &&
          headersMs.length <= 5 &&
          probeEveryMs <= 600_000 &&
          (retryMs === null || (retryMs >= 500 && retryMs <= 60_000)),
      ),
  ],
];

type Machine = typeof step;

/** From the start, and from where chance seldom comes by itself: open elsewhere, with a probe under way that may be the last. */
const beginnings = [
  ...policies.map((rules) => ({ rules, from: initialState(rules), at: 0 })),
  ...[0, 2].map((goodProbes) => {
    const rules = group(["a", "b", "ws:w"]);
    const one = player(rules);
    one.take({ type: "start" });
    one.failsAndRedials();
    one.opens();
    for (let s = 0; s < 40 * (goodProbes + 1) && one.state.link.phase === "open"; s++) {
      one.pass(1000);
      one.hear(bytes, comment);
      const good = (one.state.standings[0]?.wayBack.goodSince ?? null) !== null;
      if (one.state.probe?.openedAt === null && s < 40 * goodProbes) one.probe(opened);
      else if (one.state.probe !== null && s >= 40 * goodProbes && good === goodProbes > 0) break;
    }
    return { rules, from: one.state, at: one.now };
  }),
];

it("begins where chance seldom comes, too: in a probe, and in one that may be the last", () => {
  expect(beginnings.slice(-2).map(({ from }) => [from.link.phase, from.probe?.why])).toEqual([
    ["open", "failback"],
    ["open", "failback"],
  ]);
});

/** Scripts against a machine, every step of which is held against every sentence. */
const keepsIts = (machine: Machine) =>
  property(steps, constantFrom(...beginnings), (script, { rules, from, at }) => {
    let state = from;
    let now = at;
    let has: ReadonlySet<number> = new Set(
      [consuming(from.link), from.probe?.generation ?? null].filter((generation) => generation !== null),
    );
    const take = (one: Event, random: number) => {
      const [before, moment] = [state, { now, random }];
      const [after, effects] = machine(rules, before, one, moment);
      const live = new Set(has);
      for (const effect of effects) {
        if (effect.type === "connect" || effect.type === "probe") live.add(effect.generation);
        if (effect.type === "disconnect") live.delete(effect.generation);
      }
      has = live;
      state = after;
      const taken = { policy: rules, before, event: one, after, effects, moment, has };
      const untrue = sentences.find(([, holds]) => !holds(taken));
      if (untrue !== undefined) throw new Error(untrue[0]);
    };
    if (now === 0) take({ type: "start" }, 0.5);
    for (const { one, passes, rings, random } of script) {
      const draw = random / 1000;
      if (rings === 0 && state.timerAt !== null) {
        now = Math.max(now, state.timerAt);
        take({ type: "timer" }, draw);
      } else now += passes;
      if (!Array.isArray(one)) {
        take(one, draw);
        continue;
      }
      const [fate, whose] = one;
      const [consumer, probe] = [consuming(state.link), state.probe?.generation ?? null];
      const generation = { consuming: consumer, probe: probe ?? consumer, dead: state.generation - 2 }[whose];
      if (generation !== null) take(fate(generation), draw);
    }
  });

it("keeps every sentence for any events in any order", () => assert(keepsIts(step), { numRuns: 3000 }));

const after =
  (change: (state: State, before: State, event: Event, moment: Moment) => State): Machine =>
  (rules, state, one, moment) => {
    const [next, effects] = step(rules, state, one, moment);
    return [change(next, state, one, moment), effects];
  };
const without =
  (type: Effect["type"]): Machine =>
  (rules, state, one, moment) => {
    const [next, effects] = step(rules, state, one, moment);
    return [next, effects.filter((effect) => effect.type !== type)];
  };
const mutants: Readonly<Record<string, readonly [RegExp, Machine]>> = {
  "believes the dead": [
    /dead connection/,
    (rules, state, one, moment) =>
      step(rules, state, "generation" in one ? { ...one, generation: state.generation } : one, moment),
  ],
  "never hangs up": [/at most one consuming/, without("disconnect")],
  "forgets its timer": [
    /timer set|dead connection/,
    after((next, before) => (next === before ? next : { ...next, timerAt: null })),
  ],
  "forgets failures by opening": [
    /forgets failures/,
    after((next, before, one) => (one.type === "opened" && next !== before ? { ...next, failures: 0 } : next)),
  ],
  "dials while offline": [
    /dials nothing|only when a wait/,
    (rules, state, one, moment) =>
      one.type === "timer" && state.link.phase === "offline"
        ? step(rules, { ...state, link: { phase: "idle" }, online: true }, { type: "start" }, moment)
        : step(rules, state, one, moment),
  ],
  "dials too early": [
    /only when a wait/,
    (rules, state, one, moment) =>
      step(
        rules,
        state,
        one,
        one.type === "timer" && state.link.phase === "waiting"
          ? { ...moment, now: Math.max(moment.now, state.link.until) }
          : moment,
      ),
  ],
  "returns from the halted": [
    /halts only|dials nothing/,
    (rules, state, one, moment) =>
      step(rules, state, state.link.phase === "halted" && one.type === "timer" ? { type: "retryNow" } : one, moment),
  ],
  "repeats what must not be repeated": [
    /never repeats/,
    (rules, ...rest) => step({ ...rules, repeatable: true }, ...rest),
  ],
  "takes retry: as it comes": [
    /books bounded/,
    after((next, before, one) =>
      one.type === "retry" && next !== before
        ? { ...next, standings: next.standings.map((standing) => ({ ...standing, retryMs: one.retryMs })) }
        : next,
    ),
  ],
};

it.each(Object.keys(mutants))("finds a machine out that %s", (name) => {
  const [sentence, machine] = mutants[name] as (typeof mutants)[string];
  const { errorInstance } = check(keepsIts(machine), { numRuns: 20_000, endOnFailure: true });
  expect(errorInstance).toBeInstanceOf(Error);
  expect((errorInstance as Error).message).toMatch(sentence);
});
