/** Which further ways to a stream may be saved. */
import { expect, it } from "vitest";
import { checkEndpoint } from "../../main/io/stores/endpoint-rules.ts";
import { blankEndpoint } from "../../main/io/stores/settings-schema.ts";
import type { Endpoint } from "../../preload/contract.ts";

const good: Endpoint = { ...blankEndpoint, id: "orders", name: "Orders", url: "https://a.example/orders" };
const plain: Endpoint = { ...good, url: "http://a.example/orders" };
const base: Endpoint = { ...good, url: "https://a.example" };
const header = (name: string, value = "v", secret = false) => ({ name, value, secret });
const member = (url: string, headers: Endpoint["headers"] = []) => ({ url, headers });
const socket = (url: string, change: Partial<NonNullable<Endpoint["websocket"]>> = {}) => ({
  url,
  frames: "auto" as const,
  resumeQuery: "",
  headers: [],
  ...change,
});
const refresh = (url: string) => ({ kind: "refresh" as const, url, method: "GET" as const, as: "bearer" as const });
const codes = (endpoint: Endpoint, change: object = {}) =>
  checkEndpoint({ ...endpoint, ...change }, []).map(({ field, code }) => `${field} ${code}`);

it.each<[string, Endpoint, Partial<Endpoint>]>([
  ["encrypted addresses with headers of their own", good, { group: [member("https://b.example/", [header("X-A")])] }],
  ["another path and port of the same server", good, { group: [member("https://a.example:8443/orders?x=1")] }],
  ["an encrypted WebSocket", good, { websocket: socket("wss://b.example/ws?x=1", { resumeQuery: "last_id" }) }],
  [
    "plain ones beside a plain one",
    plain,
    { group: [member("http://b.example/")], websocket: socket("ws://a.example/") },
  ],
  ["a bare address to look at, with a WebSocket", base, { discover: true, websocket: socket("wss://a.example/ws") }],
  ["a bare address with its slash", good, { url: "https://a.example/", discover: true }],
  ["a token from an encrypted address", plain, { credential: refresh("https://b.example/token?x=1") }],
  ["a token from a program", good, { credential: { kind: "command", argv: ["/usr/bin/token", "--for", ""] } }],
])("takes %s", (_, endpoint, change) => expect(codes(endpoint, change)).toEqual([]));

it.each<[Endpoint, Partial<Endpoint>, string]>([
  [good, { group: [member("")] }, "group.0.url required"],
  [good, { group: [member("https://b.example/"), member("b.example")] }, "group.1.url url-invalid"],
  [good, { group: [member("wss://b.example/")] }, "group.0.url url-scheme"],
  [good, { group: [member("https://u:p@b.example/")] }, "group.0.url url-credentials"],
  [good, { group: [member("https://A.example:443/orders?again")] }, "group.0.url group-duplicate"],
  [good, { group: [member("https://b.example/x"), member("https://b.example/x")] }, "group.1.url group-duplicate"],
  [good, { group: [member("http://b.example/")] }, "group.0.url scheme-weaker"],
  [plain, { group: [member("https://b.example/")] }, "group.0.url scheme-mixed"],
  [good, { group: [member("https://b.example/", [header("Host")])] }, "group.0.headers.0.name header-reserved"],
  [
    good,
    { group: [member("https://b.example/", [header("Cookie", "c=1")])] },
    "group.0.headers.0.secret header-must-be-secret",
  ],
  [good, { group: Array.from({ length: 17 }, (_, n) => member(`https://b.example/${n}`)) }, "group too-many"],
  [{ ...good, method: "POST" }, { group: [member("https://b.example/")] }, "group group-needs-get"],
  [good, { websocket: socket("https://a.example/") }, "websocket.url url-scheme-ws"],
  [good, { websocket: socket("wss://a.example/#x") }, "websocket.url url-invalid"],
  [good, { websocket: socket("ws://a.example/") }, "websocket.url scheme-weaker"],
  [plain, { websocket: socket("wss://a.example/") }, "websocket.url scheme-mixed"],
  [good, { websocket: socket("wss://a.example/", { resumeQuery: "a=b" }) }, "websocket.resumeQuery query-name-invalid"],
  [
    good,
    { websocket: socket("wss://a.example/", { headers: [header("Sec-WebSocket-Protocol")] }) },
    "websocket.headers.0.name header-reserved",
  ],
  [{ ...good, method: "POST" }, { websocket: socket("wss://a.example/") }, "websocket websocket-needs-get"],
  [good, { discover: true }, "discover discover-needs-base"],
  [{ ...base, url: "https://a.example/?x" }, { discover: true }, "discover discover-needs-base"],
  [base, { discover: true, method: "POST" }, "discover discover-needs-get"],
  [base, { discover: true, group: [member("https://b.example/")] }, "discover discover-without-group"],
  [good, { credential: refresh("") }, "credential.url required"],
  [good, { credential: refresh("http://a.example/token") }, "credential.url scheme-weaker"],
  [good, { credential: { kind: "command", argv: [] } }, "credential.argv command-missing"],
  [good, { credential: { kind: "command", argv: ["token"] } }, "credential.argv command-not-absolute"],
  [good, { credential: { kind: "command", argv: ["/bin/a", "\0"] } }, "credential.argv command-invalid"],
  [good, { credential: { kind: "command", argv: ["/bin/a", "x".repeat(2000)] } }, "credential.argv command-too-long"],
])("refuses %j with %j: %s", (endpoint, change, expected) => expect(codes(endpoint, change)).toEqual([expected]));

it("refuses an Authorization beside a token that takes its place", () => {
  const headers = [header("authorization", "", true)];
  const both = { headers, credential: refresh("https://a.example/token") };
  expect(codes(good, both)).toEqual(["headers.0.name header-duplicate"]);
});

it.each([null, 1, "x", [null], [1], [{}], [{ url: 1, headers: 2 }]])("lives through a group of %j", (group) => {
  expect(codes(good, { group }).length).toBeGreaterThan(0);
  expect(codes(good, { websocket: group === null ? 1 : group }).length).toBeGreaterThan(0);
});
