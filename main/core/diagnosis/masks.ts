/**
 * Takes hosts, addresses and secrets out of a text, each by a name of its own that stays the same in all of it: host-1, ip-1,
 * secret-1. What was known when the diagnosis began is masked wherever it stands as a word; what looks like a host, an address
 * or a mail address is masked although nobody named it. Which texts of a diagnosis come from outside is masked-view.ts.
 */
import { parseIp } from "../proxy/ip-address.ts";

export type Masks = {
  /** A text that came from outside. */
  inText(text: string): string;
  /** A host or an address, whole, whatever it looks like. The name of this computer stays. */
  host(host: string): string;
  /** The path of an address: what looks like a token in it as well. */
  path(path: string): string;
  /** An address with its scheme. */
  url(url: string): string;
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
type Known = { readonly what: string; readonly kind: Kind };

/** Shorter values are words that would be masked all over the text. */
const shortestSecret = 4;
/** So long a secret is one also within a longer word. */
const surelySecret = 8;

/** Scheme, user, host, port with path, query and fragment. */
const urlParts = /^([a-z][a-z0-9+.-]*:\/\/)(?:([^/?#]*)@)?(\[[^\]]*\]|[^/?#:]*)([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?/i;
const mail = "[\\p{L}\\p{N}._+-]+(?:@|%40)[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)*";
const ipv6 = "\\[[0-9a-f:.]+(?:%[\\w.-]+)?\\]|(?<![\\p{L}\\p{N}])[0-9a-f.]*:[0-9a-f:.]*:[0-9a-f:.]*(?:%[\\w.-]+)?";
const ipv4 = "(?<![\\p{L}\\p{N}.])(?:\\d{1,3}\\.){3}\\d{1,3}(?!\\.?[\\p{L}\\p{N}])";
/** Labels with dots between them, the last of letters: not a version, not a program of JavaScript. */
const dotted = "(?<![\\p{L}\\p{N}])(?:[\\p{L}\\p{N}_-]+\\.)+(?!js\\b)(?:xn--[a-z0-9-]+|\\p{L}{2,})(?![\\p{L}\\p{N}])";

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
  const kindOf = new Map(known.map(({ what, kind }) => [what.toLowerCase(), kind]));
  // In one pass, so that no name is looked for within the names that were given; what is known goes before what looks so.
  const sought = new RegExp(
    [...known.map(wordOf), `(?<mail>${mail})`, `(?<six>${ipv6})`, `(?<four>${ipv4})`, `(?<dotted>${dotted})`].join("|"),
    "giu",
  );
  const inText = (text: string): string =>
    text.replace(sought, (found: string, ...rest: unknown[]) => {
      const looks = rest.at(-1) as Record<"mail" | "six" | "four" | "dotted", string | undefined>;
      if (looks.mail !== undefined) return nameOf("secret", found);
      if (looks.six !== undefined) return sixIn(found, (one) => nameOf("ip", one));
      if (looks.four !== undefined) return nameOf("ip", found);
      return nameOf(kindOf.get(found.toLowerCase()) ?? "host", found);
    });
  const host = (name: string): string =>
    name === "" || name === "localhost" ? name : nameOf(isAddress(name) ? "ip" : "host", bare(name));
  const path = (whole: string): string =>
    whole
      .split("/")
      .map((segment) => (spellings(segment).some(looksSecret) ? nameOf("secret", segment) : inText(segment)))
      .join("/");
  const url = (whole: string): string => {
    const [, scheme, , name = "", way = ""] = urlParts.exec(whole) ?? [];
    return scheme === undefined ? inText(whole) : `${scheme}${host(name)}${path(way)}`;
  };
  return {
    inText,
    host,
    path,
    url,
    get counts() {
      return { hosts: count.host, addresses: count.ip, secrets: count.secret };
    },
  };
}

/** Longest first: a part must not be masked out of the middle of the whole. */
function knownOf(urls: readonly string[], secrets: readonly string[]): Known[] {
  const known: Known[] = [];
  const secret = (texts: readonly string[]) =>
    known.push(...texts.flatMap(spellings).map((what) => ({ what, kind: "secret" as const })));
  for (const url of urls) {
    const [, , user = "", host = "", path = "", query = "", fragment = ""] = urlParts.exec(url) ?? [];
    if (host !== "" && host !== "localhost") known.push({ what: bare(host), kind: isAddress(host) ? "ip" : "host" });
    const values = query.split("&").map((pair) => pair.slice(pair.indexOf("=") + 1));
    const tokens = path.split("/").filter((segment) => spellings(segment).some(looksSecret));
    secret([...user.split(":"), ...values, fragment, ...tokens]);
  }
  for (const value of secrets) {
    // A scheme before a credential is no secret: "Bearer x", "token=x; other=y".
    const parts = value.split(/[\s;,]/).flatMap((part) => [part, part.slice(part.indexOf("=") + 1)]);
    secret([value, ...parts.filter((part) => !/^(?:bearer|basic|digest|negotiate|token)$/i.test(part))]);
  }
  return known
    .filter(({ what, kind }) => kind !== "secret" || what.length >= shortestSecret)
    .sort((a, b) => b.what.length - a.what.length);
}

/** As a pattern: a whole word, so that "api" is not found in "capital", nor 1000 in 11000. */
function wordOf({ what, kind }: Known): string {
  const letters = what.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  if (kind === "secret" && what.length >= surelySecret) return letters;
  return `(?<![\\p{L}\\p{N}])${letters}(?![\\p{L}\\p{N}])`;
}

/** What of a run of digits and colons is an address: a colon or a stop after it belongs to the sentence. */
function sixIn(run: string, name: (address: string) => string): string {
  for (let [from, to] = [0, run.length]; to - from > 2; ) {
    const address = run.slice(from, to);
    if (isAddress(address)) return run.slice(0, from) + name(bare(address)) + run.slice(to);
    if (/[:.]$/.test(address)) to--;
    else if (/^[:.]/.test(address)) from++;
    else break;
  }
  return run;
}

function isAddress(host: string): boolean {
  return parseIp(bare(host)) !== null;
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "");
}

/** Long, or mixed as nobody would name a thing: a token in a path; a mail address too. */
function looksSecret(segment: string): boolean {
  if (segment.includes("@")) return true;
  if (segment.length >= 32) return true;
  if (segment.length >= 20 && (/\d/.test(segment) || /[A-Z]/.test(segment.slice(1)))) return true;
  if (segment.length < 10 || !/\d/.test(segment) || !/[a-z]/i.test(segment)) return false;
  return segment.split(/[-_.~]/).some((part) => !isPlainPart(part));
}

/** A word, a small number or a year, a version, or a word with a small number after it: "orders", "2024", "v2", "edge07". */
function isPlainPart(part: string): boolean {
  return /^(?:[a-z]*|\d{1,4}|v\d{1,4}[a-z]*\d?|[a-z]{3,}\d{1,2})$/i.test(part);
}

/** As it is written, and as it is meant. */
function spellings(text: string): string[] {
  try {
    return [...new Set([text, decodeURIComponent(text)])];
  } catch {
    return [text];
  }
}
