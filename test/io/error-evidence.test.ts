/** What of an error's chain becomes evidence: the stacks do not agree on how to say a code. */
import { expect, it } from "vitest";
import { errorEvidence } from "../../main/io/sse/error-evidence.ts";

const codes = (error: unknown) => {
  const evidence = errorEvidence(error, "headers", "h:1");
  return evidence.what === "error" ? evidence.codes : null;
};
const coded = (code: unknown, message = "") => Object.assign(new Error(message), { code });

it.each([
  ["Node's word", coded("ECONNREFUSED"), ["ECONNREFUSED"]],
  ["Chromium's number", coded(-102), ["-102"]],
  ["Electron's text", new Error("net::ERR_CONNECTION_REFUSED"), ["ERR_CONNECTION_REFUSED"]],
  ["the DOM's number, which means no fault", coded(20), []],
  ["a cause", new Error("fetch failed", { cause: coded("ENOTFOUND") }), ["ENOTFOUND"]],
  [
    "members of an aggregate",
    new AggregateError([coded("ENETUNREACH"), coded("ECONNREFUSED")]),
    ["ENETUNREACH", "ECONNREFUSED"],
  ],
  ["a string that was thrown", "stop", []],
  ["nothing", undefined, []],
])("reads the codes of %s", (_, error, told) => expect(codes(error)).toEqual(told));
