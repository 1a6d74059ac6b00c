/**
 * One stream's connection as a pure machine: (policy, state, event, moment) → (state, effects).
 *
 * It owns every decision about when to connect, when to give up an attempt and how long to wait, and it keeps every
 * deadline itself: the transport below is never trusted to end anything. It knows no clock, no chance and no socket.
 */
import type { Health } from "../../preload/contract.ts";
import { type Backoff, backoffMs } from "./backoff.ts";
import { classify, type Evidence, type Failure } from "./failure.ts";
import { observeGap, p95GapMs, type Rhythm, unknownRhythm } from "./rhythm.ts";

/** What the outside world supplies with every event: monotonic whole milliseconds, and one draw in [0, 1). */
export type Moment = { readonly now: number; readonly random: number };

export type Policy = {
  readonly backoff: Backoff;
  /** TCP and TLS together, ms. */
  readonly connectTimeoutMs: number;
  /** From the start of the attempt to the final headers, ms. */
  readonly headersTimeoutMs: number;
  /** Silence after which an open connection is given up, ms; null: learned from the stream's rhythm. */
  readonly idleTimeoutMs: number | null;
  /** Failures are forgotten after this long open, ms; an event forgets them at once. Being open alone never does. */
  readonly resetAfterMs: number;
  /** Whether a request that was sent may be sent again: true for GET, the user's word for anything else. */
  readonly repeatable: boolean;
};

/** Numbers of the product's promise: connect 10 s, final headers 15 s, forgiveness 60 s. */
export const defaultDeadlines = { connectTimeoutMs: 10_000, headersTimeoutMs: 15_000, resetAfterMs: 60_000 } as const;

const idleUnlearnedMs = 300_000;
const idleFloorMs = 15_000;
const silentUnlearnedMs = 60_000;
const silentFloorMs = 5000;
/** Bytes that complete nothing, or no byte at all, for this long: the path may be holding them. */
const heldAfterMs = 15_000;
const retryFloorMs = 500;
const retryCapMs = 60_000;

/** The consuming connection, or what stands in its place. Says only what is true in its phase. */
export type Link =
  | { readonly phase: "idle" }
  | { readonly phase: "offline" }
  | { readonly phase: "halted"; readonly failure: Failure }
  | { readonly phase: "waiting"; readonly failure: Failure; readonly delayMs: number; readonly until: number }
  | {
      readonly phase: "connecting";
      readonly generation: number;
      readonly startedAt: number;
      /** The socket is there and the request is on its way: it must be assumed to have arrived. */
      readonly sent: boolean;
    }
  | {
      readonly phase: "open";
      readonly generation: number;
      readonly openedAt: number;
      /** Last byte, headers included. */
      readonly byteAt: number;
      /** Last complete event or comment; null before the first. */
      readonly progressAt: number | null;
      /** First byte since then: something has begun and is not complete; null when nothing has. */
      readonly pendingSince: number | null;
      readonly health: Health;
    };

/** A connection that only asks whether a path works: it never yields an event. Made by failback and wake-up. */
export type Probe = { readonly generation: number };

export type State = {
  readonly link: Link;
  readonly probe: Probe | null;
  /** The last number given to a connection; each has its own. */
  readonly generation: number;
  /** Attempts that failed since the connection last proved useful. */
  readonly failures: number;
  /** 401 and 403 in a row. */
  readonly refusals: number;
  /** Was open at least once. */
  readonly worked: boolean;
  /** The server's `retry:`, clamped to 0.5–60 s; null before it sent one. */
  readonly retryMs: number | null;
  readonly rhythm: Rhythm;
  /** When the one timer is set for; null: not set. */
  readonly timerAt: number | null;
};

export const initialState: State = {
  link: { phase: "idle" },
  probe: null,
  generation: 0,
  failures: 0,
  refusals: 0,
  worked: false,
  retryMs: null,
  rhythm: unknownRhythm,
  timerAt: null,
};

