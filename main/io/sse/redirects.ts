/** Which redirects are followed, and what may travel along. Pure: the transport asks, this answers. */
import type { Evidence } from "../../core/failure/failure.ts";
import { address } from "../../core/redact.ts";
import type { Target } from "../ports.ts";

/** RFC 9110 §15.4 names no limit; five is more than any honest path needs. */
const maxRedirects = 5;

export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

/**
 * The target after a redirect, or the evidence why it is not followed.
 * Another origin gets none of the user's headers, no body and no id: nobody gave them to it.
 * @param visited addresses asked so far in this attempt, the present one last
 */
export function follow(target: Target, status: number, location: string | null, visited: readonly string[]) {
  const refuse = (why: Extract<Evidence, { what: "redirect" }>["why"]): { evidence: Evidence } => ({
    evidence: { what: "redirect", why, location: address(resolved(location, target.url)) },
  });
  if (location === null) return refuse("no-location");
  if (visited.length > maxRedirects) return refuse("too-many");
  if (!URL.canParse(location, target.url)) return refuse("refused");
  const url = new URL(location, target.url);
  if (url.protocol !== "http:" && url.protocol !== "https:") return refuse("refused");
  // What was encrypted stays encrypted.
  if (target.url.startsWith("https:") && url.protocol === "http:") return refuse("refused");
  if (visited.includes(url.href)) return refuse("loop");
  const sameOrigin = new URL(target.url).origin === url.origin;
  const keepsMethod = status === 307 || status === 308;
  if (!sameOrigin && target.body !== null && keepsMethod) return refuse("refused");
  const request = keepsMethod || target.method === "GET" ? {} : { method: "GET", body: null };
  const alone = sameOrigin ? {} : { headers: [], lastEventId: "", body: null };
  return { target: { ...target, ...request, ...alone, url: withoutUserinfo(url) } };
}

function withoutUserinfo(url: URL): string {
  url.username = "";
  url.password = "";
  return url.href;
}

/** A relative Location as the address it means; "" when it is none. */
function resolved(location: string | null, base: string): string {
  return location !== null && URL.canParse(location, base) ? new URL(location, base).href : "";
}
