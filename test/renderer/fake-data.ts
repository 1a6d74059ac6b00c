/** Invented streams, rows and history for the fake bridge: every state, long names, odd text. The same numbers every time. */
import type {
  Beat,
  Bucket,
  Endpoint,
  EventDetail,
  HistorySummary,
  Keeping,
  PolicySettings,
  Retention,
  Row,
  SettingsView,
  StreamView,
} from "../../preload/contract.ts";

/** A small seeded generator (mulberry32): pictures and tests must not change from run to run. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const second = 1000;
const minute = 60 * second;

function beats(pattern: string): Beat[] {
  const kinds: Record<string, Beat> = { g: "good", p: "poor", d: "down", a: "asleep", o: "offline", u: "paused" };
  return [...pattern].map((letter) => kinds[letter] ?? "none");
}

/** A stream that is live; `change` makes it something else. */
export function fakeStream(id: string, name: string, change: Partial<StreamView>, now: number): StreamView {
  const address = `https://api.shop.example/v1/${id}/stream`;
  const endpoint = change.address ?? address;
  return {
    id,
    name,
    address,
    endpoint,
    proxy: null,
    candidates: [{ address: endpoint, transport: "sse", standing: "used" }],
    ordered: true,
    duplicates: 0,
    retryRule: null,
    retryAskedMs: null,
    origin: "https://api.shop.example",
    encrypted: true,
    source: "settings",
    phase: "open",
    health: "live",
    transport: "sse",
    attempt: 0,
    failure: null,
    retryAt: null,
    retryDelayMs: null,
    openedAt: now - 134 * minute,
    lastByteAt: now - 3 * second,
    lastEventAt: now - 3 * second,
    downSince: null,
    rhythmMs: 15 * second,
    idleTimeoutMs: 45 * second,
    headersMs: 38,
    path: { hops: [], idleCutMs: null, renews: false },
    server: "nginx",
    httpVersion: "1.1",
    lastEventId: "88416",
    grade: "EXCELLENT",
    events: 5000,
    bytes: 2_400_000,
    beats: beats("gggggggggpggggdggggggggg"),
    journal: "ok",
    ...change,
  };
}

const closed = { health: null, openedAt: null } as const;

/** All nine states. */
export function fakeStreams(now: number, zh: boolean): StreamView[] {
  const make = (id: string, en: string, chinese: string, change: Partial<StreamView>): StreamView =>
    fakeStream(id, zh ? chinese : en, change, now);
  return [
    make("orders", "Orders · EU", "订单 · 欧洲", {}),
    make("payments", "Payments ledger", "支付流水", {
      lastByteAt: now - 300,
      events: 128_400,
      beats: beats("gggggggggggggggggggggggg"),
    }),
    make("stock", "Stock levels", "库存变动", {
      health: "silent",
      lastByteAt: now - 41 * second,
      grade: "GOOD",
      events: 377,
      beats: beats("gggggggggggggggggggggpgg"),
    }),
    make("deploys", "Deploy feed", "发布动态", {
      health: "held",
      lastByteAt: now - 48 * second,
      openedAt: now - 48 * second,
      grade: "FAIR",
      events: 0,
      lastEventId: "",
      beats: beats("ggggggggggggggggggggpppp"),
    }),
    make("edge", "Edge telemetry", "边缘遥测", {
      ...closed,
      phase: "waiting",
      attempt: 4,
      address: "http://edge-2.example/telemetry/warehouses/north/cold-aisle/sensors/stream",
      origin: "http://edge-2.example",
      encrypted: false,
      failure: {
        family: "PROXY",
        kind: "ended",
        status: null,
        final: false,
        params: { afterMs: 60_000, host: "edge-2.example" },
      },
      retryAt: now + 7 * second,
      retryDelayMs: 12 * second,
      retryRule: "family",
      lastByteAt: now - 65 * second,
      downSince: now - 5 * second,
      grade: "FAIR",
      events: 96_220,
      lastEventId: "40890",
      beats: beats("gpgdgggpdggpgdggpgdggpgd"),
    }),
    make("ci", "CI · holdfast/main", "CI · holdfast/main", {
      ...closed,
      phase: "connecting",
      attempt: 2,
      lastByteAt: now - 22 * second,
      failure: { family: "NETWORK", kind: "reset", status: null, final: false, params: {} },
      events: 812,
      beats: beats("ggggggggggggggggggggggdp"),
    }),
    make("alerts", "Alerts · prod", "告警 · 生产环境", {
      ...closed,
      phase: "offline",
      downSince: now - 18 * minute,
      lastByteAt: now - 18 * minute,
      events: 64,
      beats: beats("gggggggoooggggggoooooooo"),
    }),
    make("home", "Home sensors", "家庭传感器", {
      ...closed,
      phase: "offline",
      downSince: now - 2 * minute,
      events: 21_006,
      beats: beats("ggggggggggggaaaaaaaaaaaa"),
    }),
    make("ntfy", "ntfy · backups", "ntfy · 备份", {
      ...closed,
      phase: "idle",
      events: 31,
      grade: "UNKNOWN",
      journal: "off",
      beats: beats("gggggggggggguuuuuuuuuuuu"),
    }),
    make("legacy", "Legacy notices of the northern warehouse", "北区仓库的旧版通知系统", {
      ...closed,
      phase: "halted",
      failure: { family: "AUTH", kind: "unauthorized", status: 401, final: true, params: { host: "legacy.example" } },
      downSince: now - 26 * minute,
      lastByteAt: now - 26 * minute,
      grade: "POOR",
      events: 1204,
      beats: beats("ggggggpppddddddddd"),
    }),
  ];
}

