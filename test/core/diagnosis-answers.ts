/** Errors as proxies make them themselves, for the tests of the diagnosis: just as much of each as names it. */
import { answered } from "./diagnosis-facts.ts";

export const nginx = (status: number, headersMs = 5) =>
  answered(status, {
    headers: [["Server", "nginx"]],
    body: `<html><h1>${status} x</h1><hr><center>nginx</center></body></html>`,
    headersMs,
  });
export const haproxy = (status: number, headersMs = 5, text = "No server is available to handle this request.") =>
  answered(status, { body: `<html><body><h1>${status} x</h1>\n${text}`, headersMs });
export const squid = (status: number, code: string, headersMs = 5) =>
  answered(status, { headers: [["X-Squid-Error", `${code} 0`]], headersMs });
export const pingora = (status: number, headersMs = 5) =>
  answered(status, {
    headers: [
      ["Server", "Pingora"],
      ["Content-Length", "0"],
    ],
    headersMs,
  });
export const tinyproxy = (status: number, body = "", headersMs = 5) =>
  answered(status, { headers: [["Server", "tinyproxy"]], body, headersMs });
export const cloudflare = (status: number, headersMs = 5) =>
  answered(status, {
    headers: [
      ["Server", "cloudflare"],
      ["CF-RAY", "8c1f2a3b4c5d6e7f"],
    ],
    headersMs,
  });
