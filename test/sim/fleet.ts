/** A small fleet that loses one server together: each client is the real machine alone, without a world around it. */
import { step } from "../../main/core/connection/connection.ts";
import {
  defaultDeadlines,
  type Event,
  initialState,
  type Policy,
} from "../../main/core/connection/connection-state.ts";
import { defaultStrategies } from "../../main/core/connection/strategy.ts";
import { Chance } from "./chance.ts";
import { answered } from "./evidence.ts";
import { Timeline } from "./timeline.ts";

const policy: Policy = {
  ...defaultDeadlines,
  candidates: [{ key: "one", transport: "sse", origin: "https://one.test", freshCredential: false, credential: "" }],
  discover: false,
  balance: false,
  strategies: defaultStrategies,
  strict: false,
  idleTimeoutMs: null,
  repeatable: true,
};
const answer = { address: "https://one.test/events", server: null, httpVersion: "1.1", askedFrom: "" };
const cutAtMs = 60_000;

/** @returns the largest share of the fleet that asked within one second, from the cut on until all are back */
export function peakShare(clients: number, outageS: number): number {
  const [timeline, chance] = [new Timeline(clients * 10), new Chance(clients + outageS)];
  const perSecond = new Map<number, number>();
  for (let i = 0; i < clients; i++) {
    let state = initialState(policy);
    let timer = 0;
    const take = (event: Event): void => {
      const [next, effects] = step(policy, state, event, { now: timeline.now, random: chance.draw() });
      state = next;
      for (const effect of effects) {
        if (effect.type === "connect") timeline.after(0, () => dial(effect.generation));
        if (effect.type === "setTimer") ring(effect.at);
      }
    };
    const ring = (at: number): void => {
      const mine = ++timer;
      timeline.after(at - timeline.now, () => mine === timer && take({ type: "timer" }));
    };
    const dial = (generation: number): void => {
      const isDown = timeline.now >= cutAtMs && timeline.now < cutAtMs + outageS * 1000;
      const second = Math.floor(timeline.now / 1000);
      if (timeline.now >= cutAtMs) perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
      if (isDown) take({ type: "failed", evidence: answered(503), generation });
      else take({ type: "opened", answer, generation });
    };
    timeline.after(0, () => take({ type: "start" }));
    timeline.after(cutAtMs, () => take({ type: "failed", evidence: { what: "end" }, generation: state.generation }));
  }
  timeline.runUntil(cutAtMs + outageS * 1000 + 200_000);
  return Math.max(...perSecond.values()) / clients;
}
