/** From an endpoint as it was written to headers and the secrets that belong in them. */
import { expect, it } from "vitest";
import { headerPart, sameRequest, secretKey, secretParts, usesSecrets } from "../../main/streams/endpoint-request.ts";
import type { Credential, Endpoint } from "../../preload/contract.ts";
import { anEndpoint } from "../fakes/stream-world.ts";

const headers: Endpoint["headers"] = [
  { name: "X-Plain", value: "one", secret: false },
  { name: "X-Token", value: "", secret: true },
];

it.each([
  ["credential", "orders/credential"],
  ["header:X-Token", "orders/header:x-token"],
  ["header:x-token", "orders/header:x-token"],
  ["group:https://b.example/Path:header:X-Token", "orders/group:https://b.example/Path:header:x-token"],
  ["group:https://b.example/header:X:header:X-Token", "orders/group:https://b.example/header:X:header:x-token"],
])("keeps the secret %s under %s", (part, key) => expect(secretKey("orders", part)).toBe(key));

it("binds a further address's secret to that address, wherever it stands in the list", () => {
  const at = (url: string) => headerPart({ kind: "group", url }, "X-Token");
  expect(at("https://B.example:443/x?q=1")).toBe("group:https://b.example/x:header:x-token");
  expect(at("https://c.example/x")).not.toBe(at("https://b.example/x"));
  expect(headerPart({ kind: "websocket", url: "wss://b.example/x?q" }, "A")).toBe(
    "websocket:wss://b.example/x:header:a",
  );
});

it("names every secret and the field it is typed in", () => {
  const endpoint = anEndpoint({
    headers,
    credential: { kind: "bearer" },
    group: [
      { url: "https://b.example/", headers: [] },
      { url: "https://c.example/", headers },
    ],
    websocket: { url: "wss://d.example/", frames: "auto", resumeQuery: "", headers },
  });
  expect(secretParts(endpoint)).toEqual([
    { part: "header:x-token", field: "headers.1.value", needed: true },
    { part: "credential", field: "credential.secret", needed: true },
    { part: "group:https://c.example/:header:x-token", field: "group.1.headers.1.value", needed: true },
    { part: "websocket:wss://d.example/:header:x-token", field: "websocket.headers.1.value", needed: true },
  ]);
});

it.each<[Credential, boolean, boolean]>([
  [{ kind: "none" }, false, false],
  [{ kind: "bearer" }, true, true],
  [{ kind: "refresh", url: "https://a.example/", method: "GET", as: "bearer" }, true, false],
  [{ kind: "command", argv: ["/bin/a"] }, false, false],
])("%j has a secret: %s; it must be known: %s", (credential, has, needed) => {
  expect(usesSecrets(anEndpoint({ credential }))).toBe(has);
  expect(secretParts(anEndpoint({ credential })).some((each) => each.needed)).toBe(needed);
});

it.each<[keyof Endpoint, boolean, Partial<Endpoint>]>([
  ["name", true, { name: "Other" }],
  ["notify", true, { notify: { on: true, types: ["a"], contains: "b" } }],
  ["paused", true, { paused: true }],
  ["keep", true, { keep: "nothing" }],
  ["retention", true, { retention: { days: 1, events: null, mebibytes: null } }],
  ["url", false, { url: "https://b.example/" }],
  ["method", false, { method: "POST" }],
  ["body", false, { body: "{}" }],
  ["headers", false, { headers }],
  ["credential", false, { credential: { kind: "bearer" } }],
  ["group", false, { group: [{ url: "https://b.example/", headers: [] }] }],
  ["websocket", false, { websocket: { url: "wss://b.example/", frames: "raw", resumeQuery: "", headers: [] } }],
  ["discover", false, { discover: true }],
  ["balance", false, { balance: true }],
  ["lastEventId", false, { lastEventId: "5" }],
  ["connectTimeoutMs", false, { connectTimeoutMs: 1234 }],
  ["headersTimeoutMs", false, { headersTimeoutMs: 1234 }],
  ["idleTimeoutMs", false, { idleTimeoutMs: 1234 }],
])("another %s: the request is the same: %s", (_, same, change) => {
  expect(sameRequest(anEndpoint(), anEndpoint(change))).toBe(same);
});
