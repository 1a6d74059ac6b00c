/**
 * What a proxy means by an error that it made itself: measured over eight products, for others by what they are. Whether an
 * answer is a proxy's own, and whose, only detection knows (proxy-signature.ts); nothing is recognized here.
 */
import type { AnswerSeen } from "../detection/observation.ts";
import { isForwardByTrade } from "../detection/signatures.ts";
import { speakerOf as signedBy } from "../proxy-signature.ts";
import { header } from "./reading.ts";

type Says = "no-route" | "upstream-down" | "upstream-timeout" | "limited" | "denied" | "auth" | null;

export type Speaker = {
  readonly product: string;
  /** What the product says by it, where its words tell more than the status does. */
  readonly says: Says;
};

/** Who made this answer, or null: the origin, or somebody who leaves no mark. */
export function speakerOf(answer: AnswerSeen | null): Speaker | null {
  const signed = answer === null || answer.status < 400 ? null : signedBy(answer);
  if (answer === null || signed === null) return null;
  const { product } = signed;
  return { product, says: words[product]?.(answer) ?? usual(product, answer) };
}

const gatewaySays: Readonly<Record<string, Says>> = {
  "no-route": "no-route",
  unreachable: "upstream-down",
  timeout: "upstream-timeout",
};

/**
 * It says 502 where an origin is down, so that its own 503 is mostly a limit (limit_req, limit_conn) or a line for maintenance.
 * Measured with 1.22; an ingress of Kubernetes says it also where a service has nobody behind it.
 */
const nginxSays = ({ status }: AnswerSeen): Says => (status === 503 ? "limited" : null);

/** What only this product means by it; null: what everybody does. */
const words: Readonly<Record<string, (answer: AnswerSeen) => Says>> = {
  nginx: nginxSays,
  openresty: nginxSays,
  tengine: nginxSays,
  squid: (answer) => squidSays(header(answer, "x-squid-error")),
  "holdfast-gateway": ({ body }) => gatewaySays[/"error":\s*"([a-z-]+)"/.exec(body)?.[1] ?? ""] ?? null,
  // Without a peer for a request it has nothing to say but that it failed.
  pingora: ({ status }) => (status === 500 ? "no-route" : null),
  haproxy: ({ status, body }) =>
    /didn't respond in time/i.test(body) ? "upstream-timeout" : status === 403 ? "denied" : null,
  // https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
  cloudflare: ({ status }) =>
    status === 524 ? "upstream-timeout" : [520, 521, 522, 523, 525, 526, 530].includes(status) ? "upstream-down" : null,
  apache: ({ body }) => (/Proxy Error[\s\S]*reading from remote/i.test(body) ? "upstream-timeout" : null),
};

const nobodyThere =
  /unable to connect|could ?n[o']t connect|connection refused|no healthy upstream|upstream connect error/i;

/**
 * A program whose trade is to go out wants whole addresses. Asked like a server, it knows no other side for a path and calls the
 * request a bad one; and it says 500 or 502 where it could not connect.
 */
function usual(product: string, { status, body, forwarded }: AnswerSeen): Says {
  if (status === 404) return "no-route";
  if (status === 504) return "upstream-timeout";
  if (status === 407) return "auth";
  if (status === 429) return "limited";
  if (nobodyThere.test(body)) return "upstream-down";
  if (!isForwardByTrade(product)) return null;
  if (status === 400 && !forwarded) return "no-route";
  return status === 500 ? "upstream-down" : null;
}

/** What Squid's error pages mean; the names are those of its own templates. */
function squidSays(code: string): Says {
  if (/ERR_(CACHE_ACCESS_DENIED|CACHE_MGR_ACCESS_DENIED)/.test(code)) return "auth";
  if (/ERR_(ACCESS_DENIED|TOO_BIG|UNSUP)/.test(code)) return "denied";
  if (/ERR_(READ_TIMEOUT|LIFETIME_EXP|WRITE_TIMEOUT)/.test(code)) return "upstream-timeout";
  if (/ERR_(CONNECT_FAIL|READ_ERROR|ZERO_SIZE_OBJECT|DNS_FAIL|CANNOT_FORWARD|SECURE_CONNECT_FAIL)/.test(code))
    return "upstream-down";
  return null;
}
