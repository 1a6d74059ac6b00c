import { describe, expect, it } from "vitest";
import { checkEndpoint } from "../../main/io/stores/endpoint-rules.ts";
import { blankEndpoint, readLayer, settingsVersion } from "../../main/io/stores/settings-schema.ts";
import type { Endpoint } from "../../preload/contract.ts";

const good: Endpoint = { ...blankEndpoint, id: "orders", name: "Orders", url: "https://example.org/orders?x=1" };
const header = (name: string, value = "v", secret = false) => ({ name, value, secret });
const codes = (draft: unknown, others: readonly Endpoint[] = []) =>
  checkEndpoint(draft, others).map(({ field, code }) => `${field} ${code}`);

it("finds nothing wrong with an endpoint as the editor makes it", () => {
  expect(codes(good)).toEqual([]);
  const full = {
    ...good,
    headers: [header("X-Region", "eu ü"), header("Cookie", "", true)],
    credential: { kind: "bearer" },
  };
  expect(codes({ ...full, method: "POST", body: "{}", lastEventId: "é-1 €", idleTimeoutMs: 1000 })).toEqual([]);
});

it.each([
  ["url", "", "required"],
  ["url", "  ", "required"],
  ["url", "example.org", "url-invalid"],
  ["url", "https://exa mple.org", "url-invalid"],
  ["url", "https://example.org/\nx", "url-invalid"],
  ["url", "http://", "url-invalid"],
  ["url", "ftp://example.org/", "url-scheme"],
  ["url", "ws://example.org/", "url-scheme"],
  ["url", "javascript:alert(1)", "url-scheme"],
  ["url", "https://user:pass@example.org/", "url-credentials"],
  ["url", "https://token@example.org/", "url-credentials"],
  ["url", `https://example.org/${"x".repeat(4096)}`, "url-too-long"],
  ["name", " ", "required"],
  ["name", "x".repeat(121), "text-too-long"],
  ["id", "Orders!", "stream-id-invalid"],
  ["lastEventId", "a\u001b", "id-invalid"],
  ["lastEventId", "a\u007f", "id-invalid"],
  ["lastEventId", "é".repeat(513), "id-invalid"],
  ["lastEventId", "x".repeat(1025), "id-invalid"],
  ["connectTimeoutMs", 99, "number-range"],
  ["headersTimeoutMs", 86_400_001, "number-range"],
  ["headersTimeoutMs", 1.5, "number-range"],
  ["idleTimeoutMs", 999, "number-range"],
  ["body", "x", "body-not-allowed"],
  ["method", "PUT", "invalid"],
  ["paused", "yes", "invalid"],
  ["headers", {}, "invalid"],
  ["headers", Array.from({ length: 65 }, (_, n) => header(`h${n}`)), "too-many"],
])("refuses %s = %j: %s", (field, value, code) => {
  expect(codes({ ...good, [field]: value })).toEqual([`${field} ${code}`]);
});

it("says between which numbers a value must lie", () => {
  expect(checkEndpoint({ ...good, idleTimeoutMs: 5 }, [])).toEqual([
    { field: "idleTimeoutMs", code: "number-range", params: { min: 1000, max: 86_400_000 } },
  ]);
});

it("names the bound of what is kept, and the numbers between which it lies", () => {
  const retention = { days: null, events: 5, mebibytes: 1_048_577 };
  expect(checkEndpoint({ ...good, retention }, [])).toEqual([
    { field: "retention.events", code: "whole-between", params: { min: 100, max: 1_000_000_000 } },
    { field: "retention.mebibytes", code: "whole-between", params: { min: 1, max: 1_048_576 } },
  ]);
});

it("names the place in a list", () => {
  expect(codes({ ...good, notify: { on: true, types: ["a", "x".repeat(257)], contains: "" } })).toEqual([
    "notify.types.1 type-too-long",
  ]);
});

it.each([
  [header("X Region"), "name header-name-invalid"],
  [header("Ünicode"), "name header-name-invalid"],
  [header(""), "name required"],
  [header("Host"), "name header-reserved"],
  [header("last-event-id"), "name header-reserved"],
  [header("ACCEPT"), "name header-reserved"],
  [header("x", "a\r\nb: c"), "value header-value-invalid"],
  [header("x", "a\0"), "value header-value-invalid"],
  [header("x", "€"), "value header-value-invalid"],
  [header("x", "in plain sight", true), "value header-secret-value"],
  [header("Authorization", ""), "secret header-must-be-secret"],
  [header("X-Api-Key", ""), "secret header-must-be-secret"],
])("refuses the header %j: %s", (bad, expected) => {
  expect(codes({ ...good, headers: [header("fine"), bad] })).toEqual([`headers.1.${expected}`]);
});

