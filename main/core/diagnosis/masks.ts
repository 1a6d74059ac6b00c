/**
 * Takes hosts, addresses and secrets out of a report, each by a name of its own that stays the same in all of it: host-1,
 * ip-1, secret-1. What was known when the diagnosis began is masked wherever it turns up; what looks like an address or a
 * secret is masked although nobody named it.
 */

export type Masks = {
  inText(text: string): string;
  /** Every string in a value, keys left alone. */
  inValue(value: unknown): unknown;
  /** How many of each were masked so far. */
  readonly counts: { readonly hosts: number; readonly addresses: number; readonly secrets: number };
};

export type Sensitive = {
  /** Addresses of the target, the direct origin and the proxy, whole. */
  readonly urls: readonly string[];
  /** Values of headers, passwords. */
  readonly secrets: readonly string[];
};

type Kind = "host" | "ip" | "secret";

/** Shorter values are words that would be masked all over the text. */
const shortestSecret = 4;
const ipv4 = /\b(?:\d{1,3}\.){3}\d{1,3}\b/g;
const ipv6 = /\[[0-9a-f:.]*:[0-9a-f:.]*\]|\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}\b/gi;

export function createMasks({ urls, secrets }: Sensitive): Masks {
  const names = new Map<string, string>();
  const count: Record<Kind, number> = { host: 0, ip: 0, secret: 0 };
  const nameOf = (kind: Kind, what: string): string => {
    const known = names.get(what.toLowerCase());
    if (known !== undefined) return known;
    const name = `${kind}-${++count[kind]}`;
    names.set(what.toLowerCase(), name);
    return name;
  };
  const known = knownOf(urls, secrets);
  const inText = (text: string): string => {
    let masked = text;
    for (const { what, kind } of known) masked = replaced(masked, what, () => nameOf(kind, what));
    return masked.replace(ipv6, (found) => nameOf("ip", found)).replace(ipv4, (found) => nameOf("ip", found));
  };
  const inValue = (value: unknown): unknown => {
    if (typeof value === "string") return inText(value);
    if (Array.isArray(value)) return value.map(inValue);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, inValue(inner)]));
  };
  return {
    inText,
    inValue,
    get counts() {
      return { hosts: count.host, addresses: count.ip, secrets: count.secret };
    },
  };
}

type Known = { readonly what: string; readonly kind: Kind };

/** Longest first: a part must not be masked out of the middle of the whole. */
function knownOf(urls: readonly string[], secrets: readonly string[]): Known[] {
  const known: Known[] = [];
  for (const url of urls) {
    const parts =
      /^[a-z][a-z0-9+.-]*:\/\/(?:([^/?#@]*)@)?(\[[^\]]*\]|[^/?#:]*)(?::\d+)?([^?#]*)(?:\?([^#]*))?(?:#(.*))?/i.exec(
        url,
      );
    if (parts === null) continue;
    const [, user = "", host = "", path = "", query = "", fragment = ""] = parts;
    if (host !== "" && host !== "localhost") known.push({ what: host, kind: isAddress(host) ? "ip" : "host" });
    const values = query.split("&").map((pair) => pair.slice(pair.indexOf("=") + 1));
    const hidden = [...user.split(":"), ...values, fragment, ...path.split("/").filter(looksSecret)];
    known.push(...hidden.flatMap(spellings).map((what) => ({ what, kind: "secret" as const })));
  }
  for (const secret of secrets) {
    // A scheme before a credential is no secret: "Bearer x", "token=x; other=y".
    const parts = secret.split(/[\s;,]+/).flatMap((part) => [part, part.slice(part.indexOf("=") + 1)]);
    known.push(
      ...[secret, ...parts.filter((part) => part.length > 7)]
        .flatMap(spellings)
        .map((what) => ({ what, kind: "secret" as const })),
    );
  }
  return known
    .filter(({ what, kind }) => kind !== "secret" || what.length >= shortestSecret)
    .sort((a, b) => b.what.length - a.what.length);
}

function isAddress(host: string): boolean {
  return host.startsWith("[") || /^(?:\d{1,3}\.){3}\d{1,3}$/.test(host);
}

/** Long, or mixed as nobody would name a thing: a token in a path. */
function looksSecret(segment: string): boolean {
  if (segment.length >= 20) return /\d/.test(segment) || /[A-Z]/.test(segment.slice(1)) || segment.length >= 32;
  return (
    segment.length >= 10 &&
    /\d/.test(segment) &&
    /[a-z]/i.test(segment) &&
    !/^v?\d+[a-z]*$/i.test(segment) &&
    !/[-_.]/.test(segment)
  );
}

/** As it is written, and as it is meant. */
function spellings(text: string): string[] {
  try {
    return [...new Set([text, decodeURIComponent(text)])];
  } catch {
    return [text];
  }
}

function replaced(text: string, what: string, by: () => string): string {
  if (what === "") return text;
  const [lower, sought] = [text.toLowerCase(), what.toLowerCase()];
  let [out, from] = ["", 0];
  for (let at = lower.indexOf(sought); at >= 0; at = lower.indexOf(sought, from)) {
    out += text.slice(from, at) + by();
    from = at + what.length;
  }
  return out + text.slice(from);
}
