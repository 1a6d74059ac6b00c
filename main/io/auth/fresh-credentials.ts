/**
 * Credentials that change: makes the one source of a token that all endpoints share which name the same program, or the
 * same address with the same secret. Whether a command may be set at all is decided where settings are saved.
 */
import { createHash } from "node:crypto";
import type { Credential } from "../../../preload/contract.ts";
import { isEncrypted } from "../addresses.ts";
import type { Clock, Proxies } from "../ports.ts";
import { CredentialError } from "./credential-error.ts";
import { type CredentialSource, createCredentialSource, type Fetched, tokenDeadlineMs } from "./credential-source.ts";
import { askTokenAddress, type TokenRequest } from "./token-address.ts";
import { runTokenProgram } from "./token-program.ts";
import { readToken } from "./token-text.ts";

export type FetchedCredential = Extract<Credential, { kind: "refresh" | "command" }>;

/** The credential of one endpoint. */
export type FreshCredential = {
  /** A token for the next attempt. Rejects with CredentialError only, whose message may be shown and logged. */
  fresh(): Promise<string>;
  /** After a 401 or 403: what `fresh` gave last here was not accepted, so nobody is given it again. */
  refused(): void;
};

export type FreshCredentialsOptions = {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly deadlineMs?: number;
  /** So many sources are remembered: more than the settings hold, so what was changed since is let go some day. */
  readonly maxSources?: number;
};

export type FreshCredentialsSource = {
  /**
   * @param endpoint whose stream it is for: its token is never asked for on a less protected way than it will be sent on
   * @param secret what signs in at a refresh address, as of the moment; null: nothing does
   * @param proxies by which way the refresh address is asked: the stream's own
   */
  of(
    credential: FetchedCredential,
    endpoint: { readonly url: string },
    secret: () => string | null,
    proxies?: Proxies,
  ): FreshCredential;
  /** Ends the programs and questions under way. */
  close(): void;
};

export function createFreshCredentials(options: FreshCredentialsOptions): FreshCredentialsSource {
  const { clock, userAgent, deadlineMs = tokenDeadlineMs, maxSources = 256 } = options;
  const sources = new Map<string, CredentialSource>();
  const shared = (what: readonly unknown[], make: () => CredentialSource): CredentialSource => {
    // Not the secret itself: keys are what lists and dumps show first.
    const key = createHash("sha256").update(JSON.stringify(what)).digest("hex");
    const known = sources.get(key) ?? make();
    sources.delete(key);
    sources.set(key, known);
    const [oldest] = sources;
    if (sources.size > maxSources && oldest !== undefined) {
      sources.delete(oldest[0]);
      oldest[1].close();
    }
    return known;
  };
  const program = (argv: readonly string[]) =>
    shared(["command", argv], () =>
      createCredentialSource(
        async (signal) => readToken(await runTokenProgram(argv, clock, signal)),
        clock,
        deadlineMs,
      ),
    );
  const address = (asked: TokenRequest, proxies: Proxies | undefined) =>
    shared(["refresh", asked.method, asked.url, asked.secret, proxies?.key ?? ""], () =>
      createCredentialSource(
        async (signal) => readToken(await askTokenAddress(asked, { userAgent, utc: clock.utc, proxies }, signal)),
        clock,
        deadlineMs,
      ),
    );
  return {
    of(credential, endpoint, secret, proxies) {
      let last: { source: CredentialSource; fetched: Fetched } | null = null;
      return {
        async fresh() {
          if (credential.kind === "refresh" && !isProtectedEnough(credential.url, endpoint.url)) {
            throw new CredentialError("less-protected");
          }
          const source =
            credential.kind === "command"
              ? program(credential.argv)
              : address({ url: credential.url, method: credential.method, secret: secret() }, proxies);
          const fetched = await source.fresh(last?.fetched ?? null);
          last = { source, fetched };
          return fetched.token;
        },
        refused() {
          last?.source.refused(last.fetched.token);
        },
      };
    },
    close() {
      for (const source of sources.values()) source.close();
      sources.clear();
    },
  };
}

/** A token that travels encrypted to the server is not fetched in the clear. */
export function isProtectedEnough(refreshUrl: string, streamUrl: string): boolean {
  const { protocol } = URL.canParse(refreshUrl) ? new URL(refreshUrl) : { protocol: "" };
  return protocol === "https:" || (protocol === "http:" && !isEncrypted(streamUrl));
}
