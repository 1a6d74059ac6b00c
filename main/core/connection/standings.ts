/**
 * What is known of each candidate, and how it changes with what happens to it: the books. Who is next by them is candidates.ts.
 */
import type { Failure } from "../failure/failure.ts";
import { type IdleCut, noIdleCut } from "./idle-cut.ts";
import { freshWayBack, type WayBack } from "./probation.ts";

/** Connections to one candidate, probes included, within a minute. */
const dialsAMinute = 8;
const minuteMs = 60_000;
/** Failures of one candidate, or ends of connections that did not last, after which the next is tried. */
export const failuresToMove = 2;
const keptAges = 3;
const keptHeaders = 5;

/** What is known of one candidate. */
export type Standing = {
  /** Failures in a row since it last proved useful. */
  readonly failures: number;
  /** Ends in a row of connections that did not last: an event now and then does not make a path that keeps breaking whole. */
  readonly stumbles: number;
  /** Of these, connections that had opened, in a row. */
  readonly shortLived: number;
  /** It has had its attempts: others are tried first, and it is asked again when all have had theirs. */
  readonly parked: boolean;
  /** Its last refusals (401, 403) of one credential, in a row. */
  readonly refusals: number;
  /** Was open at least once. */
  readonly worked: boolean;
  /** Why it is not tried any more unless the user says so; null: it is. */
  readonly out: Failure | null;
  /** A connection to it ended for its silence: only a word by it, by a connection or a probe, proves it again. */
  readonly mute: boolean;
  /** When a word came by it last: an event, or something else that is complete and no greeting; null: never on this network. */
  readonly spokeAt: number | null;
  /** Since when it has been listened to without a word, over its connections; null: nobody is waiting for its word. */
  readonly silentSince: number | null;
  /** It was listened to for as long as a silence is borne: the next turn is another's, until it is open again. */
  readonly heardOut: boolean;
  /** Turns among mute paths that it has had in a row while nobody said a word. */
  readonly turns: number;
  /** When it was last tried in vain: it failed, or its connection ended without a word; null: never on this network, or it spoke since. */
  readonly vainAt: number | null;
  /** The server's `retry:`, clamped to 0.5–60 s; null before it sent one. */
  readonly retryMs: number | null;
  /** Until then that wish binds: it counts from the end of the last connection, or of an attempt that failed. */
  readonly retryUntil: number;
  /** The server asked not to be called before this moment. */
  readonly notBefore: number;
  /** How often it did so in a row, without opening in between. */
  readonly wishes: number;
  /** Moments of the last connections to it, probes included, oldest first. */
  readonly dials: readonly number[];
  /** Ages at which its connections came to their end, newest last, ms. */
  readonly ages: readonly number[];
  /** Times to headers, newest last, ms: what `balance` compares. */
  readonly headersMs: readonly number[];
  /** Whether somebody on its path ends what is silent. */
  readonly idleCut: IdleCut;
  /** The way back to it, where another is open. */
  readonly wayBack: WayBack;
};

export const freshStanding: Standing = {
  failures: 0,
  stumbles: 0,
  shortLived: 0,
  parked: false,
  refusals: 0,
  worked: false,
  out: null,
  mute: false,
  spokeAt: null,
  silentSince: null,
  heardOut: false,
  turns: 0,
  vainAt: null,
  retryMs: null,
  retryUntil: 0,
  notBefore: 0,
  wishes: 0,
  dials: [],
  ages: [],
  headersMs: [],
  idleCut: noIdleCut,
  wayBack: freshWayBack,
};

/** The standings with one of them changed. */
export function withStanding(standings: readonly Standing[], at: number, change: Partial<Standing>): Standing[] {
  return standings.map((standing, i) => (i === at ? { ...standing, ...change } : standing));
}

/** A connection to this candidate begins. */
export function noteDial(standings: readonly Standing[], at: number, now: number): Standing[] {
  const dials = [...(standings[at]?.dials ?? []).slice(1 - dialsAMinute), now];
  return withStanding(standings, at, { dials });
}

/** The dial that was noted when it was decided leaves only now. */
export function redated(standings: readonly Standing[], at: number, now: number): Standing[] {
  return withStanding(standings, at, { dials: [...(standings[at]?.dials ?? []).slice(0, -1), now] });
}

/** The earliest moment at which this candidate may be dialled: its server's wish, and our own pace. */
export function earliestDial(standing: Standing | undefined): number {
  if (standing === undefined) return 0;
  const { dials, notBefore } = standing;
  const paced = dials.length < dialsAMinute ? 0 : (dials[0] ?? 0) + minuteMs;
  return Math.max(notBefore, paced);
}

/** The same for what we ask by ourselves, though nothing has ended: not before the server wants to be called again by `retry:` either. */
export function earliestAsked(standing: Standing | undefined): number {
  return Math.max(earliestDial(standing), standing?.retryUntil ?? 0);
}

/**
 * The earliest moment for the next dial of a path that ends again and again, as planned or after it was of use: half of the minute's dials are free,
 * the rest is dealt out evenly over what is left of it, instead of eight at once and then none for a minute.
 */
export function evenDial({ dials }: Standing): number {
  const last = dials.at(-1) ?? 0;
  const recent = dials.filter((at) => last - at < minuteMs);
  const [first] = recent;
  if (first === undefined || recent.length < dialsAMinute / 2) return 0;
  return Math.ceil(last + (first + minuteMs - last) / (dialsAMinute + 1 - recent.length));
}

