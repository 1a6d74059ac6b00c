/**
 * Connections that only ask whether a path works: the way back to a preferred candidate, and whether the open connection
 * has survived a sleep or another network. They never yield an event, and at most one is under way.
 */
import { classify, type Evidence } from "../failure/failure.ts";
import { isRefusal } from "../failure/failure-traits.ts";
import { hasAlternative, preferredTo, toldToServer } from "./candidates.ts";
import type { Effect, Event, Moment, Policy, Probe, State } from "./connection-state.ts";
import { attemptDue, done, lateEvidence, type Probed, redial, type Step } from "./link.ts";
import { answeredWell, askedInVain, isProbationOver, nextProbeAt, returnedTo } from "./probation.ts";
import { greetingMs } from "./rhythm.ts";
import {
  earliestAsked,
  earliestDial,
  freshStanding,
  noteDial,
  noteWord,
  redated,
  type Standing,
  withStanding,
} from "./standings.ts";
import { noteSilence, unusualMs } from "./suspicion.ts";
import { replace, wakeFailed } from "./wake.ts";

/** A probe of a preferred candidate must stay open for this long, or bring something complete, ms. */
const holdsMs = 2000;
/** A path that was mute has to speak within this time, ms: longer than it is usually silent, as far as one may ask for so long. */
const speaks = { withinMs: 2 * greetingMs, atMostMs: 90_000 } as const;
/** One that has spoken is asked at least so often while the present one says nothing, ms. */
const unheardMs = 120_000;
/** After the probe of a wake-up answered, the old connection has this long to show that it lives, ms. */
const graceMs = 3000;
/** Bytes that are read this soon after waking up may have come before the sleep, ms. */
const bufferedMs = 1000;

/** Plans the way back from an open connection, if there is one. A request that must not be repeated is never probed. */
export function planFailback(policy: Policy, state: State, { now, random }: Moment): State {
  const { link } = state;
  if (link.phase !== "open" || !policy.repeatable) return { ...state, nextProbe: null };
  const better = preferredTo(policy, state, link.candidate);
  if (better.length === 0) return { ...state, nextProbe: null };
  // Each by its own time: one that may not be asked does not have the others asked in its place.
  const due = better.map((i) => {
    const standing = state.standings[i] ?? freshStanding;
    const atMostMs = isLikelier(state, standing) ? unheardMs : Number.POSITIVE_INFINITY;
    return Math.max(nextProbeAt(standing.wayBack, now, atMostMs, random), earliestAsked(standing));
  });
  return { ...state, nextProbe: { at: Math.min(...due), since: now, why: "failback", tries: 0 } };
}

/** Asks at once whether the open connection's path still carries anything. */
export function probeWake(policy: Policy, state: State, moment: Moment): Step {
  const { link, probe } = state;
  if (link.phase !== "open" || !policy.repeatable || probe?.why === "wake") return [state, []];
  const [gone, ended] = endProbe(state);
  const earliest = earliestDial(state.standings[link.candidate]);
  // Networks that come and go must not make us dial without measure.
  if (earliest > moment.now)
    return [{ ...gone, nextProbe: { at: earliest, since: moment.now, why: "wake", tries: 0 } }, ended];
  const [begun, effects] = begin(gone, link.candidate, "wake", 0, moment);
  return [begun, [...ended, ...effects]];
}

/** We did not run for a while: that time is not held against what asks. */
export function stalled(state: State, stalledMs: number, { now }: Moment): State {
  const { probe } = state;
  if (probe === null) return state;
  const later = (at: number) => Math.min(now, at + stalledMs);
  const openedAt = probe.openedAt === null ? null : later(probe.openedAt);
  return { ...state, probe: { ...probe, startedAt: later(probe.startedAt), openedAt } };
}

/** The open connection spoke: nobody needs to ask whether it lives. */
export function heard(policy: Policy, state: State, moment: Moment): Step {
  const { probe, nextProbe } = state;
  if (probe?.why !== "wake" && nextProbe?.why !== "wake") return [state, []];
  // What comes in the first moment lay in the computer's own buffers all the while.
  const since = probe?.startedAt ?? nextProbe?.since ?? moment.now;
  if (moment.now - since < bufferedMs) return [state, []];
  const [gone, effects] = endProbe(state);
  return [planFailback(policy, gone, moment), effects];
}

