/**
 * Whose words an error answer is: a proxy's own, or the origin's passed through. Looks at bodies and headers that only a
 * self-made answer has (measured over eight products); who stands on the path at all is proxy-signature.ts.
 */
import type { AnswerSeen } from "../detection/observation.ts";
import { speakerOf as signedBy } from "../proxy-signature.ts";
import { header } from "./reading.ts";

export type Speaker = {
  readonly product: string;
  /** What the product says by it, where its words tell more than the status does. */
  readonly says: "no-route" | "upstream-down" | "upstream-timeout" | "denied" | "auth" | null;
};

type Sign = {
  readonly product: string;
  readonly is: (answer: AnswerSeen) => boolean;
  readonly says: (answer: AnswerSeen) => Speaker["says"];
};

const serverIs = (answer: AnswerSeen, name: RegExp) => name.test(header(answer, "server"));

/** The reference gateway's error documents begin like this. */
const gatewayWord = /^\s*\{\s*"error":\s*"(no-route|unreachable|timeout|bad-request|internal)",\s*"kind":/;
const gatewaySays: Readonly<Record<string, Speaker["says"]>> = {
  "no-route": "no-route",
  unreachable: "upstream-down",
  timeout: "upstream-timeout",
};

/** In order of certainty: the first that recognizes its words is the speaker. */
const signs: readonly Sign[] = [
  {
    product: "squid",
    is: (answer) => header(answer, "x-squid-error") !== "",
    says: (answer) => squidSays(header(answer, "x-squid-error")),
  },
  {
    product: "holdfast-gateway",
    is: ({ body }) => gatewayWord.test(body),
    says: ({ body }) => gatewaySays[gatewayWord.exec(body)?.[1] ?? ""] ?? null,
  },
  {
    product: "pingora",
    is: (answer) => serverIs(answer, /^pingora/i) && answer.body === "",
    says: ({ status }) => (status === 404 || status === 500 ? "no-route" : status === 504 ? "upstream-timeout" : null),
  },
  {
    product: "varnish",
    is: (answer) => serverIs(answer, /^varnish/i) || /Guru Meditation/i.test(answer.body),
    says: ({ status }) => (status === 404 ? "no-route" : null),
  },
  {
    product: "haproxy",
    is: ({ body }) => /^<html><body><h1>\d{3} [^<]*<\/h1>\n/i.test(body),
    says: ({ status, body }) =>
      /didn't respond in time/i.test(body) || status === 504 ? "upstream-timeout" : status === 403 ? "denied" : null,
  },
  {
    product: "nginx",
    is: ({ body }) => /<center>(nginx|openresty)/i.test(body),
    says: ({ status }) => (status === 404 ? "no-route" : status === 504 ? "upstream-timeout" : null),
  },
  {
    product: "apache",
    is: ({ body }) =>
      /<address>Apache|<h1>(Proxy Error|Service Unavailable)<\/h1>/i.test(body) ||
      /<\/head><body>\n<h1>Not Found<\/h1>\n<p>The requested URL was not found on this server\.<\/p>/.test(body),
    says: ({ status, body }) =>
      status === 404
        ? "no-route"
        : /Proxy Error/i.test(body) && /reading from remote/i.test(body)
          ? "upstream-timeout"
          : null,
  },
  {
    product: "caddy",
    is: (answer) => serverIs(answer, /^caddy/i) && answer.body === "" && header(answer, "content-type") === "",
    says: ({ status }) => (status === 404 || status === 200 ? "no-route" : status === 504 ? "upstream-timeout" : null),
  },
  {
    product: "envoy",
    is: (answer) =>
      serverIs(answer, /^envoy/i) &&
      /^(upstream connect error|no healthy upstream|upstream request timeout)?/i.test(answer.body) &&
      header(answer, "x-envoy-upstream-service-time") === "",
    says: ({ status }) => (status === 404 ? "no-route" : status === 504 ? "upstream-timeout" : null),
  },
  {
    product: "traefik",
    is: ({ status, body }) => status === 404 && body === "404 page not found\n",
    says: () => "no-route",
  },
];

/** Who made this answer, or null: the origin, or somebody who leaves no mark. */
export function speakerOf(answer: AnswerSeen | null): Speaker | null {
  if (answer === null) return null;
  const sign = signs.find(({ is }) => is(answer));
  if (sign !== undefined) return { product: sign.product, says: sign.says(answer) };
  const signed = answer.status >= 400 ? signedBy(answer) : null;
  return signed === null ? null : { product: signed.product, says: null };
}

/** What Squid's error pages mean; the names are those of its own templates. */
function squidSays(code: string): Speaker["says"] {
  if (/ERR_(CACHE_ACCESS_DENIED|CACHE_MGR_ACCESS_DENIED)/.test(code)) return "auth";
  if (/ERR_(ACCESS_DENIED|TOO_BIG|UNSUP)/.test(code)) return "denied";
  if (/ERR_(READ_TIMEOUT|LIFETIME_EXP|WRITE_TIMEOUT)/.test(code)) return "upstream-timeout";
  if (/ERR_(CONNECT_FAIL|READ_ERROR|ZERO_SIZE_OBJECT|DNS_FAIL|CANNOT_FORWARD|SECURE_CONNECT_FAIL)/.test(code))
    return "upstream-down";
  return null;
}
