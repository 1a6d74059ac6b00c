/** Every code that detection, rules and stages can say has words in both languages: read from their source, so that none is forgotten. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { root } from "../../build/root.ts";
import { signatures } from "../../main/core/detection/signatures.ts";
import { rules } from "../../main/core/diagnosis/rules.ts";

const core = join(root, "main", "core");
const source = (...path: string[]) => readFileSync(join(core, ...path), "utf8");
const diagnosis = readdirSync(join(core, "diagnosis")).map((file) => source("diagnosis", file));
const words = (locale: string): Record<string, string> =>
  JSON.parse(readFileSync(join(root, "preload", "locales", locale, "diagnosis.json"), "utf8"));

function all(texts: readonly string[], pattern: RegExp): string[] {
  return [...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, found = ""]) => found)))];
}

/** Codes that are put together: what may stand in them. */
const endings: Readonly<Record<string, readonly string[]>> = {
  "ended-": ["clean", "truncated", "reset"],
  "redirect-": ["no-location", "too-many", "refused", "loop", "no-way"],
  "proxy-": ["unreachable", "silent", "closed"],
  "error-": [
    "refused",
    "reset",
    "dns",
    "dns-temporary",
    "connect-timeout",
    "headers-timeout",
    "closed-early",
    "dropped",
  ],
};

const said = all(diagnosis, /\bsaid\(\s*"([a-z-]+)"/g);
const begun = all(diagnosis, /\bsaid\(`([a-z]+-)\$\{/g);
const marks = all(
  [source("detection", "behaviour.ts"), source("proxy-signature.ts")],
  /\bcode: (?:\w+ \? )?"([a-z-]+)"/g,
);

it.each(["en", "zh-CN"])("has words in %s for every piece of evidence", (locale) => {
  const known = words(locale);
  expect(said.length).toBeGreaterThan(40);
  expect(marks).toEqual(
    expect.arrayContaining([
      "own-page",
      "own-header",
      "own-error",
      "via",
      "via-stranger",
      "server",
      "header",
      "batches",
    ]),
  );
  expect(begun.toSorted()).toEqual(Object.keys(endings).toSorted());
  const built = Object.entries(endings).flatMap(([begin, ends]) => ends.map((end) => begin + end));
  const codes = [...said, ...marks, ...built, "lower-case-names", "leaked-keep-alive"];
  expect(codes.filter((code) => known[`evidence.${code}`] === undefined)).toEqual([]);
});

it.each(["en", "zh-CN"])("has words in %s for every result of a stage, cause and product", (locale) => {
  const known = words(locale);
  const looks =
    source("diagnosis", "stages.ts")
      .split("const looks:")[1]
      ?.split(/\n {2}(?="?[a-z0-9-]+"?: \()/) ?? [];
  const results = looks.flatMap((look) => {
    const [, stage = ""] = /^"?([a-z0-9-]+)"?:/.exec(look) ?? [];
    const codes = all([look], /\b(?:ok|failed|warning|skipped|undecided)\(\s*(?:[\w.]+ \? )?"([a-z-]+)"/g);
    return codes.map((code) => `stage.${stage}.${code}`);
  });
  expect(results.length).toBeGreaterThan(40);
  const causes = rules.flatMap(({ code }) => [`finding.${code}.title`, `finding.${code}.why`, `finding.${code}.fix`]);
  const products = signatures.map(({ product }) => `product.${product}`);
  expect([...results, ...causes, ...products].filter((key) => known[key] === undefined)).toEqual([]);
});

it.each(["en", "zh-CN"])("repeats no confidence in a sentence of %s, which stands beside it as a figure", (locale) => {
  const sentences = Object.entries(words(locale)).filter(([key]) => key.startsWith("evidence."));
  expect(sentences.filter(([, sentence]) => sentence.includes("{confidence"))).toEqual([]);
});

it.each(["en", "zh-CN"])("has words in %s for what each stage can say", (locale) => {
  const stages = source("diagnosis", "stages.ts");
  const table = stages.slice(stages.indexOf("const looks"), stages.indexOf("/** All stages"));
  const codes = table.split(/^ {2}(?="?[a-z0-9-]+"?: \()/m).flatMap((row) => {
    const stage = /^"?([a-z0-9-]+)/.exec(row)?.[1];
    const found = row.matchAll(/\b(?:ok|failed|warning|skipped|undecided)\(\s*"([a-z0-9-]+)"/g);
    return [...found].map(([, code]) => `stage.${stage}.${code}`);
  });
  expect(codes.length).toBeGreaterThan(30);
  expect(codes.filter((key) => !Object.hasOwn(words(locale), key))).toEqual([]);
});

it.each(["en", "zh-CN"])(
  "says in %s of too long a silence that it is one: heartbeats may have been heard",
  (locale) => {
    const { "finding.no-heartbeat.title": title = "", "finding.no-heartbeat.why": why = "" } = words(locale);
    expect(title).not.toMatch(/heartbeat|心跳/);
    expect(why).toMatch(/heartbeat|心跳/);
  },
);
