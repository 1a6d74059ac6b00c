/** What follows from the kind of a failure beside its family: small tables, each with its reason. No decisions: the machine's. */
import type { Failure } from "./failure.ts";

/**
 * This computer's own trouble: no server is burdened by asking again soon, so a good connection may be hurried back.
 * Everything else may have hit thousands of clients in the same second.
 */
const local: ReadonlySet<string> = new Set([
  "offline",
  "network-changed",
  "dns",
  "dns-temporary",
  "local-limit",
  "not-permitted",
  "internal",
]);

export function isLocal({ kind }: Failure): boolean {
  return local.has(kind);
}

/** NETWORK by their code, yet a server that restarts looks just like that to its whole fleet at once. */
const likeServer: ReadonlySet<string> = new Set(["refused", "reset", "server-error"]);

export function spreadsLikeServer({ kind }: Failure): boolean {
  return likeServer.has(kind);
}

/** Waiting proves nothing about this candidate: the answer was clear, quick, and would be the same in a second. */
const clear: ReadonlySet<string> = new Set([
  "refused",
  "unreachable",
  "dns",
  "dns-temporary",
  "not-found",
  // It opened and gave nothing: it would open again, and every opening costs the patience of a quarter of a minute.
  "mute",
  "held",
]);

/** With another candidate at hand this one is left after a single failure. */
export function movesAtOnce({ kind }: Failure): boolean {
  return clear.has(kind);
}

/** The credential was looked at and not accepted: what is counted as a refusal. Not being able to get one is none. */
export function isRefusal({ family, kind }: Failure): boolean {
  return family === "AUTH" && (kind === "unauthorized" || kind === "forbidden");
}

/** The request was too long with the Last-Event-ID in it: the next attempt goes once without. */
export function blamesId({ kind }: Failure): boolean {
  return kind === "id-too-long";
}

/**
 * A proxy that was set up wrongly, or wanted a sign-in that it was not given: another network may have another proxy, or none,
 * and no password is tried a second time.
 */
export function mayPassElsewhere({ kind, params }: Failure): boolean {
  return kind === "proxy-settings" || (kind === "proxy-auth" && params["advice"] !== "proxy-auth-refused");
}
