/**
 * Twenty-four virtual hours of one client and a flaky origin: what the origin does, minute by minute, and what the client
 * makes of it. When it is down depends on the seed alone, whoever asks. What happens is counted here and priced elsewhere.
 *
 * The day: every connection is cut after a while, five minutes on average, with the origin well (a worker that is recycled,
 * a balancer that forgets). Ten times it is redeployed for two to ten minutes; the proxy before it answers 503 and says in
 * Retry-After when it will be back. Six times it crashes for five to thirty seconds, and the answer is a bare 502. While
 * open it sends an event every half a minute.
 */
import { Chance } from "../sim/chance.ts";
import { answered } from "../sim/evidence.ts";
import { type Machine, settledMachine, type Tape } from "./fleet-clients.ts";
import { onePath } from "./fleet-path.ts";

export const dayMs = 86_400_000;
const sessionMeanMs = 300_000;
const deploys = { times: 10, leastMs: 120_000, mostMs: 600_000 } as const;
const crashes = { times: 6, leastMs: 5000, mostMs: 30_000 } as const;
const eventEveryMs = 30_000;
const roundTripMs = 50;

/** A client of this bench; `Clients` of the fleet, for one. */
export type DayClient = {
  lost(atMs: number): number;
  refused(atMs: number, status: number, retryAfterMs: number | null): number;
  opened(atMs: number): void;
  heard(atMs: number): void;
};

export type Day = {
  readonly attempts: number;
  readonly opened: number;
  readonly events: number;
  /** From the loss to open again, ms, of each loss. */
  readonly recoveriesMs: readonly number[];
  /** From the origin's return to open again, ms, of each time it was down. */
  readonly returnsMs: readonly number[];
};

type Down = { readonly from: number; readonly until: number; readonly announced: boolean };

/** @param hints whether the proxy says when the origin will be back */
export function runDay(seed: number, hints: boolean, makeClient: (chance: Chance) => DayClient): Day {
  const world = new Chance(seed);
  const downs = downsOf(world);
  const client = makeClient(new Chance(seed + 1_000_000));
  const day = { attempts: 0, opened: 0, events: 0, recoveriesMs: [] as number[], returnsMs: [] as number[] };
  let openAt = 0;
  while (openAt < dayMs) {
    const lostAt = lossAfter(openAt, downs, world);
    for (let at = openAt + eventEveryMs; at < Math.min(lostAt, dayMs); at += eventEveryMs) {
      client.heard(at);
      day.events++;
    }
    if (lostAt >= dayMs) break;
    let dialled = client.lost(lostAt);
    while (dialled < dayMs) {
      day.attempts++;
      const arrived = dialled + roundTripMs / 2;
      const down = downs.find(({ from, until }) => arrived >= from && arrived < until);
      if (down === undefined) break;
      const retryAfterMs = hints && down.announced ? Math.ceil((down.until - arrived) / 1000) * 1000 : null;
      dialled = client.refused(dialled + roundTripMs, down.announced ? 503 : 502, retryAfterMs);
    }
    if (dialled >= dayMs) break;
    openAt = dialled + roundTripMs;
    client.opened(openAt);
    day.opened++;
    day.recoveriesMs.push(openAt - lostAt);
    const survived = downs.findLast(({ from, until }) => from <= openAt && until >= lostAt && until <= openAt);
    if (survived !== undefined) day.returnsMs.push(openAt - survived.until);
  }
  return day;
}

/** Each kind evenly over the day, one in each part of it; where two meet, the later one is left out. */
function downsOf(world: Chance): readonly Down[] {
  const spread = ({ times, leastMs, mostMs }: typeof deploys | typeof crashes, announced: boolean): Down[] =>
    Array.from({ length: times }, (_, i) => {
      const lastsMs = world.between(leastMs, mostMs + 1);
      const from = Math.floor((i * dayMs) / times) + world.between(0, Math.floor(dayMs / times) - lastsMs);
      return { from, until: from + lastsMs, announced };
    });
  const all = [...spread(deploys, true), ...spread(crashes, false)].sort((a, b) => a.from - b.from);
  return all.filter((down, i) => down.from > (all[i - 1]?.until ?? -1));
}

/** When a connection that opened at `openAt` is cut: by its age, or with the origin. */
function lossAfter(openAt: number, downs: readonly Down[], world: Chance): number {
  const ages = Math.max(1000, Math.round(-Math.log(1 - world.draw()) * sessionMeanMs));
  return Math.min(openAt + ages, downs.find(({ from }) => from >= openAt)?.from ?? Number.POSITIVE_INFINITY);
}

/** Holdfast, every decision through `step`. @param tape where all that its machine is told is written down */
export function holdfast(chance: Chance, tape: Tape | null = null): DayClient {
  const machine: Machine = settledMachine(onePath, chance, tape);
  const whenDue = (at: number) => {
    while (machine.timerAt <= at) machine.take({ type: "timer" }, machine.timerAt);
  };
  return {
    lost: (at) => {
      whenDue(at);
      machine.fail({ what: "end" }, at);
      return machine.untilDial(at);
    },
    refused: (at, status, retryAfterMs) => {
      machine.fail(answered(status, retryAfterMs), at);
      return machine.untilDial(at);
    },
    opened: (at) => machine.open(at),
    heard: (at) => {
      whenDue(at);
      machine.hear(at);
    },
  };
}

/** What the project began with: one class of failures, one second. */
export function seedBefore(): DayClient {
  const again = (at: number) => at + 1000;
  return { lost: again, refused: again, opened: () => undefined, heard: () => undefined };
}
