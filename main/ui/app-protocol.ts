/**
 * Serves the page: `app://holdfast/` over the files of dist/renderer, and nothing else of this machine.
 * The files are listed once, so a request is a look-up in that list: a path that climbs out, is oddly encoded or goes
 * through a link has no entry. It is not a web server: no ranges, no directories, no other host.
 */
import { readdirSync, realpathSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { Protocol } from "electron/main";

export const appScheme = "app";
export const appOrigin = "app://holdfast";
export const appPage = `${appOrigin}/index.html`;

/** Whether a URL (or a bare origin) belongs to an origin. By spelling: `URL.origin` is "null" for a scheme that Node does not know. */
export function within(url: string, origin: string): boolean {
  return url === origin || url.startsWith(`${origin}/`);
}

/** Everything the page may load or do. React and our pieces need nothing that is not here (no inline, no eval, no network). */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

/** The headers of every answer, refusals too. */
export const securityHeaders: Readonly<Record<string, string>> = {
  "Content-Security-Policy": policy,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
};

const contentTypes: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/** Names the scheme's rights. Has to be called before the app is ready, once. */
export function registerAppScheme(protocol: Protocol): void {
  // The page's compiled code is kept by Chromium from its second start on.
  const privileges = { standard: true, secure: true, codeCache: true };
  protocol.registerSchemesAsPrivileged([{ scheme: appScheme, privileges }]);
}

/** URL paths ("/assets/app.js") and the files they stand for. */
export type Assets = ReadonlyMap<string, string>;

/**
 * Lists what may be served: plain files of known types. Links are left out, whatever they point at.
 * @param folder absolute; may lie inside an asar archive
 * @throws when the folder does not exist
 */
export function listAssets(folder: string): Assets {
  const assets = new Map<string, string>();
  const walk = (directory: string, path: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const file = join(directory, entry.name);
      if (entry.isDirectory()) walk(file, `${path}${entry.name}/`);
      else if (entry.isFile() && extname(entry.name) in contentTypes) assets.set(`${path}${entry.name}`, file);
    }
  };
  walk(realpathSync(folder), "/");
  return assets;
}

/** The file a request means, or null. Only a path that is spelled exactly as listed is served; query and fragment say nothing. */
export function resolveAsset(url: string, assets: Assets): string | null {
  if (!within(url, appOrigin)) return null;
  const path = url.slice(appOrigin.length).replace(/[?#].*$/s, "");
  try {
    return assets.get(path === "" || path === "/" ? "/index.html" : decodeURIComponent(path)) ?? null;
  } catch {
    return null;
  }
}

/** Answers one request for the page; 404 for all that is not listed, 405 for anything but reading. */
export async function answer(request: { method: string; url: string }, assets: Assets): Promise<Response> {
  if (request.method !== "GET" && request.method !== "HEAD")
    return new Response(null, { status: 405, headers: securityHeaders });
  const file = resolveAsset(request.url, assets);
  if (file === null) return new Response(null, { status: 404, headers: securityHeaders });
  const headers = { ...securityHeaders, "Content-Type": contentTypes[extname(file)] ?? "application/octet-stream" };
  return new Response(request.method === "HEAD" ? null : await readFile(file), { headers });
}

/**
 * Serves the folder from now on; call it when the app is ready.
 * @returns resolves when the page has got its style sheet: from then on the window can paint its frame
 */
export function serveApp(protocol: Pick<Protocol, "handle">, folder: string): Promise<void> {
  const assets = listAssets(folder);
  const { promise, resolve } = Promise.withResolvers<void>();
  protocol.handle(appScheme, async (request) => {
    const answered = await answer(request, assets);
    if (answered.headers.get("Content-Type")?.startsWith("text/css") === true) resolve();
    return answered;
  });
  return promise;
}
