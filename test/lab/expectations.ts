/**
 * What has to come of each trial through each configuration. `usual` is a proxy that does everything right; each configuration
 * says only in what it differs. Measured on Debian 12's versions; a line that does not hold there is wrong.
 */
import type { Trial } from "./trial.ts";

/** First failure as `FAMILY kind`, or "none"; and whether every event arrives in the end, some do, or not one. */
export type Expected = readonly [first: string, kept: "all" | "some" | "none"];

type Table = Readonly<Partial<Record<Trial, Expected>>>;

const dropped: Expected = ["PROXY dropped", "all"];
const ended: Expected = ["PROXY ended", "all"];
/** Each cut is found by our own watchdog alone. */
const hung: Expected = ["NETWORK idle-timeout", "all"];
/** Our own deadlines. */
const noHeader: Expected = ["NETWORK headers-timeout", "none"];
const silent: Expected = ["NETWORK idle-timeout", "none"];
const cutSilent: Expected = ["PROXY dropped", "none"];
const endedSilent: Expected = ["PROXY ended", "none"];

const usual: Readonly<Record<Trial, Expected>> = {
  flow: ["none", "all"],
  end: ended,
  fin: dropped,
  // No proxy passes a reset on as one.
  rst: dropped,
  "mid-chunk": dropped,
  repeats: dropped,
  slow: ["none", "all"],
  quiet: silent,
  mute: noHeader,
  "headers-only": silent,
  "gzip-able": ["none", "all"],
  "no-cache-control": ["none", "all"],
  length: ["none", "all"],
  "close-delimited": ["none", "all"],
  redirect: ["none", "all"],
  login: ["PROXY login-redirect", "none"],
  html: ["PROXY wrong-type", "none"],
  "status-204": ["SERVER no-content", "none"],
  "status-401": ["AUTH unauthorized", "none"],
  "status-403": ["AUTH forbidden", "none"],
  "status-404": ["SERVER not-found", "none"],
  "status-429": ["SERVER too-many-requests", "none"],
  "status-500": ["SERVER server-error", "none"],
  "status-502": ["SERVER bad-gateway", "none"],
  "status-503": ["SERVER unavailable", "none"],
};

/** A proxy that ends every broken stream as if it were complete. */
const cleanEnds: Table = { fin: ended, repeats: ended, rst: ended, "mid-chunk": ended };

/** A proxy that cuts silences of 3 s. @param mute how it says that the origin did not answer */
function idle(mute: string): Table {
  return { slow: dropped, quiet: cutSilent, "headers-only": cutSilent, mute: [mute, "none"] };
}

/** nginx with buffers and HTTP/1.0: nothing until about 4 kB have come or the origin ends. */
const buffered: Table = {
  flow: noHeader,
  slow: noHeader,
  quiet: noHeader,
  "headers-only": noHeader,
  // Four events wait, and come with the end; an HTTP/1.0 answer has no other sign of its end.
  fin: ended,
  // The last connection has too few events to fill anything, and does not end.
  repeats: ["PROXY ended", "some"],
  "mid-chunk": ended,
  rst: ["PROXY dropped", "none"],
  // Long events fill the buffer.
  "gzip-able": ["NETWORK idle-timeout", "some"],
  "no-cache-control": noHeader,
  length: noHeader,
  "close-delimited": noHeader,
  redirect: noHeader,
};

/** Every trial comes to the same, whatever the origin would do. */
const always = (first: string): Expected => [first, "none"];

const everywhere: Readonly<Record<string, Expected>> = {
  "gateway-down": always("PROXY bad-gateway"),
  "gateway-no-route": always("SERVER not-found"),
  "nginx-down": always("PROXY bad-gateway"),
  "nginx-no-route": always("SERVER not-found"),
  "haproxy-down": always("PROXY unavailable"),
  "haproxy-no-route": always("PROXY unavailable"),
  "caddy-down": always("PROXY bad-gateway"),
  "caddy-no-route": always("PROXY wrong-type"),
  "apache-down": always("PROXY unavailable"),
  "apache-no-route": always("SERVER not-found"),
  "varnish-down": always("PROXY unavailable"),
  "varnish-no-route": always("SERVER not-found"),
  "squid-down": always("PROXY bad-gateway"),
  // The transport goes out by these itself: what they refuse in their own words is theirs.
  "squid-forward-denied": always("PROXY tunnel-refused"),
  "squid-forward-down": always("PROXY bad-gateway"),
  // As the door hands on what the CONNECT was answered with.
  "squid-connect-denied": always("AUTH forbidden"),
  "squid-connect-auth": always("PROXY proxy-auth"),
  "squid-connect-fail": always("PROXY unavailable"),
  "http-proxy-down": always("PROXY bad-gateway"),
};

const differs: Readonly<Record<string, Table>> = {
  direct: { rst: ["NETWORK reset", "all"] },
  "gateway-idle": idle("PROXY gateway-timeout"),
  "nginx-buffering": buffered,
  "nginx-gzip": buffered,
  "nginx-idle": idle("PROXY gateway-timeout"),
  "haproxy-idle": idle("PROXY gateway-timeout"),
  "caddy-good": cleanEnds,
  "caddy-encode": cleanEnds,
  "caddy-idle": {
    ...cleanEnds,
    slow: ended,
    quiet: endedSilent,
    "headers-only": endedSilent,
    mute: ["PROXY gateway-timeout", "none"],
  },
  "apache-idle": idle("PROXY bad-gateway"),
  "apache-slow": idle("PROXY bad-gateway"),
  "varnish-idle": idle("PROXY unavailable"),
  "varnish-gzip": {
    ...buffered,
    fin: cutSilent,
    repeats: cutSilent,
    rst: cutSilent,
    "mid-chunk": cutSilent,
    "gzip-able": noHeader,
  },
  "squid-idle": idle("PROXY gateway-timeout"),
  // Whom the silence belongs to, the proxy or the server behind it, nobody can tell from here.
  "squid-forward-good": { mute: ["PROXY proxy-timeout", "none"] },
  "squid-forward-idle": idle("PROXY bad-gateway"),
  "squid-connect-idle": { ...idle("PROXY dropped"), mute: ["PROXY closed-early", "none"], rst: dropped },
  "http-proxy-header-wait": { "headers-only": noHeader },
  "http-proxy-hang": { fin: hung, repeats: hung, rst: hung, "mid-chunk": hung },
};

/** What has to come of this trial; `direct` is no configuration but the way without one. */
export function expected(configuration: string, trial: Trial): Expected {
  return everywhere[configuration] ?? differs[configuration]?.[trial] ?? usual[trial];
}

/** Whether every trial comes to the same here, so that a few of them are enough. */
export function isDead(configuration: string): boolean {
  return configuration in everywhere;
}
