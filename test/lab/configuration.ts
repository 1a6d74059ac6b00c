/**
 * The words of the lab: a proxy in one configuration, what is wrong with that, and how it is started. No product stands
 * here: each has its file in proxies/.
 */

/** What a configuration does to a stream, by one word each. The README of this folder says what they look like on the wire. */
export type Fault =
  /** Bytes wait until a buffer is full or the origin ends. */
  | "buffering"
  /** A compressor keeps bytes until the stream ends. */
  | "compression"
  /** Events leave in batches of about 200 ms. */
  | "batching"
  /** The header waits for the first byte of the body. */
  | "header-wait"
  /** A silence of `idleS` seconds ends the stream. */
  | "idle-cut"
  /** An origin that is slow to answer is given up after `idleS` seconds. */
  | "slow-origin"
  | "no-route"
  | "upstream-down"
  /** Several listeners share one request, and late ones get what is old. */
  | "cache"
  /** A broken stream ends as if it were complete. */
  | "framing"
  /** An origin that went away leaves the stream open for ever. */
  | "hang"
  /** A forward proxy does not let this client or this target through. */
  | "denied"
  /** A forward proxy cannot reach the target of a CONNECT. */
  | "connect-fail";

/** `reverse` stands in front of the origin; the other two are asked for it, by whole addresses or by a tunnel. */
export type Role = "reverse" | "forward" | "connect";

export type RunningProxy = {
  /** What to ask for, without a slash at the end; the origin's paths follow it. */
  readonly url: string;
  /** Forward proxies: by whom to ask for it. null: directly. */
  readonly proxyUrl: string | null;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
};

export type Configuration = {
  /** `product-what`, unique in the lab. */
  readonly name: string;
  /** nginx, haproxy, caddy, apache, varnish, squid, http-proxy, pingora; the unseen ones have others. */
  readonly product: string;
  readonly role: Role;
  /** As it has to be written: no diagnosis may find anything here. */
  readonly good: boolean;
  /** In the order of what a user would notice first. Good configurations have none. */
  readonly faults: readonly Fault[];
  /** Seconds of silence after which it cuts or gives up, where a fault says so. */
  readonly idleS: number | null;
  /** One plain sentence: what it does and by which setting. */
  readonly about: string;
  /** Why it cannot be had on this machine, as a test may say when it is skipped; null: it can. */
  missing(): Promise<string | null>;
  /** @param originUrl without a slash at the end, as `LabOrigin.url` */
  start(originUrl: string): Promise<RunningProxy>;
};

/** An address of loopback at which nobody listens: the port is reserved, and no program picks it by chance. */
export const nobody = "127.0.0.1:1";

/** Host and port of an address. */
export function hostOf(url: string): string {
  return new URL(url).host;
}
