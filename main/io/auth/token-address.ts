/**
 * Asks an address for a token, by undici with an agent of its own that is destroyed with the question: behind a proxy or a
 * server that says nothing undici's timeouts do not apply, so the deadline is the caller's signal.
 */
import { Agent, type Dispatcher } from "undici";
import type { Destroyable } from "../connector.ts";
import type { Proxies, Target } from "../ports.ts";
import { ownAnswer } from "../proxy/proxy-answer.ts";
import { type Leg, wayOut } from "../proxy/way-out.ts";
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

export type TokenWorld = {
  readonly userAgent: string;
  readonly utc: () => number;
  /** The ways out of this computer; without it: directly. */
  readonly proxies?: Proxies | undefined;
};

/** Rejects with CredentialError, or with the reason of the signal. */
export async function askTokenAddress(asked: TokenRequest, world: TokenWorld, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  const question = new Question(asked, world);
  let abort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([aborted, question.ask()]);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof CredentialError) throw error;
    throw new CredentialError("unreachable", nameOf(error));
  } finally {
    signal.removeEventListener("abort", abort);
    question.end();
  }
}

/** One question with all its hops; what is open of it ends with it. */
class Question {
  readonly #asked: TokenRequest;
  readonly #world: TokenWorld;
  readonly #open: (() => void)[] = [];
  #isOver = false;

  constructor(asked: TokenRequest, world: TokenWorld) {
    this.#asked = asked;
    this.#world = world;
  }

  end(): void {
    this.#isOver = true;
    for (const end of this.#open) end();
  }

  async ask(): Promise<Buffer> {
    const { origin } = new URL(this.#asked.url);
    const visited: string[] = [];
    for (let target = firstTarget(this.#asked, this.#world.userAgent); ; ) {
      visited.push(target.url);
      const answer = await this.#request(target);
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
        const after = retryAfterMs(header("retry-after"), header("date"), this.#world.utc());
        throw new CredentialError("status", status, after);
      }
      // The page of a hotel's network is no token, whatever it says.
      if (!isTokenType(header("content-type") ?? "")) throw new CredentialError("unusable");
      return read(body);
    }
  }

  /** By the first way out that works. */
  async #request(target: Target): Promise<Dispatcher.ResponseData> {
    const { proxies } = this.#world;
    const url = new URL(target.url);
    const way = await wayOut(proxies === undefined ? {} : { proxies }, url, { made: this.#made, connected: () => {} });
    if ("evidence" in way) throw new CredentialError("unreachable", "proxy settings");
    for (let leg = way; ; ) {
      const { next, answer } = await this.#leave(target, url, leg);
      if (answer !== null) return answer;
      leg = next;
    }
  }

  async #leave(target: Target, url: URL, leg: Leg): Promise<Tried> {
    const agent = new Agent({ connect: leg.connector, bodyTimeout: 0, headersTimeout: 0 });
    this.#open.push(() => void agent.destroy().catch(() => {}));
    if (this.#isOver) this.end();
    const headers = { ...Object.fromEntries(target.headers), ...leg.headers };
    const { body } = target;
    const method = target.method as Dispatcher.HttpMethod;
    try {
      const answer = await agent.request({ origin: url.origin, path: leg.path, method, headers, body });
      leg.answered();
      const refused =
        leg.absolute && leg.route.kind === "proxy" ? ownAnswer(leg.route, answer.statusCode, answer.headers) : null;
      if (refused === null) return { answer, next: null };
      answer.body.on("error", () => {}).destroy();
      throw refused;
    } catch (error) {
      const next = leg.after(error);
      if (next === null) throw error;
      return { answer: null, next };
    }
  }

  /** A socket that still connects is not its agent's yet and would linger for minutes. */
  readonly #made = (socket: Destroyable): void => {
    this.#open.push(() => socket.destroy());
    if (this.#isOver) socket.destroy();
  };
}

type Tried = { answer: Dispatcher.ResponseData; next: null } | { answer: null; next: Leg };

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
  if (evidence.what === "proxy") return `proxy ${evidence.why}`;
  return evidence.what === "error" ? (evidence.codes[0] ?? evidence.names[0] ?? "") : "";
}
