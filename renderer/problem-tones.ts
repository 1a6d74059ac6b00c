/** How grave each problem is. Total by type: a problem that gets words but no tone does not compile. */
import type { Key } from "../preload/words.ts";
import type { Tone } from "./stream-state.ts";

type CodeIn<K> = K extends `problem.${infer Code}` ? Code : never;
/** Every code main may report; "unknown" and "dismiss" are words of the band itself. */
export type ProblemCode = Exclude<CodeIn<Key>, "unknown" | "dismiss">;

/** bad: something is lost or will be. warn: something does not work as asked. idle: good to know. */
export const problemTones: Readonly<Record<ProblemCode, Tone>> = {
  "banner-failed": "idle",
  "flag-bad-port": "bad",
  "flag-needs-value": "bad",
  "flag-takes-no-value": "bad",
  "flag-unknown": "bad",
  "history-backup-used": "idle",
  "history-damaged": "warn",
  "history-newer": "warn",
  "history-not-saved": "warn",
  "history-refused": "warn",
  "history-set-aside": "warn",
  "internal-fault": "bad",
  "journal-block-damaged": "warn",
  "journal-closed": "bad",
  "journal-failing": "bad",
  "journal-full": "bad",
  "journal-locked": "bad",
  "journal-newer": "warn",
  "journal-not-cleared": "warn",
  "journal-set-aside": "bad",
  "journal-unavailable": "bad",
  "log-failing": "idle",
  "policy-ignored": "bad",
  "policy-value-ignored": "warn",
  "proxy-system-silent": "warn",
  "secrets-backup-used": "idle",
  "secrets-locked": "warn",
  "secrets-newer": "warn",
  "secrets-not-saved": "bad",
  "secrets-refused": "warn",
  "secrets-session": "warn",
  "secrets-set-aside": "bad",
  "settings-backup-used": "idle",
  "settings-newer": "warn",
  "settings-not-saved": "bad",
  "settings-refused": "bad",
  "settings-set-aside": "bad",
  "settings-value-ignored": "warn",
  "stats-port-denied": "warn",
  "stats-port-taken": "warn",
  "tray-missing": "idle",
};

/** The tone of a code; one that this window does not know is a warning. */
export function toneOfProblem(code: string): Tone {
  return Object.hasOwn(problemTones, code) ? problemTones[code as ProblemCode] : "warn";
}
