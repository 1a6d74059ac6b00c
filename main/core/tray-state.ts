/**
 * What the tray shows of all streams together: the worst of them, and how many there are of each kind.
 * Paused and offline never hide a stream that is down. It makes no picture and no sentence.
 */
import type { StreamView } from "../../preload/contract.ts";

/** Worst first; the icons have these names. */
export const trayKinds = ["down", "degraded", "offline", "live", "paused"] as const;
export type TrayKind = (typeof trayKinds)[number];

export type TrayState = {
  readonly kind: TrayKind;
  readonly counts: Readonly<Record<TrayKind, number>>;
  readonly total: number;
};

/** The facts of a stream that decide its kind. */
export type Shown = Pick<StreamView, "phase" | "health" | "attempt" | "grade" | "failure">;

/** Attempts that may fail before a stream counts as down: a server that restarts must not turn the tray red. */
const patience = 3;

/** The kind of one stream. */
export function trayKind({ phase, health, attempt, grade, failure }: Shown): TrayKind {
  switch (phase) {
    case "open":
      return health === "held" || grade === "POOR" ? "degraded" : "live";
    case "connecting":
    case "waiting":
      // Nothing failed: it has only just begun, or the server ended what it had planned to end.
      if (attempt === 0 || failure?.family === "PLANNED") return "live";
      return attempt > patience ? "down" : "degraded";
    case "halted":
      return "down";
    case "offline":
      return "offline";
    case "idle":
      return "paused";
  }
}

/** The state of the tray. Without streams it rests as paused: nothing is held, so nothing is live. */
export function trayState(streams: readonly Shown[]): TrayState {
  const counts = { down: 0, degraded: 0, offline: 0, live: 0, paused: 0 };
  for (const stream of streams) counts[trayKind(stream)] += 1;
  return { kind: trayKinds.find((kind) => counts[kind] > 0) ?? "paused", counts, total: streams.length };
}

/** The word of one stream's state: `state.*` in the catalogues. */
export function stateWord({ phase, health }: Pick<Shown, "phase" | "health">) {
  if (phase === "open") return health ?? "live";
  return phase === "idle" ? "paused" : phase;
}
