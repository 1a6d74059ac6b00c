/**
 * Invented changes of a stream with several ways, for tests and pictures. Each is a function of the time alone and names nothing
 * outside itself: the pictures carry its text into the page.
 */
import type { Row, StreamView } from "../../preload/contract.ts";

type Change = (now: number) => Partial<StreamView>;

const second: Change = (now) => ({
  openedAt: now - 754_000,
  endpoint: "https://eu-2.shop.example/v1/orders/stream",
  candidates: [
    { address: "https://api.shop.example/v1/orders/stream", transport: "sse", standing: "failing" },
    { address: "https://eu-2.shop.example/v1/orders/stream", transport: "sse", standing: "used" },
    { address: "https://eu-3.shop.example/v1/orders/stream", transport: "sse", standing: "ready" },
    { address: "wss://api.shop.example/v1/orders/socket", transport: "websocket", standing: "ready" },
  ],
  proxy: "proxy.office.example:3128",
  duplicates: 3,
});

const proxied: Change = (now) => ({
  openedAt: now - 754_000,
  path: {
    hops: [
      { product: "nginx", name: "nginx", confidence: 0.98 },
      { product: "varnish", name: "Varnish", confidence: 0.95 },
    ],
    idleCutMs: 60_000,
    renews: true,
  },
});

const websocket: Change = (now) => ({
  openedAt: now - 96_000,
  lastByteAt: now - 1000,
  transport: "websocket",
  endpoint: "wss://api.shop.example/v1/orders/socket",
  grade: "GOOD",
  candidates: [
    { address: "https://api.shop.example/v1/orders/stream", transport: "sse", standing: "mute" },
    { address: "https://eu-2.shop.example/v1/orders/stream", transport: "sse", standing: "out" },
    { address: "wss://api.shop.example/v1/orders/socket", transport: "websocket", standing: "used" },
  ],
  duplicates: 1,
});

const next: Change = (now) => ({
  phase: "waiting",
  health: null,
  openedAt: null,
  attempt: 1,
  failure: {
    family: "NETWORK",
    kind: "refused",
    status: null,
    final: false,
    params: { host: "api.shop.example:443", code: "ECONNREFUSED" },
  },
  retryAt: now + 1900,
  retryDelayMs: 1900,
  retryRule: "next-candidate",
  downSince: now - 100,
  endpoint: "https://eu-2.shop.example/v1/orders/stream",
  candidates: [
    { address: "https://api.shop.example/v1/orders/stream", transport: "sse", standing: "failing" },
    { address: "https://eu-2.shop.example/v1/orders/stream", transport: "sse", standing: "used" },
  ],
});

const floor: Change = (now) => ({
  phase: "waiting",
  health: null,
  openedAt: null,
  attempt: 2,
  failure: { family: "PROXY", kind: "unavailable", status: 503, final: false, params: { status: 503 } },
  retryAt: now + 104_000,
  retryDelayMs: 131_000,
  retryRule: "floor",
  retryAskedMs: 120_000,
  downSince: now - 40_000,
  lastByteAt: now - 41_000,
});

const planned: Change = (now) => ({
  phase: "waiting",
  health: null,
  openedAt: null,
  failure: { family: "PLANNED", kind: "planned", status: null, final: false, params: {} },
  retryAt: now + 4000,
  retryDelayMs: 5200,
  retryRule: "planned",
  lastByteAt: now - 2000,
});

const parked: Change = (now) => ({
  phase: "waiting",
  health: null,
  openedAt: null,
  attempt: 14,
  grade: "POOR",
  failure: {
    family: "NETWORK",
    kind: "connect-timeout",
    status: null,
    final: false,
    params: { afterMs: 10_000, host: "eu-3.shop.example:443" },
  },
  retryAt: now + 47_000,
  retryDelayMs: 58_000,
  retryRule: "outage",
  downSince: now - 640_000,
  lastByteAt: now - 641_000,
  endpoint: "https://eu-3.shop.example/v1/warehouses/north/cold-aisle/orders/stream",
  candidates: [
    { address: "https://api.shop.example/v1/orders/stream", transport: "sse", standing: "parked" },
    { address: "https://eu-2.shop.example/v1/orders/stream", transport: "sse", standing: "parked" },
    {
      address: "https://eu-3.shop.example/v1/warehouses/north/cold-aisle/orders/stream",
      transport: "sse",
      standing: "used",
    },
    { address: "wss://api.shop.example/v1/orders/socket", transport: "websocket", standing: "parked" },
  ],
});

export const fakeWays = { second, proxied, websocket, next, floor, planned, parked };

/** Marks of a day on which everything moved: on to another address, over to WebSocket, and back. */
export function fakeMoves(now: number): Row[] {
  const sse = (nth: string) => `https://${nth}.shop.example/v1/orders/stream`;
  const mute = { family: "PROXY", kind: "mute", status: null, final: false, params: { afterMs: 15_000 } } as const;
  const refused = { family: "NETWORK", kind: "refused", status: null, final: false, params: {} } as const;
  const ended = { family: "PLANNED", kind: "planned", status: null, final: false, params: {} } as const;
  const busy = { family: "PROXY", kind: "unavailable", status: 503, final: false, params: { status: 503 } } as const;
  const marks: Pick<Extract<Row, { kind: "mark" }>, "mark" | "failure" | "params">[] = [
    { mark: "lost", failure: refused, params: { retryInMs: 700, rule: "next-candidate" } },
    {
      mark: "opened",
      failure: null,
      params: { afterMs: 900, askedFrom: "88416", headersMs: 44, endpoint: sse("eu-2"), place: 2, move: "failover" },
    },
    {
      mark: "opened",
      failure: null,
      params: { afterMs: 62, askedFrom: "88420", headersMs: 39, endpoint: sse("api"), place: 1, move: "failback" },
    },
    { mark: "lost", failure: ended, params: { openMs: 3_600_000, sinceByteMs: 20, retryInMs: 2400, rule: "planned" } },
    { mark: "opened", failure: null, params: { afterMs: 2460, headersMs: 41, endpoint: sse("api"), place: 1 } },
    { mark: "lost", failure: busy, params: { openMs: 31_000, sinceByteMs: 0, retryInMs: 33_000, rule: "floor" } },
    {
      mark: "lost",
      failure: mute,
      params: { openMs: 15_000, sinceByteMs: 15_000, retryInMs: 800, rule: "next-candidate" },
    },
    {
      mark: "opened",
      failure: null,
      params: {
        afterMs: 16_000,
        askedFrom: "88420",
        headersMs: 52,
        endpoint: "wss://api.shop.example/v1/orders/socket",
        place: 3,
        move: "fallback",
      },
    },
    { mark: "gap", failure: null, params: { reason: "ids-missing", from: "88420", to: "88424", missing: 3 } },
  ];
  return marks.map((mark, at) => ({ kind: "mark", seq: 91_000 + at, at: now - 9000 + at * 1000, ...mark }));
}
