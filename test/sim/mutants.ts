/**
 * The tester tested: the client broken in one way each, which the world has to find out. `faults` only says where to look
 * first; a mutant that survives shows a sentence or a fault that the world lacks.
 */
import {
  consuming,
  type Event,
  type Moment,
  type ParsedEvent,
  type Policy,
  type State,
} from "../../main/core/connection/connection-state.ts";
import { noIdleCut } from "../../main/core/connection/idle-cut.ts";
import { wentOffline } from "../../main/core/connection/link.ts";
import type { Standing } from "../../main/core/connection/standings.ts";
import { type Once, seed } from "../../main/core/events/once.ts";
import { gradeOf } from "../../main/core/quality/quality.ts";
import type { MakeDecoder } from "./line.ts";
import { quietMutants } from "./mutants-quiet.ts";
import { type Parts, realParts } from "./parts.ts";

export type Mutant = {
  readonly name: string;
  readonly faults: readonly string[];
  /** The sentences that it breaks: another one, or a crash, does not find it out. */
  readonly breaks: readonly string[];
  readonly parts: Parts;
};

const lost = "loses nothing without a gap on record";
const twice = "keeps each event once";

type Step = Parts["step"];
const real = realParts.step;

function mutant(name: string, faults: readonly string[], breaks: readonly string[], change: Partial<Parts>): Mutant {
  return { name, faults, breaks, parts: { ...realParts, ...change } };
}

/** The real step, and then a state that is not what it should be. */
function after(change: (next: State, before: State, event: Event, moment: Moment, policy: Policy) => State): Step {
  return (policy, state, event, moment) => {
    const [next, effects] = real(policy, state, event, moment);
    return [change(next, state, event, moment, policy), effects];
  };
}

/** The real step, with another length of the waits that are chosen. */
function waiting(lengthMs: (link: Extract<State["link"], { phase: "waiting" }>) => number | null): Step {
  return (policy, state, event, moment) => {
    const [next, effects] = real(policy, state, event, moment);
    if (next.link.phase !== "waiting" || next.link === state.link) return [next, effects];
    const delayMs = lengthMs(next.link);
    if (delayMs === null) return [next, effects];
    const until = moment.now + delayMs;
    return [
      { ...next, link: { ...next.link, delayMs, until }, timerAt: until },
      [...effects, { type: "setTimer", at: until }],
    ];
  };
}

function neverReturnedTo(standing: Standing): Standing {
  return { ...standing, wayBack: { ...standing.wayBack, returns: 0 } };
}

/** Believes whoever speaks to be the one it listens to. */
const believing: Step = (policy, state, event, moment) => {
  if (!("generation" in event)) return real(policy, state, event, moment);
  const isProbe = state.probe?.generation === event.generation;
  return real(
    policy,
    state,
    isProbe ? event : { ...event, generation: consuming(state.link) ?? event.generation },
    moment,
  );
};

/** Takes an id for good as soon as its line has come. */
const hastyIds: MakeDecoder = (lastEventId, sink) => {
  const decoder = realParts.decoder(lastEventId, sink);
  return {
    feed: (chunk) => {
      const id = /(?:^|\n)id: (.*)\n/.exec(Buffer.from(chunk).toString())?.[1];
      if (id !== undefined) sink.cursor(id);
      return decoder.feed(chunk);
    },
  };
};

/** Takes the end of what has come for the end of an event. */
const hastyEnds: MakeDecoder = (lastEventId, sink) => {
  const decoder = realParts.decoder(lastEventId, sink);
  const blank = Buffer.from("\n\n");
  return { feed: (chunk) => decoder.feed(chunk) && (chunk.at(-1) === 10 || decoder.feed(blank)) };
};

/** Hands on what becomes of a slice. */
const slicing =
  (change: (events: readonly ParsedEvent[]) => readonly ParsedEvent[]): MakeDecoder =>
  (lastEventId, sink) =>
    realParts.decoder(lastEventId, { ...sink, events: (events) => sink.events(change(events)) });

const addresses = new WeakMap<Once, number>();
function forgetful(once: Once, candidate: number): void {
  if ((addresses.get(once) ?? candidate) !== candidate) seed(once, new Float64Array());
  addresses.set(once, candidate);
  realParts.opened(once, candidate);
}

