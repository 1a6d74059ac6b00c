/**
 * Diagnose as a person has it: the built app over real proxies of the lab. A mute nginx, our gateway without a route, a healthy
 * path and a forward proxy: the verdict, the first cause and the line to change as they stand on the screen, in both languages,
 * with pictures beside those of the other screens (HOLDFAST_PICTURES). What the rules find over all of the lab is diagnosis.test.ts.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { DiagnosisView, Endpoint, Verdict } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";
import { App, say } from "../e2e/app.ts";
import type { Configuration, RunningProxy } from "./configuration.ts";
import { configurations } from "./configurations.ts";
import { type LabOrigin, labOrigin } from "./origin.ts";

type Case = {
  /** Of its pictures. */
  readonly name: string;
  /** Of the lab. */
  readonly configuration: string;
  /** At the origin. */
  readonly path: string;
  readonly verdict: Verdict;
  /** The chip of the hop that is seen. */
  readonly hop: RegExp;
  /** What comes first of the causes; null: nothing is found. */
  readonly first: { readonly code: string; readonly product: string; readonly line: string } | null;
};

const cases: readonly Case[] = [
  {
    name: "mute-nginx",
    configuration: "nginx-buffering",
    // So slow that its buffer is not full while anybody waits.
    path: "/events?rate=1&hb=0",
    verdict: "broken",
    hop: /^nginx/,
    first: { code: "buffering", product: "nginx", line: "proxy_buffering off;" },
  },
  {
    name: "gateway-no-route",
    configuration: "gateway-no-route",
    path: "/events",
    verdict: "broken",
    hop: /^Holdfast Gateway/,
    first: { code: "no-route", product: "Holdfast Gateway", line: 'path_prefix = "/events"' },
  },
  { name: "healthy", configuration: "nginx-good", path: "/events", verdict: "healthy", hop: /^nginx/, first: null },
  {
    name: "forward-squid",
    configuration: "squid-forward-good",
    path: "/events",
    verdict: "healthy",
    hop: /^Squid/,
    first: null,
  },
];

const looks = [
  { language: "en", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "zh-CN", theme: "light" },
  { language: "zh-CN", theme: "dark" },
] as const;
type Look = (typeof looks)[number];

const pictures = process.env["HOLDFAST_PICTURES"] ?? join(tmpdir(), `holdfast-pictures-${process.getuid?.() ?? 0}`);
let app: App;
let folder: string;
let origin: LabOrigin;

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "holdfast-diagnose-"));
  origin = await labOrigin();
  app = await App.launch({ dataDir: folder });
  // Where no tray is, that is said above every place until one has read it; here the place itself is looked at.
  const read = app.page.getByRole("button", { name: say("problem.dismiss") });
  await app.page.getByRole("heading", { name: say("first.title") }).waitFor();
  while ((await read.count()) > 0) await read.first().click();
});
afterAll(async () => {
  await app?.end();
  await origin?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
});

it.for(cases)("says what is so of $configuration, on the screen", { timeout: 180_000 }, async (each, context) => {
  const configuration = named(each.configuration);
  const why = await configuration.missing();
  if (why !== null) context.skip(why);
  const proxy = await configuration.start(origin.url);
  try {
    const id = await standing(configuration, proxy, each.path);
    await set(looks[0]);
    await findOut(id);
    const view = await over(id);
    expect(view.requests).toBeLessThanOrEqual(20);
    for (const look of looks) {
      await set(look);
      await reads(each, look);
      await app.page.screenshot({ path: join(pictures, `diagnose-${each.name}-${look.language}-${look.theme}.png`) });
      expect(await faults()).toEqual([]);
      expect(await tooWide()).toEqual([]);
    }
    if (each.first !== null) await copies(each.first.line, view);
    await report(view);
    await app.page.evaluate((gone) => window.bridge.settings.removeEndpoint(gone), id);
  } finally {
    await proxy.stop();
  }
});

it("ends in the middle when that is asked, and keeps what was measured", async (context) => {
  const configuration = named("nginx-buffering");
  const why = await configuration.missing();
  if (why !== null) context.skip(why);
  const proxy = await configuration.start(origin.url);
  try {
    const id = await standing(configuration, proxy, "/events?rate=1&hb=0&of=cancelled");
    await set(looks[0]);
    await findOut(id);
    const band = app.page.getByRole("status").filter({ hasText: say("diagnose.running") });
    await band.waitFor();
    // The header is waited for, for seconds: that is the middle.
    await expect
      .poll(async () => (await last())?.stages.find(({ stage }) => stage === "status")?.state)
      .toBe("running");
    await app.page.screenshot({ path: join(pictures, "diagnose-running-en-light.png") });
    await app.page.getByRole("button", { name: say("cancel"), exact: true }).click();
    const view = await over(id);
    expect(view.stopped).toEqual({ code: "cancelled", params: {} });
    expect(view.stages.find(({ stage }) => stage === "tcp")?.state).toBe("ok");
    await app.page.getByText(say("diagnose.stopped.cancelled")).waitFor();
    await app.page.getByRole("button", { name: say("diagnose.again"), exact: true }).waitFor();
    await expect.poll(() => origin.open).toBeLessThanOrEqual(1);
  } finally {
    await proxy.stop();
  }
});

