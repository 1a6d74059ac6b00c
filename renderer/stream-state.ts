/** The nine states a user sees, out of what main says of a stream; and which role colour belongs to each. Pure. */
import type { StreamView } from "../preload/contract.ts";

export const streamStates = [
  "live",
  "silent",
  "held",
  "connecting",
  "waiting",
  "offline",
  "asleep",
  "paused",
  "halted",
] as const;
export type StreamState = (typeof streamStates)[number];
export type Tone = "ok" | "warn" | "bad" | "idle" | "info";

const tones: Record<StreamState, Tone> = {
  live: "ok",
  silent: "ok",
  held: "warn",
  connecting: "info",
  waiting: "warn",
  offline: "idle",
  asleep: "idle",
  paused: "idle",
  halted: "bad",
};

/** The role colour of a state. */
export function toneOf(state: StreamState): Tone {
  return tones[state];
}

/** A wait that follows no failure, or an end that the server had planned, is no trouble. */
export function isCalmWait({ phase, attempt, failure }: Pick<StreamView, "phase" | "attempt" | "failure">): boolean {
  return phase === "waiting" && (attempt === 0 || failure?.family === "PLANNED");
}

/** The role colour of a stream as it stands. */
export function toneOfStream(stream: Parameters<typeof stateOf>[0] & Parameters<typeof isCalmWait>[0]): Tone {
  return isCalmWait(stream) ? "info" : toneOf(stateOf(stream));
}

/** What to call a stream's condition. Main has no phase for sleep: an offline stream whose last minute was slept is asleep. */
export function stateOf(stream: Pick<StreamView, "phase" | "health" | "beats">): StreamState {
  switch (stream.phase) {
    case "idle":
      return "paused";
    case "open":
      return stream.health ?? "live";
    case "offline":
      return stream.beats.at(-1) === "asleep" ? "asleep" : "offline";
    default:
      return stream.phase;
  }
}

/** A silence that has used up this share of the patience with it is worth a question. */
const silentTooLong = 0.75;

/** Open and silent, and not for much longer: soon the watchdog would call it broken. */
export function isSilentTooLong(
  {
    phase,
    health,
    lastByteAt,
    openedAt,
    idleTimeoutMs,
  }: Pick<StreamView, "phase" | "health" | "lastByteAt" | "openedAt" | "idleTimeoutMs">,
  now: number,
): boolean {
  const since = Math.max(lastByteAt ?? 0, openedAt ?? 0);
  return phase === "open" && health === "silent" && since > 0 && now - since > silentTooLong * idleTimeoutMs;
}

/** Bytes arrive, or would if the server had any: what the sidebar counts as flowing. */
export function isFlowing(stream: Pick<StreamView, "phase" | "health">): boolean {
  return stream.phase === "open" && stream.health !== "held";
}
