/**
 * Who gets no statistics: anything that could be a web page in the user's browser. Pure; the server is stats-server.ts.
 * The Host check is what stops DNS rebinding: such a page is "same origin" to the browser and sends no Origin on a GET.
 */

type Headers = Readonly<Record<string, readonly string[] | undefined>>;

/**
 * The status that refuses a request, or null when it may be answered.
 * @param headers every header with all its values, names in lower case
 * @param port the port the server really has
 */
export function statsGuard(method: string | undefined, headers: Headers, port: number | undefined): 403 | 405 | null {
  const hosts = headers["host"] ?? [];
  const ours = [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`];
  if (hosts.length !== 1 || !ours.includes(hosts[0]?.toLowerCase() ?? "")) return 403;
  if (headers["origin"] !== undefined) return 403;
  const sites = headers["sec-fetch-site"] ?? [];
  if (!sites.every((site) => site === "none" || site === "same-origin")) return 403;
  return method === "GET" || method === "HEAD" ? null : 405;
}
