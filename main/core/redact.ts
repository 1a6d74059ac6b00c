/** One place that takes secrets out of what leaves main: logs, stats, messages. */

/** Origin and path of a URL; no credentials, no query, no fragment. A string that is no URL gives "". */
export function address(url: string): string {
  const found = /^([a-z][a-z0-9+.-]*:)\/\/(?:[^/?#]*@)?([^/?#]*)([^?#]*)/i.exec(url);
  return found === null ? "" : `${found[1]?.toLowerCase()}//${found[2]?.toLowerCase()}${found[3] || "/"}`;
}

/** Scheme, host and port of a URL. */
export function origin(url: string): string {
  const whole = address(url);
  const slash = whole.indexOf("/", whole.indexOf("//") + 2);
  return slash < 0 ? whole : whole.slice(0, slash);
}

/** Header names whose values are credentials wherever they are met. */
const sensitiveName =
  /^(authorization|proxy-authorization|cookie|set-cookie)$|token|secret|api-?key|password|passwd|session|signature/i;

/** Whether a header of this name has to be kept as a secret. */
export function isSensitiveHeader(name: string): boolean {
  return sensitiveName.test(name.trim());
}

/** A header with a credential in it: what is quoted up to the quote, otherwise all of the line, since schemes differ. */
const headerLine =
  /\b((?:authorization|cookie|x-api-key|x-auth-token)\\?["']?\s*[:=]\s*)("[^"\r\n]*"?|'[^'\r\n]*'?|[^\r\n]+)/gi;

/** Takes userinfo, query values, bearer and basic credentials out of free text. */
export function redact(text: string): string {
  return text
    .replace(/\b([a-z][a-z0-9+.-]{0,30}:\/\/)[^\s/?#]{1,4096}@/gi, "$1***@")
    .replace(/([?&#][^=\s&#]{1,64}=)[^&\s#"']+/g, "$1***")
    .replace(/\b(bearer|basic|digest|negotiate)\s+[A-Za-z0-9+/=._~:-]+/gi, "$1 ***")
    .replace(headerLine, "$1***");
}
