/** From an endpoint to the ways a stream may go, and what each of them sends to whom. */
import { expect, it } from "vitest";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";
import { type FreshCredentials, planOf } from "../../main/streams/endpoint-plan.ts";
import type { Credential, Endpoint } from "../../preload/contract.ts";
import { anEndpoint } from "../fakes/stream-world.ts";

const noFresh: FreshCredentials = () => {
  throw new Error("nothing here is fetched");
};
const everySecret = (part: string) => `<${part}>`;
const planned = (change: Partial<Endpoint>, secret: (part: string) => string | null = everySecret) =>
  planOf(anEndpoint(change), defaultPolicy, secret, noFresh);
const sent = (change: Partial<Endpoint>, secret?: (part: string) => string | null) =>
  Promise.all(planned(change, secret).routes.map(({ headers }) => headers()));

const headers: Endpoint["headers"] = [
  { name: "X-Plain", value: "one", secret: false },
  { name: "X-Token", value: "", secret: true },
];
const member = (url: string, own: Endpoint["headers"] = []) => ({ url, headers: own });
const socket = (url: string, change: Partial<NonNullable<Endpoint["websocket"]>> = {}) => ({
  url,
  frames: "json" as const,
  resumeQuery: "",
  headers: [],
  ...change,
});
const refresh: Credential = { kind: "refresh", url: "https://id.example/token", method: "POST", as: "bearer" };

it.each<[Credential, [string, string][]]>([
  [{ kind: "none" }, []],
  [{ kind: "bearer" }, [["Authorization", "Bearer pässword"]]],
  [{ kind: "basic", username: "jörg" }, [["Authorization", "Basic asO2cmc6cMOkc3N3b3Jk"]]],
  [{ kind: "header", name: "X-Key" }, [["X-Key", "pässword"]]],
])("sends the credential %j", async (credential, expected) => {
  expect(await sent({ credential }, () => "pässword")).toEqual([expected]);
});

it("goes by its own address, then by the further ones in order, then by the WebSocket", () => {
  const plan = planned({
    url: "https://a.example/orders?token=1",
    group: [member("https://b.example:443/x?y"), member("https://a.example/second")],
    websocket: socket("wss://A.example/socket?z", { resumeQuery: "after" }),
  });
  expect(plan.policy.candidates).toEqual(plan.routes.map(({ candidate }) => candidate));
  const plain = { freshCredential: false, credential: "" };
  expect(plan.policy.candidates).toEqual([
    { key: "sse https://a.example/orders", transport: "sse", origin: "https://a.example", ...plain },
    { key: "sse https://b.example/x", transport: "sse", origin: "https://b.example", ...plain },
    { key: "sse https://a.example/second", transport: "sse", origin: "https://a.example", ...plain },
    { key: "websocket wss://a.example/socket", transport: "websocket", origin: "https://a.example", ...plain },
  ]);
  expect(plan.routes.map(({ url, frames, resumeQuery }) => [url, frames, resumeQuery])).toEqual([
    ["https://a.example/orders?token=1", "auto", null],
    ["https://b.example:443/x?y", "auto", null],
    ["https://a.example/second", "auto", null],
    ["wss://A.example/socket?z", "json", "after"],
  ]);
});

it("says by a word which ways send the same credential, and nothing of it", () => {
  const header = { name: "X-Key", value: "k", secret: false };
  const plan = planned({
    url: "https://a.example/orders",
    credential: { kind: "bearer" },
    group: [
      { url: "https://a.example/second", headers: [] },
      { url: "https://a.example/third", headers: [header] },
      { url: "https://b.example/x", headers: [] },
    ],
  });
  const words = plan.policy.candidates.map(({ credential }) => credential);
  expect(words).toEqual(["endpoint", "endpoint", "group https://a.example/third", ""]);
});

it("looks for the stream at the usual paths of a bare address, by GET, and pins what it finds", () => {
  const { policy, routes } = planned({ url: "https://a.example", discover: true, balance: true });
  expect(routes.map(({ url }) => url)).toEqual([
    "https://a.example/events",
    "https://a.example/stream",
    "https://a.example/api/events",
    "https://a.example/realtime/events",
  ]);
  expect([policy.discover, policy.balance]).toEqual([true, false]);
});

it("sends headers and credential to the endpoint's own server only, and to each way what is its own", async () => {
  const own = [
    ["X-Plain", "one"],
    ["X-Token", "<header:x-token>"],
    ["Authorization", "Bearer <credential>"],
  ];
  const change: Partial<Endpoint> = {
    headers,
    credential: { kind: "bearer" },
    group: [
      member("https://b.example/", [{ name: "X-Token", value: "", secret: true }]),
      member("https://a.example:443/second"),
      member("http://a.example/plain"),
      member("https://a.example:8443/port"),
      member("https://a.example.evil.example/"),
    ],
    websocket: socket("wss://a.example/socket"),
  };
  expect(await sent(change)).toEqual([
    own,
    [["X-Token", "<group:https://b.example/:header:x-token>"]],
    own,
    [],
    [],
    [],
    own,
  ]);
});

