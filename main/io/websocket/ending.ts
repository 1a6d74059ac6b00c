/** How a WebSocket came to its end: from undici's close event, which hides most of it, and what the gate saw. Pure. */
import type { Evidence, Stage } from "../../core/failure/failure.ts";
import { redact } from "../../core/redact.ts";
import { errorEvidence } from "../sse/error-evidence.ts";

export type Ending = {
  readonly stage: Stage;
  /** Of undici's close event: the server's own code, 1005 when its close frame had none, 1006 when there was no frame. */
  readonly code: number;
  readonly reason: string;
  /** The code of the close frame that undici sent, or null when it sent none. */
  readonly closing: number | null;
  /** The socket's error. */
  readonly error: Error | null;
  readonly host: string;
  /** What a message may be at most. */
  readonly limitBytes: number;
};

/** No close frame came (RFC 6455 §7.1.5). */
export const abnormal = 1006;
export const protocolError = 1002;
/** With these undici itself gives up on a message that is too large, or in too many pieces. */
const tooLarge: readonly number[] = [1008, 1009];

export function endingEvidence({ stage, code, reason, closing, error, host, limitBytes }: Ending): Evidence {
  // What a refusal or a cut before the end of the handshake looks like, the dispatcher has told already.
  if (stage !== "body") return { what: "closed", code: protocolError, reason: "handshake" };
  if (code !== abnormal) return { what: "closed", code, reason: redact(reason) };
  if (closing !== null && tooLarge.includes(closing)) return { what: "too-large", limitBytes };
  if (closing !== null) return { what: "closed", code: closing, reason: "invalid frame" };
  return error === null ? { what: "closed", code: abnormal, reason: "" } : errorEvidence(error, "body", host);
}