const people = [
  "R. Whitlock",
  "K. Lindqvist",
  "M. Okafor",
  "J. Ferreira",
  "A. Novák",
  "Nordlicht GmbH",
  "林可",
  "哈达德",
];
const types = ["order.created", "order.paid", "order.shipped", "stock.low", "order.refunded", "message"];

function dataOf(random: () => number, at: number, number: number): { type: string; data: string } {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() ** 1.6 * list.length)] as T;
  const type = pick(types);
  const data = {
    order: `O-2026-${118_000 + number}`,
    status: type.split(".").at(-1),
    customer: { name: pick(people), country: pick(["NL", "DE", "CN", "FR"]), since: 2015 + Math.floor(random() * 11) },
    total: Math.round(random() * 240_000) / 100,
    currency: "EUR",
    items: Array.from({ length: 1 + Math.floor(random() * 4) }, (_, item) => ({
      sku: `KLP-${100 + item}`,
      quantity: 1 + item,
    })),
    captured: random() > 0.5,
    risk: null,
    placed_at: new Date(at - 647).toISOString(),
  };
  return { type, data: JSON.stringify(data) };
}

/** Ids go on over the two marks of the cut as if these had no place in the journal: what is asked from comes right before the replay. */
const idOf = (seq: number, left: number): string => String(83_416 + seq + (left > 14 ? 2 : 0));

/** Rows that end now, oldest first, with a cut and a replay near the end. */
export function fakeRows(count: number, now: number): { rows: Row[]; data: Map<number, string> } {
  const random = randomFrom(7);
  const rows: Row[] = [];
  const data = new Map<number, string>();
  let at = now - count * 4000;
  for (let seq = 1; seq <= count; seq++) {
    const left = count - seq;
    const gapMs = left === 12 ? 61_400 : Math.round(random() ** 3 * 14_000);
    at = Math.min(now - left, at + gapMs);
    if (left === 13 || left === 14) {
      rows.push(
        left === 14
          ? {
              kind: "mark",
              seq,
              at,
              mark: "lost",
              failure: { family: "PROXY", kind: "ended", status: null, final: false, params: { afterMs: 60_000 } },
              params: { openMs: 8_040_000, sinceByteMs: 60_000, retryInMs: 700, rule: "family", attempt: 1 },
            }
          : {
              kind: "mark",
              seq,
              at,
              mark: "opened",
              failure: null,
              params: { afterMs: 800, askedFrom: idOf(seq - 2, left + 2), headersMs: 41 },
            },
      );
      continue;
    }
    const made = dataOf(random, at, seq);
    data.set(seq, made.data);
    rows.push({
      kind: "event",
      seq,
      at,
      gapMs: seq === 1 ? null : gapMs,
      type: made.type,
      id: idOf(seq, left),
      preview: made.data.slice(0, 240),
      bytes: new TextEncoder().encode(made.data).length,
      generation: left > 13 ? 6 : 7,
      flags: left < 13 && left > 9 ? ["replayed"] : [],
    });
  }
  return { rows, data };
}

