/**
 * One stream's connection as a pure machine: (policy, state, event, moment) → (state, effects).
 *
 * It owns every decision about when to connect, when to give up an attempt and how long to wait, and it keeps every
 * deadline itself: the transport below is never trusted to end anything. It knows no clock, no chance and no socket.
 */
import { backoffMs } from "./backoff.ts";
import {
  consuming,
  type Effect,
  type Event,
  type Link,
  type Moment,
  type Policy,
  type State,
} from "./connection-state.ts";
import { classify, type Evidence, type Failure } from "./failure.ts";
import { healthLimits, healthOf, idleTimeoutMs } from "./health.ts";
import { observeGap, unknownRhythm } from "./rhythm.ts";

const retryFloorMs = 500;
const retryCapMs = 60_000;

type Step = readonly [State, readonly Effect[]];

/** One step of the machine. Events of a connection that is no longer the consuming one change nothing. */
export function step(policy: Policy, state: State, event: Event, moment: Moment): Step {
  if ("generation" in event && event.generation !== consuming(state.link)) return [state, []];
  return armed(policy, decide(policy, state, event, moment));
}

function decide(policy: Policy, state: State, event: Event, moment: Moment): Step {
  const { link } = state;
  switch (event.type) {
    case "start":
      return link.phase === "idle" ? connect(state, moment) : [state, []];
    case "stop":
      return hangUp({ ...state, failures: 0, refusals: 0 }, { phase: "idle" });
    case "retryNow":
      // What the user paused stays paused: only `start` ends that.
      return link.phase === "idle" ? [state, []] : redial({ ...state, failures: 0, refusals: 0 }, moment);
    case "network":
      return whenNetwork(policy, state, event.online, moment);
    case "timer":
      return whenTimer(policy, { ...state, timerAt: null }, moment);
    case "dialling":
      return [link.phase === "connecting" ? { ...state, link: { ...link, startedAt: moment.now } } : state, []];
    case "connected":
      return link.phase === "connecting" ? [{ ...state, link: { ...link, sent: true } }, []] : [state, []];
    case "opened":
      return [whenOpened(state, event.generation, moment), []];
    case "bytes":
      return [whenBytes(policy, state, moment), []];
    case "unread":
      return [whenUnread(state, moment), []];
    case "event":
      return [whenProgress({ ...state, failures: 0, refusals: 0 }, moment), []];
    case "comment":
    case "cursor":
    case "settled":
    case "skipped":
      return [whenProgress(state, moment), []];
    case "retry":
      return [{ ...state, retryMs: Math.min(Math.max(event.retryMs, retryFloorMs), retryCapMs) }, []];
    case "failed":
      return whenFailed(policy, state, event.evidence, moment);
    default:
      return assertNever(event);
  }
}

function connect(state: State, { now }: Moment): Step {
  const generation = state.generation + 1;
  const link: Link = { phase: "connecting", generation, startedAt: now, sent: false };
  return [{ ...state, generation, link }, [{ type: "connect", generation }]];
}

function hangUp(state: State, link: Link): Step {
  const generation = consuming(state.link);
  return [{ ...state, link }, generation === null ? [] : [{ type: "disconnect", generation }]];
}

function redial(state: State, moment: Moment): Step {
  const [gone, ended] = hangUp(state, { phase: "idle" });
  const [dialled, begun] = connect(gone, moment);
  return [dialled, [...ended, ...begun]];
}

function whenNetwork(policy: Policy, state: State, online: boolean, moment: Moment): Step {
  const { phase } = state.link;
  if (online) return phase === "offline" ? connect(state, moment) : [state, []];
  if (phase === "idle" || phase === "halted" || phase === "offline") return [state, []];
  return mustNotRepeat(policy, state.link)
    ? hangUp(state, { phase: "halted", failure: unrepeatable(wentOffline) })
    : hangUp(state, { phase: "offline" });
}

function whenOpened(state: State, generation: number, { now }: Moment): State {
  if (state.link.phase !== "connecting") return state;
  const times = { openedAt: now, byteAt: now, progressAt: null };
  return { ...state, worked: true, link: { phase: "open", generation, ...times, pendingSince: null, health: "live" } };
}

function whenBytes(policy: Policy, state: State, { now }: Moment): State {
  const { link } = state;
  if (link.phase !== "open") return state;
  // The first bytes after the headers say how quick the server begins, not how often it speaks.
  const isFirst = link.progressAt === null && link.pendingSince === null;
  const rhythm = isFirst ? state.rhythm : observeGap(state.rhythm, now - link.byteAt);
  const heard = { ...link, byteAt: now, pendingSince: link.pendingSince ?? now };
  return { ...state, rhythm, link: { ...heard, health: healthOf(policy, { ...state, rhythm, link: heard }, now) } };
}

