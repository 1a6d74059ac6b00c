/** Settings as a person changes them: through the form, with what goes wrong said under its field, and still there after a restart. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { filesHolding } from "../io/temporary-folder.ts";
import { launch, say, zh } from "./app.ts";

/** Chooses one of a Select's entries. */
async function choose(page: Page, label: string, choice: string): Promise<void> {
  await page.getByRole("button", { name: new RegExp(`${label}$`) }).click();
  await page.getByRole("option", { name: choice }).click();
}

it("keeps an endpoint that was added by the form, with header and credential, over a restart", async () => {
  const origin = await eventOrigin();
  const app = await launch();
  const { page } = app;
  await page
    .getByRole("button", { name: say("side.add") })
    .first()
    .click();
  await page.getByLabel(say("form.name"), { exact: true }).fill("Warehouse");
  const address = page.getByLabel(say("form.url"));

  // What is wrong stands under its field, and nothing is saved.
  for (const [url, says] of [
    ["not an address", say("field.url-invalid")],
    ["ftp://example.com/x", say("field.url-scheme")],
    ["http://bob:s3cret@127.0.0.1/x", say("field.url-credentials")],
  ] as const) {
    await address.fill(url);
    await page.getByRole("button", { name: say("save"), exact: true }).click();
    await page.getByText(says).waitFor();
    expect(await address.getAttribute("aria-invalid")).toBe("true");
    const described = (await address.getAttribute("aria-describedby")) ?? "";
    const texts = await page.evaluate(
      (ids) => ids.split(" ").map((id) => document.getElementById(id)?.textContent),
      described,
    );
    expect(texts.join(" ")).toContain(says);
  }
  expect(await app.streams()).toEqual([]);

  await address.fill(origin.url);
  await page.getByRole("button", { name: say("header.add") }).click();
  await page.getByLabel(say("header.name", { number: 1 })).fill("X Region");
  await page.getByLabel(say("header.value", { number: 1 })).fill("eu-1");
  await page.getByRole("button", { name: say("save"), exact: true }).click();
  await page.getByText(say("field.header-name-invalid")).waitFor();
  await page.getByLabel(say("header.name", { number: 1 })).fill("X-Region");
  await choose(page, say("form.credential"), say("credential.bearer"));
  await page.getByRole("textbox", { name: say("credential.token") }).fill("canary-4711");
  await page.getByRole("button", { name: say("save"), exact: true }).click();

  await expect.poll(async () => (await app.streams())[0]?.phase).toBe("open");
  const id = (await app.streams())[0]?.id ?? "";
  expect(origin.asked.at(-1)?.headers).toMatchObject({ "x-region": "eu-1", authorization: "Bearer canary-4711" });
  origin.publishMany(3);
  await expect.poll(() => app.ids(id)).toHaveLength(3);
  await app.quit();

  const again = await launch({ dataDir: app.dataDir });
  const views = await again.streams();
  expect(views).toMatchObject([{ id, name: "Warehouse", address: origin.url }]);
  // Without a keyring the secret is gone, and that is said; it was never written down.
  expect(filesHolding(app.dataDir, "canary-4711")).toEqual([]);
  await again.page.getByRole("button", { name: say("head.edit") }).click();
  expect(await again.page.getByLabel(say("header.name", { number: 1 })).inputValue()).toBe("X-Region");
  expect(await again.page.getByLabel(say("header.value", { number: 1 })).inputValue()).toBe("eu-1");
  await again.page.getByText(say("secret.session")).waitFor();
  const token = again.page.getByRole("textbox", { name: say("credential.token") });
  expect(await token.inputValue()).toBe("");
  await token.fill("canary-4712");
  await again.page.getByRole("button", { name: say("save"), exact: true }).click();
  const asked = () => origin.asked.at(-1)?.headers;
  await expect.poll(asked).toMatchObject({ authorization: "Bearer canary-4712", "last-event-id": "3" });
  await expect.poll(() => again.phase(id)).toBe("open");
  expect(await again.violations()).toBe(0);
});

it("edits, tests and removes an endpoint", async () => {
  const origin = await eventOrigin();
  const app = await launch();
  const { page } = app;
  const id = await app.addStream({ url: origin.url, name: "Orders" });
  await page.getByRole("button", { name: say("head.edit") }).click();

  await page.getByRole("button", { name: say("form.test"), exact: true }).click();
  await expect.poll(() => origin.listeners).toBe(2);
  origin.publish("hello");
  const report = page.getByLabel(say("test.label"));
  await report.getByText(say("test.streams")).waitFor();
  await expect.poll(() => origin.listeners).toBe(1);

  await page.getByLabel(say("form.name"), { exact: true }).fill("Orders, renamed");
  await page.getByText(say("form.unsaved")).waitFor();
  await page.getByRole("button", { name: say("save"), exact: true }).click();
  await expect.poll(async () => (await app.stream(id))?.name).toBe("Orders, renamed");

  await page.getByRole("button", { name: say("form.remove") }).click();
  await page
    .getByRole("alertdialog", { name: say("remove.title", { name: "Orders, renamed" }) })
    .getByRole("button", { name: say("remove.verb") })
    .click();
  await expect.poll(() => app.streams()).toEqual([]);
  await expect.poll(() => origin.listeners).toBe(0);
  await app.quit();
  const again = await launch({ dataDir: app.dataDir });
  expect(await again.streams()).toEqual([]);
  await again.page.getByRole("heading", { name: say("first.title") }).waitFor();
});

it("switches language and theme without a restart, and remembers both", async () => {
  const app = await launch();
  const { page } = app;
  const html = () =>
    page.evaluate(() => ({ lang: document.documentElement.lang, theme: document.documentElement.dataset["theme"] }));
  const colour = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await page.getByRole("button", { name: new RegExp(`^${say("place.settings")}`) }).click();
  await choose(page, say("general.language"), "简体中文");
  await page.getByRole("heading", { level: 1, name: zh("place.settings") }).waitFor();
  expect((await html()).lang).toBe("zh-CN");
  expect(await page.evaluate(() => "sameDocument" in window)).toBe(true);

  // A click and no check: the button shows what main has saved, which is a moment later.
  await page.getByRole("radio", { name: zh("general.theme.light") }).click({ force: true });
  await expect.poll(async () => (await html()).theme).toBe("light");
  const light = await colour();
  await page.getByRole("radio", { name: zh("general.theme.dark") }).click({ force: true });
  await expect.poll(async () => (await html()).theme).toBe("dark");
  expect(await colour()).not.toBe(light);
  expect(await app.electron.evaluate(({ nativeTheme }) => nativeTheme.shouldUseDarkColors)).toBe(true);
  await app.quit();

  const again = await launch({ dataDir: app.dataDir });
  await again.page.getByRole("heading", { level: 1 }).waitFor();
  expect(
    await again.page.evaluate(() => [document.documentElement.lang, document.documentElement.dataset["theme"]]),
  ).toEqual(["zh-CN", "dark"]);
  await again.page.getByRole("button", { name: new RegExp(`^${zh("place.settings")}`) }).click();
  await choose(again.page, zh("general.language"), "English");
  await again.page.getByRole("heading", { level: 1, name: say("place.settings") }).waitFor();
  expect(await again.page.evaluate(() => document.documentElement.lang)).toBe("en");
  expect(await again.violations()).toBe(0);
});
