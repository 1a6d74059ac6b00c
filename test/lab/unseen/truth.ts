/**
 * The held-out set: what stands in each path, and what is wrong with it. It was written from what the configurations do on the
 * wire, not from what the rules say, and the rules are not to be written on it: a miss here is a fact about the rules.
 */
import type { Configuration } from "../configuration.ts";
import { configurations } from "../configurations.ts";
import { apacheIdle } from "../proxies/apache.ts";
import { haproxyIdle } from "../proxies/haproxy.ts";
import { nginxIdle } from "../proxies/nginx.ts";
import { squidIdle } from "../proxies/squid.ts";
import { drawnSeconds } from "./drawn.ts";
import * as go from "./go-proxy.ts";
import * as lighttpd from "./lighttpd.ts";
import * as nghttpx from "./nghttpx.ts";
import { inFrontOf, type Standing } from "./standing.ts";
import * as tinyproxy from "./tinyproxy.ts";

export type Unseen = {
  readonly name: string;
  readonly standing: Standing;
  /** Of the origin, with its query. */
  readonly path: string;
  /** Whoever is on the wire, nearest first. Any other name is a wrong one. */
  readonly products: readonly string[];
  /** The codes that may come first; null: nothing is wrong, and nothing may be found. */
  readonly cause: readonly string[] | null;
  /** Seconds of silence after which it cuts, which the diagnosis is asked to wait for; null: no such measurement. */
  readonly idleS: number | null;
};

type Cause = string | readonly string[] | null;

function alone(name: string, standing: Standing, path: string, cause: Cause): Unseen {
  return row(name, standing, [standing.product], path, cause);
}

function two(front: Standing, back: Standing, name: string, path: string, cause: Cause): Unseen {
  return row(name, inFrontOf(front, back), [front.product, back.product], path, cause);
}

function row(name: string, standing: Standing, products: string[], path: string, cause: Cause): Unseen {
  return { name, standing, path, products, cause: typeof cause === "string" ? [cause] : cause, idleS: null };
}

function lab(name: string): Configuration {
  const found = configurations.find((one) => one.name === name);
  if (found === undefined) throw new Error(`the lab has no ${name}`);
  return found;
}

const healthy: readonly Unseen[] = [
  alone("lighttpd-good", lighttpd.lighttpdGood, "/events", null),
  alone("lighttpd-good-slow", lighttpd.lighttpdGood, "/slow", null),
  alone("lighttpd-tight", lighttpd.lighttpdTight, "/burst", null),
  // mod_deflate leaves an answer alone that is not complete.
  alone("lighttpd-deflate", lighttpd.lighttpdDeflate, "/gzip-able", null),
  alone("nghttpx-good", nghttpx.nghttpxGood, "/events", null),
  alone("nghttpx-no-via", nghttpx.nghttpxSilent, "/heartbeat", null),
  alone("tinyproxy-good", tinyproxy.tinyGood, "/events", null),
  alone("tinyproxy-forward", tinyproxy.tinyForwardGood, "/slow", null),
  alone("tinyproxy-connect", tinyproxy.tinyConnectGood, "/events", null),
  alone("go-good", go.goGood, "/heartbeat", null),
  // Since Go 1.12 the media type of a stream is enough for it to be flushed.
  alone("go-default", go.goDefault, "/events", null),
  alone("go-periodic", go.goPeriodic, "/burst", null),
  two(lab("nginx-good"), lab("haproxy-good"), "nginx>haproxy", "/events", null),
  two(lab("squid-good"), lab("apache-good"), "squid>apache", "/slow", null),
  two(lighttpd.lighttpdGood, go.goGood, "lighttpd>go", "/events", null),
  two(nghttpx.nghttpxGood, lab("varnish-good"), "nghttpx>varnish", "/events", null),
];

/** The proxy holds back what it should pass on. */
const delivery: readonly Unseen[] = [
  alone("lighttpd-default", lighttpd.lighttpdDefault, "/events", "buffering"),
  alone("go-hidden-flush", go.goHidden, "/events", "buffering"),
  alone("go-buffer", go.goBuffer, "/events", "buffering"),
  alone("go-gzip", go.goZip, "/events", "compression"),
  two(lab("caddy-good"), lab("nginx-buffering"), "caddy>nginx-buffering", "/events", "buffering"),
  two(lab("nginx-buffering"), lab("haproxy-good"), "nginx-buffering>haproxy", "/heartbeat", "buffering"),
  two(lab("caddy-encode"), lab("haproxy-good"), "caddy-encode>haproxy", "/gzip-able", "compression"),
  two(lab("apache-good"), lab("varnish-gzip"), "apache>varnish-gzip", "/gzip-able", "compression"),
  two(lab("nginx-good"), lab("haproxy-default"), "nginx>haproxy-default", "/events", "batching"),
  // The header comes with the first heartbeat, three seconds late, as all further ones are apart.
  two(lab("haproxy-good"), lab("http-proxy-header-wait"), "haproxy>http-proxy-wait", "/heartbeat?hb=3", "header-wait"),
  two(lab("varnish-default"), lab("nginx-good"), "varnish-default>nginx", "/no-cache-control", "cache"),
];

