/**
 * Takes pictures of every screen: `node test/renderer/pictures.ts [folder] [part of a name]`. The built window runs in Chromium under
 * its own policy with a fake bridge; any refusal of the policy is an error, and what axe finds is printed. Not a test: pictures are to be looked at.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { build } from "vite";
import { root } from "../../build/root.ts";
import { rendererConfig } from "../../build/vite.renderer.ts";
import type { StreamView } from "../../preload/contract.ts";
import type { FakeBridge, FakeOptions } from "./fake-bridge.ts";
import { fakeMoves, fakeWays } from "./fake-ways.ts";

const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; trusted-types 'none'; require-trusted-types-for 'script'; base-uri 'none'; form-action 'none'";
const origin = "https://holdfast.test";
const kinds: Record<string, string> = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };

const axe = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");

type Screen = { name: string; options?: FakeOptions; also?: readonly string[]; run?: (page: Page) => Promise<void> };

const choose = (id: number) => async (page: Page) => {
  await page.locator("aside nav").nth(1).locator("button").nth(id).click();
};
const place = (number: number) => (page: Page) => page.keyboard.press(`Control+${number}`);
/** Goes to a stream and then to Diagnose. */
const diagnose = (id: number) => async (page: Page) => {
  await choose(id)(page);
  await place(3)(page);
};
const fakeOf = (page: Page, run: (fake: FakeBridge) => void): Promise<void> =>
  page.evaluate(`(${run.toString()})(globalThis.fake)`) as Promise<void>;

/** The first stream with another picture of itself, and with the list of its ways open where that is wanted. */
const orders = (change: WayChange, opened = false): ((page: Page) => Promise<void>) => {
  return async (page) => {
    await page.evaluate(`globalThis.fake.changeStream("orders", (${change.toString()})(Date.now()))`);
    if (opened) await page.locator("section[data-state] button").first().click();
  };
};
type WayChange = (now: number) => Partial<StreamView>;

/** The second line of the filter, and its fields. */
const openPanel = (page: Page) => page.getByRole("button", { name: /Filter by path|按路径/ }).click();
const panel = (page: Page, number: number) => page.locator("fieldset input").nth(number);

/** Two events compared, in one of the three views. */
const comparing = (view: number) => async (page: Page) => {
  await page.locator("[role=grid] [role=row]").nth(-4).click();
  await page.keyboard.press("c");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await page.locator("aside [role=tab]").nth(view).click();
};

/** The export dialog, over a filter and with an event open. */
const exporting = async (page: Page): Promise<void> => {
  await page.locator("[role=grid] [role=row]").nth(-4).click();
  await page.keyboard.press("Control+e");
};
const chooseFile = (page: Page) => page.getByRole("button", { name: /Choose file|选择文件/ }).click();

