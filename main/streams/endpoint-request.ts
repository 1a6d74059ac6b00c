/** From an endpoint as the user wrote it to what an attempt sends: deadlines, and headers with their secrets put in. */
import type { Endpoint } from "../../preload/contract.ts";
import { defaultBackoff } from "../core/backoff.ts";
import { defaultDeadlines, type Policy } from "../core/connection-state.ts";

/** Key under which a secret of an endpoint is kept; `part` is "credential" or "header:NAME" with the name in lower case. */
export function secretKey(endpointId: string, part: string): string {
  return `${endpointId}/${part.startsWith("header:") ? part.toLowerCase() : part}`;
}

/**
 * The user's headers for one attempt, or null when a secret of theirs is not known any more: a request without its
 * credential is another request, and a server that answers it all the same would look like the right one.
 * @param secret the value of a part of this endpoint, or null when none is known
 */
export function requestHeaders(endpoint: Endpoint, secret: (part: string) => string | null): [string, string][] | null {
  const headers: [string, string][] = [];
  for (const { name, value, secret: isSecret } of endpoint.headers) {
    const known = isSecret ? secret(`header:${name.toLowerCase()}`) : value;
    if (known === null) return null;
    headers.push([name, known]);
  }
  if (endpoint.credential.kind === "none") return headers;
  const value = secret("credential");
  return value === null ? null : [...headers, credentialHeader(endpoint.credential, value)];
}

/** Whether an endpoint has anything to keep secret. */
export function usesSecrets({ credential, headers }: Endpoint): boolean {
  return credential.kind !== "none" || headers.some(({ secret }) => secret);
}

function credentialHeader(
  credential: Exclude<Endpoint["credential"], { kind: "none" }>,
  value: string,
): [string, string] {
  switch (credential.kind) {
    case "bearer":
      return ["Authorization", `Bearer ${value}`];
    case "basic":
      // RFC 7617 §2.1: UTF-8, whatever the server's charset says.
      return ["Authorization", `Basic ${Buffer.from(`${credential.username}:${value}`, "utf8").toString("base64")}`];
    case "header":
      return [credential.name, value];
  }
}

/** How patient a stream of this endpoint is. A POST is never repeated by itself: nobody said that it may be. */
export function policyOf(endpoint: Endpoint): Policy {
  const { connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, method } = endpoint;
  const { resetAfterMs } = defaultDeadlines;
  return {
    backoff: defaultBackoff,
    connectTimeoutMs,
    headersTimeoutMs,
    idleTimeoutMs,
    resetAfterMs,
    repeatable: method === "GET",
  };
}

/** Whether two versions of an endpoint would send the same: then a running connection need not be touched. */
export function sameRequest(a: Endpoint, b: Endpoint): boolean {
  const essence = ({ name, notify, paused, keep, ...rest }: Endpoint) => JSON.stringify(rest);
  return essence(a) === essence(b);
}
