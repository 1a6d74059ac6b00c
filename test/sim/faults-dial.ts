/** A. Names, addresses and connections that do not come to be. */
import { networkError } from "./evidence.ts";
import { type Fault, onPaths } from "./fault.ts";

export const dialFaults: readonly Fault[] = [
  onPaths("A01 name unknown", () => ({ dial: () => networkError("connect", "ENOTFOUND") }), "fin"),
  onPaths(
    "A02 name lookup flaps",
    (chance) => ({ dial: () => (chance.oneIn(3) ? networkError("connect", "EAI_AGAIN") : null), endsAtMs: 20_000 }),
    "rst",
  ),
  onPaths("A03 lookup never answers", () => ({ dial: "silence" }), "rst"),
  onPaths("A04 refused", () => ({ dial: () => networkError("connect", "ECONNREFUSED") }), "rst"),
  onPaths("A05 black hole", () => ({ dial: "silence", dead: true }), "silence"),
  onPaths(
    "A06 no route",
    (chance) => {
      const code = chance.pick(["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EADDRNOTAVAIL"]);
      return { dial: () => networkError("connect", code) };
    },
    "silence",
  ),
  onPaths("A08 address changes", () => ({ headersMs: 200 }), "rst"),
];
