/** What two addresses have in common: compared as parsed, so that case and default ports make no difference. */

/** Scheme, host and path of an address, without its query; "" when it is none. */
export function placeOf(url: string): string {
  const parsed = parse(url);
  return parsed === null ? "" : `${parsed.protocol}//${parsed.host}${parsed.pathname}`;
}

/**
 * The server behind an address: scheme, host and port, where `ws:` counts as `http:` and `wss:` as `https:`, because the
 * handshake of a WebSocket is a request to that server. "" when it is no address.
 */
export function serverOf(url: string): string {
  const parsed = parse(url);
  return parsed === null ? "" : `${parsed.protocol.replace(/^ws/, "http")}//${parsed.host}`;
}

/** Whether nobody on the way can read what travels. */
export function isEncrypted(url: string): boolean {
  return /^(https|wss):$/.test(parse(url)?.protocol ?? "");
}

/** Whether the address is on this computer: there is a way to it without any network. */
export function isLoopback(url: string): boolean {
  const host = parse(url)?.hostname ?? "";
  return host === "localhost" || host.endsWith(".localhost") || /^(127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);
}

function parse(url: string): URL | null {
  return URL.canParse(url) ? new URL(url) : null;
}
