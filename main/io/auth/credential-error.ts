/** Why no fresh credential could be had, in words that hold no secret: never what a program printed or a server answered. */

export type CredentialReason =
  /** The program could not be started; detail: the system's code. */
  | "not-started"
  /** It ended with another exit code than 0, or by a signal; detail: which. */
  | "exit"
  /** It did not answer in time. */
  | "timeout"
  /** It said more than a token can be. */
  | "too-large"
  /** It said something that is no token: empty, of several lines, not JSON where it looks like it, a web page. */
  | "unusable"
  /** The address could not be reached; detail: the network stack's code. */
  | "unreachable"
  /** It answered with another status than 2xx; detail: which. */
  | "status"
  /** It sent us to another server, or round in circles. */
  | "redirect"
  /** It is less protected than the stream that the token is for, or neither http nor https. */
  | "less-protected"
  /** Nobody waits for it any more. */
  | "closed";

export class CredentialError extends Error {
  readonly reason: CredentialReason;
  /** An exit code, a status, a code of the system; "" where there is none. */
  readonly detail: string;
  /** When the address wants to be asked again (Retry-After), ms; null when it does not say. */
  readonly retryAfterMs: number | null;

  constructor(reason: CredentialReason, detail: string | number = "", retryAfterMs: number | null = null) {
    super(`${reason} ${detail}`.trim());
    this.name = "CredentialError";
    this.reason = reason;
    this.detail = `${detail}`;
    this.retryAfterMs = retryAfterMs;
  }
}
