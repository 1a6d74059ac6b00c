/** Which addresses may be dialled: parsed whole, of the right scheme, without a password for everybody to read. */

const schemes = {
  http: { allowed: ["http:", "https:"], code: "url-scheme" },
  ws: { allowed: ["ws:", "wss:"], code: "url-scheme-ws" },
} as const;

/** What is wrong with an address, or null. */
export function urlTrouble(url: string, kind: keyof typeof schemes): string | null {
  if (url.trim() === "") return "required";
  // The URL parser drops tabs and line breaks in silence: what is shown would not be what is dialled.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(url) || !URL.canParse(url)) return "url-invalid";
  const parsed = new URL(url);
  const { allowed, code } = schemes[kind];
  if (!allowed.some((scheme) => scheme === parsed.protocol)) return code;
  if (parsed.username !== "" || parsed.password !== "") return "url-credentials";
  // [WHATWG] A WebSocket's address has no fragment.
  if (kind === "ws" && parsed.hash !== "") return "url-invalid";
  return null;
}
