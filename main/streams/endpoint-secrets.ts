/**
 * Which stored secrets an endpoint may use, and when they are forgotten: what was typed for one server is typed again for
 * another, and what an endpoint does not want any more is not kept for the day on which it wants it elsewhere.
 */
import type { Endpoint, FieldError } from "../../preload/contract.ts";
import { serverOf } from "../io/addresses.ts";
import type { Secrets } from "../io/ports.ts";
import { normalPart, secretKey, secretParts } from "./endpoint-request.ts";

/** Secrets by part, as they were typed just now. */
export type Given = Readonly<Record<string, string>>;

/** Header names are the same in any case; their secrets too. */
export function byPart(secrets: Given): Given {
  return Object.fromEntries(Object.entries(secrets).map(([part, value]) => [normalPart(part), value]));
}

/** The secrets that are still to be typed, by the field where that is done. @param saved as it stands; null: it is new */
export function secretErrors(endpoint: Endpoint, saved: Endpoint | null, given: Given, secrets: Secrets): FieldError[] {
  return secretParts(endpoint).flatMap(({ part, field, needed }) => {
    const known = given[part] ?? secrets.get(secretKey(endpoint.id, part));
    const strays = given[part] === undefined && known !== null && isElsewhere(part, endpoint, saved);
    if (strays) return [{ field, code: "secret-other-server", params: {} }];
    return needed && (known ?? "") === "" ? [{ field, code: "secret-missing", params: {} }] : [];
  });
}

/** Keeps what was given; returns what puts back what was there before. */
export function keepSecrets({ id }: Endpoint, given: Given, secrets: Secrets): () => void {
  const before = Object.keys(given).map((part) => [secretKey(id, part), secrets.get(secretKey(id, part))] as const);
  for (const [part, value] of Object.entries(given)) secrets.set(secretKey(id, part), value);
  return () => {
    for (const [key, value] of before) {
      if (value === null) secrets.remove(key);
      else secrets.set(key, value);
    }
  };
}

/** Forgets what the endpoint, as it is saved now, has no right to. Returns whether any of it could be read. */
export function forgetSecrets(endpoint: Endpoint, saved: Endpoint | null, given: Given, secrets: Secrets): boolean {
  const { id } = endpoint;
  const wanted = secretParts(endpoint).map(({ part }) => part);
  const kept = new Set(
    wanted
      .filter((part) => given[part] !== undefined || !isElsewhere(part, endpoint, saved))
      .map((part) => secretKey(id, part)),
  );
  const readable = secrets.keys().filter((key) => key.startsWith(`${id}/`) && !kept.has(key));
  // A locked keyring's secrets are in no list, and come back when it is opened: those are named by what wanted them.
  const hidden = [...wanted, ...(saved === null ? [] : secretParts(saved).map(({ part }) => part))]
    .map((part) => secretKey(id, part))
    .filter((key) => !kept.has(key));
  for (const key of new Set([...readable, ...hidden])) secrets.remove(key);
  return readable.length > 0;
}

/** Whether a part would now be sent to another server than it was typed for. Further addresses have theirs in its name. */
function isElsewhere(part: string, endpoint: Endpoint, saved: Endpoint | null): boolean {
  if (saved === null) return false;
  if (part === "proxy") return endpoint.proxy.url.trim() !== saved.proxy.url.trim();
  if (part === "credential") return credentialServer(endpoint) !== credentialServer(saved);
  return part.startsWith("header:") && serverOf(endpoint.url) !== serverOf(saved.url);
}

/** The servers that the credential's secret, or what is got for it, is sent to. */
function credentialServer({ credential, url }: Endpoint): string {
  return [serverOf(credential.kind === "refresh" ? credential.url : url), serverOf(url)].join(" ");
}
