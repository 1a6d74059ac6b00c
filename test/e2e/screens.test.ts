/**
 * Every screen in both languages and themes: nothing serious for axe, nothing cut off sideways, no word missing from the
 * catalogue; and a picture of each in HOLDFAST_PICTURES (or the system's temporary folder), for people to look at.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Verdict } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";
import { EventOrigin } from "../fakes/event-origin.ts";
import { freePort } from "../fakes/free-port.ts";
import { App } from "./app.ts";

const pictures = process.env["HOLDFAST_PICTURES"] ?? join(tmpdir(), `holdfast-pictures-${process.getuid?.() ?? 0}`);
let app: App;
let folder: string;
let missing: Server;
const origin = new EventOrigin();
const ids: Record<string, string> = {};

beforeAll(async () => {
  mkdirSync(pictures, { recursive: true });
  folder = mkdtempSync(join(tmpdir(), "holdfast-screens-"));
  await origin.start();
  missing = createServer((_request, response) => response.writeHead(404, { server: "nginx/1.22.1" }).end());
  await new Promise<void>((resolve) => missing.listen(0, "127.0.0.1", resolve));
  app = await App.launch({ dataDir: folder });
});
afterAll(async () => {
  await app?.end();
  await origin.stop();
  missing?.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
});

/** Streams in the states that there are, and events with something to look at. */
async function furnish(): Promise<void> {
  const refused = `http://127.0.0.1:${await freePort()}/events`;
  const gone = `http://127.0.0.1:${(missing.address() as AddressInfo).port}/v2/streams/audit`;
  ids["live"] = await app.addStream({ url: origin.url, name: "Orders · 订单" });
  ids["waiting"] = await app.addStream({ url: refused, name: "Warehouse Gdańsk" });
  ids["halted"] = await app.addStream({ url: gone, name: "Audit" });
  ids["paused"] = await app.addStream({ url: `${origin.url}?old`, name: "Old shop", paused: true, keep: "nothing" });
  await expect.poll(() => app.phase(ids["live"] ?? "")).toBe("open");
  await expect.poll(() => app.phase(ids["halted"] ?? "")).toBe("halted");
  const demo = await app.page.evaluate(() => window.bridge.streams.startDemo());
  ids["demo"] = demo.ok ? demo.value : "";
  await expect.poll(() => app.phase(ids["demo"] ?? "")).toBe("open");
  const types = ["order.created", "order.paid", "order.shipped", "stock.low", "message"];
  for (let n = 1; n <= 40; n++) {
    const order = {
      order: `O-2026-${118_000 + n}`,
      customer: n % 3 === 0 ? "陈晓" : "Harbour Supplies Ltd",
      items: [{ sku: "KLP-101", count: n }],
      total: n * 7.25,
    };
    origin.publish(JSON.stringify(order), types[n % types.length]);
  }
  await expect.poll(() => app.ids(ids["live"] ?? "")).toHaveLength(40);
  origin.cut();
  await expect.poll(() => app.phase(ids["live"] ?? "")).not.toBe("open");
  origin.publishMany(3, "order.paid");
  await app.page.evaluate((id) => window.bridge.streams.retryNow(id), ids["live"] ?? "");
  await expect.poll(() => app.ids(ids["live"] ?? ""), { timeout: 20_000 }).toHaveLength(43);
  // The first screens show what is said where there is no tray; from here on somebody has read it.
  const read = app.page.getByRole("button", { name: words("zh-CN").say("problem.dismiss") });
  while ((await read.count()) > 0) await read.first().click();
}

type Look = { readonly language: "en" | "zh-CN"; readonly theme: "light" | "dark" };
const looks: Look[] = [
  { language: "en", theme: "light" },
  { language: "en", theme: "dark" },
  { language: "zh-CN", theme: "light" },
  { language: "zh-CN", theme: "dark" },
];

