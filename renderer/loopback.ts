/** Whether an address leads to this computer itself: nothing that travels there can be read on the way. Pure. */

/** 127.0.0.0/8, ::1 and "localhost"; the URL parser has already made one form of an address out of many. */
export function isLoopback(origin: string): boolean {
  const host = URL.canParse(origin) ? new URL(origin).hostname : "";
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host);
}