const screens: readonly Screen[] = [
  { name: "export", run: exporting },
  {
    name: "export-running",
    run: async (page) => {
      await exporting(page);
      await chooseFile(page);
      await fakeOf(page, (fake) => fake.exporting({ written: 412_000, total: 1_000_000 }));
    },
  },
  {
    name: "export-done",
    run: async (page) => {
      await exporting(page);
      await chooseFile(page);
      const path = "/home/user/Documents/Orders-2026-11-26.ndjson";
      await page.evaluate(
        `fake.endExport({ ok: true, value: { path: "${path}", written: 1000000, cancelled: false } })`,
      );
    },
  },
  {
    name: "import-running",
    run: async (page) => {
      await exporting(page);
      await page.evaluate("fake.answers.import = null");
      await page.getByRole("button", { name: /Import NDJSON|导入 NDJSON/ }).click();
      await fakeOf(page, (fake) => fake.importing({ phase: "adding", done: 412_000, total: 1_000_000 }));
    },
  },
  {
    name: "import-marked",
    run: async (page) => {
      await page.evaluate(`fake.addRows("orders", [
        { kind: "mark", seq: 90001, at: Date.now(), mark: "imported", failure: null, params: { events: 2, file: "Orders-2026-09.ndjson" } },
        { kind: "event", seq: 90002, at: Date.now() - 6e9, gapMs: 0, type: "order.paid", id: "1", preview: "{}", bytes: 2, generation: 0, flags: ["imported"] },
        { kind: "event", seq: 90003, at: Date.now() - 5.9e9, gapMs: 1e8, type: "order.paid", id: "2", preview: "{}", bytes: 2, generation: 0, flags: ["replayed", "imported"] },
        { kind: "mark", seq: 90004, at: Date.now(), mark: "imported", failure: null, params: { events: 2, total: 900, file: "Orders-2026-09.ndjson" } },
        { kind: "mark", seq: 90005, at: Date.now(), mark: "gap", failure: null, params: { reason: "block-damaged", records: 248, fromAt: Date.now() - 9e5, toAt: Date.now() - 8e5 } },
      ])`);
      await page.locator("[role=grid] [role=row]").nth(-4).click();
    },
  },
  { name: "way-second", run: orders(fakeWays.second, true) },
  { name: "way-proxied", run: orders(fakeWays.proxied, true) },
  {
    name: "way-websocket",
    run: async (page) => {
      await orders(fakeWays.websocket, true)(page);
      await page.evaluate(`globalThis.fake.addRows("orders", (${fakeMoves.toString()})(Date.now()))`);
    },
  },
  { name: "wait-next", run: orders(fakeWays.next) },
  { name: "wait-floor", run: orders(fakeWays.floor) },
  { name: "wait-planned", run: orders(fakeWays.planned) },
  { name: "wait-parked", run: orders(fakeWays.parked, true) },
  {
    name: "streams",
    run: async (page) => {
      await page.locator("[role=grid] [role=row]").nth(-4).click();
    },
  },
  { name: "silent", run: choose(2) },
  { name: "held", run: choose(3) },
  { name: "waiting", run: choose(4) },
  { name: "connecting", run: choose(5) },
  { name: "offline", run: choose(6) },
  { name: "asleep", run: choose(7) },
  { name: "paused", run: choose(8) },
  { name: "halted", run: choose(9) },
  {
    name: "not-found",
    run: async (page) => {
      await choose(4)(page);
      await fakeOf(page, (fake) =>
        fake.changeStream("edge", {
          phase: "halted",
          origin: "http://127.0.0.1:8080",
          address: "http://127.0.0.1:8080/telemetry",
          retryAt: null,
          failure: { family: "SERVER", kind: "not-found", status: 404, final: true, params: { host: "127.0.0.1" } },
        }),
      );
    },
  },
  {
    name: "held-partial",
    run: async (page) => {
      await choose(3)(page);
      await fakeOf(page, (fake) => fake.changeStream("deploys", { lastEventAt: Date.now() - 40_000, events: 12 }));
    },
  },
  {
    name: "scrolled",
    run: async (page) => {
      await page.locator("[role=grid]").hover();
      await page.mouse.wheel(0, -3000);
      await page.waitForTimeout(300);
      await fakeOf(page, (fake) =>
        fake.addRows("orders", [
          {
            kind: "event",
            seq: 90_001,
            at: Date.now(),
            gapMs: 900,
            type: "order.paid",
            id: "1",
            preview: "x",
            bytes: 1,
            generation: 1,
            flags: [],
          },
        ]),
      );
    },
  },
  {
    name: "million",
    options: { rows: 700_000 },
    run: async (page) => {
      await page.locator("[role=grid]").hover();
      await page.mouse.wheel(0, -30_000);
    },
  },
  {
    name: "list-filter",
    run: async (page) => {
      await page.locator("input[type=search]").fill("order 林可");
      await openPanel(page);
      await panel(page, 0).fill("$.customer.name");
      await page.waitForTimeout(700);
      await panel(page, 0).focus();
    },
  },
  {
    name: "list-refused",
    run: async (page) => {
      await openPanel(page);
      await panel(page, 0).fill("$..[");
      await panel(page, 1).fill("25:00");
      await page.waitForTimeout(1200);
    },
  },
  {
    name: "list-searching",
    options: { searching: true, behind: 1204, rows: 20_000 },
    run: async (page) => {
      await page.locator("input[type=search]").fill("order");
      await page.waitForTimeout(600);
      await page.locator("[role=grid] [role=row]").nth(-4).click();
    },
  },
  {
    name: "list-none-yet",
    options: { searching: true, rows: 2000 },
    run: async (page) => {
      await page.locator("input[type=search]").fill("nowhere");
      await page.waitForTimeout(600);
    },
  },
  {
    name: "list-jump",
    run: async (page) => {
      await page.keyboard.press("Control+g");
      await page.waitForTimeout(200);
      await page.keyboard.type("14:22:05");
    },
  },
  {
    name: "list-jump-none",
    run: async (page) => {
      await page.keyboard.press("Control+g");
      await page.waitForTimeout(200);
      await page.keyboard.type("2099-01-01 10:00");
      await page.keyboard.press("Enter");
    },
  },
  {
    name: "list-compare-choose",
    run: async (page) => {
      await page.locator("[role=grid] [role=row]").nth(-4).click();
      await page.keyboard.press("c");
    },
  },
  { name: "list-compare", run: comparing(0) },
  { name: "list-compare-lines", run: comparing(1) },
  { name: "list-compare-raw", run: comparing(2) },
  {
    name: "list-deep",
    run: async (page) => {
      await fakeOf(page, (fake) => fake.setData(5000, `{"deep":${"[".repeat(1_000_000)}${"]".repeat(48_000)}`));
      await page.locator("[role=grid] [role=row]").last().click();
    },
  },
  {
    name: "list-wide",
    run: async (page) => {
      await fakeOf(page, (fake) =>
        fake.setData(
          5000,
          JSON.stringify({ list: Array.from({ length: 100_000 }, (_, at) => at), nested: { a: [1] } }),
        ),
      );
      await page.locator("[role=grid] [role=row]").last().click();
      await page.waitForTimeout(300);
      await page.locator("aside [role=treeitem] [role=button]").nth(1).click();
    },
  },
  {
    name: "list-narrow",
    run: async (page) => {
      await page.setViewportSize({ width: 720, height: 600 });
      await page.locator("input[type=search]").fill("paid");
      await openPanel(page);
      await page.waitForTimeout(400);
    },
  },
  {
    name: "list-narrow-compare",
    run: async (page) => {
      await page.setViewportSize({ width: 720, height: 600 });
      await comparing(0)(page);
    },
  },
  { name: "first-run", options: { empty: true } },
  {
    name: "first-run-checked",
    options: { empty: true },
    run: async (page) => {
      await page.locator("main input").first().fill("https://api.shop.example/v1/orders/stream");
      await page.keyboard.press("Enter");
    },
  },
  { name: "settings", run: place(4) },
  { name: "quality-kept", run: place(2) },
  {
    name: "settings-kept",
    run: async (page) => {
      await place(4)(page);
      const form = page.getByRole("form", { name: /How much is kept|保存多少/ });
      await form.locator("input").first().fill("0");
      await form.locator("input").nth(2).fill("");
      await form.locator("button[type=submit]").click();
      await form.scrollIntoViewIfNeeded();
    },
  },
  {
    name: "stream-kept",
    run: async (page) => {
      await place(4)(page);
      await page.locator("main nav button").nth(2).click();
      const fields = page.locator("main form section").nth(7);
      await fields.locator("input[inputmode=numeric]").first().fill("30");
      await fields.locator("input[inputmode=numeric]").nth(2).scrollIntoViewIfNeeded();
    },
  },
  {
    name: "settings-proxy",
    run: async (page) => {
      await place(4)(page);
      await fakeOf(page, (fake) => {
        fake.answers.setProxy = { errors: [{ field: "proxy.password", code: "secret-missing", params: {} }] };
      });
      const section = page.locator("section:has(h2)").nth(2);
      await section.locator("button").first().click();
      await page.locator("[role=option]").nth(2).click();
      await section.locator("input:not([type=hidden])").first().fill("http://proxy.example:3128");
      await section.locator("input:not([type=hidden])").nth(1).fill("ann");
      await section.locator("button[type=submit]").click();
      await section.scrollIntoViewIfNeeded();
    },
  },
  {
    name: "stream-proxy",
    run: async (page) => {
      await place(4)(page);
      await page.locator("main nav button").nth(2).click();
      const section = page.locator("main form section").nth(6);
      await section.scrollIntoViewIfNeeded();
      await section.locator("button").first().click();
      await page.locator("[role=option]").nth(3).click();
      await section.locator("input:not([type=hidden])").nth(1).fill("ann");
      await section.locator("input[type=password]").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "by-proxy",
    run: async (page) => {
      await fakeOf(page, (fake) => fake.changeStream("orders", { proxy: "http://proxy.example:3128" }));
    },
  },
  {
    name: "proxy-auth",
    run: async (page) => {
      await choose(4)(page);
      await fakeOf(page, (fake) =>
        fake.changeStream("edge", {
          phase: "halted",
          retryAt: null,
          proxy: "http://proxy.example:3128",
          failure: {
            family: "PROXY",
            kind: "proxy-auth",
            status: 407,
            final: true,
            params: { proxy: "http://proxy.example:3128", status: 407, code: "Basic", advice: "proxy-auth-missing" },
          },
        }),
      );
    },
  },
  {
    name: "endpoint",
    run: async (page) => {
      await place(4)(page);
      await page.locator("main nav button").nth(6).click();
      await page.locator("main form input").first().fill("Edge telemetry 2");
      await fakeOf(page, (fake) => {
        fake.answers.saveEndpoint = {
          errors: [
            { field: "headers.1.name", code: "header-name-invalid", params: {} },
            { field: "url", code: "url-credentials", params: {} },
          ],
        };
      });
      await page.locator("main form footer button").nth(1).click();
      await page.waitForTimeout(200);
      await page.locator("main form footer button").last().click();
    },
  },
  {
    name: "ways",
    run: async (page) => {
      await place(4)(page);
      await page.locator("main nav button").nth(3).click();
      await page.locator("main form input").first().fill("Payments 2");
      await fakeOf(page, (fake) => {
        fake.answers.saveEndpoint = {
          errors: [
            { field: "group.1.url", code: "scheme-weaker", params: {} },
            { field: "websocket.resumeQuery", code: "query-name-invalid", params: {} },
            { field: "discover", code: "discover-without-group", params: {} },
          ],
        };
      });
      await page.locator("main form footer button").last().click();
      await page.locator("main form ol").last().scrollIntoViewIfNeeded();
      await page.locator("main form ol").last().hover();
      await page.mouse.wheel(0, 420);
    },
  },
  {
    name: "command",
    run: async (page) => {
      await place(4)(page);
      await page.locator("main nav button").nth(3).click();
    },
  },
  {
    name: "policy",
    run: async (page) => {
      await place(4)(page);
      const cells = page.locator("main table input");
      await cells.nth(0).fill("0");
      await cells.nth(5).fill("1200");
      await cells.nth(0).press("Enter");
      await cells.last().scrollIntoViewIfNeeded();
      await cells.last().hover();
      await page.mouse.wheel(0, 300);
    },
  },
  {
    name: "remove",
    run: async (page) => {
      await place(4)(page);
      await page.locator("main nav button").nth(6).click();
      await fakeOf(page, (fake) => {
        fake.answers.removeEndpoint = { errors: [{ field: "", code: "read-only", params: {} }] };
      });
      await page.locator("main form footer button").first().click();
      await page.locator("[role=alertdialog] button").last().click();
    },
  },
  { name: "quality", run: place(2) },
  {
    name: "quality-7d",
    run: async (page) => {
      await place(2)(page);
      await page.locator("main header label").filter({ hasText: /^7/ }).click();
      await page.mouse.move(900, 250);
    },
  },
  {
    name: "quality-table",
    run: async (page) => {
      await place(2)(page);
      await page.locator("main header button").last().click();
    },
  },
  { name: "diagnose-empty", run: place(3) },
  { name: "diagnose-running", options: { diagnosis: "running" }, run: diagnose(3) },
  { name: "diagnose-mute", options: { diagnosis: "mute" }, run: diagnose(3) },
  { name: "diagnose-no-route", options: { diagnosis: "noRoute" }, run: diagnose(4) },
  { name: "diagnose-healthy", options: { diagnosis: "healthy" }, run: diagnose(0) },
  { name: "diagnose-undecided", options: { diagnosis: "undecided" }, run: diagnose(2) },
  { name: "diagnose-cancelled", options: { diagnosis: "cancelled" }, run: diagnose(3) },
  { name: "diagnose-budget", options: { diagnosis: "budget" }, run: diagnose(3) },
  {
    name: "diagnose-errors",
    options: { diagnosis: "healthy" },
    run: async (page) => {
      await place(3)(page);
      await page.locator("main form button").first().click();
      await page.locator("[role=option]").last().click();
      await page
        .locator("main form label")
        .filter({ hasText: /直连|directly/ })
        .click();
      await page.locator("main form button[type=submit]").click();
    },
  },
  {
    name: "diagnose-narrow",
    options: { diagnosis: "mute" },
    run: async (page) => {
      await page.setViewportSize({ width: 900, height: 600 });
      await diagnose(3)(page);
    },
  },
  {
    name: "diagnose-narrow-lines",
    options: { diagnosis: "mute" },
    run: async (page) => {
      await page.setViewportSize({ width: 900, height: 600 });
      await diagnose(3)(page);
      await page.locator("main [role=tablist]").scrollIntoViewIfNeeded();
    },
  },
  {
    name: "closing",
    options: {
      app: {
        testRuntime: true,
        problems: [
          { code: "secrets-locked", params: { count: 2, backend: "GNOME Keyring" } },
          { code: "journal-failing", params: { reason: "ENOSPC" } },
          { code: "tray-missing", params: {} },
        ],
      },
    },
    run: (page) => fakeOf(page, (fake) => fake.askClosing(true)),
  },
];

/** What axe finds wrong with the page. */
async function findings(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    type Report = { violations: { id: string; nodes: { html: string; failureSummary: string }[] }[] };
    const { axe } = globalThis as unknown as { axe: { run(): Promise<Report> } };
    const { violations } = await axe.run();
    return violations.map(
      ({ id, nodes }) =>
        `${id} ×${nodes.length}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary.slice(0, 300)}`,
    );
  });
}

