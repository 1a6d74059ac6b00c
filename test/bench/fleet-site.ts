/**
 * The local network goes away and comes back, and the server was well all the time: a whole site of a larger fleet, or one
 * computer alone. Through the real `step`, told of the network as the app is. Nobody is refused here.
 */
import type { Chance } from "../sim/chance.ts";
import { type FleetResult, roundTrip } from "./fleet.ts";
import { Machine, settledMachine } from "./fleet-clients.ts";
import { onePath } from "./fleet-path.ts";

/** @param outageMs how long the network is away; it is back for all of them in the same millisecond */
export function runSite(clients: number, outageMs: number, chance: Chance): FleetResult {
  const past = settledMachine(onePath, chance).state;
  const tenths = new Int32Array(Math.ceil((outageMs + 60_000) / 100));
  const backMs: number[] = [];
  let attempts = 0;
  for (let i = 0; i < clients; i++) {
    const machine = new Machine(onePath, chance, past);
    machine.take({ type: "network", online: false, changed: false, first: null }, 0);
    while (machine.timerAt < outageMs) machine.take({ type: "timer" }, machine.timerAt);
    machine.take({ type: "network", online: true, changed: false, first: null }, outageMs);
    const dialled = machine.untilDial(outageMs);
    const trip = chance.between(roundTrip.leastMs, roundTrip.mostMs + 1);
    const arrived = Math.floor((dialled + trip / 2) / 100);
    attempts++;
    tenths[arrived] = (tenths[arrived] ?? 0) + 1;
    machine.open(dialled + trip);
    backMs.push(dialled + trip - outageMs);
  }
  backMs.sort((a, b) => a - b);
  return { clients, attempts, tenths, backMs };
}