const hurried: Step = (policy, state, event, moment) => {
  const [next, effects] = real(policy, state, event, moment);
  const { link } = next;
  if (event.type !== "bytes" || next.returnTo === null || link.phase !== "open" || link.pendingSince === null)
    return [next, effects];
  const [last, more] = real(policy, { ...next, link: { ...link, pendingSince: null } }, { type: "timer" }, moment);
  return [last, [...effects, ...more]];
};

const parkedAll = ({ standings }: State) => standings.every(({ parked, out }) => parked || out !== null);
const failedAt = ({ link }: State) => (link.phase === "open" || link.phase === "connecting" ? link.candidate : null);

export const mutants: readonly Mutant[] = [
  mutant(
    "no generation guard",
    ["A02 name lookup flaps"],
    ["the words of a dead connection change nothing", "open only if that one opened"],
    { hears: () => true, step: believing },
  ),
  mutant(
    "watchdog not re-armed",
    ["D04 half open"],
    ["a timer is set for what is due, and one that a timer can hold"],
    {
      performs: (effect, { link }) => effect.type !== "setTimer" || link.phase !== "open",
    },
  ),
  mutant("reset at open", ["D18 dies young"], ["does not forgive because something opened"], {
    step: after((next, before, event) =>
      event.type === "opened" && next.link !== before.link
        ? { ...next, failures: 0, standings: next.standings.map((standing) => ({ ...standing, failures: 0 })) }
        : next,
    ),
  }),
  mutant("jitter before the cap", ["L03 all die"], ["spreads its waits even where they have reached the cap"], {
    step: waiting(({ rule, delayMs }) => (rule === "outage" ? Math.min(60_000, 3 * delayMs) : null)),
  }),
  mutant("Retry-After taken as ms", ["C19 unavailable with Retry-After"], ["comes back no sooner than Retry-After"], {
    retryAfterMs: (ms) => ms / 1000,
  }),
  mutant("id committed before the blank line", ["D01 reset within an event"], [lost], { decoder: hastyIds }),
  mutant(
    "duplicates forgotten on failover",
    ["D11 replays inclusively", "L05 the preferred one flaps"],
    [twice, "marks an id that it knows with other content"],
    {
      opened: forgetful,
    },
  ),
  mutant("early timer", ["A04 refused"], ["waits its time out"], {
    timerMs: (ms) => ms / 2,
    step: (policy, state, event, moment) =>
      real(
        policy,
        state,
        event,
        event.type === "timer" && state.link.phase === "waiting" ? { ...moment, now: state.link.until } : moment,
      ),
  }),
  mutant(
    "floor ignored",
    ["E08 retry without measure"],
    ["waits no shorter than the server's floor and no longer than the cap"],
    {
      step: waiting(({ rule }) => (rule === "floor" || rule === "planned" ? 300 : null)),
    },
  ),
  mutant(
    "failback in mid-event",
    ["L07 slow events while returning", "L01 the preferred one dies"],
    ["returns to a better address only between events"],
    { step: hurried },
  ),
  mutant(
    "a comment within an event taken for its end",
    ["L07 slow events while returning", "L01 the preferred one dies"],
    ["returns to a better address only between events"],
    {
      step: (policy, state, event, moment) =>
        real(policy, state, event.type === "comment" ? { ...event, isOpen: false } : event, moment),
    },
  ),
  mutant("dialling while offline", ["G09 cable pulled"], ["does not dial while offline, unless the user says so"], {
    step: (policy, state, event, moment) => {
      const isDue = state.link.phase === "offline" && event.type === "timer";
      const link = {
        phase: "waiting",
        failure: wentOffline,
        candidate: 0,
        delayMs: 0,
        until: moment.now,
        rule: "family",
      } as const;
      return real(policy, isDue ? { ...state, link } : state, event, moment);
    },
  }),
  mutant(
    "planned reconnect in mid-event",
    ["P05 known idle cut and halves of events"],
    ["returns to a better address only between events"],
    {
      step: (policy, state, event, moment) => {
        const { link } = state;
        const isDue =
          event.type === "timer" && link.phase === "open" && state.probe === null && state.returnTo === null;
        return real(policy, isDue ? { ...state, link: { ...link, pendingSince: null } } : state, event, moment);
      },
    },
  ),
  mutant(
    "cut learned from one end",
    ["P04 idle cut"],
    ["replaces a good connection only shortly before a cut that is known"],
    {
      step: after((next, _before, event) =>
        event.type === "failed"
          ? {
              ...next,
              standings: next.standings.map((standing) => ({
                ...standing,
                idleCut: { ...standing.idleCut, cutMs: standing.idleCut.cutMs ?? standing.idleCut.ends.at(-1) ?? null },
              })),
            }
          : next,
      ),
    },
  ),
  mutant("idle cut never learned", ["P04 idle cut"], ["knows after three ends like each other that silence is cut"], {
    step: after((next) => ({
      ...next,
      standings: next.standings.map((standing) => ({ ...standing, idleCut: noIdleCut })),
    })),
  }),
  mutant("204 retried", ["C04 no content"], ["stays away when the server has no content for it"], {
    step: (policy, state, event, moment) => {
      const isStop = event.type === "failed" && event.evidence.what === "answer" && event.evidence.status === 204;
      return real(policy, state, isStop ? { ...event, evidence: { ...event.evidence, status: 503 } } : event, moment);
    },
  }),
  mutant("retry: overflow", ["E08 retry without measure"], ["takes retry: within half a second and a minute"], {
    timerMs: (ms) => (ms > 2 ** 31 - 1 ? 1 : ms),
    step: after((next, { link }, event) =>
      event.type === "retry" && link.phase === "open"
        ? {
            ...next,
            standings: next.standings.map((standing, i) =>
              i === link.candidate ? { ...standing, retryMs: event.retryMs } : standing,
            ),
          }
        : next,
    ),
  }),
  mutant("cursor of a refused event", ["I15 disk full", "K01 killed and started again"], [lost], {
    cursorWaits: false,
  }),
  mutant(
    "two consumers",
    ["U01 restless user"],
    ["never two connections at once, nor two probes", "open or connecting ⇔ exactly one connection, and that one"],
    { performs: ({ type }) => type !== "disconnect" },
  ),
  mutant(
    "parked candidate never revisited",
    ["L03 all die"],
    ["asks those again that have had their attempts, one after the other"],
    {
      step: after((next, before) => {
        const failed = failedAt(before);
        return next.link.phase === "waiting" && failed !== null && parkedAll(next)
          ? { ...next, link: { ...next.link, candidate: failed } }
          : next;
      }),
    },
  ),
  mutant("grade fed by the outage", ["L03 all die"], ["is graded by what was before the outage"], {
    step: after((next, _before, event, { now }) =>
      event.type === "failed" ? { ...next, gradeBefore: gradeOf(next.quality, now) } : next,
    ),
  }),
  mutant(
    "probe that yields events",
    ["D07 no heartbeat", "L05 the preferred one flaps"],
    [twice, "a probe yields no event"],
    { yields: () => true },
  ),
  mutant("gap not recorded", ["D13 replays nothing"], [lost], { marksGaps: false }),
  mutant(
    "one candidate's credentials sent to another",
    ["L01 the preferred one dies"],
    ["a credential goes only to its own address"],
    {
      credential: ([first]) => first ?? "",
    },
  ),
  // Five and more of our own.
  mutant("half an event taken for a whole one", ["D02 end within an event"], ["keeps only what was sent, and whole"], {
    decoder: hastyEnds,
  }),
  mutant("only the last event of a slice taken", ["D03 end between events"], [lost], {
    decoder: slicing((events) => events.slice(-1)),
  }),
  mutant("a slice taken from behind", ["D03 end between events"], ["keeps the order of a connection"], {
    decoder: slicing((events) => events.toReversed()),
  }),
  mutant("cursor written before its records", ["K01 killed and started again"], [lost], { transactional: false }),
  mutant("Last-Event-ID not sent", ["D03 end between events"], ["asks from where the journal stands"], {
    sendsId: () => false,
  }),
  mutant("waking up not noticed", ["G02 sleep"], ["is live again within its backoff and five seconds"], {
    step: (policy, state, event, moment) => (event.type === "wake" ? [state, []] : real(policy, state, event, moment)),
  }),
  mutant(
    "never moves on",
    ["L01 the preferred one dies"],
    ["moves on after two failures where another address is untried"],
    {
      step: after((next, before) => {
        const failed = failedAt(before);
        const moves = next.link.phase === "waiting" && next.link.rule === "next-candidate" && failed !== null;
        return moves ? { ...next, link: { ...next.link, candidate: failed } as State["link"] } : next;
      }),
    },
  ),
  mutant("equal ids dropped whatever they hold", ["D14 ids begin again"], [lost], {
    admit: (once, event) => (realParts.admit(once, event) === "new" ? "new" : "duplicate"),
  }),
  mutant(
    "gives up when all have had their attempts",
    ["L03 all die"],
    ["is halted only by what is final, and stays so"],
    {
      step: after((next) =>
        next.link.phase === "waiting" && parkedAll(next)
          ? { ...next, link: { phase: "halted", failure: next.link.failure } }
          : next,
      ),
    },
  ),
  mutant("no way back to the preferred one", ["L01 the preferred one dies"], ["leads back to a better address"], {
    step: after((next) => (next.nextProbe === null ? next : { ...next, nextProbe: null })),
  }),
  mutant(
    "the way back planned anew with each end",
    ["L01 the preferred one dies", "D09 cut at a regular age"],
    ["does not put the way to a better address off because the present connection ended as planned"],
    { step: after((next) => (next.link.phase === "waiting" ? { ...next, nextProbe: null } : next)) },
  ),
  mutant(
    "a refusal taken for every path's of the server",
    ["C11 credential refused"],
    ["takes a refusal for another path's only where both send the same credential to the same server"],
    {
      step: (policy, state, event, moment) =>
        real(
          { ...policy, candidates: policy.candidates.map((one) => ({ ...one, credential: "" })) },
          state,
          event,
          moment,
        ),
    },
  ),
  mutant(
    "what worked forgotten over a restart",
    ["K02 restarted while deploying"],
    ["does not give up for a missing page what has worked"],
    { initial: (policy) => realParts.initial(policy, []) },
  ),
  mutant(
    "nothing to ask with taken for a lost path",
    ["K03 awake without a credential"],
    ["does not end what is open because it has nothing to ask with"],
    {
      step: (policy, state, event, moment) => {
        const isOurs = event.type === "failed" && event.evidence.what === "credential";
        return real(policy, state, isOurs ? { ...event, evidence: { what: "end" } } : event, moment);
      },
    },
  ),
  mutant("pace not kept", ["G05 flapping network"], ["at most eight connects a minute to one address"], {
    step: (policy, state, event, moment) =>
      real(
        policy,
        { ...state, standings: state.standings.map((standing) => ({ ...standing, dials: standing.dials.slice(-4) })) },
        event,
        moment,
      ),
  }),
  // Each takes its own word for what the world knows better: bounds.ts.
  mutant(
    "one server's Retry-After holds up the others",
    ["L09 one asks for an hour"],
    ["waits no longer than two minutes while somebody may be asked"],
    {
      step: (policy, state, event, moment) => {
        const [next, effects] = real(policy, state, event, moment);
        const { link, standings } = next;
        const far = standings.findIndex(({ notBefore, out }) => out === null && notBefore > moment.now + 200_000);
        if (link.phase !== "waiting" || link === state.link || far < 0) return [next, effects];
        const until = standings[far]?.notBefore ?? 0;
        const waiting = { ...link, candidate: far, delayMs: until - moment.now, until, rule: "floor" as const };
        return [{ ...next, link: waiting, timerAt: until }, [...effects, { type: "setTimer", at: until }]];
      },
    },
  ),
  mutant(
    "failback without hysteresis",
    ["L08 the preferred one does not stay"],
    ["returns ever more seldom to an address that does not stay"],
    {
      step: (policy, state, event, moment) =>
        real(policy, { ...state, standings: state.standings.map(neverReturnedTo) }, event, moment),
    },
  ),
  mutant(
    "the watchdog learns nothing from being wrong",
    ["B01 bursts and long silences"],
    ["is not wrong again about a silence that it has seen end"],
    {
      step: after((next, { link, rhythm }, event, { now }) => {
        const isLate = event.type === "bytes" && link.phase === "open" && now - link.byteAt >= 15_000;
        const kept = isLate && rhythm.p95Ms === null ? rhythm : next.rhythm;
        return { ...next, rhythm: { ...kept, quietMs: 0, doubtSince: null } };
      }),
    },
  ),
  mutant(
    "retry: forgotten when the network goes",
    ["E08 retry without measure", "G05 flapping network"],
    ["comes back no sooner than retry:, whatever the network does meanwhile"],
    {
      step: after((next, _before, event) =>
        event.type === "network" && next.link.phase === "offline"
          ? { ...next, standings: next.standings.map((standing) => ({ ...standing, retryUntil: 0 })) }
          : next,
      ),
    },
  ),
  mutant(
    "the cursor read before the event that led to it is taken in",
    ["L07 slow events while returning", "L01 the preferred one dies"],
    ["asks from behind everything that has come"],
    { observesFirst: false },
  ),
  ...quietMutants,
];
