/** What is wrong with a proxy that somebody wrote down, by its field. What its mode does not use is not judged. */
import type { FieldError } from "../../../preload/contract.ts";
import { parseProxyAddress } from "../../core/proxy/proxy-address.ts";
import { isObject } from "./strict-json.ts";

/** @param proxy of the app or of a stream, as it came */
export function proxyErrors(proxy: unknown): FieldError[] {
  if (!isObject(proxy) || proxy["mode"] !== "manual") return [];
  const { url, username } = proxy;
  const errors: FieldError[] = [];
  if (typeof url === "string") {
    const parsed = parseProxyAddress(url);
    if (typeof parsed === "string") errors.push({ field: "proxy.url", code: parsed, params: {} });
    // They would be readable in the settings file; they have fields of their own.
    else if (url.includes("@")) errors.push({ field: "proxy.url", code: "proxy-url-credentials", params: {} });
  }
  // RFC 7617 §2: the first colon ends the name.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (typeof username === "string" && /[:\u0000-\u001f\u007f]/.test(username)) {
    errors.push({ field: "proxy.username", code: "username-invalid", params: {} });
  }
  return errors;
}
