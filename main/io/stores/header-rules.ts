/**
 * Which request headers a user may set, and how: RFC 9110 names and values, none of those the connection itself sets,
 * and credentials only as secrets, so that they never reach the settings file.
 */
import type { FieldError } from "../../../preload/contract.ts";
import { isSensitiveHeader } from "../../core/redact.ts";
import { isObject } from "./strict-json.ts";

/** Set by us or by the protocol; a second value would break the request or the stream. */
const reserved = new Set([
  "host",
  "connection",
  "keep-alive",
  "content-length",
  "transfer-encoding",
  "te",
  "trailer",
  "upgrade",
  "expect",
  "accept",
  // A compressed stream arrives in the compressor's blocks, not when the server sends.
  "accept-encoding",
  "cache-control",
  "last-event-id",
]);

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Tab, visible ASCII and obs-text: CR, LF and NUL would end the header, and bytes above 255 cannot be sent. */
const sendable = /^[\t\u0020-\u007e\u0080-\u00ff]*$/;

/** Errors of the header list and of the credential, whose header must not be there twice. Takes values of any shape. */
export function headerErrors(headers: unknown, credential: unknown): FieldError[] {
  const errors: FieldError[] = [];
  const add = (field: string, code: string): void => void errors.push({ field, code, params: {} });
  const taken = new Set<string>();
  if (isObject(credential)) {
    const { kind, name, username } = credential;
    if (["bearer", "basic", "refresh", "command"].includes(String(kind))) taken.add("authorization");
    // RFC 7617: the first colon ends the name.
    if (kind === "basic" && typeof username === "string" && (username.includes(":") || !sendable.test(username))) {
      add("credential.username", "username-invalid");
    }
    if (kind === "header" && typeof name === "string") {
      const code = nameTrouble(name);
      if (code !== null) add("credential.name", code);
      taken.add(name.toLowerCase());
    }
  }
  if (!Array.isArray(headers)) return errors;
  for (const [index, header] of headers.entries()) {
    if (!isObject(header) || typeof header["name"] !== "string" || typeof header["value"] !== "string") continue;
    const { name, value, secret } = header;
    const code = nameTrouble(name) ?? (taken.has(name.toLowerCase()) ? "header-duplicate" : null);
    if (code !== null) add(`headers.${index}.name`, code);
    taken.add(name.toLowerCase());
    if (!sendable.test(value)) add(`headers.${index}.value`, "header-value-invalid");
    else if (secret === true && value !== "") add(`headers.${index}.value`, "header-secret-value");
    if (secret !== true && isSensitiveHeader(name)) add(`headers.${index}.secret`, "header-must-be-secret");
  }
  return errors;
}

function nameTrouble(name: string): string | null {
  if (name === "") return "required";
  if (!token.test(name)) return "header-name-invalid";
  // RFC 6455 §11.3: the handshake's own.
  return reserved.has(name.toLowerCase()) || /^sec-websocket-/i.test(name) ? "header-reserved" : null;
}
