/** Invented diagnoses for the fake bridge: each outcome that there is, with figures as the probes measure them. */
import type { DiagnosisView, Finding, Params, StageName, StageView } from "../../preload/contract.ts";

const second = 1000;

export const stageNames: readonly StageName[] = [
  "network",
  "dns",
  "proxy",
  "tcp",
  "tls",
  "status",
  "content-type",
  "framing",
  "compression",
  "headers-time",
  "first-byte",
  "buffering",
  "heartbeat",
  "hold",
  "idle-cut",
  "resume",
  "http2",
  "websocket",
  "direct",
];

type Told = readonly [
  state: StageView["state"],
  code?: string,
  params?: Params,
  tookMs?: number | null,
  needsMs?: number,
];

/** Measured only when asked for. */
const onlyAsked: ReadonlySet<StageName> = new Set(["idle-cut", "direct"]);

function stages(
  told: Partial<Record<StageName, Told>>,
  otherwise: StageView["state"] = "skipped",
  why = "",
): StageView[] {
  return stageNames.map((stage) => {
    const [state, code, params = {}, tookMs = null, needsMs = null] = told[stage] ?? [
      otherwise,
      onlyAsked.has(stage) && why !== "" ? "not-asked" : why,
    ];
    return { stage, state, tookMs, result: code === undefined || code === "" ? null : { code, params }, needsMs };
  });
}

/** Undecided, and how long it would need. */
const waits = (needsMs: number): Told => ["undecided", "", {}, null, needsMs];

const coded = (code: string, params: Params = {}) => ({ code, params });

const reached: Partial<Record<StageName, Told>> = {
  network: ["ok", "online", {}, 1],
  dns: ["ok", "resolved", { addresses: 2, ms: 9.3 }, 9.3],
  proxy: ["ok", "none"],
  tcp: ["ok", "connected", { ms: 12.1 }, 12.1],
  tls: ["ok", "valid", { protocol: "TLSv1.3", issuer: "Harbour CA", days: 41 }, 24.2],
};

const streams: Partial<Record<StageName, Told>> = {
  ...reached,
  status: ["ok", "answered", { status: 200 }],
  "content-type": ["ok", "stream"],
  framing: ["ok", "chunked"],
  compression: ["ok", "none"],
  "headers-time": ["ok", "took", { ms: 38.4 }, 38.4],
  "first-byte": ["ok", "took", { ms: 1.2 }, 1.2],
  buffering: ["ok", "even", { count: 8, ms: 3.1 }],
  heartbeat: ["ok", "events", { ms: 1004.2 }],
  hold: ["ok", "held", { ms: 8012.3 }],
  "idle-cut": ["skipped", "not-asked"],
  resume: ["ok", "honoured"],
  http2: ["ok", "streams", { ms: 44.9 }],
  websocket: ["skipped", "not-offered", { status: 404 }],
  direct: ["skipped", "not-asked"],
};

function view(now: number, change: Partial<DiagnosisView>): DiagnosisView {
  return {
    target: "https://deploy.internal.example/deploys/stream",
    stream: "deploys",
    running: false,
    startedAt: now - 20 * second,
    elapsedMs: 11_800,
    requests: 9,
    stages: stages(streams),
    hops: [],
    verdict: "healthy",
    findings: [],
    proxyLatency: null,
    stopped: null,
    ...change,
  };
}

const nginxLines = (path: string) => `location ${path} {
    # … proxy_pass as it is …
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_buffering off;
    proxy_read_timeout 1h;
}
`;

const buffering: Finding = {
  code: "buffering",
  severity: "broken",
  confidence: 0.94,
  evidence: [
    coded("no-header", { ms: 10_000 }),
    coded("header-direct", { ms: 38.2 }),
    coded("product", { product: "nginx", confidence: 0.9 }),
  ],
  fix: { product: "nginx", text: nginxLines("/deploys/stream") },
  otherFixes: [
    { product: "origin", text: "X-Accel-Buffering: no\n" },
    { product: "haproxy", text: "defaults\n    option http-no-delay\n" },
    { product: "apache", text: "ProxyPass /deploys/stream http://127.0.0.1:8080/deploys/stream flushpackets=on\n" },
    { product: "varnish", text: 'if (req.url ~ "^/deploys/stream") {\n    return (pipe);\n}\n' },
  ],
};

const idleCut: Finding = {
  code: "idle-cut",
  severity: "degraded",
  confidence: 0.41,
  evidence: [coded("product", { product: "nginx", confidence: 0.9 }), coded("no-comments")],
  fix: { product: "nginx", text: "proxy_read_timeout 1h;\n" },
  otherFixes: [{ product: "origin", text: ": heartbeat\n\n" }],
};

const noRoute: Finding = {
  code: "no-route",
  severity: "broken",
  confidence: 0.95,
  evidence: [
    coded("answered", { status: 404 }),
    coded("own-words", { product: "pingora" }),
    coded("answered-after", { ms: 100 }),
  ],
  fix: {
    product: "pingora",
    text: 'if session.req_header().uri.path().starts_with("/v1/telemetry") {\n    return Ok(Box::new(peer));\n}\n',
  },
  otherFixes: [
    {
      product: "holdfast-gateway",
      text: '[[routes]]\npath_prefix = "/v1/telemetry"\nupstream = "sse_backend"\ntimeout = 0\n',
    },
    { product: "nginx", text: nginxLines("/v1/telemetry") },
    { product: "caddy", text: "handle /v1/telemetry* {\n    reverse_proxy 127.0.0.1:8080\n}\n" },
  ],
};

