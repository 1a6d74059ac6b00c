/**
 * The last steps of a stream's machine, as they were taken: with them a user's bug report can be stepped again. Contents are
 * left out, for the machine never looks at them. It is no log for people; that is io/log.ts.
 *
 * A busy stream takes thousands of steps that say nothing but that it goes well. So the steps that tell something are
 * counted, each with the end of the quiet run before it; where steps were left out, the state behind them stands in their
 * place, so that every part can be stepped from its beginning.
 */
import { consuming, type Event, type Moment, type Policy, type State } from "../core/connection/connection-state.ts";

export type RingStep = Moment & { readonly event: Event; readonly after: State };

/** Steps that follow each other without a gap, and the state before the first of them. */
export type RingPart = { readonly policy: Policy; readonly state: State; readonly steps: readonly RingStep[] };

/** What a ring holds, oldest first; between two parts steps are missing, or the policy became another one. */
export type Recording = readonly RingPart[];

export type Ring = {
  begin(policy: Policy, state: State): void;
  note(event: Event, moment: Moment, after: State): void;
};

/** Steps that tell something: a stream that fails over and over takes some seven for each attempt. */
export const tellingSteps = 64;
/** What is kept of the quiet run before each. */
export const quietSteps = 8;

/** What a healthy stream is told all the time; such a step tells something only where another phase or health follows. */
const quiet: ReadonlySet<Event["type"]> = new Set([
  "bytes",
  "events",
  "comment",
  "settled",
  "cursor",
  "unread",
  "timer",
]);

type Part = { policy: Policy; state: State; steps: RingStep[] };

/** Keeps the last steps in memory. @returns the ring and a look at what it holds */
export function createRing(): Ring & { recording(): Recording } {
  /** Every one of their steps tells something, or leads to one that does. */
  const parts: Part[] = [];
  let told = 0;
  /** The quiet run since then. */
  let run: Part | null = null;
  /** No step is missing between the last part and the run. */
  let isJoined = false;

  function dropOldest(): void {
    const [first] = parts;
    if (first === undefined) return;
    const gone = first.steps.splice(0, first.steps.findIndex((step, i) => tells(step, stateBefore(first, i))) + 1);
    first.state = gone.at(-1)?.after ?? first.state;
    if (first.steps.length === 0) parts.shift();
    told -= 1;
  }

  return {
    begin(policy, state) {
      run = { policy, state, steps: [] };
      isJoined = false;
    },
    note(event, { now, random }, after) {
      if (run === null) return;
      const step = { now, random, event: withoutContents(event), after };
      const before = run.steps.at(-1)?.after ?? run.state;
      run.steps.push(step);
      if (tells(step, before)) {
        const last = parts.at(-1);
        if (isJoined && last !== undefined) last.steps.push(...run.steps);
        else parts.push(run);
        run = { policy: run.policy, state: after, steps: [] };
        isJoined = true;
        told += 1;
        if (told > tellingSteps) dropOldest();
      } else if (run.steps.length > quietSteps) {
        run.state = run.steps.shift()?.after ?? run.state;
        isJoined = false;
      }
    },
    recording() {
      const last = parts.at(-1);
      if (run === null) return [];
      if (!isJoined || last === undefined) return [...parts, run];
      return [...parts.slice(0, -1), { ...last, steps: [...last.steps, ...run.steps] }];
    },
  };
}

const stateBefore = ({ state, steps }: RingPart, i: number): State => steps[i - 1]?.after ?? state;

function tells({ event, after }: RingStep, before: State): boolean {
  const [a, b] = [before.link, after.link];
  if (!quiet.has(event.type) || a.phase !== b.phase || consuming(a) !== consuming(b)) return true;
  if (before.probe?.generation !== after.probe?.generation) return true;
  return a.phase === "open" && b.phase === "open" && a.health !== b.health;
}

/** The event without what a server sent: texts are nobody's business who only looks for a fault. */
export function withoutContents(event: Event): Event {
  switch (event.type) {
    case "events":
      return { ...event, events: [] };
    case "comment":
      return { ...event, text: "" };
    case "cursor":
      return { ...event, lastEventId: "" };
    case "opened":
      return { ...event, answer: { ...event.answer, askedFrom: "" } };
    default:
      return event;
  }
}
