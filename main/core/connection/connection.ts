/**
 * One stream's connection as a pure machine: (policy, state, event, moment) → (state, effects).
 *
 * It owns every decision about when to connect, to whom, when to give up an attempt and how long to wait, and it keeps every
 * deadline itself: the transport below is never trusted to end anything. It knows no clock, no chance and no socket.
 * This file is the table of contents, and what the user and the world want of it; the rest has files of its own.
 */
import type { Failure } from "../failure/failure.ts";
import { noteQuality } from "../quality/quality.ts";
import { soon } from "./backoff.ts";
import { firstCandidate } from "./candidates.ts";
import type { Effect, Event, Moment, Policy, State } from "./connection-state.ts";
import { nextDue, whenTimer, withVerdict } from "./deadlines.ts";
import {
  anotherNetwork,
  connect,
  hangUp,
  mustNotRepeat,
  redial,
  type Step,
  unrepeatable,
  wait,
  wentOffline,
} from "./link.ts";
import { whenBytes, whenDialling, whenEvents, whenOpened, whenProgress, whenRetry, whenUnread } from "./open-link.ts";
import { whenFailed } from "./outcome.ts";
import { probeWake, stalled, whenProbe } from "./probes.ts";
import { otherPaths, whenPath } from "./renewals.ts";
import { asTheUserSays, noteRetry, onAnotherNetwork, renewed, restOfRetryMs } from "./standings.ts";
import { noteSilence } from "./suspicion.ts";

/** One step of the machine. Events of a connection that is neither the consuming one nor the probe change nothing. */
export function step(policy: Policy, state: State, event: Event, moment: Moment): Step {
  if ("generation" in event) {
    const { link, probe } = state;
    if (probe !== null && probe.generation === event.generation) {
      return armed(policy, withVerdict(policy, whenProbe(policy, state, probe, event, moment), moment));
    }
    const consumes = (link.phase === "open" || link.phase === "connecting") && link.generation === event.generation;
    if (!consumes) return [state, []];
  }
  return armed(policy, decide(policy, state, event, moment));
}

function decide(policy: Policy, state: State, event: Event, moment: Moment): Step {
  const { link } = state;
  switch (event.type) {
    case "start":
      return link.phase === "idle" ? begin(policy, state, moment) : [state, []];
    case "stop":
      return stop(state, moment);
    case "retryNow":
      // What the user paused stays paused: only `start` ends that.
      return link.phase === "idle" ? [state, []] : again(policy, state, moment);
    case "network":
      return whenNetwork(policy, state, event, moment);
    case "suspend":
      return [{ ...state, asleep: true }, []];
    case "wake":
      return whenWake(policy, state, event, moment);
    case "timer":
      return whenTimer(policy, { ...state, timerAt: null }, moment);
    case "path":
      return [whenPath(state, event), []];
    case "dialling":
      return [whenDialling(state, event.asked, moment), []];
    case "via":
      return link.phase === "connecting"
        ? [{ ...state, link: { ...link, via: { proxy: event.proxy, tunnel: event.tunnel } } }, []]
        : [state, []];
    case "connected":
      return link.phase === "connecting" ? [{ ...state, link: { ...link, sent: true } }, []] : [state, []];
    case "opened":
      return [whenOpened(policy, state, moment), []];
    case "bytes":
      return whenBytes(policy, state, moment);
    case "unread":
      return [whenUnread(state, moment.now), []];
    case "events":
      return whenEvents(state, event, moment);
    case "comment":
      return whenProgress(state, moment, event.isOpen);
    case "cursor":
    case "settled":
    case "skipped":
      return whenProgress(state, moment);
    case "retry":
      return [whenRetry(state, event.retryMs), []];
    case "failed":
      return whenFailed(policy, state, event.evidence, moment);
    default:
      return assertNever(event);
  }
}

/* ── what the user wants ──────────────────────────────────────────────────────────────────────── */

function begin(policy: Policy, state: State, moment: Moment): Step {
  if (!state.online) return [{ ...state, link: { phase: "offline" } }, []];
  const fresh = { ...state, standings: asTheUserSays(state.standings) };
  return connect(fresh, firstCandidate(policy, fresh, moment.now) ?? 0, moment);
}

function stop(state: State, moment: Moment): Step {
  const quality = noteQuality(state.quality, { type: "stopped" }, moment.now);
  const standings = asTheUserSays(state.standings);
  return hangUp(
    { ...state, quality, standings, failures: 0, outageSince: null, withoutId: false },
    { phase: "idle" },
    moment,
  );
}

