/**
 * The parts of the client that the world plays with: by default the real ones, and the rules of the driver as they are.
 * A mutant replaces one of them (mutants.ts); nothing else about a run changes.
 */
import { step } from "../../main/core/connection/connection.ts";
import { type Effect, initialState, type State } from "../../main/core/connection/connection-state.ts";
import { admit, type Once, opened } from "../../main/core/events/once.ts";
import { type Limits, SseDecoder } from "../../main/io/sse/sse-decoder.ts";
import type { MakeDecoder } from "./line.ts";

export type Parts = {
  readonly step: typeof step;
  readonly initial: typeof initialState;
  readonly admit: typeof admit;
  readonly opened: (once: Once, candidate: number) => void;
  readonly decoder: MakeDecoder;
  /** Whether the driver listens to this connection. */
  readonly hears: (state: State, generation: number) => boolean;
  /** Whether it does what it is asked to. */
  readonly performs: (effect: Effect, state: State) => boolean;
  /** What a timer makes of a delay, ms. */
  readonly timerMs: (delayMs: number) => number;
  /** Which of the stream's credentials a candidate is sent. */
  readonly credential: (credentials: readonly string[], candidate: number) => string;
  /** What io makes of a Retry-After that asks for so many ms. */
  readonly retryAfterMs: (ms: number) => number;
  readonly sendsId: (withId: boolean) => boolean;
  /** Whose events are kept. */
  readonly yields: (isProbe: boolean) => boolean;
  readonly marksGaps: boolean;
  /** An append is one transaction: the cursor never stands without the records before it. */
  readonly transactional: boolean;
  /** What has come is in the journal before the cursor is read. */
  readonly flushesFirst: boolean;
  /** What came with a step is taken in before what follows from the step is begun. */
  readonly observesFirst: boolean;
  /** The cursor does not pass what the journal could not keep. */
  readonly cursorWaits: boolean;
};

/** Small, so that an event can be too large without filling the memory of the simulation. */
export const limits: Limits = { eventBytes: 4096, idBytes: 64, typeChars: 64 };

export const realParts: Parts = {
  step,
  initial: initialState,
  admit,
  opened,
  decoder: (lastEventId, sink) => new SseDecoder(lastEventId, sink, limits),
  hears: ({ link, probe }, generation) =>
    ((link.phase === "open" || link.phase === "connecting") && link.generation === generation) ||
    probe?.generation === generation,
  performs: () => true,
  timerMs: (delayMs) => delayMs,
  credential: (credentials, candidate) => credentials[candidate] ?? "",
  retryAfterMs: (ms) => ms,
  sendsId: (withId) => withId,
  yields: (isProbe) => !isProbe,
  marksGaps: true,
  transactional: true,
  flushesFirst: true,
  observesFirst: true,
  cursorWaits: true,
};
