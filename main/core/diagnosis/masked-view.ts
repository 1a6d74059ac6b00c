/**
 * Which parts of a diagnosis come from outside, and are masked before it is said: its target, what hops and certificates call
 * themselves, what headers said, and the values within lines to change. Products, codes, figures, our words and the lines
 * themselves stay whole, whatever the target is called.
 */
import type { DiagnosisView, Finding, Fix } from "../../../preload/contract.ts";
import { signatures } from "../detection/signatures.ts";
import { fixesOf } from "./fixes.ts";
import type { Masks } from "./masks.ts";
import type { Coded } from "./rule.ts";

type Mask = (text: string, masks: Masks) => string;

/** The same diagnosis with nothing in it that names a host, an address or a secret. */
export function maskedView(view: DiagnosisView, masks: Masks): DiagnosisView {
  return {
    ...view,
    target: masks.url(view.target),
    hops: view.hops.map((hop) => ({ ...hop, evidence: hop.evidence.map((one) => maskedCode(one, masks)) })),
    stages: view.stages.map((stage) => ({
      ...stage,
      result: stage.result === null ? null : maskedCode(stage.result, masks),
    })),
    findings: view.findings.map((finding) => maskedFinding(finding, masks)),
  };
}

function maskedFinding(finding: Finding, masks: Masks): Finding {
  const { code, evidence, fix, otherFixes } = finding;
  return {
    ...finding,
    evidence: evidence.map((one) => maskedCode(one, masks)),
    fix: maskedFix(code, fix, masks),
    otherFixes: otherFixes.map((one) => maskedFix(code, one, masks)),
  };
}

/** Whole: what a stranger in Via calls itself is a name of somebody's machine, with a dot in it or not. */
function maskedCode({ code, params }: Coded, masks: Masks): Coded {
  const masked = Object.entries(params).map(([name, value]) => {
    if (typeof value !== "string") return [name, value];
    if (code === "via-stranger") return [name, value === "?" ? value : masks.host(value)];
    return [name, (maskOf[name] ?? masksAll)(value, masks)];
  });
  return { code, params: Object.fromEntries(masked) };
}

const ours: Mask = (text) => text;
const masksAll: Mask = (text, masks) => masks.inText(text);
/** Leaves the beginning that has this form; the rest is anybody's. */
const allBut =
  (form: RegExp): Mask =>
  (text, masks) => {
    const whole = form.exec(text)?.[0] ?? "";
    return whole + masks.inText(text.slice(whole.length));
  };

const products = [...new Set(signatures.map(({ product }) => product))].map((product) =>
  product.replace(/\W/g, "\\$&"),
);

/** By the name of the parameter; one that is not here is masked. */
const maskOf: Readonly<Record<string, Mask>> = {
  product: ours,
  kind: ours,
  protocol: ours,
  version: ours,
  /** A header's name, from the signatures. */
  name: ours,
  /** Of Squid's error pages, with the number of the system's error. */
  code: allBut(/^ERR_[A-Z_]{1,40}(?: \d{1,6})?$/),
  type: allBut(/^(?:text|application|image|audio|video|multipart|message|font|model)\/[a-z0-9.+-]+(?=\s*(?:;|$))/i),
  encoding: allBut(/^(?:gzip|x-gzip|br|zstd|deflate|compress|identity)$/i),
  /** Lengths, waits and dates of headers; HIT of a cache. */
  value: allBut(/^(?:\d{1,12}|hit|[a-z]{3}, \d\d [a-z]{3} \d{4} \d\d:\d\d:\d\d gmt)$/i),
  said: allBut(new RegExp(`^(?:${products.join("|")})(?:/[\\d.]*\\d)?(?![\\w.-])`, "i")),
  issuer: (text, masks) =>
    text
      .split(" · ")
      .map((part) => (/^\S*[-_\d]\S*$/.test(part) && !part.includes("@") ? masks.host(part) : masks.inText(part)))
      .join(" · "),
};

const values: Readonly<Record<string, Mask>> = {
  host: (host, masks) => masks.host(host),
  path: (path, masks) => masks.path(path),
};

/** Masks what was put into the lines, not the lines: which is which, the lines without values tell. */
function maskedFix(code: string, { product, text }: Fix, masks: Masks): Fix {
  const lines = fixesOf(code, null, {}).find((one) => one.product === product)?.text ?? "";
  // Literal and name take turns.
  const parts = lines.split(/\{(host|path|port|scheme|seconds|heartbeat)\}/);
  const pattern = parts.map((part, i) => (i % 2 === 0 ? literally(part) : "([^\\n]*?)")).join("");
  const [whole, ...said] = new RegExp(`^${pattern}$`).exec(text) ?? [];
  if (whole === undefined) return { product, text: masks.inText(text) };
  const names = parts.filter((_, i) => i % 2 === 1);
  const masked = said.map((value, i) => (values[names[i] ?? ""] ?? ours)(value, masks));
  return { product, text: parts.map((part, i) => (i % 2 === 0 ? part : (masked[(i - 1) / 2] ?? ""))).join("") };
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
