/** The one word for a connection at this moment; nobody knows it while nothing is meant to be open, or could be. */
import type { Grade } from "../../../preload/contract.ts";
import { gradeOf } from "../quality/quality.ts";
import type { State } from "./connection-state.ts";

/** @param now monotonic ms */
export function gradeNow({ link, asleep, quality }: State, now: number): Grade {
  if (asleep || link.phase === "idle" || link.phase === "offline") return "UNKNOWN";
  return gradeOf(quality, now);
}
