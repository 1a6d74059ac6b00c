/** The report of a diagnosis as text, line by line: what is said, what is left out, and when. */
import { expect, it } from "vitest";
import { evidenceText, json, markdown, reportJson, type Speak } from "../../main/core/diagnosis/report.ts";
import type { DiagnosisView, StageView } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";

const en = words("en") as Speak;

const stage = (name: StageView["stage"], more: Partial<StageView> = {}): StageView => ({
  stage: name,
  state: "ok",
  tookMs: null,
  result: null,
  needsMs: null,
  ...more,
});

const status = (code: number, state: StageView["state"] = "ok") =>
  stage("status", { state, result: { code: state === "ok" ? "answered" : "other", params: { status: code } } });

const healthy: DiagnosisView = {
  target: "http://h.example/events",
  stream: null,
  running: false,
  startedAt: 0,
  elapsedMs: 1234,
  requests: 1,
  stages: [status(200), stage("hold", { result: { code: "held", params: { ms: 8000 } } })],
  hops: [],
  verdict: "healthy",
  findings: [],
  proxyLatency: null,
  stopped: null,
};

const broken: DiagnosisView = {
  ...healthy,
  requests: 2,
  stages: [
    status(404, "failed"),
    stage("framing", { state: "skipped", result: { code: "not-reached", params: {} } }),
    stage("heartbeat", { state: "undecided", result: { code: "silent", params: { ms: 8500 } }, needsMs: 60_000 }),
    stage("resume", { state: "pending" }),
  ],
  hops: [
    {
      product: "nginx",
      version: "1.22.1",
      role: "reverse",
      confidence: 0.97,
      evidence: [
        { code: "own-page", params: { status: 404 } },
        { code: "server", params: { said: "nginx/1.22.1" } },
      ],
    },
    { product: "unknown", version: null, role: "forward", confidence: 0.99, evidence: [] },
  ],
  verdict: "broken",
  findings: [
    {
      code: "no-route",
      severity: "broken",
      confidence: 0.95,
      evidence: [
        { code: "answered", params: { status: 404 } },
        { code: "own-words", params: { product: "nginx" } },
      ],
      fix: { product: "nginx", text: "location /events {\n}" },
      otherFixes: [{ product: "caddy", text: "handle" }],
    },
    {
      code: "cut",
      severity: "broken",
      confidence: 0.5,
      evidence: [{ code: "ended-reset", params: {} }],
      fix: { product: "origin", text: "restart" },
      otherFixes: [],
    },
  ],
  proxyLatency: { ms: 1.5, by: "server-timing" },
};

it("says in a few lines what is well", () => {
  const text = `# Holdfast diagnosis

- Verdict: **Healthy** (held for 8 s)
- Target: \`http://h.example/events\`
- 1.2 s, 1 request of at most 20
- Added by the path: not measurable

## Path

1. this computer
2. no proxy has shown itself
3. origin

## Likely causes

None of the known causes shows.

## Stages

- Status: ok, 200
- Held open: ok, Held for 8 s; a limit that is longer than this shows only later
`;
  expect(markdown(healthy, en, "")).toBe(text);
});

it("says what is broken, by whom, what shows it and what to change", () => {
  const text = `# Holdfast diagnosis

- Verdict: **Broken**
- Target: \`http://h.example/events\`
- When: today
- 1.2 s, 2 requests of at most 20
- Added by the path: 1.5 ms (by the gateway's own word)

## Path

1. this computer
2. nginx 1.22.1 (reverse proxy, confidence 97%): its own page for 404; Server: nginx/1.22.1
3. an unknown program (forward proxy, confidence 99%)
4. origin

## Likely causes

### 1. The gateway has no route for this path (\`no-route\`, confidence 95%)

A proxy answers by itself: none of its rules sends this path to the origin.

- status 404
- the answer is nginx’s own

Change for nginx:

\`\`\`
location /events {
}
\`\`\`

### 2. The stream is cut in the middle (\`cut\`, confidence 50%)

The connection goes while events flow: a restart, a crash, or a limit on the way.

- the connection was reset

Change for Origin:

\`\`\`
restart
\`\`\`

## Stages

- Status: failed, 404
- Framing: skipped, Not looked at: the answer is an error
- Heartbeat: undecided, Silent for 8.5 s; needs 60 s
- Resume: pending

One path was asked for on purpose that no route should have, so that gateways show themselves.
`;
  expect(markdown(broken, en, "today")).toBe(text);
});

it.each<[string, Partial<DiagnosisView>, string]>([
  ["is that of a stream that was not held", { stages: [status(200)] }, "- Verdict: **Healthy**"],
  ["does not say how long a stream was held that is not well", { verdict: "degraded" }, "- Verdict: **Degraded**"],
  ["is undecided while there is none", { verdict: null }, "- Verdict: **Undecided**"],
])("the verdict %s", (_what, more, line) => {
  expect(markdown({ ...healthy, ...more }, en, "").split("\n")[2]).toBe(line);
});

it.each(["cancelled", "budget", "requests"] as const)("says why it was stopped: %s", (code) => {
  const said = { cancelled: "Cancelled before", budget: "Time ran out", requests: "20 requests were made" }[code];
  expect(markdown({ ...healthy, stopped: { code, params: {} } }, en, "").split("\n")[6]).toContain(said);
});

it.each<[string, StageView[], string]>([
  ["an error", [status(400, "failed")], "Not looked at: the answer is an error"],
  ["no error", [status(399, "failed")], "Not reached"],
  [
    "another type",
    [status(200), stage("content-type", { state: "failed" })],
    "Not looked at: the answer is no event stream",
  ],
  ["a stream", [status(200), stage("content-type")], "Not reached"],
  ["nothing yet", [stage("status", { state: "pending" })], "Not reached"],
  ["nothing at all", [], "Not reached"],
])("says why nobody looked behind %s", (_what, stages, why) => {
  const framing = stage("framing", { state: "skipped", result: { code: "not-reached", params: {} } });
  expect(markdown({ ...healthy, stages: [...stages, framing] }, en, "")).toContain(`- Framing: skipped, ${why}\n`);
});

it("calls a product as it calls itself, also in evidence", () => {
  expect(evidenceText(en, { code: "own-words", params: { product: "haproxy" } })).toBe("the answer is HAProxy’s own");
  expect(evidenceText(en, { code: "answered", params: { status: 404 } })).toBe("status 404");
});

it("says the same to programs, with a verdict in any case", () => {
  expect(JSON.parse(json(broken))).toEqual({
    target: broken.target,
    verdict: "broken",
    hops: broken.hops,
    findings: broken.findings,
    stages: broken.stages,
    requests: 2,
    elapsedMs: 1234,
    proxyLatency: broken.proxyLatency,
    stopped: null,
  });
  expect(json(broken).endsWith("}\n")).toBe(true);
  expect(reportJson({ ...broken, verdict: null })["verdict"]).toBe("undecided");
});