/** The detail of a row. */
export function fakeDetail(row: Extract<Row, { kind: "event" }>, data: string): EventDetail {
  return {
    seq: row.seq,
    stream: "orders",
    endpoint: "https://api.shop.example/v1/orders/stream",
    transport: "sse",
    generation: row.generation,
    id: row.id,
    lastEventId: row.id ?? "",
    type: row.type,
    data,
    cut: false,
    bytes: row.bytes,
    receivedAt: row.at,
    flags: row.flags,
  };
}

const spans = {
  "1h": { count: 60, spanMs: minute },
  "24h": { count: 96, spanMs: 15 * minute },
  "7d": { count: 168, spanMs: 60 * minute },
  "90d": { count: 90, spanMs: 24 * 60 * minute },
} as const;

/** A history with nights asleep, a bad patch and a pause. */
export function fakeHistory(span: keyof typeof spans, now: number): Bucket[] {
  const { count, spanMs } = spans[span];
  const random = randomFrom(11);
  const end = Math.ceil(now / spanMs) * spanMs;
  return Array.from({ length: count }, (_, index) => {
    const share = index / count;
    const asleep = share % 0.33 < 0.06;
    const bad = share > 0.62 && random() < 0.22;
    const beat: Beat =
      share < 0.04
        ? "none"
        : asleep
          ? "asleep"
          : share > 0.48 && share < 0.51
            ? "paused"
            : share > 0.3 && share < 0.32
              ? "offline"
              : bad
                ? random() < 0.4
                  ? "down"
                  : "poor"
                : "good";
    const up = beat === "good" || beat === "poor" || beat === "down";
    const downMs = beat === "down" ? spanMs * 0.3 : beat === "poor" ? spanMs * 0.05 : 0;
    return {
      at: end - (count - index) * spanMs,
      spanMs,
      beat,
      openMs: up ? spanMs - downMs : 0,
      downMs,
      pausedMs: beat === "paused" ? spanMs : 0,
      asleepMs: beat === "asleep" ? spanMs : 0,
      offlineMs: beat === "offline" ? spanMs : 0,
      notRunningMs: beat === "none" ? spanMs : 0,
      attempts: up ? (bad ? 4 : random() < 0.3 ? 1 : 0) : 0,
      failures: beat === "down" ? 3 : beat === "poor" ? 1 : 0,
      gaps: beat === "down" ? 1 : 0,
      events: up ? Math.round(random() * 240) : 0,
      bytes: up ? Math.round(random() * 90_000) : 0,
      headersMs: up ? Math.round((bad ? 90 : 34) + random() * 30) : null,
    };
  });
}

/** What the history above amounts to. */
export function fakeSummary(span: keyof typeof spans, now: number): HistorySummary {
  const buckets = fakeHistory(span, now);
  const sum = (pick: (bucket: Bucket) => number): number => buckets.reduce((total, bucket) => total + pick(bucket), 0);
  const coveredMs = sum(({ spanMs }) => spanMs);
  const [attempts, failures] = [sum((bucket) => bucket.attempts), sum((bucket) => bucket.failures)];
  return {
    coveredMs,
    openShare: sum(({ openMs }) => openMs) / coveredMs,
    downShare: sum(({ downMs }) => downMs) / coveredMs,
    asleepShare: sum(({ asleepMs }) => asleepMs) / coveredMs,
    offlineShare: sum(({ offlineMs }) => offlineMs) / coveredMs,
    pausedShare: sum(({ pausedMs }) => pausedMs) / coveredMs,
    notRunningShare: sum(({ notRunningMs }) => notRunningMs) / coveredMs,
    successRate: (attempts - failures / 2) / attempts,
    meanIntervalMs: sum(({ openMs, downMs }) => openMs + downMs) / attempts,
    recoveryP50Ms: 8400,
    recoveryMaxMs: 612_000,
    sessions: [
      { fromMs: 28_284, toMs: 29_966, count: 2 },
      { fromMs: 58_291, toMs: 61_757, count: 31 },
      { fromMs: 97_995, toMs: 103_822, count: 4 },
    ],
    gaps: sum((bucket) => bucket.gaps),
  };
}

