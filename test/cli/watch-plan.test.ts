/** What `watch` makes of its arguments: addresses in order, headers that stay with their origin, a policy from a file. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { planWatch, type WatchPlan } from "../../main/cli/watch-plan.ts";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";

const a = "https://a.example/events";
const b = "https://b.example/events";
const socket = "wss://a.example/socket?v=1";

function live(...args: string[]): Extract<WatchPlan, { replay: null }> {
  const plan = planWatch(args, {});
  if (plan.replay !== null) throw new Error("a replay");
  return plan;
}
const keys = (...args: string[]) => live(...args).plan.policy.candidates.map(({ key }) => key);
function file(content: unknown): string {
  const path = join(mkdtempSync(join(tmpdir(), "holdfast-cli-")), "policy.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return path;
}

it.each<[string[], string[]]>([
  [[a], [`sse ${a}`]],
  [["--endpoint", a], [`sse ${a}`]],
  [
    ["--endpoint", b, a],
    [`sse ${a}`, `sse ${b}`],
  ],
  [
    ["--endpoint", b, "--endpoint", a],
    [`sse ${b}`, `sse ${a}`],
  ],
  [
    [a, "--ws", socket],
    [`sse ${a}`, "websocket wss://a.example/socket"],
  ],
  [
    ["--base", "https://a.example"],
    ["/events", "/stream", "/api/events", "/realtime/events"].map((path) => `sse https://a.example${path}`),
  ],
])("%j goes by %j", (args, expected) => {
  expect(keys(...args)).toEqual(expected);
  expect(live(...args).plan.policy.discover).toBe(args.includes("--base"));
});

it("reads a WebSocket's frames as it is told", () => {
  expect(live(a, "--ws", socket, "--ws-frames", "nchan").plan.routes[1]).toMatchObject({
    url: socket,
    frames: "nchan",
  });
  expect(live(a, "--ws", socket).plan.routes[1]).toMatchObject({ frames: "auto", resumeQuery: null, method: "GET" });
});

it("gives each server only the headers that were given for it", async () => {
  const { plan } = live(
    a,
    ...["--endpoint", b, "--endpoint", "https://a.example:443/second", "--ws", "wss://c.example/"],
    ...["--header", "Authorization: Bearer one", "--endpoint-header", "https://b.example X-Key: two: three"],
    ...["--endpoint-header", "https://a.example X-More: 4", "--endpoint-header", "wss://c.example Cookie: c=5"],
  );
  const own = [
    ["Authorization", "Bearer one"],
    ["X-More", "4"],
  ];
  expect(await Promise.all(plan.routes.map(({ headers }) => headers()))).toEqual([
    own,
    [["X-Key", "two: three"]],
    own,
    [["Cookie", "c=5"]],
  ]);
});

it("takes headers of other servers from a file, one a line", async () => {
  const { plan } = live(
    a,
    "--endpoint",
    b,
    "--endpoint-header",
    `@${file("https://b.example X-A: 1\n\nhttps://b.example X-B: 2\n")}`,
  );
  expect(await plan.routes[1]?.headers()).toEqual([
    ["X-A", "1"],
    ["X-B", "2"],
  ]);
});

it("sends another method than GET to further addresses only when it may be repeated", () => {
  const { plan } = live(a, "--endpoint", b, "--method", "PUT", "--body", "x", "--repeat");
  expect(plan.routes.map(({ method, body }) => [method, body])).toEqual([
    ["PUT", "x"],
    ["PUT", "x"],
  ]);
  expect(plan.policy.repeatable).toBe(true);
});

it("takes from a policy what it says, and the defaults for the rest", () => {
  const policy = { PROXY: { firstMs: 250, factor: 1.25 }, SERVER: { attempts: 100 }, strict: true };
  const { settings, plan } = live(a, "--policy", file(policy));
  expect(settings).toEqual({
    ...defaultPolicy,
    PROXY: { ...defaultPolicy.PROXY, firstMs: 250, factor: 1.25 },
    SERVER: { ...defaultPolicy.SERVER, attempts: 100 },
    strict: true,
  });
  const { strategies, strict, resetAfterMs } = plan.policy;
  expect({ ...strategies, strict, resetAfterMs }).toEqual(settings);
  expect(live(a).settings).toEqual(defaultPolicy);
});

it.each<[unknown, RegExp]>([
  ["{", /no JSON object/],
  ["[1]", /no JSON object/],
  [{ NETWORK: 5 }, /: NETWORK: wants an object/],
  [{ NETWORK: { firstMs: 99 } }, /: NETWORK\.firstMs: wants a number from 100 to 86400000/],
  [{ NETWORK: { firstMs: 1000.5 } }, /: NETWORK\.firstMs: /],
  [{ AUTH: { factor: 0.9 } }, /: AUTH\.factor: wants a number from 1 to 10/],
  [{ AUTH: { attempts: 0 } }, /: AUTH\.attempts: wants a number from 1 to 100/],
  [{ PLANNED: { firstMs: 1000 } }, /: PLANNED: not a setting/],
  [{ NETWORK: { first: 1000 } }, /: NETWORK\.first: not a setting/],
  [{ resetAfterMs: "60000" }, /: resetAfterMs: /],
  [{ strict: 1 }, /: strict: wants true or false/],
  [{ SERVER: { firstMs: 200_000 } }, /: SERVER\.capMs: must not be less than firstMs/],
])("refuses the policy %j, naming file and field", (policy, says) => {
  const path = file(policy);
  expect(() => live(a, "--policy", path)).toThrow(says);
  expect(() => live(a, "--policy", path)).toThrow(path);
});

const plain = "http://a.example/";
it.each<[string[], RegExp]>([
  [["--endpoint", "nonsense"], /--endpoint: /],
  [[a, "--endpoint", "ws://b.example/"], /--endpoint "ws:\/\/b.example\/": Only http/],
  [[a, "--endpoint", plain], /--endpoint .*not encrypted/],
  [[a, "--endpoint", `${a}?token=s3cret`], /--endpoint "https:\/\/a.example\/events": .*already/],
  [[a, "--endpoint", "https://me:s3cret@b.example/"], /--endpoint "https:\/\/b.example\/": .*--header/],
  [[a, "--ws", "ws://a.example/"], /--ws: .*not encrypted/],
  [[a, "--ws", "https://a.example/"], /--ws: .*wss:/],
  [[a, "--ws", socket, "--ws-frames", "xml"], /--ws-frames "xml": wants one of auto, raw, json, sse, nchan/],
  [[a, "--ws-frames", "raw"], /--ws-frames needs --ws/],
  [[a, "--ws", socket, "--method", "POST"], /--ws: A WebSocket cannot carry/],
  [[a, "--endpoint", b, "--method", "POST"], /--endpoint: .*--repeat/],
  [["--base", a], /--base: Give a bare address/],
  [["--base", plain, "--method", "POST"], /--base: .*GET/],
  [["--base", plain, a], /--base .*"https:\/\/a.example\/events" is too many/],
  [["--base", plain, "--endpoint", a], /--base .*too many/],
  [[a, "--endpoint-header", "X-A: 1"], /--endpoint-header wants/],
  [[a, "--endpoint-header", "https://a.example/events X-A: 1"], /--endpoint-header wants/],
  [[a, "--endpoint-header", "https://a.example X-A"], /--endpoint-header wants/],
  [[a, "--endpoint-header", "https://b.example X-A: 1"], /https:\/\/b.example: none of the given addresses/],
  [[a, "--endpoint-header", "http://a.example X-A: 1"], /http:\/\/a.example: none of the given addresses/],
  [[a, "--endpoint", b, "--endpoint-header", "https://b.example X A: s3cret"], /--endpoint-header "X A": /],
  [[a, "--endpoint", b, "--endpoint-header", "https://b.example Host: s3cret"], /--endpoint-header "Host": /],
  [[a, "--endpoint-header", "@/not/there"], /--endpoint-header @\/not\/there/],
  [[a, "--policy", "/not/there"], /--policy \/not\/there: the file cannot be read/],
  [["--replay", "ring.json", a], /--replay .*"https:.*" is too many/],
  [["--replay", "ring.json", "--ws", socket], /--replay .*"--ws" is too many/],
  [["--replay", "ring.json", "--for", "1000"], /--replay .*"--for" is too many/],
  [["--replay", ""], /--replay/],
  [[a, "--record", ""], /--record/],
])("refuses %j", (args, says) => {
  expect(() => live(...args)).toThrow(says);
  expect(() => live(...args)).not.toThrow(/s3cret/);
});

it("replays a file without an address, and records where it is told", () => {
  const replay = planWatch(["--replay", "ring.json", "--pretty"], {});
  expect(replay).toMatchObject({ replay: "ring.json", plan: null, endpoint: null, pretty: true });
  expect(live(a, "--record", "ring.json")).toMatchObject({ replay: null, record: "ring.json" });
  expect(live(a).record).toBeNull();
});
