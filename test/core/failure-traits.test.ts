/** What follows from a failure's kind, asked of failures as they are made. */
import { expect, it } from "vitest";
import { type Context, classify, type Evidence, freshContext } from "../../main/core/failure/failure.ts";
import {
  blamesId,
  isLocal,
  isRefusal,
  movesAtOnce,
  spreadsLikeServer,
} from "../../main/core/failure/failure-traits.ts";
import { answer, deadline, end, error } from "./failure-evidence.ts";

const traits = (evidence: Evidence, context: Partial<Context> = {}) => {
  const failure = classify(evidence, { ...freshContext, ...context });
  const all = { local: isLocal, herd: spreadsLikeServer, moves: movesAtOnce, refusal: isRefusal, id: blamesId };
  return Object.entries(all)
    .flatMap(([name, has]) => (has(failure) ? [name] : []))
    .join(" ");
};

it.each([
  ["no route", error("ENETUNREACH"), "local"],
  ["the network changed", error("-21"), "local"],
  ["an unknown name", error("ENOTFOUND"), "local moves"],
  ["no name server", error("EAI_AGAIN"), "local moves"],
  ["no files left", error("EMFILE"), "local"],
  ["a local firewall", error("EACCES"), "local"],
  ["our own fault", { what: "internal", message: "" }, "local"],
  ["refused", error("ECONNREFUSED"), "herd moves"],
  ["reset", error("ECONNRESET"), "herd"],
  ["500", answer(500), "herd"],
  ["1011", { what: "closed", code: 1011, reason: "" }, "herd"],
  ["unreachable", error("-109"), "moves"],
  ["mute", { what: "mute", held: false, afterMs: 1 }, "moves"],
  ["held", { what: "mute", held: true, afterMs: 1 }, "moves"],
  ["401", answer(401), "refusal"],
  ["403", answer(403), "refusal"],
  ["4401", { what: "closed", code: 4401, reason: "" }, "refusal"],
  ["no credential", { what: "credential", message: "" }, ""],
  ["a lost secret", { what: "secret-missing" }, ""],
  ["503", answer(503), ""],
  ["429", answer(429), ""],
  ["a silence", deadline("idle"), ""],
  ["no connection in time", deadline("connect"), ""],
  ["an end", end, ""],
  ["a certificate", error("CERT_HAS_EXPIRED"), ""],
  ["unknown", error("EWHATEVER"), ""],
] satisfies [string, Evidence, string][])("%s", (_, evidence, has) => expect(traits(evidence)).toBe(has));

it("moves on from a 404 at once where there is somewhere to go", () => {
  expect(traits(answer(404), { alternatives: true })).toBe("moves");
});

it("blames the id for a request that is too long only where one was sent", () => {
  expect([traits(answer(431), { asked: true }), traits(answer(414), { asked: true })]).toEqual(["id", "id"]);
  expect([traits(answer(431)), traits(answer(414))]).toEqual(["", ""]);
});