type Screen = {
  readonly name: string;
  go(say: Say): Promise<void>;
  leave?(): Promise<void>;
};

type Say = ReturnType<typeof words>["say"];

/** Diagnoses the stream that is chosen, unless that was done, and waits for the verdict, whatever it is. */
async function verdict(id: string, say: Say, begin: () => Promise<void>): Promise<void> {
  const last = () => app.page.evaluate(async () => window.bridge.diagnosis.get());
  const of = async (): Promise<string | null> => {
    const outcome = await last();
    return outcome.ok && outcome.value?.stream === id && !outcome.value.running ? outcome.value.verdict : null;
  };
  if ((await of()) === null) await begin();
  else await place(3);
  // Probes end by their own budget of 15 s; the rest is for a busy machine.
  await expect.poll(of, { timeout: 60_000 }).not.toBeNull();
  const word = say(`verdict.${(await of()) as Verdict}`);
  await app.page.getByRole("status").filter({ hasText: word }).waitFor();
  await app.page
    .getByRole("region", { name: say("diagnose.report.text") })
    .filter({ hasText: /\S/ })
    .waitFor();
}

async function place(digit: 1 | 2 | 3 | 4): Promise<void> {
  await app.page.keyboard.press(`Control+${digit}`);
}
async function stream(state: string): Promise<void> {
  await place(1);
  const name = (await app.stream(ids[state] ?? ""))?.name ?? "";
  await app.page.getByRole("navigation").getByRole("button", { name }).first().click();
  await app.page.getByRole("heading", { level: 1, name }).waitFor();
}
const pressEscape = () => app.page.keyboard.press("Escape");

const firstRun: Screen = {
  name: "first-run",
  go: (say) => app.page.getByRole("heading", { name: say("first.title") }).waitFor(),
};
const screens: Screen[] = [
  { name: "stream-live", go: () => stream("live") },
  {
    name: "stream-inspector",
    go: async () => {
      await stream("live");
      await app.page
        .getByRole("grid")
        .getByRole("row", { name: /O-2026-118035/ })
        .click();
    },
    leave: pressEscape,
  },
  { name: "stream-waiting", go: () => stream("waiting") },
  { name: "stream-halted", go: () => stream("halted") },
  { name: "stream-paused", go: () => stream("paused") },
  {
    name: "quality",
    go: async () => {
      await stream("live");
      await place(2);
    },
  },
  {
    name: "diagnose-demo",
    go: async (say) => {
      await stream("demo");
      await verdict(ids["demo"] ?? "", say, async () => {
        await place(3);
        await app.page.getByRole("button", { name: say("diagnose.run"), exact: true }).click();
      });
    },
  },
  {
    name: "diagnose-not-found",
    go: async (say) => {
      await stream("halted");
      await verdict(ids["halted"] ?? "", say, () =>
        app.page.getByRole("button", { name: say("verb.findOut"), exact: true }).click(),
      );
      // Whoever is found to have said 404, there are lines to change for it.
      await app.page.getByRole("button", { name: say("diagnose.copyLines") }).waitFor();
    },
  },
  {
    name: "diagnose-errors",
    go: async (say) => {
      await place(3);
      await app.page.getByRole("checkbox", { name: say("diagnose.compare") }).check({ force: true });
      await app.page.getByLabel(say("diagnose.compare.url")).fill("ftp://example.com");
      await app.page.getByLabel(say("diagnose.compare.url")).press("Enter");
      await app.page.getByText(say("field.url-scheme")).waitFor();
    },
    leave: async () => {
      const { say } = words(await app.page.evaluate(() => (document.documentElement.lang === "en" ? "en" : "zh-CN")));
      await app.page.getByRole("checkbox", { name: say("diagnose.compare") }).uncheck({ force: true });
    },
  },
  {
    name: "settings-general",
    go: async (say) => {
      await place(4);
      await app.page.getByRole("button", { name: say("settings.general"), exact: true }).click();
    },
  },
  {
    name: "settings-stream",
    go: async (say) => {
      await stream("live");
      await app.page.getByRole("button", { name: say("head.edit") }).click();
    },
  },
  {
    name: "settings-new-with-errors",
    go: async (say) => {
      await app.page
        .getByRole("button", { name: say("side.add") })
        .first()
        .click();
      await app.page.getByLabel(say("form.url")).fill("ftp://example.com");
      await app.page.getByRole("button", { name: say("header.add") }).click();
      await app.page.getByRole("button", { name: say("save"), exact: true }).click();
      await app.page.getByText(say("field.url-scheme")).waitFor();
    },
    leave: async () => {
      const { say } = words(await app.page.evaluate(() => (document.documentElement.lang === "en" ? "en" : "zh-CN")));
      await app.page.getByRole("button", { name: say("cancel") }).click();
    },
  },
  {
    name: "dialog-remove",
    go: async (say) => {
      await stream("live");
      await app.page.getByRole("button", { name: say("head.edit") }).click();
      await app.page.getByRole("button", { name: say("form.remove") }).click();
      await app.page.getByRole("alertdialog").waitFor();
    },
    leave: pressEscape,
  },
  {
    name: "dialog-closing",
    go: async (say) => {
      await place(1);
      await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close());
      await app.page.getByRole("alertdialog", { name: say("closing.title") }).waitFor();
    },
    leave: pressEscape,
  },
];