/** The proxy answers itself. */
const answers: readonly Unseen[] = [
  alone("lighttpd-down", lighttpd.lighttpdDown, "/events", "upstream-down"),
  alone("lighttpd-no-route", lighttpd.lighttpdNoRoute, "/events", "no-route"),
  alone("nghttpx-down", nghttpx.nghttpxDown, "/events", "upstream-down"),
  alone("nghttpx-slow", nghttpx.nghttpxSlow, "/mute", "upstream-timeout"),
  alone("tinyproxy-down", tinyproxy.tinyDown, "/events", "upstream-down"),
  alone("tinyproxy-no-route", tinyproxy.tinyNoRoute, "/events", "no-route"),
  alone("tinyproxy-forward-down", tinyproxy.tinyForwardDown, "/events", "upstream-down"),
  alone("tinyproxy-filter", tinyproxy.tinyForwardFiltered, "/events", "proxy-denied"),
  alone("tinyproxy-auth", tinyproxy.tinyForwardAuth, "/events", "proxy-auth"),
  alone("tinyproxy-connect-port", tinyproxy.tinyConnectPort, "/events", "proxy-denied"),
  alone("tinyproxy-connect-down", tinyproxy.tinyConnectDown, "/events", "proxy-tunnel"),
  alone("go-down", go.goDown, "/events", "upstream-down"),
  alone("go-no-route", go.goNoRoute, "/events", "no-route"),
  alone("go-slow", go.goSlow, "/mute", "upstream-timeout"),
  two(lab("nginx-good"), lab("caddy-down"), "nginx>caddy-down", "/events", "upstream-down"),
  two(lab("varnish-good"), lab("haproxy-down"), "varnish>haproxy-down", "/events", "upstream-down"),
  two(lab("caddy-good"), lab("nginx-no-route"), "caddy>nginx-no-route", "/events", "no-route"),
  two(lab("haproxy-good"), lab("caddy-no-route"), "haproxy>caddy-no-route", "/events", "no-route"),
];

/** The origin is at fault, and the proxy is not. */
const origins: readonly Unseen[] = [
  alone("nghttpx-404", nghttpx.nghttpxGood, "/404", "not-found"),
  alone("lighttpd-401", lighttpd.lighttpdGood, "/401", "unauthorized"),
  alone("go-503", go.goGood, "/503", "origin-status"),
  alone("tinyproxy-html", tinyproxy.tinyGood, "/html", "wrong-type"),
  alone("lighttpd-end", lighttpd.lighttpdGood, "/end-after?n=5", "ended"),
  alone("go-fin", go.goGood, "/fin-after?n=5", "cut"),
  alone("nghttpx-slow-header", nghttpx.nghttpxGood, "/slow-header?s=4", "slow-header"),
];

/** The stream ends before its time, or does not when it should. */
const endings: readonly Unseen[] = [
  alone("go-write-timeout", go.goWriteTimeout, "/events", "max-duration"),
  two(lab("nginx-good"), lab("http-proxy-hang"), "nginx>http-proxy-hang", "/fin-after?n=5", "hang"),
  // The origin's reset arrives as a good end: that it ends, and that the end is false, are both true.
  two(lab("haproxy-good"), lab("caddy-good"), "haproxy>caddy", "/rst-after?n=5", ["framing", "ended"]),
];

const silent = ["/quiet", "/events?total=20&hb=0"] as const;

/** Silences are cut, after seconds that are drawn anew each day. */
function cuts(): Unseen[] {
  const kinds: readonly [name: string, of: (idleS: number) => [Standing, ...string[]]][] = [
    ["lighttpd-idle", (s) => [lighttpd.lighttpdIdle(s)]],
    ["nghttpx-idle", (s) => [nghttpx.nghttpxIdle(s)]],
    ["tinyproxy-idle", (s) => [tinyproxy.tinyIdle("reverse", s)]],
    ["tinyproxy-connect-idle", (s) => [tinyproxy.tinyIdle("connect", s)]],
    ["go-idle", (s) => [go.goIdle(s)]],
    ["nginx-idle", (s) => [nginxIdle(s)]],
    ["squid-forward-idle", (s) => [squidIdle("forward", s)]],
    ["varnish>apache-idle", (s) => [inFrontOf(lab("varnish-good"), apacheIdle(s)), "apache"]],
    ["haproxy-idle>nginx", (s) => [inFrontOf(haproxyIdle(s), lab("nginx-good")), "nginx"]],
  ];
  const seconds = drawnSeconds(kinds.length);
  return kinds.map(([name, of], i) => {
    const idleS = seconds[i] ?? 0;
    const [standing, ...behind] = of(idleS);
    const path = silent[i % silent.length] ?? silent[0];
    return { ...row(name, standing, [standing.product, ...behind], path, "idle-cut"), idleS };
  });
}

/** All of it; those that take longest come first, so that the others run beside them. */
export const unseen: readonly Unseen[] = [
  ...cuts().toSorted((a, b) => (b.idleS ?? 0) - (a.idleS ?? 0)),
  ...delivery,
  ...endings,
  ...healthy,
  ...answers,
  ...origins,
];