/**
 * The connection to this candidate opened.
 * @param headersMs from the request to the final headers
 * @param accepts the opening says that the credential was accepted; a WebSocket may be told later that it was not
 */
export function noteOpened(
  standings: readonly Standing[],
  at: number,
  headersMs: number,
  accepts: boolean,
  now: number,
): Standing[] {
  const known = standings[at];
  return withStanding(standings, at, {
    worked: true,
    refusals: accepts ? 0 : (known?.refusals ?? 0),
    notBefore: 0,
    wishes: 0,
    silentSince: known?.silentSince ?? now,
    heardOut: false,
    idleCut: { ...(known?.idleCut ?? noIdleCut), survivedMs: 0 },
    headersMs: [...(known?.headersMs ?? []).slice(1 - keptHeaders), headersMs],
  });
}

/** The first word of a connection, or of a probe: the path is one that carries, and the stream speaks: turns are short again. */
export function noteWord(standings: readonly Standing[], at: number, now: number): Standing[] {
  return standings.map((standing, i) => {
    if (i === at) return { ...standing, ...unsuspected, spokeAt: now };
    return standing.turns === 0 ? standing : { ...standing, turns: 0 };
  });
}

/** Nothing is held against its silence. */
const unsuspected = { silentSince: null, heardOut: false, turns: 0, vainAt: null, mute: false } as const;

/** It has delivered, and did not fail since. */
export function hasDelivered({ spokeAt, vainAt }: Standing): boolean {
  return spokeAt !== null && (vainAt === null || vainAt < spokeAt);
}

/** Its connection ends as planned. What never said a word was tried in vain. */
export function noteUnheard(standings: readonly Standing[], at: number, now: number): readonly Standing[] {
  return (standings[at]?.spokeAt ?? null) === null ? withStanding(standings, at, { vainAt: now }) : standings;
}

/** The silence up to now was ours, or nobody listened: it is counted from here. */
export function listensAnew(standings: readonly Standing[], at: number, now: number | null): readonly Standing[] {
  return standings[at]?.silentSince == null ? standings : withStanding(standings, at, { silentSince: now });
}

/** The connection has lasted, or was of use until its planned end: it neither stumbles, nor is its credential in doubt. */
export function noteUseful(standings: readonly Standing[], at: number): Standing[] {
  return withStanding(standings, at, { stumbles: 0, shortLived: 0, refusals: 0 });
}

/**
 * The connection proved useful: what failed before is forgotten, everywhere. What is out stays out, and only a word ends being mute.
 * @param hasSpoken otherwise it has only lasted: that says nothing of the others
 */
export function forgiven(standings: readonly Standing[], at: number, hasSpoken: boolean): Standing[] {
  // Where this one kept failing too it was for all of them, and says little of each: the next failure counts as the second.
  const most = hasSpoken && (standings[at]?.failures ?? 0) >= failuresToMove ? 1 : Number.POSITIVE_INFINITY;
  return standings.map((standing, i) => {
    if (i === at) return { ...standing, failures: 0, parked: false };
    return hasSpoken
      ? { ...standing, failures: 0, parked: false, stumbles: Math.min(standing.stumbles, most) }
      : standing;
  });
}

/** A network that is back, or waking up, gives every candidate a new beginning. What is out stays out, and the mute behind. */
export function renewed(standings: readonly Standing[]): Standing[] {
  return standings.map((standing) => ({
    ...standing,
    failures: 0,
    stumbles: 0,
    shortLived: 0,
    parked: false,
    silentSince: null,
    turns: 0,
  }));
}

/** On another network nothing is known of what a path carries, or for how long it stays. */
export function onAnotherNetwork(standings: readonly Standing[]): Standing[] {
  return renewed(standings).map((standing) => ({
    ...standing,
    ...unsuspected,
    spokeAt: null,
    wayBack: freshWayBack,
  }));
}

/** The user's word: what was final is tried again, too, and what servers asked for does not bind him. */
export function asTheUserSays(standings: readonly Standing[]): Standing[] {
  const asked = {
    out: null,
    refusals: 0,
    notBefore: 0,
    wishes: 0,
    retryUntil: 0,
    ...unsuspected,
    wayBack: freshWayBack,
  };
  return renewed(standings).map((standing) => ({ ...standing, ...asked }));
}

/** What dies sooner is broken, however regularly it does, ms. */
const regularFromMs = 10_000;

/** Whether the ages of a candidate's last ends, this one included, agree within a tenth: somebody cuts on purpose. */
export function endsRegularly(standing: Standing | undefined, ageMs: number): boolean {
  const ages = [...(standing?.ages ?? []).slice(1 - keptAges), ageMs];
  const mean = ages.reduce((sum, age) => sum + age, 0) / ages.length;
  return ages.length === keptAges && mean >= regularFromMs && ages.every((age) => Math.abs(age - mean) <= mean / 10);
}

/** Remembers how old a connection became that somebody ended. */
export function noteEnd(standings: readonly Standing[], at: number, ageMs: number): Standing[] {
  const ages = [...(standings[at]?.ages ?? []).slice(1 - keptAges), ageMs];
  return withStanding(standings, at, { ages });
}

/** What the server's `retry:` asks for counts from now. */
export function noteRetry(standings: readonly Standing[], at: number, now: number): readonly Standing[] {
  const retryMs = standings[at]?.retryMs ?? null;
  return retryMs === null ? standings : withStanding(standings, at, { retryUntil: now + retryMs });
}

/** What is left of it, ms. */
export function restOfRetryMs(standing: Standing | undefined, now: number): number {
  return Math.max(0, (standing?.retryUntil ?? 0) - now);
}
