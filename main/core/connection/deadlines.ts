/**
 * What passes without anything happening: deadlines of an attempt, silence of an open connection, the end of a wait.
 * The machine has one timer; `nextDue` says when it has to look again.
 */
import type { Link, Moment, Policy, State } from "./connection-state.ts";
import { healthLimits, healthOf, idleTimeoutMs } from "./health.ts";
import { attemptDue, connect, lateEvidence, type Probed, type Step } from "./link.ts";
import { lasting } from "./open-link.ts";
import { whenFailed } from "./outcome.ts";
import { trusted, trustedAt } from "./probation.ts";
import { probeDue, takeReturn, whenProbeDue } from "./probes.ts";
import { renew, renewalDue } from "./renewals.ts";
import { withStanding } from "./standings.ts";
import { muteDue } from "./suspicion.ts";

export function whenTimer(policy: Policy, state: State, moment: Moment): Step {
  if (state.asleep) return [state, []];
  const [next, effects] = withVerdict(policy, whenProbeDue(policy, state, moment), moment);
  const [last, more] = whenLinkDue(policy, next, moment);
  return [last, effects.length === 0 ? more : [...effects, ...more]];
}

function whenLinkDue(policy: Policy, state: State, moment: Moment): Step {
  const { link } = state;
  const { now } = moment;
  switch (link.phase) {
    case "waiting":
      return now >= link.until ? connect(state, link.candidate, moment) : [state, []];
    case "connecting": {
      if (now < attemptDue(policy, link)) return [state, []];
      return whenFailed(policy, state, lateEvidence(policy, link, now), moment);
    }
    case "open":
      return whenOpenDue(policy, stayed(state, link, now), link, moment);
    case "idle":
    case "offline":
    case "halted":
      return [state, []];
  }
}

type OpenLink = Extract<Link, { phase: "open" }>;

/** What was returned to and has been open for long enough is trusted again. */
function stayed(state: State, { candidate, openedAt }: OpenLink, now: number): State {
  const wayBack = state.standings[candidate]?.wayBack;
  if (wayBack === undefined || now < trustedAt(wayBack, openedAt)) return state;
  return { ...state, standings: withStanding(state.standings, candidate, { wayBack: trusted(wayBack) }) };
}

function whenOpenDue(policy: Policy, state: State, link: OpenLink, moment: Moment): Step {
  const { now } = moment;
  const afterMs = now - link.byteAt;
  // Before the watchdog, which may be due in the same moment: being mute says more of a path than being silent.
  if (now >= muteDue(policy, state, link)) {
    const held = link.pendingSince !== null;
    const sinceMs = now - (link.pendingSince ?? link.openedAt);
    return whenFailed(policy, state, { what: "mute", held, afterMs: sinceMs }, moment);
  }
  if (now >= renewalDue(policy, state)) return renew(state, moment);
  if (afterMs >= idleTimeoutMs(policy, state.rhythm)) {
    return whenFailed(policy, state, { what: "deadline", deadline: "idle", afterMs }, moment);
  }
  const aged: State = { ...state, link: { ...link, health: healthOf(policy, link, state.rhythm, now) } };
  const [next, effects] =
    !link.lasting && now >= provenDue(policy, state, link) ? lasting(aged, moment) : ([aged, []] as const);
  if (next.link.phase !== "open" || next.returnTo === null) return [next, effects];
  const [last, more] = takeReturn(next, moment);
  return [last, [...effects, ...more]];
}

/** When being open is use enough; not while it is asked whether it lives at all. */
function provenDue(policy: Policy, { probe, nextProbe }: State, link: OpenLink): number {
  const isDoubted = probe?.why === "wake" || nextProbe?.why === "wake";
  return isDoubted ? Number.POSITIVE_INFINITY : link.openedAt + policy.resetAfterMs;
}

/** When the machine has to look again although nothing happens; Infinity: never. */
export function nextDue(policy: Policy, state: State): number {
  const { link } = state;
  if (state.asleep) return Number.POSITIVE_INFINITY;
  switch (link.phase) {
    case "waiting":
      return link.until;
    case "connecting":
      return attemptDue(policy, link);
    case "open": {
      const idleAt = link.byteAt + idleTimeoutMs(policy, state.rhythm);
      const provenAt = link.lasting ? idleAt : provenDue(policy, state, link);
      const { silentAt, heldAt } = healthLimits(policy, link, state.rhythm);
      const changes = link.health === "live" ? Math.min(silentAt, heldAt) : link.health === "silent" ? heldAt : idleAt;
      const muteAtLatest = policy.candidates.length === 1 ? idleAt : muteDue(policy, state, link);
      const stayedAt = trustedAt(state.standings[link.candidate]?.wayBack, link.openedAt);
      const asksAt = Math.min(renewalDue(policy, state), probeDue(policy, state));
      return Math.min(idleAt, provenAt, changes, muteAtLatest, stayedAt, asksAt);
    }
    default:
      return Number.POSITIVE_INFINITY;
  }
}

/** The step of a probe, and where it says that the open connection is lost, what follows from that. */
export function withVerdict(policy: Policy, { step: taken, lost }: Probed, moment: Moment): Step {
  if (lost === null) return taken;
  const [state, effects] = taken;
  const [next, more] = whenFailed(policy, state, lost, moment, "probe");
  return [next, [...effects, ...more]];
}