function named(name: string): Configuration {
  const found = configurations.find((each) => each.name === name);
  if (found === undefined) throw new Error(`the lab has no configuration ${name}`);
  return found;
}

/** The stream in the app, chosen in Streams. @returns its id */
async function standing({ name }: Configuration, { url, proxyUrl }: RunningProxy, path: string): Promise<string> {
  const proxy: Endpoint["proxy"] = { mode: proxyUrl === null ? "none" : "manual", url: proxyUrl ?? "", username: "" };
  const id = await app.addStream({ url: `${url}${path}`, name, proxy });
  await app.page.keyboard.press("Control+1");
  await app.page.getByRole("navigation").getByRole("button", { name }).first().click();
  await app.page.getByRole("heading", { level: 1, name }).waitFor();
  return id;
}

/** By the place and its button, which is there whatever the stream does. */
async function findOut(id: string): Promise<void> {
  await app.page.keyboard.press("Control+3");
  await app.page.getByRole("button", { name: say("diagnose.run"), exact: true }).click();
  await expect.poll(async () => (await last())?.stream).toBe(id);
  // Where the pointer rests, nothing is in another colour.
  await app.page.mouse.move(1, 1);
}

async function last(): Promise<DiagnosisView | null> {
  const outcome = await app.page.evaluate(() => window.bridge.diagnosis.get());
  return outcome.ok ? outcome.value : null;
}

/** Probes end by their own budget of 15 s; the rest is for a busy machine. */
async function over(id: string): Promise<DiagnosisView> {
  await expect
    .poll(async () => ((view) => view?.stream === id && !view.running)(await last()), { timeout: 60_000 })
    .toBe(true);
  return (await last()) as DiagnosisView;
}

async function set({ language, theme }: Look): Promise<void> {
  await app.setGeneral({ language, theme });
  await expect
    .poll(() => app.page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset["theme"]]))
    .toEqual([language, theme]);
  // Colours fade from one theme to the other.
  await app.page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getTiming().iterations !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished),
    ),
  );
}

/** Verdict, first cause, the hop, and the fix's product and line, as they can be read. */
async function reads({ verdict, hop, first }: Case, { language }: Look): Promise<void> {
  const { say, sayCode } = words(language);
  const { page } = app;
  const band = page.getByRole("status").filter({ hasText: say(`verdict.${verdict}`) });
  await band.waitFor();
  const path = page.getByRole("region", { name: say("diagnose.path") });
  await path.getByText(hop).first().waitFor();
  await reportText(language).filter({ hasText: /\S/ }).waitFor();
  if (first === null) {
    expect(await page.getByRole("listbox", { name: say("diagnose.causes") }).count()).toBe(0);
    return;
  }
  const title = sayCode("finding", `${first.code}.title`, {}, "diagnose.finding.unknown");
  expect(await band.innerText()).toContain(title);
  const cause = page
    .getByRole("listbox", { name: say("diagnose.causes") })
    .getByRole("option")
    .first();
  expect(await cause.innerText()).toContain(title);
  const tab = page.getByRole("tab", { selected: true });
  expect(await tab.innerText()).toBe(`${first.product}\n${say("diagnose.seen")}`);
  expect(await lines(language).innerText()).toContain(first.line);
}

const lines = (language: Look["language"]) =>
  app.page.getByRole("region", { name: words(language).say("diagnose.lines"), exact: true });
const reportText = (language: Look["language"]) =>
  app.page.getByRole("region", { name: words(language).say("diagnose.report.text"), exact: true });

/** What the button copies is what can be read. */
async function copies(line: string, { findings }: DiagnosisView): Promise<void> {
  const { say } = words("zh-CN");
  await app.page.getByRole("button", { name: say("diagnose.copyLines"), exact: true }).click();
  const clipboard = () => app.electron.evaluate(({ clipboard: board }) => board.readText());
  await expect.poll(clipboard).toContain(line);
  expect(await clipboard()).toBe(findings[0]?.fix.text);
}

/** In both forms, masked: neither the address nor the port of the proxy is in it. */
async function report({ target, verdict, findings }: DiagnosisView): Promise<void> {
  const text = reportText("zh-CN");
  expect(await text.innerText()).toContain("# Holdfast");
  await app.page.getByText("JSON", { exact: true }).click();
  await text.filter({ hasText: '"verdict"' }).waitFor();
  const written = await text.innerText();
  const parsed = JSON.parse(written) as { verdict: string; findings: { code: string }[] };
  expect(parsed.verdict).toBe(verdict);
  expect(parsed.findings.map(({ code }) => code)).toEqual(findings.map(({ code }) => code));
  expect(written).not.toContain(new URL(target).host);
}

/** What axe calls serious. */
async function faults(): Promise<string[]> {
  await app.page.evaluate(axe.source);
  return app.page.evaluate(async () => {
    type Violation = { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] };
    const { axe: runner } = window as unknown as {
      axe: { run(context: Document, options: object): Promise<{ violations: Violation[] }> };
    };
    const { violations } = await runner.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`));
  });
}

/** Text that is cut off sideways. */
function tooWide(): Promise<string[]> {
  return app.page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`the page is ${scrollWidth - clientWidth} px too wide`] : [];
  });
}
