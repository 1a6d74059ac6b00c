/**
 * What the consuming connection tells while it is well, and what follows: it opened, it speaks, it has proved useful.
 * How it ends is outcome.ts.
 */
import { noteQuality } from "../quality/quality.ts";
import type { Link, Moment, Policy, Slice, State } from "./connection-state.ts";
import { healthOf } from "./health.ts";
import type { Step } from "./link.ts";
import { heard, planFailback, takeReturn } from "./probes.ts";
import { survivedSilence } from "./renewals.ts";
import { greetingMs, heardAfter, undoubted } from "./rhythm.ts";
import { forgiven, listensAnew, noteOpened, noteUseful, noteWord, redated, withStanding } from "./standings.ts";

type OpenLink = Extract<Link, { phase: "open" }>;

const retryFloorMs = 500;
const retryCapMs = 60_000;

/** The request leaves: from here on the time is the server's, and so is the dial. */
export function whenDialling(state: State, asked: boolean, { now }: Moment): State {
  const { link } = state;
  if (link.phase !== "connecting") return state;
  const standings = redated(state.standings, link.candidate, now);
  return { ...state, standings, link: { ...link, startedAt: now, dialled: true, asked } };
}

export function whenOpened(policy: Policy, state: State, moment: Moment): State {
  const { link } = state;
  const { now } = moment;
  if (link.phase !== "connecting") return state;
  const { generation, candidate, startedAt } = link;
  const headersMs = now - startedAt;
  const opened: State = {
    ...state,
    link: {
      phase: "open",
      generation,
      candidate,
      openedAt: now,
      byteAt: now,
      greeted: false,
      wordAt: null,
      pendingSince: null,
      events: 0,
      proven: false,
      lasting: false,
      health: "live",
    },
    standings: noteOpened(
      state.standings,
      candidate,
      headersMs,
      policy.candidates[candidate]?.transport === "sse",
      now,
    ),
    pinned: pinnedBy(policy, state, candidate),
    withoutId: false,
    quality: noteQuality(state.quality, { type: "opened", headersMs }, now),
  };
  // Where only the connection is another one, the probe of a better address is planned already.
  return state.nextProbe === null ? planFailback(policy, opened, moment) : opened;
}

function pinnedBy(policy: Policy, { pinned }: State, candidate: number): number | null {
  return policy.discover && policy.candidates[candidate]?.transport === "sse" ? candidate : pinned;
}

export function whenBytes(policy: Policy, state: State, moment: Moment): Step {
  const { link } = state;
  const { now } = moment;
  if (link.phase !== "open") return [state, []];
  const isFirst = link.wordAt === null && link.pendingSince === null;
  const rhythm = heardAfter(state.rhythm, link.byteAt, isFirst, now, isFirst ? silentSince(state, link) : link.byteAt);
  const spoken = { ...link, byteAt: now, pendingSince: link.pendingSince ?? now };
  const next = { ...state, rhythm, link: { ...spoken, health: healthOf(policy, spoken, rhythm, now) } };
  return heard(policy, survivedSilence(next, link.candidate, now - link.byteAt), moment);
}

/** Where connections before it said nothing either, the path has been silent for as long as all of them. */
function silentSince({ standings }: State, { candidate, openedAt, byteAt }: OpenLink): number {
  const { silentSince: since = null } = standings[candidate] ?? {};
  return since !== null && since < openedAt ? since : byteAt;
}

export function whenUnread(state: State, now: number): State {
  const { link } = state;
  if (link.phase !== "open") return state;
  const pendingSince = link.pendingSince === null ? null : now;
  const standings = listensAnew(state.standings, link.candidate, now);
  return { ...state, rhythm: undoubted(state.rhythm), standings, link: { ...link, byteAt: now, pendingSince } };
}

/** @param isOpen a block goes on all the same: the word shows that the path carries, and the event is still half here */
export function whenProgress(state: State, moment: Moment, isOpen = false): Step {
  const { link } = state;
  if (link.phase !== "open") return [state, []];
  const { now } = moment;
  const isGreeting = link.wordAt === null && now - link.openedAt < greetingMs;
  const standings = isGreeting ? state.standings : withWord(state, link, now);
  const spoken: Link = {
    ...link,
    greeted: true,
    wordAt: isGreeting ? null : now,
    pendingSince: isOpen ? link.pendingSince : null,
    health: "live",
  };
  return returning({ ...state, standings, link: spoken }, moment);
}

/** The first word of each connection is written down; the last when it ends. */
function withWord({ standings }: State, { wordAt, candidate }: OpenLink, now: number): State["standings"] {
  return wordAt === null ? noteWord(standings, candidate, now) : standings;
}

/** What came at one moment is one step, however much it is. */
export function whenEvents(state: State, { count, stamps }: Slice, moment: Moment): Step {
  const { link } = state;
  const { now } = moment;
  if (link.phase !== "open") return [state, []];
  const events = link.events + count;
  const spoken: Link = { ...link, events, greeted: true, wordAt: now, pendingSince: null, health: "live" };
  let { quality } = state;
  for (const stampedAt of stamps) quality = noteQuality(quality, { type: "stamped", stampedAt }, now);
  const standings = withWord(state, link, now);
  const next: State = { ...state, link: spoken, quality, standings, rhythm: undoubted(state.rhythm) };
  if (!link.proven) return proven(next, moment);
  // What had only lasted has proved it now.
  if (link.events === 0) return returning({ ...next, standings: forgiven(standings, link.candidate, true) }, moment);
  return returning(next, moment);
}

function returning(state: State, moment: Moment): Step {
  return state.returnTo === null ? [state, []] : takeReturn(state, moment);
}

/** The connection has proved useful: whatever failed before is forgotten, and this network is known to like it. */
function proven(state: State, moment: Moment): Step {
  const { link } = state;
  if (link.phase !== "open") return [state, []];
  const standings = forgiven(state.standings, link.candidate, link.wordAt !== null);
  const next: State = { ...state, link: { ...link, proven: true }, standings, failures: 0, outageSince: null };
  const [last, effects] = takeReturn(next, moment);
  return [last, [{ type: "remember", candidate: link.candidate }, ...effects]];
}

/** It has been open for long enough to be relied on. */
export function lasting(state: State, moment: Moment): Step {
  const { link } = state;
  if (link.phase !== "open") return [state, []];
  const next: State = {
    ...state,
    standings: noteUseful(state.standings, link.candidate),
    link: { ...link, lasting: true },
  };
  return link.proven ? [next, []] : proven(next, moment);
}

export function whenRetry(state: State, wanted: number): State {
  const { link } = state;
  if (link.phase !== "open") return state;
  const retryMs = Math.min(Math.max(wanted, retryFloorMs), retryCapMs);
  return { ...state, standings: withStanding(state.standings, link.candidate, { retryMs }) };
}