/** What the probe's own connection tells. */
export function whenProbe(policy: Policy, state: State, probe: Probe, event: Event, moment: Moment): Probed {
  const { now } = moment;
  switch (event.type) {
    case "dialling":
      return done([
        {
          ...state,
          probe: { ...probe, startedAt: now, dialled: true },
          standings: redated(state.standings, probe.candidate, now),
        },
        [],
      ]);
    case "via":
      return done([{ ...state, probe: { ...probe, via: { proxy: event.proxy, tunnel: event.tunnel } } }, []]);
    case "connected":
      return done([{ ...state, probe: { ...probe, sent: true } }, []]);
    case "opened":
      return done([{ ...state, probe: { ...probe, openedAt: now } }, []]);
    case "events":
    case "comment":
    case "cursor":
    case "settled":
      return done(whenProbeSpeaks(policy, state, probe, event.type === "events", moment));
    case "failed":
      return failed(policy, state, probe, event.evidence, moment);
    default:
      return done([state, []]);
  }
}

/** It works; and a word, which a greeting is not, takes "mute" from it. */
function whenProbeSpeaks(policy: Policy, state: State, probe: Probe, isEvent: boolean, moment: Moment): Step {
  const { now } = moment;
  if (probe.why !== "failback" || probe.openedAt === null) return [state, []];
  const isGreeting = !isEvent && now - probe.openedAt < greetingMs;
  if (!isGreeting)
    return succeeded(policy, { ...state, standings: noteWord(state.standings, probe.candidate, now) }, probe, moment);
  return isMute(state, probe) ? [state, []] : succeeded(policy, state, probe, moment);
}

/** The probe's deadlines, and the moment for a planned one. */
export function whenProbeDue(policy: Policy, state: State, moment: Moment): Probed {
  const { probe, nextProbe, link } = state;
  const { now } = moment;
  if (probe === null) {
    if (nextProbe === null || now < nextProbe.at || link.phase !== "open") return done([state, []]);
    const candidate = nextProbe.why === "wake" ? link.candidate : askedNext(policy, state, link.candidate, now);
    if (candidate === null) return done([{ ...state, nextProbe: null }, []]);
    const standing = state.standings[candidate];
    const earliest = nextProbe.why === "wake" ? earliestDial(standing) : earliestAsked(standing);
    if (earliest > now) return done([{ ...state, nextProbe: { ...nextProbe, at: earliest } }, []]);
    return done(begin(state, candidate, nextProbe.why, nextProbe.tries, moment));
  }
  const due = dueOf(policy, state, probe);
  if (now < due) return done([state, []]);
  if (probe.openedAt === null) {
    return failed(policy, state, probe, lateEvidence(policy, probe, now), moment);
  }
  if (probe.why === "failback") {
    if (!isMute(state, probe)) return done(succeeded(policy, state, probe, moment));
    return failed(policy, state, probe, { what: "mute", held: false, afterMs: now - probe.openedAt }, moment);
  }
  // The path works and the old connection has not said a word: it is replaced.
  return done(replace(policy, noteSilence(policy, state, now), probe.candidate, moment));
}

/** When a probe has to be looked at, or the next one begins; Infinity: never. */
export function probeDue(policy: Policy, state: State): number {
  if (state.probe !== null) return dueOf(policy, state, state.probe);
  const { nextProbe, returnTo, link } = state;
  if (returnTo === null) return nextProbe?.at ?? Number.POSITIVE_INFINITY;
  // Half an event is waited for; its end asks again.
  const isHalf = link.phase === "open" && link.pendingSince !== null;
  return isHalf ? Number.POSITIVE_INFINITY : earliestDial(state.standings[returnTo]);
}

/** Takes the candidate that has proved itself, unless an event is half here; the next complete one asks again. */
export function takeReturn(state: State, moment: Moment): Step {
  const { link, returnTo } = state;
  if (returnTo === null || link.phase !== "open" || link.pendingSince !== null) return [state, []];
  if (earliestDial(state.standings[returnTo]) > moment.now) return [state, []];
  const { wayBack } = state.standings[returnTo] ?? freshStanding;
  // On probation until it has lasted: its next end counts as the second, so that what works is taken again at once.
  const change = { stumbles: 1, wayBack: returnedTo(wayBack) };
  return redial({ ...state, standings: withStanding(state.standings, returnTo, change) }, returnTo, moment);
}

function begin(state: State, candidate: number, why: Probe["why"], tries: number, { now }: Moment): Step {
  const generation = state.generation + 1;
  const probe: Probe = {
    generation,
    candidate,
    why,
    startedAt: now,
    dialled: false,
    via: null,
    sent: false,
    openedAt: null,
    tries,
  };
  const effect: Effect = { type: "probe", generation, candidate, withId: false };
  const standings = noteDial(state.standings, candidate, now);
  return [{ ...state, generation, standings, probe, nextProbe: null }, [effect]];
}

function endProbe(state: State): Step {
  const effects: Effect[] = state.probe === null ? [] : [{ type: "disconnect", generation: state.probe.generation }];
  return [{ ...state, probe: null, nextProbe: null }, effects];
}