it("refuses a header twice, in the list or beside the credential that sets it", () => {
  expect(codes({ ...good, headers: [header("X-A"), header("x-a")] })).toEqual(["headers.1.name header-duplicate"]);
  const authorization = [header("authorization", "", true)];
  expect(codes({ ...good, headers: authorization, credential: { kind: "bearer" } })).toEqual([
    "headers.0.name header-duplicate",
  ]);
  const named = { kind: "header", name: "X-Key" };
  expect(codes({ ...good, headers: [header("x-key", "", true)], credential: named })).toEqual([
    "headers.0.name header-duplicate",
  ]);
  expect(codes({ ...good, credential: { kind: "header", name: "a b" } })).toEqual([
    "credential.name header-name-invalid",
  ]);
  expect(codes({ ...good, credential: { kind: "basic", username: "a:b" } })).toEqual([
    "credential.username username-invalid",
  ]);
});

it("refuses a name that another endpoint has, whatever its case, and not its own", () => {
  const others = [good, { ...good, id: "b", name: "Trades" }];
  expect(codes({ ...good, name: " trades " }, others)).toEqual(["name name-taken"]);
  expect(codes({ ...good, name: "ORDERS" }, others)).toEqual([]);
});

it.each([null, undefined, 1, "x", [], {}, { url: 1 }, { headers: [null, 1, {}] }])("lives through %j", (draft) => {
  expect(checkEndpoint(draft, []).length).toBeGreaterThan(0);
});

describe("a stored layer", () => {
  it("costs only the value that is wrong, and names it", () => {
    const layer = readLayer({
      version: 1,
      general: { language: "en", theme: "purple", stats: { on: true, port: 99_999 }, fun: 1 },
      endpoints: [
        {
          id: "a",
          url: "http://a.example/",
          connectTimeoutMs: 1,
          headers: [header("ok"), header("Cookie", "c=1")],
          color: "red",
        },
        { id: "a", url: "http://double.example/" },
        { id: "b", url: "nonsense" },
        "text",
      ],
      extra: true,
    });
    expect([...layer.leaves]).toEqual([
      ["language", "en"],
      ["stats.on", true],
    ]);
    expect(layer.endpoints).toEqual([
      { ...blankEndpoint, id: "a", name: "a", url: "http://a.example/", headers: [header("ok")] },
    ]);
    expect([...layer.ignored].sort()).toEqual(
      [
        "endpoints.0.color",
        "endpoints.0.connectTimeoutMs",
        "endpoints.0.headers.1.secret",
        "endpoints.1",
        "endpoints.2",
        "endpoints.3",
        "extra",
        "general.fun",
        "general.stats.port",
        "general.theme",
      ].sort(),
    );
  });

  it("of version 1, which knew nothing of further addresses and patience, is read as it was meant", () => {
    const { group, websocket, discover, balance, ...old } = { ...good, credential: { kind: "bearer" } };
    const layer = readLayer({ version: 1, general: { theme: "dark" }, endpoints: [old] });
    expect(layer).toMatchObject({ newer: false, ignored: [] });
    expect(layer.endpoints).toEqual([{ ...old, group: [], websocket: null, discover: false, balance: false }]);
  });

  it("loses only the further address that is wrong, and the WebSocket as a whole", () => {
    const member = (url: string) => ({ url, headers: [] });
    const layer = readLayer({
      version: settingsVersion,
      endpoints: [
        {
          ...good,
          group: [member("http://b.example/"), member("https://c.example/"), { url: 5 }],
          websocket: { url: "https://a.example/", frames: "auto", resumeQuery: "", headers: [] },
        },
      ],
    });
    expect(layer.endpoints).toEqual([{ ...good, group: [member("https://c.example/")] }]);
    expect(layer.ignored).toEqual([
      "endpoints.0.group.2.url",
      "endpoints.0.group.2.headers",
      "endpoints.0.group.0.url",
      "endpoints.0.websocket.url",
    ]);
  });

  it("does not run a stream without the sign-in that was meant", () => {
    const refresh = { kind: "refresh", url: "http://example.org/token", method: "GET", as: "bearer" };
    const { endpoints, ignored } = readLayer({ endpoints: [{ ...good, credential: refresh }] });
    expect(endpoints).toEqual([{ ...good, credential: { kind: "none" }, paused: true }]);
    expect(ignored).toEqual(["endpoints.0.credential.url"]);
  });

  it("takes each value of the policy by itself", () => {
    const policy = { NETWORK: { firstMs: 250, factor: 0.5 }, PROXY: 7, PLANNED: {}, resetAfterMs: 1000, strict: "no" };
    const { leaves, ignored } = readLayer({ general: { policy } });
    expect([...leaves]).toEqual([
      ["policy.NETWORK.firstMs", 250],
      ["policy.resetAfterMs", 1000],
    ]);
    expect(ignored).toEqual([
      "general.policy.NETWORK.factor",
      "general.policy.PROXY",
      "general.policy.PLANNED",
      "general.policy.strict",
    ]);
  });

  it("of a newer version gives what is understood and calls nothing a mistake", () => {
    const layer = readLayer({
      version: settingsVersion + 1,
      general: { theme: "dark", mood: "new" },
      endpoints: [],
      more: {},
    });
    expect(layer).toMatchObject({ newer: true, ignored: [] });
    expect([...layer.leaves]).toEqual([["theme", "dark"]]);
  });
});
