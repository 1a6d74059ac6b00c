/** Evidence as the transports write it, in one line each. */
import { type Context, classify, type Evidence, freshContext, type Stage } from "../../main/core/failure/failure.ts";

type Facts = { stage?: Stage; names?: string[]; message?: string; bytesRead?: number };

/** An error of a network stack. @param codes along the chain of causes, separated by spaces; "" is none */
export function error(codes: string, facts: Facts = {}): Evidence {
  const { stage = "headers", names = ["Error"], message = "", bytesRead } = facts;
  const chain = codes === "" ? [] : codes.split(" ");
  return { what: "error", stage, codes: chain, names, message, bytesRead: bytesRead ?? null, host: "h:1" };
}

export function answer(status: number, rest: Partial<Extract<Evidence, { what: "answer" }>> = {}): Evidence {
  return { what: "answer", status, contentType: "text/plain", retryAfterMs: null, ...rest };
}

export const end: Evidence = { what: "end" };
export const deadline = (which: "connect" | "headers" | "idle"): Evidence => ({
  what: "deadline",
  deadline: which,
  afterMs: 1,
});

/** `FAMILY kind`, with `final` behind it where another try cannot help. */
export function show(evidence: Evidence, context: Partial<Context> = {}): string {
  const { family, kind, final } = classify(evidence, { ...freshContext, ...context });
  return `${family} ${kind}${final ? " final" : ""}`;
}