function dueOf(policy: Policy, state: State, probe: Probe): number {
  const { openedAt, why } = probe;
  if (openedAt === null) return attemptDue(policy, probe);
  // What replaces the old connection keeps our pace, too.
  if (why === "wake") return Math.max(openedAt + graceMs, earliestDial(state.standings[probe.candidate]));
  if (!isMute(state, probe)) return openedAt + holdsMs;
  return openedAt + Math.min(Math.max(speaks.withinMs, unusualMs(state.rhythm)), speaks.atMostMs);
}

function isMute(state: State, { candidate }: Probe): boolean {
  return state.standings[candidate]?.mute === true;
}

/** One that has spoken on this network is likelier to speak than a present one that has not said a word. */
function isLikelier({ link, standings }: State, { spokeAt, mute }: Standing): boolean {
  if (link.phase !== "open" || link.wordAt !== null || spokeAt === null || mute) return false;
  const present = standings[link.candidate];
  return present !== undefined && (present.mute || present.spokeAt === null);
}

/**
 * Of those preferred to the present one, the one that has been failing least, and of two equals the one that was asked longer
 * ago: a dead first must not hide a good second, nor must one that may not be asked yet.
 */
function askedNext(policy: Policy, state: State, present: number, now: number): number | null {
  const standing = (i: number) => state.standings[i];
  const waitMs = (i: number) => Math.max(0, earliestAsked(standing(i)) - now);
  const every = (i: number) => standing(i)?.wayBack.probeEveryMs ?? 0;
  // One that is on its way back is asked before another that is only as good.
  const askedAt = (i: number) => (standing(i)?.wayBack.goodSince == null ? (standing(i)?.dials.at(-1) ?? 0) : 0);
  const order = (a: number, b: number) => waitMs(a) - waitMs(b) || every(a) - every(b) || askedAt(a) - askedAt(b);
  return preferredTo(policy, state, present).toSorted(order)[0] ?? null;
}

function succeeded(policy: Policy, state: State, probe: Probe, moment: Moment): Step {
  const { now } = moment;
  const [gone, effects] = endProbe(state);
  const standing = state.standings[probe.candidate] ?? freshStanding;
  const wayBack = answeredWell(standing.wayBack, now);
  // What failed before has passed; that it was mute only a word refutes.
  const vainAt = standing.mute ? standing.vainAt : null;
  const change = { failures: 0, stumbles: 0, parked: false, vainAt, wayBack };
  const standings = withStanding(gone.standings, probe.candidate, change);
  // Nothing is lost by leaving what says nothing for one that has spoken, unless it did not stay the last time.
  const isTaken = isProbationOver(wayBack, now) || (wayBack.returns === 0 && isLikelier(state, standing));
  if (!isTaken) return [planFailback(policy, { ...gone, standings }, moment), effects];
  const [returned, moved] = takeReturn({ ...gone, standings, returnTo: probe.candidate }, moment);
  return [returned, [...effects, ...moved]];
}

function failed(policy: Policy, state: State, probe: Probe, evidence: Evidence, moment: Moment): Probed {
  const [gone, effects] = endProbe(state);
  const standing = state.standings[probe.candidate];
  if (standing === undefined) return done([gone, effects]);
  const failure = classify(evidence, {
    worked: standing.worked,
    alternatives: hasAlternative(policy, state, probe.candidate),
    refusals: standing.refusals,
    freshCredential: policy.candidates[probe.candidate]?.freshCredential ?? false,
    asked: false,
    planned: false,
  });
  const notBefore = Math.max(standing.notBefore, moment.now + (failure.retryAfterMs ?? 0));
  if (probe.why === "wake") {
    // What the server asks of the one that asked holds for the successor of the open connection too.
    const others = toldToServer(policy, gone.standings, probe.candidate, { ...failure, final: false }, moment.now);
    const asked = { ...gone, standings: withStanding(others, probe.candidate, { notBefore }) };
    return wakeFailed(asked, effects, probe, evidence, moment);
  }
  // Our own trouble says nothing of the candidate.
  if (ourTrouble.has(evidence.what)) return done([planFailback(policy, gone, moment), effects]);
  const others = toldToServer(policy, gone.standings, probe.candidate, failure, moment.now);
  const standings = withStanding(others, probe.candidate, {
    wayBack: askedInVain(standing.wayBack),
    notBefore,
    refusals: standing.refusals + (isRefusal(failure) ? 1 : 0),
    out: failure.final ? failure : null,
  });
  return done([planFailback(policy, { ...gone, standings }, moment), effects]);
}

/** Evidence of what never left this computer. */
const ourTrouble: ReadonlySet<Evidence["what"]> = new Set(["internal", "credential", "secret-missing", "bad-request"]);