/** An endpoint as the settings file holds it. */
export function fakeEndpoint(id: string, name: string, change: Partial<Endpoint> = {}): Endpoint {
  return {
    id,
    name,
    url: `https://api.shop.example/v1/${id}/stream`,
    method: "GET",
    body: "",
    headers: [],
    credential: { kind: "none" },
    group: [],
    websocket: null,
    discover: false,
    balance: false,
    lastEventId: "",
    connectTimeoutMs: 10_000,
    headersTimeoutMs: 15_000,
    idleTimeoutMs: null,
    proxy: { mode: "app", url: "", username: "" },
    keep: "all",
    retention: { days: null, events: null, mebibytes: null },
    paused: false,
    notify: { on: false, types: [], contains: "" },
    ...change,
  };
}

/** The defaults of reconnecting. */
export const fakePolicy: PolicySettings = {
  NETWORK: { firstMs: 5000, capMs: 300_000, factor: 1.5, attempts: 8 },
  AUTH: { firstMs: 30_000, capMs: 600_000, factor: 2, attempts: 5 },
  SERVER: { firstMs: 10_000, capMs: 180_000, factor: 1.8, attempts: 6 },
  PROXY: { firstMs: 15_000, capMs: 900_000, factor: 2.5, attempts: 4 },
  resetAfterMs: 60_000,
  strict: false,
};

/** The defaults of how much is kept. */
export const fakeRetention: Retention = { days: 366, events: 10_000_000, mebibytes: 4096 };

/** A stream of which nearly nothing is lost. */
export const fakeKeeping = (now: number): Keeping => ({
  kept: { records: 128_400, bytes: 31_400_000, oldestAt: now - 61 * 86_400_000 },
  retention: fakeRetention,
  waiting: { bytes: 12_400, mostBytes: 17_200_000, limitBytes: 16_777_216, pauses: 3 },
  oversized: { events: 1, limitBytes: 8_388_608 },
  unsaved: 0,
  types: { named: 12, limit: 500, beyond: 0 },
});

/** Settings with the endpoints of some streams. */
export function fakeSettings(streams: readonly StreamView[]): SettingsView {
  return {
    general: {
      language: "system",
      theme: "system",
      closeToTray: true,
      closeExplained: false,
      notifications: true,
      stats: { on: true, port: 9465 },
      retention: fakeRetention,
      policy: fakePolicy,
      proxy: { mode: "system", url: "", username: "" },
    },
    policyDefaults: fakePolicy,
    retentionDefaults: fakeRetention,
    endpoints: streams.map(({ id, name }) =>
      id === "edge"
        ? fakeEndpoint(id, name, {
            url: "http://edge-2.example/telemetry/warehouses/north/cold-aisle/sensors/stream",
            credential: { kind: "bearer" },
            headers: [
              { name: "X-Region", value: "eu-central", secret: false },
              { name: "X Trace", value: "holdfast-desktop", secret: false },
              { name: "Cookie", value: "", secret: true },
            ],
            notify: { on: true, types: ["node.down"], contains: "" },
          })
        : id === "payments"
          ? fakeEndpoint(id, name, {
              credential: { kind: "command", argv: ["/usr/local/bin/shop-token", "--for", "payments \u202e2"] },
              group: [
                {
                  url: "https://api-2.shop.example/v1/payments/stream",
                  headers: [
                    { name: "X-Region", value: "eu-west", secret: false },
                    { name: "X-Api-Key", value: "", secret: true },
                  ],
                },
                { url: "https://backup.shop.example:8443/payments", headers: [] },
              ],
              websocket: {
                url: "wss://api.shop.example/v1/payments/socket",
                frames: "json",
                resumeQuery: "after",
                headers: [],
              },
              balance: true,
            })
          : fakeEndpoint(id, name),
    ),
    sources: { "general.stats.port": "policy" },
    problems: [],
    secrets: { kept: "keyring", backend: "GNOME Keyring" },
    known: [
      "edge/credential",
      "edge/header:Cookie",
      "payments/group:https://api-2.shop.example/v1/payments/stream:header:x-api-key",
    ],
  };
}
