/** From an endpoint as the user wrote it to headers with their secrets put in; and which secrets those are. */
import type { Credential, Endpoint } from "../../preload/contract.ts";
import { placeOf } from "../io/addresses.ts";

type Headers = Endpoint["headers"];

/** The value of a part of an endpoint, or null when none is known. */
export type SecretOf = (part: string) => string | null;

/** A part as it is kept: header names are the same in any case, so they are in lower case. */
export function normalPart(part: string): string {
  return part.replace(/header:[^:]*$/, (header) => header.toLowerCase());
}

/** Key under which a secret of an endpoint is kept; for the parts there are, see `secrets` in the contract. */
export function secretKey(endpointId: string, part: string): string {
  return `${endpointId}/${normalPart(part)}`;
}

/** One way of an endpoint and the headers that are only its own. */
export type Way = { readonly kind: "own" | "group" | "websocket"; readonly url: string; readonly headers: Headers };

/**
 * The part under which a secret header is kept. That of a further address carries the address and no number: a list that
 * is put in another order, or loses a member, must not hand one server's secret to another.
 */
export function headerPart({ kind, url }: Omit<Way, "headers">, name: string): string {
  return normalPart(kind === "own" ? `header:${name}` : `${kind}:${placeOf(url)}:header:${name}`);
}

/** Secrets of an endpoint, each with the field where it is typed. One that is not `needed` may be missing. */
export type Wanted = { readonly part: string; readonly field: string; readonly needed: boolean };

export function secretParts(endpoint: Endpoint): Wanted[] {
  const { credential, group, websocket, proxy } = endpoint;
  const wanted = wantedHeaders({ ...endpoint, kind: "own" }, "headers");
  if (proxy.mode === "manual" && proxy.username !== "") {
    wanted.push({ part: "proxy", field: "proxy.password", needed: true });
  }
  if (credential.kind !== "none" && credential.kind !== "command") {
    wanted.push({ part: "credential", field: "credential.secret", needed: credential.kind !== "refresh" });
  }
  for (const [index, member] of group.entries()) {
    wanted.push(...wantedHeaders({ ...member, kind: "group" }, `group.${index}.headers`));
  }
  if (websocket !== null) wanted.push(...wantedHeaders({ ...websocket, kind: "websocket" }, "websocket.headers"));
  return wanted;
}

function wantedHeaders(way: Way, path: string): Wanted[] {
  return way.headers.flatMap(({ name, secret }, at) =>
    secret ? [{ part: headerPart(way, name), field: `${path}.${at}.value`, needed: true }] : [],
  );
}

/** Whether an endpoint has anything to keep secret. */
export function usesSecrets(endpoint: Endpoint): boolean {
  return secretParts(endpoint).length > 0;
}

/**
 * Headers as they are sent, or null when a secret of theirs is not known any more: a request without its credential is
 * another request, and a server that answers it all the same would look like the right one.
 */
export function headersOf(way: Way, secret: SecretOf): [string, string][] | null {
  const headers: [string, string][] = [];
  for (const { name, value, secret: isSecret } of way.headers) {
    const known = isSecret ? secret(headerPart(way, name)) : value;
    if (known === null) return null;
    headers.push([name, known]);
  }
  return headers;
}

/** The header that a credential is sent in, in lower case; null: in none. */
export function credentialName(credential: Credential): string | null {
  switch (credential.kind) {
    case "none":
      return null;
    case "header":
      return credential.name.toLowerCase();
    default:
      return "authorization";
  }
}

/** @param value the password, the token, or the header's value */
export function credentialHeader(credential: Exclude<Credential, { kind: "none" }>, value: string): [string, string] {
  switch (credential.kind) {
    case "bearer":
    case "refresh":
    case "command":
      return ["Authorization", `Bearer ${value}`];
    case "basic":
      // RFC 7617 §2.1: UTF-8, whatever the server's charset says.
      return ["Authorization", `Basic ${Buffer.from(`${credential.username}:${value}`, "utf8").toString("base64")}`];
    case "header":
      return [credential.name, value];
  }
}

/** Whether two versions of an endpoint would send the same: then a running connection need not be touched. */
export function sameRequest(a: Endpoint, b: Endpoint): boolean {
  const essence = ({ name, notify, paused, keep, retention, ...rest }: Endpoint) => JSON.stringify(rest);
  return essence(a) === essence(b);
}
