/**
 * An answer as main/core/detection looks at it: headers as they were written, the length of the body by what they say, and
 * the beginning of what is no stream. Bounded, and without anything that could be a credential.
 */
import type { AnswerSeen, Framing } from "../core/detection/observation.ts";
import { address, isSensitiveHeader } from "../core/redact.ts";

const maxHeaders = 64;
const maxValueChars = 256;
/** What is kept of a body that is no stream. */
export const bodyChars = 4096;

type RawHeaders = readonly (Buffer | string)[] | Readonly<Record<string, string | string[] | undefined>> | null;

/** Headers in the order of the wire, where undici has them so (`controller.rawHeaders`, 7.30.2), with their values bounded. */
export function headersSeen(raw: RawHeaders | undefined): AnswerSeen["headers"] {
  const pairs = Array.isArray(raw)
    ? pairsOf(raw)
    : Object.entries(raw ?? {}).flatMap(([name, value]) => each(name, value));
  return pairs.slice(0, maxHeaders).map(([name, value]) => [name.slice(0, maxValueChars), harmless(name, value)]);
}

function pairsOf(raw: readonly (Buffer | string)[]): [string, string][] {
  const texts = raw.map((one) => (typeof one === "string" ? one : one.toString("latin1")));
  return texts.flatMap((name, i): [string, string][] => (i % 2 === 0 ? [[name, texts[i + 1] ?? ""]] : []));
}

function each(name: string, value: string | string[] | undefined): [string, string][] {
  return [value ?? []].flat().map((one) => [name, one]);
}

/** A cookie's name says who set it; its value, and every other credential, is nobody's business. */
function harmless(name: string, value: string): string {
  if (/^set-cookie$/i.test(name)) return `${/^[^=;]{0,64}/.exec(value)?.[0] ?? ""}=`;
  if (/^(?:content-)?location$/i.test(name)) return address(value).slice(0, maxValueChars);
  // They lead elsewhere, often with a token; that they are there is enough.
  if (/^(?:link|refresh)$/i.test(name)) return "";
  return isSensitiveHeader(name) || /authenticat/i.test(name) ? "" : value.slice(0, maxValueChars);
}

/** How the length of the body is told, by the headers; "h2" is the transport's to know. */
export function framingOf(status: number, headers: AnswerSeen["headers"]): Framing {
  const firstOf = (wanted: string) => headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? null;
  if (status < 200 || status === 204 || status === 304) return "none";
  if (/\bchunked\b/i.test(firstOf("transfer-encoding") ?? "")) return "chunked";
  return firstOf("content-length") === null ? "close" : "length";
}

/**
 * The final headers of an answer to the request itself.
 * @param leftAt when the request left, ms
 * @param forwarded it went by a forward proxy, which may have answered
 */
export function answerSeen(
  status: number,
  raw: RawHeaders | undefined,
  leftAt: number,
  forwarded: boolean,
): AnswerSeen {
  const headers = headersSeen(raw);
  return {
    what: "answer",
    to: "path",
    forwarded,
    unrouted: false,
    status,
    // Both transports speak this one.
    httpVersion: "1.1",
    headers,
    framing: framingOf(status, headers),
    body: "",
    headersMs: Math.round(performance.now() - leftAt),
  };
}