const squid = {
  product: "squid",
  version: "5.7",
  role: "forward",
  confidence: 0.97,
  evidence: [coded("via", { said: "1.1 proxy.corp.example (squid/5.7)" })],
} as const;
const nginx = {
  product: "nginx",
  version: "1.22.1",
  role: "reverse",
  confidence: 0.9,
  evidence: [coded("server", { said: "nginx/1.22.1" })],
} as const;
const pingora = {
  product: "pingora",
  version: null,
  role: "gateway",
  confidence: 0.95,
  evidence: [coded("server", { said: "Pingora" }), coded("own-error", { status: 404 })],
} as const;

/** By name; `now` is when the picture is taken. */
export function fakeDiagnoses(now: number) {
  return {
    /** nginx keeps everything back, behind a forward proxy that is innocent. */
    mute: view(now, {
      stages: stages({
        ...streams,
        dns: ["skipped", "by-proxy"],
        proxy: ["ok", "tunnel", { kind: "http", ms: 12.4 }, 12.4],
        tcp: ["skipped", "by-proxy"],
        status: ["failed", "error-headers-timeout"],
        "content-type": ["skipped", "not-reached"],
        framing: ["skipped", "not-reached"],
        compression: ["skipped", "not-reached"],
        "headers-time": ["failed", "none", { ms: 10_000 }],
        "first-byte": ["undecided", "none", { ms: 10_000 }, null, 45_000],
        buffering: ["warning", "held", { events: 37, bytes: 4104 }],
        heartbeat: ["undecided", "silent", { ms: 10_000 }, null, 45_000],
        resume: ["skipped", "not-reached"],
        http2: ["skipped", "not-offered"],
        direct: ["ok", "compared", { ms: 38.2 }, 38.2],
      }),
      hops: [
        { ...squid, evidence: [...squid.evidence] },
        { ...nginx, evidence: [...nginx.evidence] },
      ],
      verdict: "broken",
      requests: 15,
      findings: [buffering, idleCut],
    }),
    /** A gateway that knows no such path. */
    noRoute: view(now, {
      target: "https://edge-2.example/v1/telemetry",
      stream: "edge",
      elapsedMs: 640,
      requests: 4,
      stages: stages({ ...reached, status: ["failed", "other", { status: 404 }] }, "skipped", "not-reached"),
      hops: [{ ...pingora, evidence: [...pingora.evidence] }],
      verdict: "broken",
      findings: [noRoute],
    }),
    /** Everything that could be checked is good, and it is known what the way costs. */
    healthy: view(now, {
      target: "https://api.shop.example/v1/orders/stream",
      stream: "orders",
      hops: [{ ...nginx, evidence: [...nginx.evidence] }],
      proxyLatency: { ms: 31, by: "server-timing" },
    }),
    /** Nobody shows himself, and the silence was too short to tell. */
    undecided: view(now, {
      target: "https://stock.example/levels",
      stream: "stock",
      verdict: "undecided",
      stages: stages({
        ...streams,
        buffering: ["undecided", "unclear", { count: 1 }, null, 45_000],
        heartbeat: ["undecided", "silent", { ms: 10_000 }, null, 45_000],
        "idle-cut": waits(90_000),
        resume: ["undecided", "unclear", {}, null, 45_000],
      }),
    }),
    running: view(now, {
      running: true,
      verdict: null,
      startedAt: now - 3 * second,
      elapsedMs: 3000,
      requests: 3,
      stages: stages(
        {
          ...reached,
          status: ["ok", "answered", { status: 200 }],
          "content-type": ["ok", "stream"],
          framing: ["ok", "chunked"],
          compression: ["ok", "none"],
          "headers-time": ["ok", "took", { ms: 38.4 }, 38.4],
          "first-byte": ["running"],
        },
        "pending",
      ),
    }),
    cancelled: view(now, {
      verdict: "undecided",
      elapsedMs: 4100,
      requests: 4,
      stages: stages({ ...reached, status: ["ok", "answered", { status: 200 }] }, "skipped", "not-reached"),
      stopped: coded("cancelled") as NonNullable<DiagnosisView["stopped"]>,
    }),
    /** A chain of two; the time was up before everything was told. */
    budget: view(now, {
      verdict: "degraded",
      elapsedMs: 15_000,
      requests: 20,
      hops: [
        { ...nginx, evidence: [...nginx.evidence] },
        { ...pingora, confidence: 0.6, evidence: [] },
      ],
      stages: stages({
        ...streams,
        buffering: ["warning", "held", { events: 2, bytes: 310 }],
        resume: waits(12_000),
        http2: waits(3000),
      }),
      findings: [idleCut],
      stopped: coded("budget") as NonNullable<DiagnosisView["stopped"]>,
    }),
  } satisfies Record<string, DiagnosisView>;
}

export type FakeDiagnosis = keyof ReturnType<typeof fakeDiagnoses>;

/** A report as main would write it. */
export function fakeReport(kind: "markdown" | "json", { target, verdict, findings, hops }: DiagnosisView): string {
  const masked = target.replace(/\/\/[^/]+/, "//host-1");
  if (kind === "json") {
    const found = findings.map(({ code, confidence, evidence, fix }) => ({ code, confidence, evidence, fix }));
    return `${JSON.stringify({ target: masked, verdict, hops, findings: found }, null, 2)}\n`;
  }
  return [
    "# Holdfast diagnosis",
    "",
    `- target: ${masked}`,
    `- verdict: ${verdict}`,
    "",
    "## Path",
    "",
    ...hops.map(({ product, version, confidence }, at) => `${at + 1}. ${product} ${version ?? ""} (${confidence})`),
    "",
    "## Findings",
    "",
    ...findings.map(({ code, confidence, fix }) => `### ${code} (${confidence})\n\n\`\`\`\n${fix.text}\`\`\``),
    "",
  ].join("\n");
}
