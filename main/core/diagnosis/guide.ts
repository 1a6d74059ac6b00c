/**
 * The troubleshooting guide as Markdown: every cause of the rules by what a user notices first, with the same words and the
 * same lines that a diagnosis shows.
 */
import { heartbeatS } from "./fix-blocks.ts";
import { fixesOf, fixTable } from "./fixes.ts";
import { productName, type Speak } from "./report.ts";
import { rules } from "./rules.ts";

/** What a user notices, and the causes that look so, the commonest first. A cause may look in several ways. */
export const chapters: readonly (readonly [symptom: string, ...codes: readonly string[]])[] = [
  [
    "not-found",
    "no-route",
    "not-found",
    "upstream-down",
    "upstream-timeout",
    "origin-status",
    "proxy-status",
    "unauthorized",
    "forbidden",
    "rate-limited",
    "unsteady",
    "wrong-type",
    "login",
    "redirect",
    "no-content",
    "captive-portal",
    "closed-early",
    "protocol",
  ],
  ["early-end", "cut", "ended", "framing", "max-duration", "content-length", "idle-cut"],
  [
    "reconnects",
    "unsteady",
    "idle-cut",
    "no-heartbeat",
    "max-duration",
    "resume-refused",
    "resume-ignored",
    "lost-events",
    "cache",
  ],
  ["mute", "buffering", "compression", "header-wait", "slow-header", "hang", "batching", "content-length", "cache"],
  [
    "reach",
    "offline",
    "dns",
    "refused",
    "unreachable",
    "connect-timeout",
    "tls-expired",
    "tls-name",
    "tls-self-signed",
    "tls-issuer",
    "tls-intercepted",
    "tls-handshake",
    "tls-silent",
    "proxy-unreachable",
    "proxy-auth",
    "proxy-denied",
    "proxy-tunnel",
  ],
];

/** What stands in the lines; what is measured has its name there. */
const values = { path: "/events", scheme: "https", heartbeat: heartbeatS };

export function guide(speak: Speak): string {
  const say = (code: string, params: Record<string, string | number> = {}) =>
    speak.sayCode("guide", code, params, "guide.unknown");
  const known = new Set(rules.map(({ code }) => code));
  const told = new Set<string>();
  const parts = chapters.map(([symptom, ...codes]) => {
    const causes = codes
      .filter((code) => known.has(code))
      .map((code) => {
        const title = speak.sayCode("finding", `${code}.title`, {}, "finding.unknown");
        if (told.has(code)) return `- [${title}](#${code})`;
        told.add(code);
        return cause(code, title, speak, say);
      });
    return `## ${say(symptom)}\n\n${causes.join("\n\n")}`;
  });
  return `${[`# ${say("title")}`, say("intro"), ...parts].join("\n\n")}\n`;
}

function cause(
  code: string,
  title: string,
  speak: Speak,
  say: (code: string, params?: Record<string, string>) => string,
): string {
  const why = speak.sayCode("finding", `${code}.why`, {}, "finding.unknown");
  const change = speak.sayCode("finding", `${code}.fix`, {}, "finding.unknown");
  const blocks = fixesOf(code, null, values).map(
    ({ product, text }) => `${productName(speak, product)}\n\n\`\`\`\n${text}\n\`\`\``,
  );
  return [`<a id="${code}"></a>\n### ${title}`, why, say("code", { code }), `**${change}**`, ...blocks].join("\n\n");
}

/** Codes that have lines to change. */
export const fixedCodes: readonly string[] = Object.keys(fixTable);
