/** The arguments of `diagnose`: what becomes of them, and what is said of wrong ones. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { planDiagnose } from "../../main/cli/diagnose-plan.ts";
import { firstWay } from "../../main/io/probe/route.ts";
import { temporaryFolder } from "../io/temporary-folder.ts";

const url = "https://a.example/events";
const plan = (...args: string[]) => planDiagnose(args, { LANG: "zh_CN.UTF-8" });

it("asks in the language of the shell, with twelve seconds and nothing else", () => {
  const { proxies, ...rest } = plan(url);
  expect(rest).toEqual({
    url,
    headers: [],
    compare: null,
    budgetMs: 12_000,
    idleLimitMs: null,
    json: false,
    locale: "zh-CN",
  });
});

it("keeps the headers of the two addresses apart, from words and files", () => {
  const file = join(temporaryFolder(), "headers");
  writeFileSync(file, "X-A: 1\n\nX-B: 2\n");
  const made = plan(
    url,
    "--header",
    `@${file}`,
    "--compare",
    "http://b.example/",
    "--compare-header",
    "X-C: 3",
    "--json",
    "--lang",
    "en",
  );
  expect(made.headers).toEqual([
    ["X-A", "1"],
    ["X-B", "2"],
  ]);
  expect(made.compare).toEqual({ url: "http://b.example/", headers: [["X-C", "3"]] });
  expect([made.json, made.locale]).toEqual([true, "en"]);
});

it("goes by the environment's proxy and signs in there, unless another is named or none", async () => {
  const env = { HTTPS_PROXY: "http://me:p%40ss@proxy.example:3128", LANG: "en" };
  const way = (...args: string[]) => firstWay(planDiagnose([url, ...args], env).proxies, url);
  expect(await way()).toEqual({
    kind: "http",
    url: "http://proxy.example:3128",
    authorization: `Basic ${Buffer.from("me:p@ss").toString("base64")}`,
  });
  expect(await way("--proxy", "socks5://other.example")).toEqual({
    kind: "socks5",
    url: "socks5://other.example:1080",
  });
  expect(await way("--proxy", "none")).toEqual({ kind: "direct" });
  const broken = planDiagnose([url], { HTTPS_PROXY: "ftp://proxy.example" }).proxies;
  expect(await firstWay(broken, url)).toMatchObject({ kind: "unusable" });
});

it.each<[string[], string]>([
  [[], "the URL is missing"],
  [[url, "more"], '"more" is too many'],
  [["ftp://a.example/"], "URL: Only http://"],
  [["https://me:secret@a.example/"], "--header 'Authorization: …' or --header @FILE."],
  [[url, "--compare", "nonsense"], "--compare: This is not an address"],
  [[url, "--compare-header", "A: b"], "--compare-header needs --compare"],
  [[url, "--header", "nonsense"], "--header wants 'Name: value'"],
  [[url, "--header", "Host: x"], '--header "Host": Holdfast sets this header itself'],
  [[url, "--header", "@/no/such/file"], "the file cannot be read"],
  [[url, "--budget", "10"], "--budget"],
  [[url, "--proxy", "ftp://x"], "--proxy: wants none"],
  [[url, "--proxy", "http://me:secret@proxy.example"], "every program here can read"],
  [[url, "--lang", "fr"], '--lang "fr": wants en or zh-CN'],
  [[url, "--nope"], "--nope"],
])("says what is wrong with %j", (args, message) => {
  expect(() => plan(...args)).toThrow(message);
});

it("quotes no password of an address that is wrong", () => {
  for (const args of [["https://me:canary@a.example/"], [url, "--proxy", "x://me:canary@b"]]) {
    expect(() => plan(...args)).not.toThrow("canary");
    expect(() => plan(...args)).toThrow("diagnose:");
  }
});
