/** Both languages say the same things: same keys, same parameters, every sentence a valid message. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@formatjs/icu-messageformat-parser";
import { describe, expect, it } from "vitest";
import { root } from "../../build/root.ts";
import { words } from "../../preload/words.ts";
import { type ProblemCode, problemTones, toneOfProblem } from "../../renderer/problem-tones.ts";
import { streamStates } from "../../renderer/stream-state.ts";

const locales = join(root, "preload", "locales");
const files = readdirSync(join(locales, "en")).filter((file) => file.endsWith(".json"));
const read = (language: string, file: string): Record<string, string> =>
  JSON.parse(readFileSync(join(locales, language, file), "utf8"));

/** Names of the parameters of a message, with those inside plurals. */
function parametersOf(message: string): string[] {
  const names = new Set<string>();
  const walk = (elements: ReturnType<typeof parse>): void => {
    for (const element of elements) {
      if ("value" in element && element.type !== 0) names.add(String(element.value));
      if ("options" in element) for (const option of Object.values(element.options)) walk(option.value);
    }
  };
  walk(parse(message, { ignoreTag: true }));
  return [...names].sort();
}

describe.each(files)("%s", (file) => {
  const en = read("en", file);
  const zh = read("zh-CN", file);

  it("has the same keys in both languages", () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  it("asks for the same parameters in both languages, in messages that parse", () => {
    for (const [key, message] of Object.entries(en))
      expect(parametersOf(zh[key] ?? ""), key).toEqual(parametersOf(message));
  });

  it("is Chinese in Chinese: no English sentence was left", () => {
    for (const [key, message] of Object.entries(zh)) {
      if (/[a-z]+ [a-z]+ [a-z]+/.test((en[key] ?? "").replace(/\{.*?\}/g, "")))
        expect(message, key).toMatch(/\p{Script=Han}/u);
    }
  });
});

it("says nothing under one name twice", () => {
  const keys = files.flatMap((file) => Object.keys(read("en", file)));
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
});

const kinds =
  "refused reset dns dns-temporary connect-timeout headers-timeout idle-timeout offline closed-early ended dropped protocol certificate tls redirect redirect-refused wrong-type captive-portal event-too-large no-content not-found unauthorized forbidden proxy-auth too-many-requests bad-request method-not-allowed not-acceptable gone server-error bad-gateway unavailable gateway-timeout http-status bad-url not-repeatable internal local-limit unknown network-changed unreachable not-permitted mute held not-a-stream login-redirect tunnel-refused proxy-unreachable proxy-settings credential-failed id-too-long address-too-long headers-too-large planned going-away try-later policy closed-by-server closed-for-good secret-missing";

it("has words for every failure, without parameters: main may know none of them", () => {
  const core = read("en", "core.json");
  for (const kind of kinds.split(" ")) expect(parametersOf(core[`failure.${kind}`] ?? "{missing}"), kind).toEqual([]);
  for (const state of streamStates) expect(core[`state.${state}`], state).toBeDefined();
});

it("has a tone for every problem that has words", () => {
  const codes = files
    .flatMap((file) => Object.keys(read("en", file)))
    .flatMap((key) => /^problem\.(.+)$/.exec(key)?.[1] ?? []);
  expect(Object.keys(problemTones).sort()).toEqual(
    codes.filter((code) => code !== "unknown" && code !== "dismiss").sort(),
  );
  // @ts-expect-error A mapping without every code does not compile.
  const some: Record<ProblemCode, string> = { "tray-missing": "idle" };
  expect(some["tray-missing"]).toBe(toneOfProblem("tray-missing"));
  expect(toneOfProblem("not-heard-of")).toBe("warn");
});

it.each([
  ["en", "The events could not be deleted.", "The events could not be deleted (journal-full)."],
  ["zh-CN", "无法删除事件。", "无法删除事件（journal-full）。"],
] as const)("leaves out in %s a reason that is not known", (locale, without, withReason) => {
  const { say } = words(locale);
  expect(say("error.journal-not-cleared", { reason: "unknown" })).toBe(without);
  expect(say("problem.journal-not-cleared", { reason: "journal-full" })).toBe(withReason);
});
