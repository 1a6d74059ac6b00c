/**
 * What is wrong with the ways to a stream beside its own address: further addresses, the WebSocket, the usual paths, and
 * where a token comes from. The list as a whole must hold too: no way may be less protected than another, since a stream
 * goes through them in both directions. Takes values of any shape; what has a wrong shape is the schema's to say.
 */
import { isAbsolute } from "node:path";
import type { FieldError } from "../../../preload/contract.ts";
import { isEncrypted, placeOf } from "../addresses.ts";
import { headerErrors } from "./header-rules.ts";
import { isObject, type Json } from "./strict-json.ts";
import { urlTrouble } from "./url-rules.ts";

/** The longest token command that a message box shows whole, in characters. */
export const longestCommand = 2000;

/** All errors, each with the path of its field. */
export function candidateErrors(draft: Json): FieldError[] {
  return [...groupErrors(draft), ...websocketErrors(draft), ...discoverErrors(draft), ...credentialErrors(draft)];
}

function groupErrors({ url, group, method }: Json): FieldError[] {
  if (!Array.isArray(group)) return [];
  const errors: FieldError[] = [];
  const taken = new Set([placeOf(String(url))]);
  for (const [index, member] of group.entries()) {
    if (!isObject(member)) continue;
    const path = `group.${index}`;
    const address = member["url"];
    if (typeof address === "string") {
      const place = placeOf(address);
      const code = urlTrouble(address, "http") ?? (taken.has(place) ? "group-duplicate" : schemeTrouble(url, address));
      if (code !== null) errors.push(plain(`${path}.url`, code));
      taken.add(place);
    }
    errors.push(...ownHeaderErrors(path, member["headers"]));
  }
  // The next address, and the way back to the first, are the same request once more.
  if (method === "POST" && group.length > 0) errors.push(plain("group", "group-needs-get"));
  return errors;
}

function websocketErrors({ url, websocket, method }: Json): FieldError[] {
  if (!isObject(websocket)) return [];
  const errors: FieldError[] = [];
  const { url: address, resumeQuery, headers } = websocket;
  if (typeof address === "string") {
    const code = urlTrouble(address, "ws") ?? schemeTrouble(url, address);
    if (code !== null) errors.push(plain("websocket.url", code));
  }
  // Unreserved characters of RFC 3986: what needs no escape cannot be escaped in two ways.
  if (typeof resumeQuery === "string" && !/^[A-Za-z0-9._~-]*$/.test(resumeQuery)) {
    errors.push(plain("websocket.resumeQuery", "query-name-invalid"));
  }
  errors.push(...ownHeaderErrors("websocket", headers));
  if (method === "POST") errors.push(plain("websocket", "websocket-needs-get"));
  return errors;
}

function discoverErrors({ url, group, method, discover }: Json): FieldError[] {
  if (discover !== true) return [];
  if (typeof url === "string" && URL.canParse(url)) {
    const { pathname, search, hash } = new URL(url);
    if (pathname !== "/" || search !== "" || hash !== "") return [plain("discover", "discover-needs-base")];
  }
  if (method === "POST") return [plain("discover", "discover-needs-get")];
  return Array.isArray(group) && group.length > 0 ? [plain("discover", "discover-without-group")] : [];
}

function credentialErrors({ url, credential }: Json): FieldError[] {
  if (!isObject(credential)) return [];
  const { kind, url: address, argv } = credential;
  if (kind === "refresh" && typeof address === "string") {
    const trouble = urlTrouble(address, "http") ?? schemeTrouble(url, address, "down");
    return trouble === null ? [] : [plain("credential.url", trouble)];
  }
  if (kind !== "command" || !Array.isArray(argv)) return [];
  const code = commandTrouble(argv);
  return code === null ? [] : [plain("credential.argv", code)];
}

/** What is wrong with a token command, or null. */
export function commandTrouble(argv: readonly unknown[]): string | null {
  const [program] = argv;
  if (program === undefined) return "command-missing";
  if (!argv.every((word) => typeof word === "string" && !word.includes("\0"))) return "command-invalid";
  // A bare name would be whatever stands first in the PATH of the day.
  if (!isAbsolute(String(program))) return "command-not-absolute";
  return argv.join(" ").length > longestCommand ? "command-too-long" : null;
}

/** @param direction "down": a step to something better protected is fine, because nothing comes back from there */
function schemeTrouble(own: unknown, other: string, direction: "both" | "down" = "both"): string | null {
  if (typeof own !== "string" || !URL.canParse(own) || isEncrypted(own) === isEncrypted(other)) return null;
  if (isEncrypted(own)) return "scheme-weaker";
  return direction === "both" ? "scheme-mixed" : null;
}

function ownHeaderErrors(path: string, headers: unknown): FieldError[] {
  return headerErrors(headers, null).map((error) => ({ ...error, field: `${path}.${error.field}` }));
}

function plain(field: string, code: string): FieldError {
  return { field, code, params: {} };
}
