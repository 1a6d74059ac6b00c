/**
 * Asks an address for a token, by undici with an agent of its own that is destroyed with the question: behind a proxy or a
 * server that says nothing undici's timeouts do not apply, so the deadline is the caller's signal.
 */
import { Agent, type Dispatcher, request } from "undici";
import type { Target } from "../ports.ts";
import { errorEvidence } from "../sse/error-evidence.ts";
import { follow, isRedirect } from "../sse/redirects.ts";
import { retryAfterMs } from "../sse/retry-after.ts";
import { CredentialError } from "./credential-error.ts";
import { maxTokenBytes } from "./token-text.ts";

export type TokenRequest = {
  readonly url: string;
  readonly method: "GET" | "POST";
  /** What signs in there, sent as a bearer token; null: nothing does. */
  readonly secret: string | null;
};

/** Longer than any deadline of a caller: only so that a socket which is still connecting does not outlive its agent. */
const connectTimeoutMs = 30_000;

/** Rejects with CredentialError, or with the reason of the signal. */
export async function askTokenAddress(
  asked: TokenRequest,
  world: { userAgent: string; utc: () => number },
  signal: AbortSignal,
): Promise<Buffer> {
  signal.throwIfAborted();
  const agent = new Agent({ connect: { timeout: connectTimeoutMs }, bodyTimeout: 0, headersTimeout: 0 });
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([aborted, ask(asked, world, agent)]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof CredentialError) throw error;
    throw new CredentialError("unreachable", nameOf(error));
  } finally {
    signal.removeEventListener("abort", abort);
    agent.destroy().catch(() => {});
  }
}

async function ask(asked: TokenRequest, world: { userAgent: string; utc: () => number }, agent: Agent) {
  const { origin } = new URL(asked.url);
  const visited: string[] = [];
  for (let target = firstTarget(asked, world.userAgent); ; ) {
    visited.push(target.url);
    const answer = await request(target.url, {
      dispatcher: agent,
      method: target.method as Dispatcher.HttpMethod,
      headers: Object.fromEntries(target.headers),
      body: target.body,
    });
    const { statusCode: status, body } = answer;
    // It is destroyed with the agent, whoever reads it.
    body.on("error", () => {});
    const header = (name: string) => [answer.headers[name]].flat()[0] ?? null;
    if (isRedirect(status)) {
      const next = follow(target, status, header("location"), visited);
      // Another server is not asked at all: what signs in here is not its business, and its token would not be ours.
      if (!("target" in next) || new URL(next.target.url).origin !== origin) throw new CredentialError("redirect");
      body.destroy();
      target = next.target;
      continue;
    }
    if (status < 200 || status > 299) {
      const after = retryAfterMs(header("retry-after"), header("date"), world.utc());
      throw new CredentialError("status", status, after);
    }
    // The page of a hotel's network is no token, whatever it says.
    if (!isTokenType(header("content-type") ?? "")) throw new CredentialError("unusable");
    return read(body);
  }
}

async function read(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxTokenBytes) throw new CredentialError("too-large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function firstTarget({ url, method, secret }: TokenRequest, userAgent: string): Target {
  const headers: [string, string][] = [
    ["accept", "application/json, text/plain;q=0.9"],
    ["accept-encoding", "identity"],
    ["cache-control", "no-store"],
    ["user-agent", userAgent],
  ];
  // UTF-8 bytes as undici puts them on the wire: it writes header text as latin1 and refuses anything beyond.
  if (secret !== null) headers.push(["authorization", `Bearer ${Buffer.from(secret, "utf8").toString("latin1")}`]);
  const body = method === "POST" ? "" : null;
  return { url: new URL(url).href, method, body, headers, lastEventId: "", resumeQuery: null, frames: "auto" };
}

function isTokenType(contentType: string): boolean {
  return /^\s*(text\/plain|application\/([\w.-]+\+)?json)\s*(;|$)/i.test(contentType);
}

/** The first code along the chain of causes, which says what happened and quotes nothing. */
function nameOf(error: unknown): string {
  const evidence = errorEvidence(error, "connect", "");
  return evidence.what === "error" ? (evidence.codes[0] ?? evidence.names[0] ?? "") : "";
}
