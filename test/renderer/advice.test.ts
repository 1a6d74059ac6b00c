/** What somebody would have to change is said in both languages, beside the cause. */
import { expect, it } from "vitest";
import { failureFacts } from "../../renderer/text/connection-words.ts";
import { makeLanguage } from "../../renderer/text/language.tsx";

const failure = { family: "SERVER", kind: "certificate", status: null, final: false } as const;

it.each([
  ["en", "certificate-name", "it was issued for another name: check the address"],
  ["zh-CN", "certificate-name", "证书属于另一个名称：请检查地址"],
  ["en", "not-heard-of", "the log says more"],
] as const)("says in %s after %s what to change", (locale, advice, words) => {
  expect(failureFacts(makeLanguage(locale), { ...failure, params: { advice, host: "h:1" } })).toEqual([words, "h:1"]);
});
