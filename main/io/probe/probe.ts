/**
 * The probes of a diagnosis, one after the other: the way there, the stream as Holdfast asks for it, a path that no route has,
 * the stream as browsers ask, again, from an id, and around the proxies. One stream at a time, GET to the origin and CONNECT to
 * a forward proxy, at most 20 requests. It measures; what the facts mean is core/diagnosis, and how long each is worth is plan.ts.
 */
import { networkInterfaces } from "node:os";
import type { Facts } from "../../core/diagnosis/facts.ts";
import { stopsShort } from "../../core/diagnosis/plan.ts";
import { isOpenStream } from "../../core/diagnosis/reading.ts";
import { isLoopback } from "../addresses.ts";
import { picture } from "../network-picture.ts";
import { probeDirect } from "./direct-probe.ts";
import { probeFirst } from "./first-probe.ts";
import { probeProxyAlone, probeUnrouted } from "./gateway-probes.ts";
import { probeHold, probeIdle } from "./hold-probes.ts";
import { probeCompressed, probeProtocols, probeReconnect, probeRepeat } from "./later-probes.ts";
import { type StopCode, Stopped } from "./meter.ts";
import { type ProbeOptions, Session, targetOf } from "./session.ts";

export type Probed = { readonly facts: Facts; readonly requests: number; readonly stopped: StopCode | null };

/** Nothing that was measured cuts before 7 s nor, by default, after 60 s; load balancers go up to 90, ms. */
export const defaultIdleLimitMs = 100_000;

/** Never rejects for what the network does. */
export async function probe(options: ProbeOptions): Promise<Probed> {
  const session = new Session(options);
  let stopped: StopCode | null = null;
  try {
    await probeAll(session);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    stopped = error.code;
  }
  return { facts: session.facts, requests: session.meter.requests, stopped };
}

async function probeAll(session: Session): Promise<void> {
  const { url, headers, ways, compare } = session.options;
  const [route = { kind: "direct" }, ...others] = await ways(url);
  session.know(targetOf(new URL(url), route));
  session.at("network", {
    network: isLoopback(url) ? "loopback" : picture(networkInterfaces()).online ? "online" : "offline",
  });
  const first = await probeFirst(session, { url: new URL(url), headers, route }, others);
  if (first === null) return await probeDirect(session);
  const { asked, place } = first;
  if (isOpenStream(asked) || asked.answer === null || asked.answer.status >= 400 || !asked.isStream)
    await probeUnrouted(session, place);
  if (asked.failure?.kind === "headers-timeout" && session.facts.unrouted === null)
    await probeProxyAlone(session, place);
  // What ended or fell silent is explained by nothing better than by what comes directly: that has the time first.
  if (stopsShort(asked)) await probeDirect(session);
  if (isOpenStream(asked)) {
    session.seen.meet(asked.met);
    await probeCompressed(session, place, asked);
    await probeRepeat(session, place);
    await probeReconnect(session, place, asked);
    if (compare === null || session.leftMs - session.owedMs > 3500) await probeProtocols(session, place);
  }
  if (session.facts.direct === null) await probeDirect(session);
  if (!isOpenStream(asked)) return;
  await probeHold(session, place);
  await probeIdle(session, place);
}
