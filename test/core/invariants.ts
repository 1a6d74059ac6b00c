/** What must be true of every step of the connection machine, as sentences. Knows nothing of how the machine does it. */
import { consuming, type Effect, type Event, type Policy, type State } from "../../main/core/connection-state.ts";
import { idleTimeoutMs } from "../../main/core/health.ts";

export type Taken = {
  readonly policy: Policy;
  readonly before: State;
  readonly event: Event;
  readonly after: State;
  readonly effects: readonly Effect[];
  readonly moment: { readonly now: number };
  readonly liveBefore: ReadonlySet<number>;
};
/** What the world knows by itself. */
export type Outside = {
  readonly live: ReadonlyMap<number, { readonly opened: boolean; readonly sent: boolean }>;
  readonly timer: number | null;
};

type Invariant = readonly [sentence: string, holds: (taken: Taken, outside: Outside) => boolean];

const connects = ({ effects }: Taken) => effects.filter(({ type }) => type === "connect");
const byUser = ({ event: { type } }: Taken) => type === "retryNow" || type === "stop" || type === "start";
const dialsFor: Record<State["link"]["phase"], readonly Event["type"][]> = {
  idle: ["start"],
  offline: ["network", "retryNow"],
  halted: ["retryNow"],
  waiting: ["timer", "retryNow"],
  connecting: ["retryNow"],
  open: ["retryNow"],
};

/** When something has to happen although nothing does; written anew here, from the promise. */
function due({ link, rhythm }: State, policy: Policy): number | null {
  if (link.phase === "waiting") return link.until;
  if (link.phase === "connecting")
    return (
      link.startedAt +
      (link.sent ? policy.headersTimeoutMs : Math.min(policy.connectTimeoutMs, policy.headersTimeoutMs))
    );
  return link.phase === "open" ? link.byteAt + idleTimeoutMs(policy, rhythm) : null;
}

const invariants: readonly Invariant[] = [
  ["never two connections at once", (_, { live }) => live.size <= 1],
  [
    "connects only when the one before was disconnected",
    (taken) => {
      const left = taken.effects
        .filter(({ type }) => type === "disconnect")
        .map((e) => ("generation" in e ? e.generation : 0));
      return connects(taken).length === 0 || [...taken.liveBefore].every((g) => left.includes(g));
    },
  ],
  [
    "open or connecting ⇔ exactly one connection, and that one",
    ({ after }, { live }) => {
      const number = consuming(after.link);
      return number === null ? live.size === 0 : live.size === 1 && live.has(number);
    },
  ],
  [
    "open only if that one opened",
    ({ after }, { live }) => after.link.phase !== "open" || live.get(after.link.generation)?.opened === true,
  ],
  [
    "the words of a dead connection change nothing",
    ({ event, before, after, effects }) =>
      !("generation" in event) ||
      event.generation === consuming(before.link) ||
      (after === before && effects.length === 0),
  ],
  [
    "a timer is set, and not too late, whenever something is due",
    ({ after, policy }, { timer }) => {
      const at = due(after, policy);
      return at === null || (timer !== null && timer <= at);
    },
  ],
  [
    "no timer lies beyond what a timer can hold",
    ({ moment }, { timer }) => timer === null || (Number.isFinite(timer) && timer - moment.now < 2 ** 31),
  ],
  [
    "sleeps through no silence and no deadline",
    ({ event, after, policy, moment }) =>
      event.type !== "timer" || (due(after, policy) ?? Number.POSITIVE_INFINITY) > moment.now,
  ],
  [
    "dials only for a reason that its phase knows",
    (taken) => {
      const { before, event } = taken;
      if (connects(taken).length === 0) return true;
      if (event.type === "network" && !event.online) return false;
      if (before.link.phase === "waiting" && event.type === "timer" && taken.moment.now < before.link.until)
        return false;
      return dialsFor[before.link.phase].includes(event.type);
    },
  ],
  [
    "is halted only by what is final, and stays so",
    ({ before, after, event }) =>
      after.link.phase === "halted"
        ? after.link.failure.final
        : before.link.phase !== "halted" || event.type === "stop" || event.type === "retryNow",
  ],
  [
    "waits no shorter than the floor and no longer than the cap, unless the floor is higher",
    ({ before, after, policy, moment }) => {
      if (after.link.phase !== "waiting" || before.link.phase === "waiting") return true;
      const { delayMs, failure, until } = after.link;
      const floor = Math.max(250, after.retryMs ?? 0, failure.retryAfterMs ?? 0);
      return (
        delayMs >= floor &&
        delayMs <= Math.max(policy.backoff.capMs, Math.round(1.25 * floor)) &&
        until === moment.now + delayMs
      );
    },
  ],
  [
    "takes retry: within half a second and a minute",
    ({ after }) => after.retryMs === null || (after.retryMs >= 500 && after.retryMs <= 60_000),
  ],
  [
    "forgets failures only for an event, a minute open, or the user",
    (taken) => {
      const { before, after, event, policy, moment } = taken;
      if (after.failures >= before.failures || byUser(taken) || event.type === "event") return true;
      return (
        event.type === "timer" &&
        before.link.phase === "open" &&
        moment.now - before.link.openedAt >= policy.resetAfterMs
      );
    },
  ],
  [
    "never repeats by itself what must not be repeated",
    (taken) => {
      const { link } = taken.before;
      const sent = link.phase === "open" || (link.phase === "connecting" && link.sent);
      return (
        taken.policy.repeatable ||
        byUser(taken) ||
        !sent ||
        taken.after.link.phase === link.phase ||
        ["halted", "open"].includes(taken.after.link.phase)
      );
    },
  ],
  [
    "numbers only grow",
    ({ before, after, effects }) =>
      after.generation >= before.generation &&
      effects.every((e) => e.type !== "connect" || e.generation === before.generation + 1),
  ],
];

/** The first sentence that is not true, or null. */
export function check(taken: Taken, outside: Outside): string | null {
  return invariants.find(([, holds]) => !holds(taken, outside))?.[0] ?? null;
}