/** The user's word is taken at once, whatever pace, park and pause say; even offline, for he may know better. */
function again(policy: Policy, state: State, moment: Moment): Step {
  const fresh = { ...state, standings: asTheUserSays(state.standings), failures: 0, withoutId: false };
  return redial(fresh, firstCandidate(policy, fresh, moment.now) ?? 0, moment);
}

/* ── what the world does ──────────────────────────────────────────────────────────────────────── */

type NetworkNews = Extract<Event, { type: "network" }>;

function whenNetwork(policy: Policy, before: State, { online, changed, first }: NetworkNews, moment: Moment): Step {
  const { link } = before;
  const state: State = { ...before, online };
  if (!online) {
    if (link.phase === "idle" || link.phase === "halted" || link.phase === "offline") return [state, []];
    const lost = endedByNetwork(noteSilence(policy, state, moment.now), moment.now);
    return mustNotRepeat(policy, link)
      ? hangUp(lost, { phase: "halted", failure: unrepeatable(wentOffline) }, moment)
      : hangUp(lost, { phase: "offline" }, moment);
  }
  const known = changed
    ? { ...state, first: first ?? 0, standings: otherPaths(onAnotherNetwork(state.standings)) }
    : state;
  if (link.phase === "offline") return hurry(policy, known, wentOffline, moment);
  if (link.phase === "waiting" && (changed || !before.online)) return hurry(policy, known, link.failure, moment);
  // What knocks by the old network would knock in vain until its deadline; what was sent has found its way.
  if (link.phase === "connecting" && changed && !link.sent) return hurry(policy, known, anotherNetwork, moment);
  return changed ? probeWake(policy, known, moment) : [known, []];
}

/** What the server asked for by `retry:` counts from this end, too: it may have heard of us. */
function endedByNetwork(state: State, now: number): State {
  const { link } = state;
  const wasHeard = link.phase === "open" || (link.phase === "connecting" && link.sent);
  return wasHeard ? { ...state, standings: noteRetry(state.standings, link.candidate, now) } : state;
}

/** Cuts a wait short, but never to nothing: a network that flaps, or a building full of clients, must not dial at once. */
function hurry(policy: Policy, state: State, failure: Failure, moment: Moment): Step {
  const fresh = { ...state, standings: renewed(state.standings) };
  const { link } = state;
  const candidate = firstCandidate(policy, fresh, moment.now);
  if (candidate === null) {
    const out = fresh.standings.find((standing) => standing.out !== null)?.out ?? failure;
    return hangUp(fresh, { phase: "halted", failure: { ...out, final: true } }, moment);
  }
  // A server's `retry:` counts from the end of its connection, however the network came and went meanwhile.
  const restMs = restOfRetryMs(fresh.standings[candidate], moment.now);
  const delay = soon("network-back", moment.random, restMs);
  if (link.phase === "waiting" && link.until <= moment.now + delay.delayMs) return [fresh, []];
  return wait(fresh, failure, candidate, delay, moment);
}

type Woke = Extract<Event, { type: "wake" }>;

function whenWake(policy: Policy, state: State, woke: Woke, moment: Moment): Step {
  const { stalledMs } = woke;
  const slept = state.asleep || woke.slept;
  const awake = { ...state, asleep: false };
  const { link } = state;
  switch (link.phase) {
    case "waiting":
      return slept ? hurry(policy, awake, link.failure, moment) : [awake, []];
    case "connecting":
      return [{ ...awake, link: { ...link, startedAt: Math.min(moment.now, link.startedAt + stalledMs) } }, []];
    case "open": {
      // The silence was ours.
      const heardNow = whenUnread(stalled(awake, stalledMs, moment), moment.now);
      return slept ? probeWake(policy, heardNow, moment) : [heardNow, []];
    }
    default:
      return [awake, []];
  }
}

/** Sets the one timer when nothing is set or something is due earlier; one that is set too early is harmless. */
function armed(policy: Policy, [state, effects]: Step): Step {
  const due = nextDue(policy, state);
  if (due === Number.POSITIVE_INFINITY || (state.timerAt !== null && state.timerAt <= due)) return [state, effects];
  const set: Effect = { type: "setTimer", at: due };
  return [{ ...state, timerAt: due }, effects.length === 0 ? [set] : [...effects, set]];
}

function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
