/**
 * From an endpoint to the ways a stream may go: what the machine chooses among (policy), and what each way sends (routes).
 * It makes no request and reads no file; secrets and fresh tokens are asked for at every attempt.
 */
import type { Credential, Endpoint, Frames, PolicySettings } from "../../preload/contract.ts";
import type { Candidate, Policy } from "../core/connection/connection-state.ts";
import { placeOf, serverOf } from "../io/addresses.ts";
import type { Proxies } from "../io/ports.ts";
import { credentialHeader, credentialName, headersOf, type SecretOf, type Way } from "./endpoint-request.ts";

export type SentHeaders = readonly (readonly [name: string, value: string])[];

export type Route = {
  readonly candidate: Candidate;
  readonly url: string;
  readonly method: string;
  readonly body: string | null;
  /** Asked at every attempt; null: a secret is not known any more. Rejects when there is no fresh token to be had. */
  readonly headers: () => Promise<SentHeaders | null>;
  /** The parameter that carries the last event id beside the header; null: none does. */
  readonly resumeQuery: string | null;
  readonly frames: Frames;
  /** After a 401 or 403: a fresh credential next time. */
  readonly refused: () => void;
};

export type Plan = {
  readonly policy: Policy;
  /** In the order of policy.candidates. */
  readonly routes: readonly Route[];
  /** The ways out of this computer, for all routes; without it: directly. */
  readonly proxies?: Proxies;
};

/** The ways out for a stream's choice. @param password of its own proxy, null: none is known */
export type ProxiesFor = (endpoint: Pick<Endpoint, "id" | "proxy">, password: () => string | null) => Proxies;

/** A credential that is fetched for every attempt. `refused`: what `fresh` gave last was not accepted. */
export type FreshCredential = { fresh(): Promise<string>; refused(): void };

/** Makes one for an endpoint. @param secret what signs in at the refresh address, or null where nothing does */
export type FreshCredentials = (
  credential: Extract<Credential, { kind: "refresh" | "command" }>,
  endpoint: Endpoint,
  secret: () => string | null,
  proxies?: Proxies,
) => FreshCredential;

/** Where servers that say no more than their name usually have their stream. */
export const usualPaths = ["/events", "/stream", "/api/events", "/realtime/events"] as const;

/** @param secret the value of a part of this endpoint, or null when none is known */
export function planOf(
  endpoint: Endpoint,
  settings: PolicySettings,
  secret: SecretOf,
  freshCredentials: FreshCredentials,
  proxiesFor?: ProxiesFor,
): Plan {
  const { credential } = endpoint;
  const proxies = proxiesFor?.(endpoint, () => secret("proxy"));
  const fresh =
    credential.kind === "refresh" || credential.kind === "command"
      ? freshCredentials(credential, endpoint, () => secret("credential"), proxies)
      : null;
  const routes = waysOf(endpoint).map((way) => routeOf(endpoint, way, secret, fresh));
  const candidates = routes.map(({ candidate }) => candidate);
  const policy = policyOf(endpoint, settings, candidates);
  return { policy, routes, ...(proxies === undefined ? {} : { proxies }) };
}

function policyOf(endpoint: Endpoint, settings: PolicySettings, candidates: readonly Candidate[]): Policy {
  const { connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, method, discover, balance } = endpoint;
  const { resetAfterMs, strict, ...strategies } = settings;
  return {
    candidates,
    discover,
    // Guesses are not equals: one of them is the stream.
    balance: balance && !discover,
    strategies,
    strict,
    connectTimeoutMs,
    headersTimeoutMs,
    idleTimeoutMs,
    resetAfterMs,
    // A POST is never repeated by itself: nobody said that it may be.
    repeatable: method === "GET",
  };
}

function waysOf(endpoint: Endpoint): Way[] {
  const { url, group, websocket, discover } = endpoint;
  const own = discover ? usualPaths.map((path) => new URL(path, url).href) : [url];
  const ways: Way[] = own.map((address) => ({ kind: "own", url: address, headers: [] }));
  for (const member of group) ways.push({ ...member, kind: "group" });
  if (websocket !== null) ways.push({ ...websocket, kind: "websocket" });
  return ways;
}

function routeOf(endpoint: Endpoint, way: Way, secret: SecretOf, fresh: FreshCredential | null): Route {
  const { websocket, method, body, credential } = endpoint;
  const isSocket = way.kind === "websocket";
  // The endpoint's own headers and credential stay with its server; what a way has of its own takes their place.
  const isHome = serverOf(way.url) === serverOf(endpoint.url);
  const replaced = new Set(way.headers.map(({ name }) => name.toLowerCase()));
  const home: Way = {
    kind: "own",
    url: endpoint.url,
    headers: isHome ? endpoint.headers.filter(({ name }) => !replaced.has(name.toLowerCase())) : [],
  };
  const signsIn = isHome && credential.kind !== "none" && !replaced.has(credentialName(credential) ?? "");
  const freshHere = signsIn ? fresh : null;
  const transport = isSocket ? "websocket" : "sse";
  return {
    candidate: {
      key: `${transport} ${placeOf(way.url)}`,
      transport,
      origin: serverOf(way.url),
      freshCredential: freshHere !== null,
      credential: credentialOf(way, signsIn),
    },
    url: way.url,
    // The handshake of a WebSocket is a GET without a body.
    method: isSocket ? "GET" : method,
    body: isSocket || method === "GET" ? null : body,
    headers: async () => {
      const ours = headersOf(home, secret);
      const theirs = headersOf(way, secret);
      if (ours === null || theirs === null) return null;
      if (!signsIn) return [...ours, ...theirs];
      const value = freshHere === null ? secret("credential") : await freshHere.fresh();
      return value === null ? null : [...ours, credentialHeader(credential, value), ...theirs];
    },
    resumeQuery: isSocket && websocket !== null && websocket.resumeQuery !== "" ? websocket.resumeQuery : null,
    frames: isSocket && websocket !== null ? websocket.frames : "auto",
    refused: () => freshHere?.refused(),
  };
}

/** Which credential a way sends, by a word that says nothing of it: the endpoint's, or its own where it has headers. */
function credentialOf(way: Way, signsIn: boolean): string {
  const own = way.headers.length === 0 ? "" : `${way.kind} ${placeOf(way.url)}`;
  return signsIn && own === "" ? "endpoint" : own;
}
