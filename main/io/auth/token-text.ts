/** Reads a token out of what a program printed or an address answered. Pure; it quotes nothing of it in an error. */
import { type Json, parseObject } from "../stores/strict-json.ts";
import { CredentialError } from "./credential-error.ts";

/** A token and how long it is good for, ms; null: until it is refused. */
export type Token = { readonly token: string; readonly lifeMs: number | null };

/** What a program may print and an address may answer: far above any token, since headers end at 16 KiB nearly everywhere. */
export const maxTokenBytes = 64 * 1024;

/**
 * The token is the whole text, or in a JSON object the value of `access_token` (RFC 6749 §5.1) or `token`, with
 * `expires_in` in seconds where it is known.
 * @throws CredentialError "unusable" for anything that cannot stand in a header
 */
export function readToken(bytes: Uint8Array): Token {
  const text = decode(bytes).trim();
  if (!text.startsWith("{")) return { token: checked(text), lifeMs: null };
  const answer = parse(text);
  return { token: checked(answer["access_token"] ?? answer["token"]), lifeMs: life(answer["expires_in"]) };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new CredentialError("unusable");
  }
}

function parse(text: string): Json {
  try {
    return parseObject(text);
  } catch {
    throw new CredentialError("unusable");
  }
}

/** Visible ASCII: what a header takes from everybody. A line break would begin another header. */
function checked(token: unknown): string {
  if (typeof token !== "string" || !/^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/.test(token)) {
    throw new CredentialError("unusable");
  }
  return token;
}

/** Some servers write the number as text. */
function life(expiresIn: unknown): number | null {
  const seconds = typeof expiresIn === "string" && expiresIn.trim() !== "" ? Number(expiresIn) : expiresIn;
  return typeof seconds === "number" && Number.isFinite(seconds) ? Math.max(0, seconds * 1000) : null;
}
