/** From an endpoint as the user wrote it to what an attempt sends: deadlines, and headers with their secrets put in. */
import type { Endpoint } from "../../preload/contract.ts";
import { defaultBackoff } from "../core/backoff.ts";
import { defaultDeadlines, type Policy } from "../core/connection-state.ts";

/** Key under which a secret of an endpoint is kept; `part` is "credential" or "header:NAME" with the name in lower case. */
export function secretKey(endpointId: string, part: string): string {
  return `${endpointId}/${part.startsWith("header:") ? part.toLowerCase() : part}`;
}

/**
 * The user's headers for one attempt. What lacks its secret is left out: the server's 401 then says so truthfully.
 * @param secret the value of a part of this endpoint, or null when none is known
 */
export function requestHeaders(endpoint: Endpoint, secret: (part: string) => string | null): [string, string][] {
  const headers: [string, string][] = [];
  for (const { name, value, secret: isSecret } of endpoint.headers) {
    const known = isSecret ? secret(`header:${name.toLowerCase()}`) : value;
    if (known !== null) headers.push([name, known]);
  }
  const credential = credentialHeader(endpoint.credential, secret("credential"));
  return credential === null ? headers : [...headers, credential];
}

function credentialHeader(credential: Endpoint["credential"], value: string | null): [string, string] | null {
  if (value === null || credential.kind === "none") return null;
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