function whenUnread(state: State, { now }: Moment): State {
  const { link } = state;
  if (link.phase !== "open") return state;
  return { ...state, link: { ...link, byteAt: now, pendingSince: link.pendingSince === null ? null : now } };
}

function whenProgress(state: State, { now }: Moment): State {
  const { link } = state;
  if (link.phase !== "open") return state;
  return { ...state, link: { ...link, progressAt: now, pendingSince: null, health: "live" } };
}

function whenFailed(policy: Policy, state: State, evidence: Evidence, moment: Moment): Step {
  const failure = classify(evidence, { worked: state.worked, refusals: state.refusals });
  const refusals = failure.family === "AUTH" ? state.refusals + 1 : 0;
  const failed = { ...state, failures: state.failures + 1, refusals };
  if (failure.final) return hangUp(failed, { phase: "halted", failure });
  if (mustNotRepeat(policy, state.link)) {
    return hangUp(failed, { phase: "halted", failure: unrepeatable(failure) });
  }
  const floorMs = Math.max(failure.retryAfterMs ?? 0, state.retryMs ?? 0);
  const delayMs = backoffMs(policy.backoff, failed.failures, floorMs, moment.random);
  return hangUp(failed, { phase: "waiting", failure, delayMs, until: moment.now + delayMs });
}

const wentOffline: Failure = {
  family: "NETWORK",
  kind: "offline",
  status: null,
  final: false,
  retryAfterMs: null,
  params: {},
};

function unrepeatable(cause: Failure): Failure {
  return { ...cause, kind: "not-repeatable", final: true, params: { cause: cause.kind } };
}

/** Whether the request may have arrived and must not be sent again. */
function mustNotRepeat(policy: Policy, link: Link): boolean {
  return !policy.repeatable && (link.phase === "open" || (link.phase === "connecting" && link.sent));
}

function whenTimer(policy: Policy, state: State, moment: Moment): Step {
  const { link } = state;
  const { now } = moment;
  switch (link.phase) {
    case "waiting":
      return now >= link.until ? connect(state, moment) : [state, []];
    case "connecting": {
      const afterMs = now - link.startedAt;
      const deadline = !link.sent && afterMs >= policy.connectTimeoutMs ? "connect" : "headers";
      const late = deadline === "connect" || afterMs >= policy.headersTimeoutMs;
      return late ? whenFailed(policy, state, { what: "deadline", deadline, afterMs }, moment) : [state, []];
    }
    case "open": {
      const afterMs = now - link.byteAt;
      if (afterMs >= idleTimeoutMs(policy, state.rhythm)) {
        // A watchdog that was wrong must not be wrong again at once: the rhythm has to be learned anew.
        const forgotten = { ...state, rhythm: unknownRhythm };
        return whenFailed(policy, forgotten, { what: "deadline", deadline: "idle", afterMs }, moment);
      }
      const proven = now - link.openedAt >= policy.resetAfterMs ? { failures: 0, refusals: 0 } : {};
      return [{ ...state, ...proven, link: { ...link, health: healthOf(policy, state, now) } }, []];
    }
    case "idle":
    case "offline":
    case "halted":
      return [state, []];
    default:
      return assertNever(link);
  }
}

/** When the machine has to look again although nothing happens, or null. */
function nextDue(policy: Policy, state: State): number | null {
  const { link } = state;
  switch (link.phase) {
    case "waiting":
      return link.until;
    case "connecting":
      return (
        link.startedAt +
        (link.sent ? policy.headersTimeoutMs : Math.min(policy.connectTimeoutMs, policy.headersTimeoutMs))
      );
    case "open": {
      const idleAt = link.byteAt + idleTimeoutMs(policy, state.rhythm);
      const provenAt = state.failures + state.refusals > 0 ? link.openedAt + policy.resetAfterMs : idleAt;
      const { silentAt, heldAt } = healthLimits(policy, link, state.rhythm);
      const changes = link.health === "live" ? [silentAt, heldAt] : link.health === "silent" ? [heldAt] : [];
      return Math.min(idleAt, provenAt, ...changes);
    }
    default:
      return null;
  }
}

/** Sets the one timer when nothing is set or something is due earlier; one that is set too early is harmless. */
function armed(policy: Policy, [state, effects]: Step): Step {
  const due = nextDue(policy, state);
  if (due === null || (state.timerAt !== null && state.timerAt <= due)) return [state, effects];
  return [{ ...state, timerAt: due }, [...effects, { type: "setTimer", at: due }]];
}

function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
