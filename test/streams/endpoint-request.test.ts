/** From an endpoint as it was written to what is sent. */
import { expect, it } from "vitest";
import { policyOf, requestHeaders, sameRequest, secretKey } from "../../main/streams/endpoint-request.ts";
import type { Credential, Endpoint } from "../../preload/contract.ts";
import { anEndpoint } from "../fakes/stream-world.ts";

it.each<[Credential, [string, string][]]>([
  [{ kind: "none" }, []],
  [{ kind: "bearer" }, [["Authorization", "Bearer pässword"]]],
  [{ kind: "basic", username: "jörg" }, [["Authorization", "Basic asO2cmc6cMOkc3N3b3Jk"]]],
  [{ kind: "header", name: "X-Key" }, [["X-Key", "pässword"]]],
])("sends the credential %j", (credential, expected) => {
  expect(requestHeaders(anEndpoint({ credential }), () => "pässword")).toEqual(expected);
});

const headers: Endpoint["headers"] = [
  { name: "X-Plain", value: "one", secret: false },
  { name: "X-Token", value: "", secret: true },
];

it("sends headers as they stand, the secret ones with what is known under their name in lower case", () => {
  const asked: string[] = [];
  const sent = requestHeaders(anEndpoint({ headers, credential: { kind: "bearer" } }), (part) => {
    asked.push(part);
    return `<${part}>`;
  });
  expect(sent).toEqual([
    ["X-Plain", "one"],
    ["X-Token", "<header:x-token>"],
    ["Authorization", "Bearer <credential>"],
  ]);
  expect(asked).toEqual(["header:x-token", "credential"]);
});

it.each<[string, Partial<Endpoint>, string]>([
  ["a header's", { headers }, "credential"],
  ["the credential's", { credential: { kind: "bearer" } }, "header:x-token"],
  ["one of two", { headers, credential: { kind: "bearer" } }, "header:x-token"],
])("makes no request without a secret that it needs: %s", (_, change, known) => {
  expect(requestHeaders(anEndpoint(change), (part) => (part === known ? "x" : null))).toBeNull();
});

it("asks for no secret where none is needed", () => {
  const plain = anEndpoint({ headers: headers.slice(0, 1) });
  expect(requestHeaders(plain, () => null)).toEqual([["X-Plain", "one"]]);
});

it.each([
  ["credential", "orders/credential"],
  ["header:X-Token", "orders/header:x-token"],
  ["header:x-token", "orders/header:x-token"],
])("keeps the secret %s under %s", (part, key) => expect(secretKey("orders", part)).toBe(key));

it.each([
  ["GET", true],
  ["POST", false],
] as const)("%s may be repeated by itself: %s", (method, repeatable) => {
  const times = { connectTimeoutMs: 1, headersTimeoutMs: 2, idleTimeoutMs: 3000 };
  expect(policyOf(anEndpoint({ method, ...times }))).toMatchObject({ ...times, repeatable, resetAfterMs: 60_000 });
});

it("leaves the idle deadline to the rhythm when none was set", () => {
  expect(policyOf(anEndpoint()).idleTimeoutMs).toBeNull();
});

it.each<[keyof Endpoint, boolean, Partial<Endpoint>]>([
  ["name", true, { name: "Other" }],
  ["notify", true, { notify: { on: true, types: ["a"], contains: "b" } }],
  ["paused", true, { paused: true }],
  ["keep", true, { keep: "nothing" }],
  ["url", false, { url: "https://b.example/" }],
  ["method", false, { method: "POST" }],
  ["body", false, { body: "{}" }],
  ["headers", false, { headers }],
  ["credential", false, { credential: { kind: "bearer" } }],
  ["lastEventId", false, { lastEventId: "5" }],
  ["connectTimeoutMs", false, { connectTimeoutMs: 1234 }],
  ["headersTimeoutMs", false, { headersTimeoutMs: 1234 }],
  ["idleTimeoutMs", false, { idleTimeoutMs: 1234 }],
])("another %s: the request is the same: %s", (_, same, change) => {
  expect(sameRequest(anEndpoint(), anEndpoint(change))).toBe(same);
});
