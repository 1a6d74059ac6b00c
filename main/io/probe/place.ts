/** Where a probe asks, and one question there: dials, dresses the request, counts it and watches. */
import type { Watch } from "../../core/diagnosis/facts.ts";
import { type Asked, ask } from "./ask.ts";
import { dial, type Way } from "./dial.ts";
import type { Enough } from "./enough.ts";
import type { Meter } from "./meter.ts";
import { isTunnelled, type ProbeRoute } from "./route.ts";

export type Headers = readonly (readonly [name: string, value: string])[];

/** Where the requests for a stream go, after redirects, and the headers that belong there. */
export type Place = { readonly url: URL; readonly headers: Headers; readonly route: ProbeRoute };

export type PlaceQuestion = {
  /** They take the place of others of their names. */
  readonly more?: Headers;
  /** It is asked on purpose for what no route should have. */
  readonly unrouted?: boolean;
  readonly headersLimitMs: number;
  readonly enough: Enough;
};

/** Dials and asks once; null when no way led there. @throws Stopped */
export async function askAt(
  place: Place,
  { more = [], unrouted = false, headersLimitMs, enough }: PlaceQuestion,
  meter: Meter,
  userAgent: string,
  tell: (way: Way) => void,
): Promise<Asked | null> {
  const { url, route } = place;
  const { socket } = await dial(url, route, meter, tell);
  if (socket === null) return null;
  try {
    meter.spend();
  } catch (stopped) {
    socket.destroy();
    throw stopped;
  }
  const forwarded = route.kind !== "direct";
  const absolute = forwarded && !isTunnelled(route, url);
  const sign: Headers =
    absolute && route.authorization !== undefined ? [["Proxy-Authorization", route.authorization]] : [];
  return ask(socket, {
    url,
    headers: [...dressed(place.headers, more, userAgent), ...sign],
    absolute,
    forwarded,
    unrouted,
    headersLimitMs: Math.max(1, headersLimitMs),
    signal: meter.signal,
    enough,
  });
}

/** As the connection itself asks (sse-transport.ts), with the user's headers, and what this question changes. */
function dressed(own: Headers, more: Headers, userAgent: string): Headers {
  const usual: Headers = [
    ["Accept", "text/event-stream"],
    ["Cache-Control", "no-cache"],
    ["Accept-Encoding", "identity"],
    ["User-Agent", userAgent],
  ];
  const without = (headers: Headers, others: Headers) => {
    const names = new Set(others.map(([name]) => name.toLowerCase()));
    return headers.filter(([name]) => !names.has(name.toLowerCase()));
  };
  // Header text is written as latin1: UTF-8 bytes go as they are.
  const sent = own.map(([name, value]) => [name, Buffer.from(value, "utf8").toString("latin1")] as const);
  return [...without(usual, [...own, ...more]), ...without(sent, more), ...more];
}

/** Of a direct request that reached nobody. */
export function unreached(kind: string, afterMs: number): Watch {
  return {
    answer: null,
    failure: { what: "failure", kind, forwarded: false, afterMs },
    waitedMs: afterMs,
    isStream: false,
    contentType: "",
    encoding: "",
    bodyBytes: 0,
    arrivals: null,
    ending: null,
    serverTimingMs: null,
  };
}

/** What of an exchange is a fact: neither what was recognized in it nor where it led. */
export function watchOf({ met, location, ...watch }: Asked): Watch {
  return watch;
}
