/** Writes down what an error of the network stack says, as plain facts for core/failure/failure.ts. */
import type { Evidence, Stage } from "../../core/failure/failure.ts";
import { redact } from "../../core/redact.ts";
import { ProxyFailed } from "../proxy/proxy-failed.ts";

const maxDepth = 5;

/** @param host what was being asked, for the message the user sees; never with credentials */
export function errorEvidence(error: unknown, stage: Stage, host: string): Evidence {
  if (error instanceof ProxyFailed) return error.evidence;
  const chain = causes(error, 0);
  const codes = chain.flatMap(codesOf);
  const names = chain.map(({ name }) => name).filter((name) => typeof name === "string");
  const message = redact(chain.map((link) => String(link.message ?? "")).join(" ← ")).slice(0, 500);
  const bytesRead = chain.map(({ socket }) => socket?.bytesRead).find((n) => typeof n === "number") ?? null;
  return { what: "error", stage, codes, names, message, bytesRead, host };
}

type Link = { name?: unknown; code?: unknown; message?: unknown; socket?: { bytesRead?: unknown } };

/** Chromium says its codes as negative numbers, or as `net::ERR_…` in the text; positive ones are the DOM's and mean no fault. */
function codesOf({ code, message }: Link): string[] {
  const named = typeof message === "string" ? /\bnet::(ERR_[A-Z0-9_]+)/.exec(message)?.[1] : undefined;
  const own = typeof code === "string" ? code : typeof code === "number" && code < 0 ? `${code}` : undefined;
  return [own, named].filter((one) => one !== undefined);
}

/** The error, its causes and the members of aggregates (happy eyeballs), outermost first. */
function causes(error: unknown, depth: number): Link[] {
  if (typeof error !== "object" || error === null) return error === undefined ? [] : [{ message: error }];
  if (depth >= maxDepth) return [];
  const { cause, errors } = error as { cause?: unknown; errors?: unknown };
  const members = Array.isArray(errors) ? errors.slice(0, 4) : [];
  return [error as Link, ...[cause, ...members].flatMap((inner) => causes(inner, depth + 1))];
}
