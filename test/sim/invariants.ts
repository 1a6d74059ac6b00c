/**
 * What must be true of every step of the machine, as sentences. Written from the promises and not from the machine: where a
 * number of the machine is needed to know what is due, it is computed here anew. Sentences that need a memory are watch.ts.
 */
import { consuming, type Effect, type Policy, type State } from "../../main/core/connection/connection-state.ts";
import { idleTimeoutMs } from "../../main/core/connection/health.ts";
import type { Taken } from "./client.ts";

type Invariant = readonly [sentence: string, holds: (taken: Taken) => boolean];

/** Rules that keep a server's `retry:`; the others mend a request, move on, or follow the network. */
const kept: ReadonlySet<string> = new Set(["family", "outage", "floor", "planned", "certificate"]);
const longestTimerMs = 2 ** 31 - 1;
/** Our own disk and our turn among many streams may take so long before a request leaves. */
const ownTimeMs = 60_000;
const longestMs = 120_000;
const longestCertificateMs = 600_000;
const longestLimitMs = 62_000;
const byUser: ReadonlySet<string> = new Set(["retryNow", "stop", "start"]);

const connects = (effects: readonly Effect[]) => effects.some(({ type }) => type === "connect");
const open = ({ link }: State) => (link.phase === "open" ? link : null);

/** When something has to happen although nothing does; null: nothing has to. */
function due({ link, probe, rhythm, asleep }: State, policy: Policy): number | null {
  if (asleep) return null;
  const soonMs = Math.min(policy.connectTimeoutMs, policy.headersTimeoutMs);
  const probeAt =
    probe !== null && probe.openedAt === null && link.phase === "open"
      ? probe.startedAt + (probe.sent ? policy.headersTimeoutMs : soonMs) + ownTimeMs
      : Number.POSITIVE_INFINITY;
  if (link.phase === "waiting") return link.until;
  if (link.phase === "connecting")
    return link.startedAt + (link.sent ? policy.headersTimeoutMs : soonMs) + (link.dialled ? 0 : ownTimeMs);
  return link.phase === "open" ? Math.min(link.byteAt + idleTimeoutMs(policy, rhythm), probeAt) : null;
}

/** Candidates that the user would rather have than the one in use. */
function better(policy: Policy, { standings, pinned }: State, present: number): boolean {
  return policy.candidates.some(({ transport }, i) => {
    if (standings[i]?.out !== null) return false;
    if (pinned !== null && i !== pinned && transport === "sse") return false;
    if (policy.candidates[present]?.transport === "websocket") return transport === "sse";
    return !policy.balance && i < present;
  });
}

function longestWaitMs({ spec: { policy } }: Taken["client"], kind: string, floorMs: number): number {
  const caps = Object.values(policy.strategies).map(({ capMs }) => capMs);
  const cap = kind === "certificate" ? longestCertificateMs : policy.strict ? Math.max(...caps) : longestMs;
  return Math.max(cap, Math.round(1.25 * floorMs), longestLimitMs);
}

