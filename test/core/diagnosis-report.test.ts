/** Reports: nothing of hosts, addresses and secrets survives, and every code has words. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { diagnosisOf } from "../../main/core/diagnosis/diagnosis.ts";
import { fixTable } from "../../main/core/diagnosis/fixes.ts";
import { chapters, guide } from "../../main/core/diagnosis/guide.ts";
import { maskedView } from "../../main/core/diagnosis/masked-view.ts";
import { createMasks } from "../../main/core/diagnosis/masks.ts";
import { json, markdown, reportJson, type Speak } from "../../main/core/diagnosis/report.ts";
import { rules } from "../../main/core/diagnosis/rules.ts";
import type { DiagnosisView } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";
import { answered, mute, wellFacts } from "./diagnosis-facts.ts";

const root = join(import.meta.dirname, "../..");
const speak = (locale: "en" | "zh-CN") => words(locale) as Speak;
const locales = ["en", "zh-CN"] as const;

const url =
  "https://user:canary-pass@canary-host.example:8443/v1/CanaryTok3n9f8a7b6c5d4e/events?key=canary-query#canary-fragment";
const facts = {
  ...wellFacts,
  host: "canary-host.example",
  path: "/v1/CanaryTok3n9f8a7b6c5d4e/events",
  plain: answered(404, { headers: [["Server", "nginx/1.22.1"]], body: "<center>nginx</center>" }),
};

function aView(): DiagnosisView {
  const made = diagnosisOf(
    facts,
    [
      {
        product: "nginx",
        version: "1.22.1",
        role: "reverse",
        confidence: 0.97,
        evidence: [
          { code: "via", params: { said: "10.1.2.3" } },
          { code: "own-page", params: { status: 404 } },
        ],
      },
    ],
    { running: null, over: true },
  );
  return {
    target: "https://canary-host.example:8443/v1/CanaryTok3n9f8a7b6c5d4e/events",
    stream: null,
    running: false,
    startedAt: 0,
    elapsedMs: 1234,
    requests: 3,
    ...made,
    stopped: null,
  };
}

it.each(locales)("a report in %s shows neither hosts nor addresses nor secrets", (locale) => {
  const masks = createMasks({
    urls: [url, "http://[2001:db8::17]:9000/x", "http://proxy-canary:3128"],
    secrets: ["Bearer canary-bearer-token", "sid=canary-cookie; b=c"],
  });
  const view = maskedView(aView(), masks);
  const text = `${markdown(view, speak(locale), "now")}${json(view)}`;
  const more = masks.inText(`${url} 10.1.2.3 [2001:db8::17] proxy-canary canary-bearer-token canary-cookie`);
  expect(`${text}${more}`.toLowerCase()).not.toMatch(/canary|10\.1\.2\.3|2001:db8/);
  expect(text).toContain("host-1");
  expect(text).toContain("secret-1");
  expect(text).toContain("nginx");
});

it.each([
  [
    "en",
    "2. nginx 1.22.1 (reverse proxy, confidence 97%): Via: 10.1.2.3; its own page for 404",
    "- Status: failed, 404",
  ],
  ["zh-CN", "2. nginx 1.22.1（反向代理，可信度 97%）：Via: 10.1.2.3；它自己的 404 页面", "- 状态码：失败，404"],
] as const)("speaks in %s with the words and the punctuation of the language", (locale, hop, stage) => {
  const lines = markdown(aView(), speak(locale), "now").split("\n");
  expect(lines).toContain(hop);
  expect(lines).toContain(stage);
});

it("has nothing of English punctuation between Chinese words", () => {
  const facts = [wellFacts, { ...wellFacts, plain: mute() }, { ...wellFacts, compressed: mute(), resume: null }];
  for (const each of facts) {
    const view = { ...aView(), ...diagnosisOf({ ...each, budgetMs: 1 }, aView().hops, { running: null, over: true }) };
    const prose = markdown(view, speak("zh-CN"), "").replace(/```[\s\S]*?```/g, "");
    expect(prose).not.toMatch(/\p{Script=Han} ?[,;:()]|[,;:()] ?\p{Script=Han}/u);
  }
});

it.each([
  ["an error", answered(404), "Not looked at: the answer is an error"],
  ["no stream", answered(200, {}, { contentType: "text/html" }), "Not looked at: the answer is no event stream"],
  ["no answer", mute(), "Not reached"],
])("says why nobody looked behind %s", (_what, plain, why) => {
  const view = { ...aView(), ...diagnosisOf({ ...wellFacts, plain, holds: [] }, [], { running: null, over: true }) };
  expect(markdown(view, speak("en"), "")).toContain(`- Framing: skipped, ${why}\n`);
});

it("masks the same thing by the same name everywhere", () => {
  const masks = createMasks({ urls: ["https://a.example/", "https://b.example/"], secrets: [] });
  expect(masks.inText("A.example, b.example, a.example, 10.0.0.1, 10.0.0.2, 10.0.0.1")).toBe(
    "host-1, host-2, host-1, ip-1, ip-2, ip-1",
  );
  expect(masks.counts).toEqual({ hosts: 2, addresses: 2, secrets: 0 });
});

it("leaves versions, paths and the words of programs alone", () => {
  const masks = createMasks({ urls: ["https://a.example/api/v2/orders-stream/events"], secrets: ["x"] });
  const text = "nginx/1.22.1 TLSv1.3 /api/v2/orders-stream/events max 20";
  expect(masks.inText(text)).toBe(text);
});

it("the JSON begins with the promised keys, in their order", () => {
  const json = reportJson(aView());
  expect(Object.keys(json).slice(0, 5)).toEqual(["target", "verdict", "hops", "findings", "stages"]);
  const [finding] = json["findings"] as Record<string, unknown>[];
  expect(Object.keys(finding ?? {}).slice(0, 4)).toEqual(["code", "confidence", "evidence", "fix"]);
});

it("every cause has words in both languages, lines to change, and a place in the guide", () => {
  const told = new Set(chapters.flatMap(([, ...codes]) => codes));
  for (const { code } of rules) {
    for (const locale of locales) {
      for (const part of ["title", "why", "fix"]) {
        const { sayCode } = words(locale);
        expect(sayCode("finding", `${code}.${part}`, {}, "finding.unknown"), code).not.toContain(`${code}.`);
      }
    }
    expect(fixTable[code], code).toBeDefined();
    expect(told.has(code), code).toBe(true);
  }
  expect(Object.keys(fixTable).filter((code) => !rules.some((rule) => rule.code === code))).toEqual([]);
});

it("the sentences are whole: no parameter is missing in any of them", () => {
  const sample = {
    ms: 1500,
    count: 2,
    bytes: 15,
    events: 3,
    status: 404,
    code: "x",
    times: 2,
    days: 3,
    seconds: 4,
    addresses: 1,
    requests: 2,
    confidence: 0.5,
    everyMs: 200,
    value: 0.5,
  };
  for (const locale of locales) {
    const catalogue = JSON.parse(
      readFileSync(join(root, `preload/locales/${locale}/diagnosis.json`), "utf8"),
    ) as Record<string, string>;
    for (const key of Object.keys(catalogue)) {
      const text = words(locale).say(key as never, {
        ...sample,
        product: "p",
        kind: "k",
        issuer: "i",
        protocol: "t",
        encoding: "e",
        type: "y",
        version: "1.1",
        said: "s",
        name: "n",
      });
      expect(text, key).not.toMatch(/\{\w+[,}]/);
    }
  }
});

it.each([
  ["en", "troubleshooting.md"],
  ["zh-CN", "troubleshooting.zh-CN.md"],
] as const)("the guide in %s is what the rules say; npm run guide writes it", (locale, name) => {
  expect(readFileSync(join(root, "docs", name), "utf8")).toBe(guide(speak(locale)));
});

it.each([
  ["en", 0, "after 0 ms"],
  ["en", 5.34, "after 5.3 ms"],
  ["en", 44.2, "after 44 ms"],
  ["en", 999.7, "after 1 s"],
  ["en", 1250, "after 1.3 s"],
  ["zh-CN", 44.2, "用时 44 毫秒"],
  ["zh-CN", 45_000, "用时 45 秒"],
] as const)("a duration is said in %s in the unit that shows it: %d ms", (locale, ms, text) => {
  expect(words(locale).say("evidence.answered-after", { ms })).toBe(text);
});

it("says how sure it is in per cent", () => {
  expect(words("en").say("report.confidence", { value: 0.78 })).toBe("confidence 78%");
});
