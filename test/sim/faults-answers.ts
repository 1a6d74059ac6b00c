/** C. Servers, and proxies in their name, that answer something else than a stream. */
import type { Evidence } from "../../main/core/failure/failure.ts";
import { answered } from "./evidence.ts";
import { type Fault, onPaths } from "./fault.ts";

const year = 31_536_000_000;

/** Always this answer; whoever is connected is cut off first. */
function answers(id: string, evidence: () => Evidence): Fault {
  return onPaths(id, () => ({ answer: evidence }), "fin");
}

export const answerFaults: readonly Fault[] = [
  answers("C01 captive page", () => answered(200, null, "text/html")),
  answers("C02 no content type", () => answered(200, null, "")),
  answers("C03 json", () => answered(200, null, "application/json")),
  answers("C04 no content", () => answered(204)),
  onPaths("C05 odd status", (chance) => ({ answer: () => answered(chance.pick([205, 304, 999])) }), "fin"),
  answers("C08 redirect loop", () => ({ what: "redirect", why: "loop", location: "/" })),
  answers("C09 redirect refused", () => ({ what: "redirect", why: "refused", location: "file:///" })),
  onPaths(
    "C10 credential refreshed",
    () => ({ answer: ({ attempt }) => (attempt % 2 === 0 ? answered(401) : null) }),
    "fin",
  ),
  answers("C11 credential refused", () => answered(401)),
  answers("C12 forbidden", () => answered(403)),
  onPaths("C13 not there", (chance) => ({ answer: () => answered(chance.oneIn(4) ? 410 : 404) }), "fin"),
  onPaths(
    "C15 id refused",
    (chance) => {
      const status = chance.pick([400, 431, 414]);
      return { answer: ({ lastEventId }) => (lastEventId === "" ? null : answered(status)), endsAtMs: 45_000 };
    },
    "rst",
  ),
  onPaths("C16 try again", (chance) => ({ answer: () => answered(chance.pick([408, 425, 421])) }), "rst"),
  onPaths("C17 too many requests", () => ({ answer: () => answered(429, 7000) }), "fin"),
  onPaths(
    "C18 odd Retry-After",
    (chance) => ({
      answer: () => {
        // A date in the past, none that can be read, an hour, and a year that nobody waits for.
        const wish = chance.oneIn(12) ? chance.pick([3_600_000, year]) : chance.pick([0, null, 90_000]);
        return answered(429, wish);
      },
    }),
    "fin",
  ),
  onPaths("C19 unavailable with Retry-After", () => ({ answer: () => answered(503, 20_000) }), "fin"),
  onPaths("C20 bad gateway", (chance) => ({ answer: () => answered(chance.pick([500, 502, 503, 504])) }), "rst"),
  onPaths("C23 headers never come", () => ({ headersMs: Number.POSITIVE_INFINITY }), "rst"),
];
