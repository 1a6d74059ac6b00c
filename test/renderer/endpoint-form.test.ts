/** An endpoint as a form holds it and as it is sent: nothing is lost on the way, and secrets go beside it. */
import { expect, it } from "vitest";
import { headerPart as mainsPart, normalPart } from "../../main/streams/endpoint-request.ts";
import type { Endpoint } from "../../preload/contract.ts";
import { draftOf, formFor, formOf, headerPart } from "../../renderer/endpoint-form.ts";
import { policyFormOf, policyOf, resetPolicy } from "../../renderer/policy-form.ts";
import { fakeEndpoint, fakePolicy } from "./fake-data.ts";

const full: Partial<Endpoint> = {
  headers: [{ name: "X-A", value: "1", secret: false }],
  credential: { kind: "refresh", url: "https://id.example/", method: "GET", as: "bearer" },
  group: [
    { url: "https://b.example/x?y", headers: [{ name: "X-B", value: "", secret: true }] },
    { url: "https://c.example/", headers: [] },
  ],
  websocket: { url: "wss://a.example/ws", frames: "nchan", resumeQuery: "id", headers: [] },
  discover: true,
  balance: true,
};

it.each<[string, Endpoint]>([
  ["plain", fakeEndpoint("a", "A")],
  ["full", fakeEndpoint("a", "A", full)],
  ["with a command", fakeEndpoint("a", "A", { credential: { kind: "command", argv: ["/bin/a", ""] } })],
])("gives an endpoint back as it was: %s", (_, endpoint) => {
  expect(draftOf(formOf(endpoint))).toEqual({ draft: { endpoint, secrets: {} } });
});

it("sends secrets of further addresses beside the endpoint, each under its address", () => {
  const form = formOf(fakeEndpoint("a", "A", full));
  const group = form.group.map((member) => ({
    ...member,
    headers: [{ key: "k", name: " X-Token ", value: "canary", secret: false }],
  }));
  const websocket = { ...form.websocket, headers: [{ key: "w", name: "X-W", value: "canary", secret: true }] };
  const made = draftOf({ ...form, group, websocket, secret: "canary" });
  if (!("draft" in made)) throw new Error("refused");
  expect(Object.keys(made.draft.secrets)).toEqual([
    "credential",
    "group:https://b.example/x:header:X-Token",
    "group:https://c.example/:header:X-Token",
    "websocket:wss://a.example/ws:header:X-W",
  ]);
  expect(JSON.stringify(made.draft.endpoint)).not.toContain("canary");
});

it("keeps what was typed of a WebSocket while it is off, and sends none", () => {
  const form = formFor("https://a.example/");
  const made = draftOf({ ...form, websocket: { ...form.websocket, url: "wss://a.example/", on: false } });
  expect(made).toMatchObject({ draft: { endpoint: { websocket: null, group: [] } } });
});

it("sends no secret with a sign-in that has none", () => {
  const form = { ...formFor("https://a.example/"), secret: "typed before" };
  expect(draftOf({ ...form, credential: { kind: "command", argv: [] } })).toMatchObject({ draft: { secrets: {} } });
  expect(draftOf(form)).toMatchObject({ draft: { secrets: {} } });
});

it.each([
  "https://B.example:443/a/../b?q=1#f",
  "https://b.example",
  "http://[::1]:80/%41",
  "wss://ü.example/ ä",
  "nonsense",
])("names the secrets of %s as main does", (url) => {
  for (const kind of ["group", "websocket"] as const) {
    expect(normalPart(headerPart(kind, url, "X-Token"))).toBe(mainsPart({ kind, url }, "X-Token"));
  }
});

it("shows a policy in seconds and reads it back", () => {
  const form = policyFormOf(fakePolicy);
  expect(form).toMatchObject({
    "NETWORK.firstMs": "5",
    "PROXY.capMs": "900",
    "SERVER.factor": "1.8",
    resetAfterMs: "60",
  });
  expect(policyOf(form, fakePolicy, fakePolicy)).toEqual({ policy: fakePolicy });
  const other = { ...form, "NETWORK.firstMs": "0,25", "AUTH.factor": "", resetAfterMs: " 1.5 " };
  const before = { ...fakePolicy, AUTH: { ...fakePolicy.AUTH, factor: 9 }, strict: true };
  expect(policyOf(other, before, fakePolicy)).toEqual({
    policy: { ...fakePolicy, NETWORK: { ...fakePolicy.NETWORK, firstMs: 250 }, resetAfterMs: 1500, strict: true },
  });
});

it.each([
  ["NETWORK.firstMs", "0.09", "seconds-between"],
  ["NETWORK.firstMs", "soon", "seconds-between"],
  ["AUTH.capMs", "86401", "seconds-between"],
  ["SERVER.factor", "0.9", "number-between"],
  ["PROXY.attempts", "1.5", "whole-between"],
  ["PROXY.attempts", "101", "whole-between"],
  ["resetAfterMs", "-1", "seconds-between"],
])("refuses %s = %s: %s", (path, text, code) => {
  const read = policyOf({ ...policyFormOf(fakePolicy), [path]: text }, fakePolicy, fakePolicy);
  expect(read).toMatchObject({ errors: [{ field: `policy.${path}`, code }] });
});

it("goes back to the defaults, except where somebody else decides", () => {
  const mine = { ...fakePolicy, NETWORK: { firstMs: 1000, capMs: 2000, factor: 3, attempts: 4 }, strict: true };
  expect(resetPolicy(mine, fakePolicy, () => false)).toEqual(fakePolicy);
  expect(resetPolicy(mine, fakePolicy, (path) => ["NETWORK.capMs", "strict"].includes(path))).toEqual({
    ...fakePolicy,
    NETWORK: { ...fakePolicy.NETWORK, capMs: 2000 },
    strict: true,
  });
});