it("lets what a way has of its own take the place of the endpoint's, at its own server too", async () => {
  const theirs = [
    { name: "authorization", value: "", secret: true },
    { name: "x-plain", value: "two", secret: false },
  ];
  const asked: string[] = [];
  const [, other] = await sent(
    { headers, credential: { kind: "bearer" }, group: [member("https://a.example/second", theirs)] },
    (part) => {
      asked.push(part);
      return part;
    },
  );
  expect(other).toEqual([
    ["X-Token", "header:x-token"],
    ["authorization", "group:https://a.example/second:header:authorization"],
    ["x-plain", "two"],
  ]);
  expect(asked.filter((part) => part === "credential")).toHaveLength(1);
});

it.each<[string, Partial<Endpoint>, string]>([
  ["a header's", { headers }, "credential"],
  ["the credential's", { credential: { kind: "bearer" } }, "header:x-token"],
  ["one of two", { headers, credential: { kind: "bearer" } }, "header:x-token"],
])("makes no request without a secret that it needs: %s", async (_, change, known) => {
  expect(await sent(change, (part) => (part === known ? "x" : null))).toEqual([null]);
});

it("lacks a secret only where it would be sent", async () => {
  const group = [member("https://b.example/"), member("https://c.example/", headers)];
  expect(await sent({ credential: { kind: "bearer" }, group }, () => null)).toEqual([null, [], null]);
  expect(await sent({ headers: headers.slice(0, 1) }, () => null)).toEqual([[["X-Plain", "one"]]]);
});

it.each<[Credential]>([[refresh], [{ kind: "command", argv: ["/bin/token"] }]])(
  "fetches a token for every attempt at its own server, and hears there that it was refused: %j",
  async (credential) => {
    let number = 0;
    const refused: number[] = [];
    const made: unknown[] = [];
    const endpoint = anEndpoint({
      credential,
      group: [member("https://b.example/"), member("https://a.example/2")],
      websocket: socket("wss://a.example/"),
    });
    const { routes, policy } = planOf(endpoint, defaultPolicy, everySecret, (given, whose, secret) => {
      made.push([given, whose.id, secret()]);
      return { fresh: async () => `t${++number}`, refused: () => void refused.push(number) };
    });
    expect(made).toEqual([[credential, "orders", "<credential>"]]);
    expect(policy.candidates.map(({ freshCredential }) => freshCredential)).toEqual([true, false, true, true]);
    const [own, foreign, second, ws] = routes;
    expect(await own?.headers()).toEqual([["Authorization", "Bearer t1"]]);
    expect(await foreign?.headers()).toEqual([]);
    foreign?.refused();
    expect(await ws?.headers()).toEqual([["Authorization", "Bearer t2"]]);
    expect(await second?.headers()).toEqual([["Authorization", "Bearer t3"]]);
    second?.refused();
    expect(refused).toEqual([3]);
  },
);

it("passes on that no token could be had", async () => {
  const failing: FreshCredentials = () => ({ fresh: () => Promise.reject(new Error("no")), refused: () => {} });
  const { routes } = planOf(anEndpoint({ credential: refresh }), defaultPolicy, everySecret, failing);
  await expect(routes[0]?.headers()).rejects.toThrow("no");
});

it.each([
  ["GET", true, null],
  ["POST", false, "{}"],
] as const)("%s may be repeated by itself: %s", (method, repeatable, body) => {
  const times = { connectTimeoutMs: 1, headersTimeoutMs: 2, idleTimeoutMs: 3000 };
  const { policy, routes } = planned({ method, body: body ?? "", ...times });
  expect(policy).toMatchObject({ ...times, repeatable });
  expect(routes).toMatchObject([{ method, body }]);
});

it("shakes hands for a WebSocket by a GET without a body, whatever the streams are asked by", () => {
  const { routes } = planned({ method: "POST", body: "{}", websocket: socket("wss://a.example/") });
  expect(routes[1]).toMatchObject({ method: "GET", body: null });
});

it("is as patient as the settings say", () => {
  const settings = { ...defaultPolicy, SERVER: { firstMs: 1, capMs: 2, factor: 3, attempts: 4 }, strict: true };
  const { policy } = planOf(anEndpoint({ balance: true }), settings, everySecret, noFresh);
  const { NETWORK, AUTH, SERVER, PROXY, resetAfterMs } = settings;
  expect(policy).toMatchObject({
    strategies: { NETWORK, AUTH, SERVER, PROXY },
    resetAfterMs,
    strict: true,
    balance: true,
  });
  expect(Object.keys(policy.strategies)).toEqual(["NETWORK", "AUTH", "SERVER", "PROXY"]);
  expect(planned({}).policy).toMatchObject({ idleTimeoutMs: null, discover: false, balance: false, strict: false });
});
