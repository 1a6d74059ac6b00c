/** A socket to the target by the route, with what each step of the way measured. It sends nothing but what a proxy wants. */
import { lookup } from "node:dns/promises";
import { isIP, type Socket } from "node:net";
import type { Facts } from "../../core/diagnosis/facts.ts";
import { connect, socks } from "./connect.ts";
import type { Meter } from "./meter.ts";
import { hostOf, isTunnelled, type ProbeRoute, portOf, proxyServer } from "./route.ts";
import { kindOf, reach, secure } from "./socket-steps.ts";

/** As the connection itself waits for TCP and TLS (connection-state.ts), but for a user who looks on, ms. */
const stepMs = 5000;

export type Way = Partial<Pick<Facts, "dns" | "proxy" | "tcp" | "tls">>;

export type Dialled = {
  /** null: a step failed, and the way says which. */
  readonly socket: Socket | null;
  readonly way: Way;
  readonly alpn: string;
};

/** @param tell hears of each step when it is done */
export async function dial(
  target: URL,
  route: ProbeRoute,
  meter: Meter,
  tell: (way: Way) => void,
  protocols: readonly string[] = ["http/1.1"],
): Promise<Dialled> {
  let way: Way = {};
  const note = (more: Way) => {
    way = { ...way, ...more };
    tell(way);
  };
  const failed = (): Dialled => ({ socket: null, way, alpn: "" });
  meter.check();
  const socket =
    route.kind === "direct" ? await straight(target, meter, note) : await byProxy(target, route, meter, note);
  if (socket === null) return failed();
  if (target.protocol !== "https:") return { socket, way, alpn: "" };
  const secured = await secure(socket, hostOf(target), protocols, meter.within(stepMs));
  note({ tls: secured.fact });
  if (!("socket" in secured)) return failed();
  if (secured.fact.trouble === null) return { socket: secured.socket, way, alpn: secured.alpn };
  secured.socket.destroy();
  return failed();
}

async function straight(target: URL, meter: Meter, note: (way: Way) => void): Promise<Socket | null> {
  const host = hostOf(target);
  if (isIP(host) !== 0) note({ dns: { tookMs: 0, failure: null, addresses: 1, literal: true } });
  else {
    const dns = await named(host, meter.within(stepMs));
    note({ dns });
    if (dns.failure !== null) return null;
  }
  meter.check();
  const reached = await reach(host, portOf(target), meter.within(stepMs), meter.signal);
  const failure = "failure" in reached ? reached.failure : null;
  note({ tcp: { tookMs: reached.tookMs, failure } });
  return "socket" in reached ? reached.socket : null;
}

async function named(host: string, limitMs: number): Promise<NonNullable<Facts["dns"]>> {
  const startedAt = performance.now();
  const asked = lookup(host, { all: true }).then(
    (addresses) => ({ failure: null, addresses: addresses.length }),
    (error: unknown) => ({ failure: kindOf(error, "connect"), addresses: 0 }),
  );
  const { promise, resolve } = Promise.withResolvers<{ failure: string; addresses: number }>();
  const timer = setTimeout(() => resolve({ failure: "dns-temporary", addresses: 0 }), Math.max(1, limitMs));
  const result = await Promise.race([asked, promise]);
  clearTimeout(timer);
  return { ...result, tookMs: performance.now() - startedAt, literal: false };
}

async function byProxy(
  target: URL,
  route: Exclude<ProbeRoute, { kind: "direct" }>,
  meter: Meter,
  note: (way: Way) => void,
): Promise<Socket | null> {
  const address = new URL(route.url);
  const startedAt = performance.now();
  const reached = await reach(hostOf(address), portOf(address), meter.within(stepMs), meter.signal);
  const none = { status: null, squidError: null } as const;
  if (!("socket" in reached)) {
    note({ proxy: { tookMs: reached.tookMs, trouble: { why: "unreachable", ...none }, answer: null } });
    return null;
  }
  let socket: Socket = reached.socket;
  if (route.kind === "https") {
    const secured = await secure(socket, hostOf(address), ["http/1.1"], meter.within(stepMs));
    if (!("socket" in secured) || secured.fact.trouble !== null) {
      socket.destroy();
      note({
        proxy: { tookMs: performance.now() - startedAt, trouble: { why: "unreachable", ...none }, answer: null },
      });
      return null;
    }
    socket = secured.socket;
  }
  if (!isTunnelled(route, target)) {
    note({ proxy: { tookMs: performance.now() - startedAt, trouble: null, answer: null } });
    return socket;
  }
  meter.spend();
  const limitMs = meter.within(stepMs);
  const { trouble, answer } =
    route.kind === "socks5"
      ? await socks(socket, target, proxyServer(route), limitMs)
      : await connect(socket, target, route.authorization, limitMs);
  note({ proxy: { tookMs: performance.now() - startedAt, trouble, answer } });
  if (trouble === null) return socket;
  socket.destroy();
  return null;
}

/** Whether the next way of a list is tried, as the streams do: what a living proxy decided about us is its last word. */
export function movesOn({ trouble }: NonNullable<Facts["proxy"]>): boolean {
  if (trouble === null || trouble.why === "auth" || trouble.why === "denied") return false;
  return trouble.why !== "refused" || (trouble.status >= 500 && trouble.status !== 511);
}

/** Which step of a way failed, by a code of main/core/failure; null: none, or the proxy's. */
export function failureOf({ dns, tcp, tls }: Way): string | null {
  return dns?.failure ?? tcp?.failure ?? (tls?.trouble == null ? null : "tls");
}