/** What is wrong with the present screen, in words that lead to it. */
async function faults(): Promise<string[]> {
  await app.page.evaluate(axe.source);
  const found = await app.page.evaluate(async () => {
    const { axe: runner } = window as unknown as {
      axe: { run(context: Document, options: object): Promise<{ violations: AxeViolation[] }> };
    };
    type AxeViolation = { id: string; impact: string; nodes: { target: string[]; failureSummary: string }[] };
    const { violations } = await runner.run(document, { resultTypes: ["violations"] });
    return violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) =>
        nodes.map(
          ({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary.replaceAll("\n", " ")}`,
        ),
      );
  });
  return found;
}

async function untidy(): Promise<string[]> {
  return app.page.evaluate(() => {
    const bad: string[] = [];
    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) bad.push(`the page is ${scrollWidth - clientWidth} px too wide`);
    const text = document.body.innerText;
    for (const found of text.matchAll(/\{\w+(, \w+)?[^}"]*\}|\bundefined\b|\bNaN\b|\[object /g)) {
      // JSON of an event is no sentence of ours.
      if (!/^\{("|\w+:)/.test(found[0])) bad.push(`"${found[0]}" is shown`);
    }
    return bad;
  });
}

async function look(screen: Screen, { language, theme }: Look): Promise<void> {
  await app.setGeneral({ language, theme });
  await expect
    .poll(() => app.page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset["theme"]]))
    .toEqual([language, theme]);
  await screen.go(words(language).say);
  // Colours fade from one theme to the other, and a dialog grows: what moves is not judged.
  await app.page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter(({ effect }) => effect?.getTiming().iterations !== Number.POSITIVE_INFINITY)
        .map(({ finished }) => finished),
    ),
  );
  await app.page.screenshot({ path: join(pictures, `${screen.name}-${language}-${theme}.png`) });
  expect(await untidy()).toEqual([]);
  if (language === "en") expect(await faults()).toEqual([]);
}

describe.each(looks)("in $language, $theme", (each) => {
  it("first-run", () => look(firstRun, each));
});

describe("with streams", () => {
  it("in every state that there is", furnish);

  describe.each(looks)("in $language, $theme", (each) => {
    it.each(screens)("$name", async (screen) => {
      try {
        await look(screen, each);
      } finally {
        await screen.leave?.().catch(() => {});
      }
    });
  });

  it("nothing of all this was refused by the content security policy", async () => {
    expect(await app.violations()).toBe(0);
  });
});
