/**
 * One token that is fetched when it is needed and shared by all who use it: whoever asks while it is being fetched waits
 * for the same answer. Where its source said how long it lives, it is kept until it is about to expire; else it is good for
 * one attempt of each who asks within a moment. A token that somebody was refused with is dropped. It does not know where
 * tokens come from (token-program.ts, token-address.ts), and it does not try again: how long to wait is the machine's.
 */
import type { Clock } from "../ports.ts";
import { CredentialError } from "./credential-error.ts";
import type { Token } from "./token-text.ts";

/** A token as it was fetched one time; the same text fetched again is another. */
export type Fetched = { readonly token: string };

export type CredentialSource = {
  /**
   * A token that should be good. Rejects with CredentialError only.
   * @param last what the asker was given here before: without a known life it is not given to the same one twice
   */
  fresh(last: Fetched | null): Promise<Fetched>;
  /** A server refused this token. One that has been replaced since changes nothing. */
  refused(token: string): void;
  /** Ends what is under way. */
  close(): void;
};

/** The program or the address has so long to give its token, ms. */
export const tokenDeadlineMs = 15_000;
/** A token is replaced before its end, so that one which is on its way does not expire there. */
const usableShare = 0.9;
/** Streams that connect together share a token whose life nobody knows, for so long after it was asked for, ms. */
export const sharedMs = 5000;

type Kept = { readonly token: string; readonly lifeMs: number | null; readonly mono: number; readonly utc: number };

/** @param fetch gets one token; it must settle when the signal is aborted, with the signal's reason */
export function createCredentialSource(
  fetch: (signal: AbortSignal) => Promise<Token>,
  clock: Clock,
  deadlineMs = tokenDeadlineMs,
): CredentialSource {
  let kept: Kept | null = null;
  let pending: Promise<Fetched> | null = null;
  let end = new AbortController();

  /** By both clocks: the monotonic one may stand still while the computer sleeps, the civil one may be set. */
  const ageMs = ({ mono, utc }: Kept): number => Math.max(clock.mono() - mono, clock.utc() - utc);
  const isGood = (token: Kept, last: Fetched | null): boolean =>
    token.lifeMs === null ? token !== last && ageMs(token) < sharedMs : ageMs(token) < token.lifeMs * usableShare;

  const get = async (): Promise<Fetched> => {
    end = new AbortController();
    const { signal } = end;
    const stop = clock.after(deadlineMs, () => end.abort(new CredentialError("timeout")));
    // From the moment of asking: the server counts from some moment after it.
    const moment = { mono: clock.mono(), utc: clock.utc() };
    try {
      const token = await fetch(signal);
      kept = { ...token, ...moment };
      return kept;
    } catch (error) {
      // What went wrong in a place nobody thought of may have a secret in its words.
      throw error instanceof CredentialError ? error : new CredentialError("unusable");
    } finally {
      stop();
      pending = null;
    }
  };

  return {
    fresh(last) {
      if (kept !== null && isGood(kept, last)) return Promise.resolve(kept);
      pending ??= get();
      return pending;
    },
    refused(token) {
      if (kept?.token === token) kept = null;
    },
    close() {
      kept = null;
      end.abort(new CredentialError("closed"));
    },
  };
}