/** What a transport tells of one connection. Bytes are counted before what they complete is told. */
export type TransportEvent =
  | { readonly type: "connected" }
  | { readonly type: "opened"; readonly answer: Answer }
  | { readonly type: "bytes"; readonly count: number }
  | { readonly type: "event"; readonly event: ParsedEvent }
  | { readonly type: "comment"; readonly text: string }
  /** A block without data moved the last event id. */
  | { readonly type: "cursor"; readonly lastEventId: string }
  | { readonly type: "retry"; readonly retryMs: number }
  /** We did not read for a while, because we could not keep what came: that silence was ours. */
  | { readonly type: "unread" }
  /** Something of the stream could not be taken; the connection goes on. */
  | { readonly type: "skipped"; readonly reason: "event-too-large"; readonly bytes: number }
  | { readonly type: "failed"; readonly evidence: Evidence };

/** What is known of an answer that opened a stream. */
export type Answer = {
  /** Origin and path it came from, after redirects. */
  readonly address: string;
  readonly server: string | null;
  readonly httpVersion: string;
  /** The id that was asked from, as sent to this origin; "" when none was. */
  readonly askedFrom: string;
};

/** One event as parsed; `id` is null when its block had none or one that broke a limit. */
export type ParsedEvent = {
  readonly id: string | null;
  readonly lastEventId: string;
  readonly type: string;
  readonly data: string;
  readonly bytes: number;
  readonly flags: readonly ("id-ignored" | "type-cut")[];
};

export type Event =
  | { readonly type: "start" | "stop" | "retryNow" | "timer" }
  | { readonly type: "network"; readonly online: boolean }
  | (TransportEvent & { readonly generation: number });

export type Effect =
  | { readonly type: "connect" | "probe" | "disconnect"; readonly generation: number }
  /** Replaces the last timer; one that comes early finds nothing due and is set again. */
  | { readonly type: "setTimer"; readonly at: number };

type Step = readonly [State, readonly Effect[]];

/** The number of the connection whose words count, or null when there is none. */
export function consuming(link: Link): number | null {
  return link.phase === "connecting" || link.phase === "open" ? link.generation : null;
}

/** Silence after which an open connection is given up, ms. */
export function idleTimeoutMs(policy: Policy, rhythm: Rhythm): number {
  const p95 = p95GapMs(rhythm);
  return policy.idleTimeoutMs ?? (p95 === null ? idleUnlearnedMs : Math.max(idleFloorMs, 3 * p95));
}

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
      return redial({ ...state, failures: 0, refusals: 0 }, moment);
    case "network":
      return whenNetwork(policy, state, event.online, moment);
    case "timer":
      return whenTimer(policy, { ...state, timerAt: null }, moment);
    case "connected":
      return link.phase === "connecting" ? [{ ...state, link: { ...link, sent: true } }, []] : [state, []];
    case "opened":
      return [whenOpened(state, event.generation, moment), []];
    case "bytes":
      return [whenBytes(policy, state, moment), []];
    case "unread":
      return [link.phase === "open" ? { ...state, link: { ...link, byteAt: moment.now } } : state, []];
    case "event":
      return [whenProgress({ ...state, failures: 0, refusals: 0 }, moment), []];
    case "comment":
    case "cursor":
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

type OpenLink = Extract<Link, { phase: "open" }>;

/** Earliest moments at which an open connection stops being live, without news. */
function healthLimits(policy: Policy, link: OpenLink, rhythm: Rhythm): { silentAt: number; heldAt: number } {
  const p95 = p95GapMs(rhythm);
  const usualMs = p95 === null ? silentUnlearnedMs : Math.max(silentFloorMs, 2 * p95);
  const silentAt = link.byteAt + Math.min(usualMs, idleTimeoutMs(policy, rhythm));
  // Mute from the start is only suspicious in a stream that is known to speak more often than that.
  const mute = p95 !== null && 3 * p95 <= heldAfterMs && link.progressAt === null;
  const since = link.pendingSince ?? (mute ? link.openedAt : Number.POSITIVE_INFINITY);
  return { silentAt, heldAt: since + heldAfterMs };
}

function healthOf(policy: Policy, state: State & { readonly link: OpenLink }, now: number): Health;
function healthOf(policy: Policy, state: State, now: number): Health;
function healthOf(policy: Policy, { link, rhythm }: State, now: number): Health {
  if (link.phase !== "open") return "live";
  const { silentAt, heldAt } = healthLimits(policy, link, rhythm);
  if (now >= heldAt) return "held";
  return now >= silentAt ? "silent" : "live";
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
