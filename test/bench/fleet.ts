/**
 * A fleet that loses its server at one moment: who asks when, who is let in, and what it came to. One seed is one run.
 *
 * Clients do not touch each other while nobody is let in, so each is followed alone from the cut to the server's return;
 * from there on all arrivals are taken in their order. Attempts reach the server half a round trip after they were made.
 */
import type { Chance } from "../sim/chance.ts";
import { Server } from "./fleet-server.ts";

/** How one kind of client behaves. Moments are whole milliseconds of its own clock, counted from the cut. */
export type Clients = {
  /** Client `i` learns that its connection is gone. Returns when it dials; Infinity: never. */
  lost(i: number, atMs: number): number;
  /** Its attempt was refused, because the server is down or because it is full. Returns when it dials again. */
  refused(i: number, atMs: number, by: "down" | "full"): number;
  /** It was let in. */
  opened(i: number, atMs: number): void;
  /** Where every delay is the same whatever happens, ms: lets a day of them be counted without asking for each. */
  readonly everyMs?: number;
};

export type FleetResult = {
  readonly clients: number;
  readonly attempts: number;
  /** Attempts by tenths of a second from the cut on. */
  readonly tenths: Int32Array;
  /** When each client that came back was open again, ms after the server's return, sorted. */
  readonly backMs: readonly number[];
};

export type Outage = { readonly clients: number; readonly outageMs: number; readonly horizonMs: number };

/** Round trips between client and server, ms: even, so that the half is whole. */
export const roundTrip = { leastMs: 20, mostMs: 80 } as const;
/** How long after its return the server is watched. */
export const horizonMs = 3_600_000;

export function runFleet({ clients, outageMs, horizonMs }: Outage, kind: Clients, chance: Chance): FleetResult {
  const endMs = outageMs + horizonMs;
  const tenths = new Int32Array(Math.ceil(endMs / 100) + 1);
  const halfTrips = new Int32Array(clients);
  const arrivals = new Arrivals(clients, outageMs, endMs);
  let attempts = 0;
  for (let i = 0; i < clients; i++) {
    const half = chance.between(roundTrip.leastMs / 2, roundTrip.mostMs / 2 + 1);
    halfTrips[i] = half;
    let at = kind.lost(i, half) + half;
    while (at < outageMs) {
      attempts++;
      count(tenths, at);
      at = (kind.everyMs === undefined ? kind.refused(i, at + half, "down") : at + half + kind.everyMs) + half;
    }
    arrivals.add(i, at);
  }
  const server = new Server(clients, outageMs);
  const backMs: number[] = [];
  const periodMs = kind.everyMs === undefined ? null : kind.everyMs + roundTrip.mostMs;
  for (let at = outageMs; at < endMs && arrivals.waiting > 0; at++) {
    for (let i = arrivals.take(at); i >= 0; i = arrivals.take(at)) {
      attempts++;
      count(tenths, at);
      const half = halfTrips[i] ?? 0;
      if (server.accepts(at)) {
        kind.opened(i, at + half);
        backMs.push(at + half - outageMs);
      } else {
        arrivals.add(i, kind.refused(i, at + half, "full") + half);
      }
    }
    if (periodMs !== null && at % 1000 === 0 && server.isLost(arrivals.waiting, periodMs)) {
      attempts += inVain(arrivals, halfTrips, kind.everyMs ?? 0, endMs);
      break;
    }
  }
  backMs.sort((a, b) => a - b);
  return { clients, attempts, tenths, backMs };
}

function count(tenths: Int32Array, at: number): void {
  const index = Math.floor(at / 100);
  tenths[index] = (tenths[index] ?? 0) + 1;
}

/** What those who will never be let in still try until nobody looks any more: they ask at even distances. */
function inVain(arrivals: Arrivals, halfTrips: Int32Array, everyMs: number, endMs: number): number {
  let attempts = 0;
  for (const [i, at] of arrivals.left()) attempts += Math.ceil((endMs - at) / (everyMs + 2 * (halfTrips[i] ?? 0)));
  return attempts;
}

/** Who arrives in which millisecond after the server's return: a list for each of them, threaded through two arrays. */
class Arrivals {
  readonly #first: Int32Array;
  readonly #next: Int32Array;
  readonly #from: number;
  readonly #end: number;
  /** Clients that are still to arrive before the end. */
  waiting = 0;

  constructor(clients: number, from: number, end: number) {
    this.#first = new Int32Array(end - from).fill(-1);
    this.#next = new Int32Array(clients);
    this.#from = from;
    this.#end = end;
  }

  add(i: number, at: number): void {
    if (at >= this.#end) return;
    const slot = at - this.#from;
    this.#next[i] = this.#first[slot] ?? -1;
    this.#first[slot] = i;
    this.waiting++;
  }

  /** One that arrives in this millisecond, or -1 when all have. */
  take(at: number): number {
    const slot = at - this.#from;
    const i = this.#first[slot] ?? -1;
    if (i < 0) return -1;
    this.#first[slot] = this.#next[i] ?? -1;
    this.waiting--;
    return i;
  }

  /** All that are still to arrive, and when. */
  *left(): Generator<readonly [number, number]> {
    for (const [slot, first] of this.#first.entries()) {
      for (let i = first; i >= 0; i = this.#next[i] ?? -1) yield [i, slot + this.#from];
    }
  }
}