async function fakeScript(): Promise<string> {
  const outDir = join(tmpdir(), "holdfast-fake-page");
  await build({
    configFile: false,
    root,
    logLevel: "warn",
    build: {
      outDir,
      emptyOutDir: true,
      minify: false,
      lib: { entry: join(root, "test/renderer/fake-page.ts"), formats: ["iife"], name: "fakePage", fileName: "fake" },
    },
  });
  return readFileSync(join(outDir, "fake.iife.js"), "utf8");
}

async function main(): Promise<number> {
  const folder = process.argv[2] ?? join(tmpdir(), "holdfast-pictures");
  const wanted = process.argv[3] ?? "";
  mkdirSync(folder, { recursive: true });
  const outDir = join(tmpdir(), "holdfast-renderer");
  await build({ ...rendererConfig, build: { ...rendererConfig.build, outDir } });
  const script = await fakeScript();
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  let refused = 0;
  for (const locale of ["en", "zh-CN"] as const) {
    for (const theme of ["light", "dark"] as const) {
      for (const screen of screens) {
        const name = `${screen.name}-${locale.slice(0, 2)}-${theme}`;
        if (!name.includes(wanted)) continue;
        const page = await browser.newPage({ viewport: { width: 1360, height: 860 }, colorScheme: theme, locale });
        page.on("pageerror", (error) => console.error(name, error.message));
        page.on("console", (message) => message.type() === "error" && console.error(name, message.text()));
        await page.addInitScript(
          `globalThis.fakeOptions = ${JSON.stringify({ ...screen.options, locale, theme })};\n${script}`,
        );
        await page.route(`${origin}/**`, (route) => {
          const file = join(outDir, new URL(route.request().url()).pathname.replace(/\/$/, "/index.html"));
          if (!existsSync(file)) return route.fulfill({ status: 404 });
          return route.fulfill({
            body: readFileSync(file),
            headers: { "content-type": kinds[extname(file)] ?? "text/plain", "content-security-policy": policy },
          });
        });
        await page.goto(`${origin}/`);
        await page.waitForSelector("main");
        await page.waitForTimeout(150);
        await screen.run?.(page);
        await page.waitForTimeout(350);
        await page.screenshot({ path: join(folder, `${name}.png`) });
        for (const finding of await findings(page)) console.error(`${name}: ${finding}`);
        const violations = await page.evaluate(() => document.documentElement.dataset["violations"] ?? "0");
        if (violations !== "0") {
          refused++;
          console.error(`${name}: the policy refused ${violations}`);
        }
        await page.close();
      }
    }
  }
  await browser.close();
  console.log(`pictures in ${folder}`);
  return refused === 0 ? 0 : 1;
}

process.exitCode = await main();