const invariants: readonly Invariant[] = [
  [
    "never two connections at once, nor two probes",
    ({ client: { live } }) => {
      if (live.size <= 1) return true;
      let probes = 0;
      for (const { probe } of live.values()) if (probe) probes++;
      return probes <= 1 && live.size - probes <= 1;
    },
  ],
  [
    "open or connecting ⇔ exactly one connection, and that one",
    ({ after, client: { live } }) => {
      const number = consuming(after.link);
      if (number !== null) return live.get(number)?.probe === false;
      for (const { probe } of live.values()) if (!probe) return false;
      return true;
    },
  ],
  [
    "open only if that one opened",
    ({ after, client }) => after.link.phase !== "open" || client.live.get(after.link.generation)?.opened === true,
  ],
  [
    "the words of a dead connection change nothing",
    ({ event, before, after, effects }) =>
      !("generation" in event) ||
      event.generation === consuming(before.link) ||
      event.generation === before.probe?.generation ||
      (before === after && effects.length === 0),
  ],
  [
    "a probe yields no event and does not count as one",
    ({ event, before, after }) =>
      event.type !== "events" ||
      event.generation !== before.probe?.generation ||
      open(after) === null ||
      (open(after)?.events ?? 0) <= (open(before)?.events ?? 0),
  ],
  [
    "a timer is set for what is due, and one that a timer can hold",
    ({ after, client, now }) => {
      const at = due(after, client.spec.policy);
      if (at === null) return true;
      return client.timerAt !== null && client.timerAt <= at && client.timerAt - now <= longestTimerMs;
    },
  ],
  [
    "sleeps through no silence and no deadline",
    ({ event, after, client, now }) =>
      event.type !== "timer" || (due(after, client.spec.policy) ?? Number.POSITIVE_INFINITY) > now,
  ],
  [
    "does not dial while offline, unless the user says so",
    ({ before, event, effects, client: { app } }) =>
      !effects.some(({ type }) => type === "connect" || type === "probe") ||
      app.online ||
      // Something is open, so that the interfaces are wrong.
      before.link.phase === "open" ||
      event.type === "retryNow",
  ],
  [
    "waits its time out",
    ({ before, event, effects, now }) =>
      before.link.phase !== "waiting" ||
      !connects(effects) ||
      event.type === "retryNow" ||
      (event.type === "timer" && now >= before.link.until),
  ],
  [
    "dials only for a reason that its phase knows",
    ({ before: { link }, event, effects }) => {
      if (!connects(effects) || event.type === "retryNow") return true;
      if (link.phase === "idle") return event.type === "start";
      if (link.phase === "waiting") return event.type === "timer";
      return link.phase === "open";
    },
  ],
  [
    "returns to a better address only between events",
    ({ before, event, effects, half }) =>
      before.link.phase !== "open" ||
      !connects(effects) ||
      event.type === "retryNow" ||
      before.probe?.why === "wake" ||
      !half,
  ],
  [
    "is halted only by what is final, and stays so",
    ({ before, after, event }) =>
      after.link.phase === "halted"
        ? after.link.failure.final
        : before.link.phase !== "halted" || byUser.has(event.type),
  ],
  [
    "waits no shorter than the server's floor and no longer than the cap",
    ({ before, after, client, now }) => {
      const { link } = after;
      if (link.phase !== "waiting" || before.link === link) return true;
      const { delayMs, until, failure, candidate, rule } = link;
      const standing = after.standings[candidate];
      // A server's `retry:` counts from the end of its own connection; of another address bounds.ts keeps the books.
      const isSame =
        (before.link.phase === "open" || before.link.phase === "connecting") && before.link.candidate === candidate;
      const wish = isSame ? Math.max(failure.retryAfterMs ?? 0, standing?.retryMs ?? 0) : 0;
      const isMend = !kept.has(rule);
      const notBefore = Math.max(0, (standing?.notBefore ?? 0) - now);
      const restMs = Math.max(0, (standing?.retryUntil ?? 0) - now);
      const longest = longestWaitMs(client, failure.kind, Math.max(wish, restMs, notBefore + 2000));
      return until === now + delayMs && delayMs >= Math.max(100, notBefore, isMend ? 0 : wish) && delayMs <= longest;
    },
  ],
  [
    "is soon again where the network is back",
    ({ before, after: { link }, event }) =>
      event.type !== "network" ||
      !event.online ||
      before.link.phase !== "offline" ||
      link.phase !== "waiting" ||
      link.delayMs <= 2000 ||
      link.rule === "floor" ||
      link.rule === "pace",
  ],
  [
    "takes retry: within half a second and a minute",
    ({ after }) => after.standings.every(({ retryMs }) => retryMs === null || (retryMs >= 500 && retryMs <= 60_000)),
  ],
  [
    "does not forgive because something opened",
    ({ before, after, event }) =>
      event.type !== "opened" ||
      (after.failures >= before.failures &&
        after.standings.every(({ failures }, i) => failures >= (before.standings[i]?.failures ?? 0))),
  ],
  [
    "forgets failures only for an event, a minute open, the user or another beginning",
    ({ before, after, event, client, now }) => {
      if (after.failures >= before.failures || byUser.has(event.type) || event.type === "events") return true;
      const opened = open(before);
      return event.type === "timer" && opened !== null && now - opened.openedAt >= client.spec.policy.resetAfterMs;
    },
  ],
  [
    "is graded by what was before the outage",
    ({ before, after }) =>
      before.outageSince === null || after.outageSince === null || before.gradeBefore === after.gradeBefore,
  ],
  [
    "never repeats by itself what must not be repeated",
    ({ client, before: { link }, after, event }) =>
      client.spec.policy.repeatable ||
      byUser.has(event.type) ||
      !(link.phase === "open" || (link.phase === "connecting" && link.sent)) ||
      after.link.phase === link.phase ||
      after.link.phase === "halted" ||
      after.link.phase === "open",
  ],
  [
    "moves on after two failures where another address is untried",
    ({ before, after, event, effects, client, now }) => {
      const { link } = before;
      if (link.phase !== "waiting" || event.type !== "timer" || after.link.phase !== "connecting" || !connects(effects))
        return true;
      const { candidate } = after.link;
      // The same request, mended, is no further attempt of the same kind.
      if (link.failure.family === "PLANNED" || before.withoutId || link.failure.kind === "unauthorized") return true;
      if ((before.standings[candidate]?.failures ?? 0) < 2) return true;
      return !before.standings.some(
        ({ failures, out, mute, notBefore, retryUntil, dials }, i) =>
          i !== candidate &&
          failures === 0 &&
          out === null &&
          !mute &&
          Math.max(notBefore, retryUntil, dials.length < 8 ? 0 : (dials[0] ?? 0) + 60_000) <= now - link.delayMs &&
          client.spec.policy.candidates[i]?.transport === "sse" &&
          (before.pinned === null || before.pinned === i),
      );
    },
  ],
  [
    "leads back to a better address",
    ({ after, client: { spec } }) => {
      const opened = open(after);
      if (opened === null || !spec.policy.repeatable || !better(spec.policy, after, opened.candidate)) return true;
      return after.nextProbe !== null || after.probe !== null || after.returnTo !== null;
    },
  ],
  [
    "does not put the way to a better address off because the present connection ended as planned",
    ({ before, after, event }) => {
      const { link } = after;
      if (before.nextProbe?.why !== "failback") return true;
      const isEnd = event.type === "failed" && link.phase === "waiting" && open(before)?.candidate === link.candidate;
      const isPlanned = isEnd && link.failure.family === "PLANNED";
      const isNext = event.type === "opened" && before.link.phase === "connecting" && link.phase === "open";
      return !(isPlanned || isNext) || (after.nextProbe !== null && after.nextProbe.at <= before.nextProbe.at);
    },
  ],
  [
    "gives an address up only for what is final",
    ({ before, after }) =>
      before.standings === after.standings || after.standings.every(({ out }) => out === null || out.final),
  ],
  [
    "takes a refusal for another path's only where both send the same credential to the same server",
    ({ before, after, client: { spec } }) => {
      const { candidates } = spec.policy;
      const asked = before.link.phase === "open" || before.link.phase === "connecting" ? before.link.candidate : null;
      const answeredAt = [asked, before.probe?.candidate ?? null].flatMap((i) => candidates[i ?? -1] ?? []);
      return after.standings.every(({ out }, i) => {
        const mine = candidates[i];
        if (out === null || before.standings[i]?.out === out || mine === undefined) return true;
        return answeredAt.some((one) => {
          if (one === mine) return true;
          return out.kind === "unauthorized" && one.origin === mine.origin && one.credential === mine.credential;
        });
      });
    },
  ],
  [
    "does not give up for a missing page what has worked",
    ({ before, after, client: { app, spec } }) =>
      before.standings === after.standings ||
      after.standings.every(
        ({ out }, i) =>
          out?.kind !== "not-found" ||
          before.standings[i]?.out === out ||
          !app.worked.includes(spec.policy.candidates[i]?.key ?? ""),
      ),
  ],
  [
    "does not end what is open because it has nothing to ask with",
    ({ before, after, event }) => {
      if (event.type !== "failed" || event.generation !== before.probe?.generation) return true;
      const isOurs = event.evidence.what === "credential" || event.evidence.what === "secret-missing";
      return !isOurs || consuming(after.link) === consuming(before.link);
    },
  ],
  [
    "numbers only grow",
    ({ before, after, effects }) =>
      after.generation >= before.generation &&
      effects.every((e) => (e.type !== "connect" && e.type !== "probe") || e.generation > before.generation),
  ],
  [
    "remembers no more than it has to",
    ({ before, after }) =>
      before.standings === after.standings ||
      after.standings.every(
        ({ dials, ages, headersMs, idleCut }) =>
          dials.length <= 8 && ages.length <= 3 && headersMs.length <= 5 && idleCut.ends.length <= 3,
      ),
  ],
];

/** The first sentence that is not true, or null. */
export function broken(taken: Taken): string | null {
  for (const [sentence, holds] of invariants) if (!holds(taken)) return sentence;
  return null;
}
