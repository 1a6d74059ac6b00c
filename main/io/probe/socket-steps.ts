/** Sockets for a probe, one step at a time, each with how long it took: TCP and TLS. No bytes of HTTP are known here. */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from "node:tls";
import type { TlsFact } from "../../core/diagnosis/facts.ts";
import { classify, freshContext } from "../../core/failure/failure.ts";
import { errorEvidence } from "../sse/error-evidence.ts";

/** The code of an error of the stack, as all of Holdfast names it. */
export function kindOf(error: unknown, stage: "connect" | "headers" | "body"): string {
  return classify(errorEvidence(error, stage, ""), freshContext).kind;
}

export type Reached = { readonly socket: Socket; readonly tookMs: number };
export type Unreached = { readonly failure: string; readonly tookMs: number };

/** Connects within a time. Never rejects. */
export function reach(host: string, port: number, limitMs: number, signal: AbortSignal): Promise<Reached | Unreached> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const socket = connectTcp({ host, port, noDelay: true });
    const over = (failure: string | null) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      socket.off("connect", connected);
      socket.off("error", refused);
      // Whatever comes later is told to whoever reads the socket by then.
      socket.on("error", () => {});
      const tookMs = performance.now() - startedAt;
      if (failure === null) return resolve({ socket, tookMs });
      socket.destroy();
      resolve({ failure, tookMs });
    };
    const abort = () => over("cancelled");
    const connected = () => over(null);
    const refused = (error: Error) => over(kindOf(error, "connect"));
    const timer = setTimeout(() => over("connect-timeout"), Math.max(1, limitMs));
    signal.addEventListener("abort", abort);
    socket.once("connect", connected);
    socket.once("error", refused);
  });
}

export type Secured = { readonly socket: TLSSocket; readonly fact: TlsFact; readonly alpn: string };

/** Talks TLS over a socket within a time; whether it may be trusted is in the fact, and it is told rather than thrown. */
export function secure(
  under: Socket,
  host: string,
  protocols: readonly string[],
  limitMs: number,
): Promise<Secured | { readonly fact: TlsFact }> {
  const startedAt = performance.now();
  const broken = (trouble: "handshake" | "not-tls" | "silent"): TlsFact => ({
    tookMs: performance.now() - startedAt,
    protocol: null,
    trouble,
    issuer: null,
    daysLeft: null,
  });
  return new Promise((resolve) => {
    const socket = connectTls({
      socket: under,
      ...(isIP(host) === 0 ? { servername: host } : {}),
      host,
      ALPNProtocols: [...protocols],
      // Judged below, so that the certificate can be named; nothing is sent over what is not trusted.
      rejectUnauthorized: false,
    });
    const over = (trouble: "handshake" | "not-tls" | "silent") => {
      clearTimeout(timer);
      socket.destroy();
      under.destroy();
      resolve({ fact: broken(trouble) });
    };
    // [measured] So OpenSSL calls an answer whose first bytes are no record of TLS.
    const fail = (error?: unknown) =>
      over(
        (error as NodeJS.ErrnoException | undefined)?.code === "ERR_SSL_WRONG_VERSION_NUMBER" ? "not-tls" : "handshake",
      );
    const timer = setTimeout(() => over("silent"), Math.max(1, limitMs));
    socket.once("error", fail);
    const closed = () => fail();
    socket.once("close", closed);
    socket.once("secureConnect", () => {
      clearTimeout(timer);
      socket.removeListener("error", fail);
      socket.removeListener("close", closed);
      socket.on("error", () => {});
      const fact = factOf(socket, performance.now() - startedAt);
      resolve({ socket, fact, alpn: socket.alpnProtocol || "" });
    });
  });
}

/** Names in the issuer by which programs are known that open TLS to look inside. */
const inspectors =
  /kaspersky|avast|avg |eset|bitdefender|mcafee|sophos|zscaler|netskope|fortinet|fortigate|palo alto|blue ?coat|cisco umbrella|check ?point|mitmproxy|charles proxy|fiddler|burp|squid|barracuda|watchguard|untangle|web ?shield/i;
const dayMs = 86_400_000;

function factOf(socket: TLSSocket, tookMs: number): TlsFact {
  const certificate = socket.getPeerCertificate(true);
  const issuer = issuerOf(certificate);
  const until = Date.parse(certificate.valid_to ?? "");
  const daysLeft = Number.isNaN(until) ? null : Math.floor((until - Date.now()) / dayMs);
  return { tookMs, protocol: socket.getProtocol(), trouble: troubleOf(socket, issuer), issuer, daysLeft };
}

function issuerOf(certificate: DetailedPeerCertificate): string | null {
  const { O: organisation, CN: name } = certificate.issuer ?? {};
  const parts = [organisation, name].flat().filter((part): part is string => typeof part === "string" && part !== "");
  return parts.length === 0 ? null : [...new Set(parts)].join(" · ").slice(0, 120);
}

function troubleOf(socket: TLSSocket, issuer: string | null): TlsFact["trouble"] {
  if (socket.authorized) return null;
  const code = String((socket.authorizationError as { code?: string } | null)?.code ?? socket.authorizationError ?? "");
  if (issuer !== null && inspectors.test(issuer)) return "intercepted";
  if (code.includes("HAS_EXPIRED")) return "expired";
  if (code.includes("NOT_YET_VALID")) return "not-yet";
  if (code.includes("ALTNAME") || code.includes("HOSTNAME")) return "name";
  return code === "DEPTH_ZERO_SELF_SIGNED_CERT" ? "self-signed" : "issuer";
}
