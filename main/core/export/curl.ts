/** A curl command that asks for the same stream, to be pasted into a shell. It holds no secret: a placeholder stands for each. */
import { isSensitiveHeader } from "../redact.ts";

export type CurlRequest = {
  readonly url: string;
  readonly method: string;
  /** "" = none. */
  readonly body: string;
  /** A value of null is a secret. */
  readonly headers: readonly (readonly [name: string, value: string | null])[];
  /** "" = from now on. */
  readonly lastEventId: string;
};

/** What stands where a secret has to be put in. */
export const placeholder = "YOUR-SECRET";

/** One line for a POSIX shell. */
export function curlCommand({ url, method, body, headers, lastEventId }: CurlRequest): string {
  const own = headers.filter(([name]) => !/^(accept|last-event-id)$/i.test(name));
  const sent: CurlRequest["headers"] = [
    ["Accept", "text/event-stream"],
    ...own,
    ...(lastEventId === "" ? [] : [["Last-Event-ID", lastEventId] as const]),
  ];
  const target = withoutSecrets(url);
  return [
    // -N: every event is shown when it comes, and not when a buffer is full.
    "curl -N",
    // curl takes [] and {} of an address for a list of addresses.
    ...(/[[\]{}]/.test(target) ? ["--globoff"] : []),
    ...(method === "GET" ? [] : [`-X ${quoted(method)}`]),
    ...sent.map(([name, value]) => `-H ${quoted(headerLine(name, value))}`),
    // Not --data, which takes a leading @ for the name of a file.
    ...(body === "" ? [] : [`--data-raw ${quoted(body)}`]),
    quoted(target),
  ].join(" ");
}

function headerLine(name: string, value: string | null): string {
  if (value === null || isSensitiveHeader(name)) return `${name}: ${secretOf(value)}`;
  // With a colon and nothing after it curl would leave the header out.
  return value === "" ? `${name};` : `${name}: ${value}`;
}

/** The scheme of a credential is none of it, and is needed to fill in the rest. */
function secretOf(value: string | null): string {
  const scheme = /^(bearer|basic)\s/i.exec(value ?? "")?.[1];
  return scheme === undefined ? placeholder : `${scheme} ${placeholder}`;
}

/** Values in query and fragment whose names are those of credentials, and a user before the host, are secrets too. */
function withoutSecrets(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1")
    .replace(/([?&#])([^=&#]+)=([^&#]*)/g, (whole, before: string, name: string) =>
      namesSecret(name) ? `${before}${name}=${placeholder}` : whole,
    );
}

/** Parameters are named more freely than headers. */
function namesSecret(parameter: string): boolean {
  return isSensitiveHeader(parameter.replaceAll("_", "-")) || /^(key|auth|sig|jwt|pwd)$/i.test(parameter);
}

/** Single quotes keep everything but themselves. */
export function quoted(text: string): string {
  return /^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
