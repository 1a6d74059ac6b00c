/** Events from a server that means harm: more than two hundred payloads as data, as type and as id, and all of it stays text. */
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { hostileTexts } from "../fakes/hostile-texts.ts";
import { launch } from "./app.ts";

it("shows hostile events as the text they are: nothing runs, nothing loads, nothing reorders the window", async () => {
  const origin = await eventOrigin();
  const app = await launch();
  const { page } = app;
  await app.electron.evaluate(({ session }) => {
    const requested: string[] = [];
    Object.assign(globalThis, { requested });
    session.defaultSession.webRequest.onErrorOccurred(({ url }) => void requested.push(url));
    session.defaultSession.webRequest.onCompleted(({ url }) => void requested.push(url));
  });
  const id = await app.addStream({ url: origin.url, name: '<img src=x onerror="window.__pwned=1">\u202Egnp' });
  await expect.poll(() => app.phase(id)).toBe("open");

  for (const [n, text] of hostileTexts.entries()) {
    const type = n % 3 === 0 ? text.replaceAll(/[\r\n]/g, " ").slice(0, 200) : "message";
    origin.publish(text, type);
  }
  await expect.poll(async () => (await app.stream(id))?.events, { timeout: 20_000 }).toBe(hostileTexts.length);

  // Look at all of them: from the first row on, page by page, and each third in the inspector as well.
  const grid = page.getByRole("grid");
  await grid.focus();
  await page.keyboard.press("Home");
  const seen = new Set<string>();
  const firstSight = async () => {
    for (const text of await grid.getByRole("row").allTextContents()) seen.add(text);
    return page.evaluate(
      () =>
        document.querySelectorAll(
          "#root script, #root iframe, #root object, #root img, #root a[href], #root style, #root svg script",
        ).length,
    );
  };
  const pages = Math.ceil((hostileTexts.length + 1) / 10);
  await page.keyboard.press("Enter");
  for (let turn = 0; turn < pages; turn++) {
    expect(await firstSight()).toBe(0);
    for (let step = 0; step < 10; step++) await page.keyboard.press("ArrowDown");
  }
  expect(await firstSight()).toBe(0);
  const all = [...seen].join("\n");
  expect(all).toContain("<script>window.__pwned=1</script>");
  expect(all).toContain("\\u202Egnp.exe");
  expect(all).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
  expect(await page.title()).toBe("Holdfast");

  expect(await page.evaluate(() => "__pwned" in window || "polluted" in {})).toBe(false);
  expect(await app.violations()).toBe(0);
  const requested = await app.electron.evaluate(() => (globalThis as unknown as { requested: string[] }).requested);
  expect(requested.filter((url) => !url.startsWith("app://holdfast/"))).toEqual([]);
}, 60_000);
