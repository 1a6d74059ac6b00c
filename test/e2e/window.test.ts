/** The window as a tool: thousands of rows, held still, filtered, looked into; the demo; the places by keys; the history. */
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { type App, launch, say } from "./app.ts";

/** A stream that has so many events already. */
async function filled(app: App, count: number) {
  const origin = await eventOrigin();
  const id = await app.addStream({ url: origin.url, name: "Orders" });
  await expect.poll(() => app.phase(id)).toBe("open");
  for (let n = 1; n <= count; n++)
    origin.publish(JSON.stringify({ n, even: n % 2 === 0 }), n % 10 === 0 ? "tenth" : "other");
  await expect.poll(async () => (await app.stream(id))?.events, { timeout: 20_000 }).toBe(count);
  return { id, origin };
}

it("draws only the rows in sight of thousands, follows the newest, and is held by a look back and by the pause", async () => {
  const app = await launch();
  const { origin } = await filled(app, 5000);
  const { page } = app;
  const rows = page.getByRole("grid").getByRole("row");
  await expect.poll(() => rows.last().textContent()).toContain('"n":5000');
  expect(await rows.count()).toBeLessThan(80);
  expect(await page.getByRole("grid").getAttribute("aria-rowcount")).toBe("5002");

  await page.getByRole("grid").focus();
  await page.keyboard.press("Home");
  await expect.poll(() => rows.nth(2).textContent()).toContain('"n":1,');
  origin.publish('{"n":5001}', "other");
  await page.getByRole("button", { name: say("events.fresh", { count: 1 }) }).waitFor();
  expect(await rows.nth(2).textContent()).toContain('"n":1,');
  await page.keyboard.press("End");
  await expect.poll(() => rows.last().textContent()).toContain('"n":5001');

  await page.getByRole("button", { name: say("events.pause") }).click();
  origin.publish('{"n":5002}', "other");
  await page.getByRole("button", { name: say("events.fresh", { count: 1 }) }).waitFor();
  expect(await rows.last().textContent()).toContain('"n":5001');
  await page.getByRole("button", { name: say("events.unpause") }).click();
  await expect.poll(() => rows.last().textContent()).toContain('"n":5002');
});

it("finds events by type and by text, and shows the chosen one as a tree and as it came", async () => {
  const app = await launch();
  await filled(app, 200);
  const { page } = app;
  const rows = page.getByRole("grid").getByRole("row");
  await page.getByRole("button", { name: /tenth/ }).click();
  await page.getByText(say("events.matching", { matching: 20, total: 201 })).waitFor();
  await page.keyboard.press("Control+f");
  await page.keyboard.type('"n":10');
  await page.getByText(say("events.matching", { matching: 2, total: 201 })).waitFor();
  await expect.poll(() => rows.count()).toBe(3);

  await rows.last().click();
  const inspector = page.getByRole("complementary", { name: say("inspector.label") });
  await inspector.getByText("even", { exact: false }).first().waitFor();
  await inspector.getByRole("tab", { name: say("inspector.raw") }).click();
  await inspector.getByText('{"n":100,"even":true}').waitFor();
  await page.getByRole("grid").focus();
  await page.keyboard.press("Escape");
  await inspector.waitFor({ state: "detached" });
});

it("deletes what it kept when it is told to, and nothing old comes back", async () => {
  const app = await launch();
  await app.hurry();
  const { id, origin } = await filled(app, 20);
  const { page } = app;
  await page.getByRole("button", { name: say("events.clear") }).click();
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: say("events.clear.verb") })
    .click();
  await expect.poll(() => app.ids(id)).toEqual([]);
  origin.cut();
  await expect.poll(() => origin.asked.length, { timeout: 10_000 }).toBe(2);
  origin.publish("new");
  await expect.poll(() => app.ids(id), { timeout: 10_000 }).toEqual(["21"]);
  expect(origin.asked.at(-1)?.headers["last-event-id"]).toBe("20");
});

it("shows live events of its own demo on one press, with no account and no server, and keeps nothing of them", async () => {
  const app = await launch();
  await app.page.getByRole("button", { name: say("first.demo.verb"), exact: true }).click();
  await app.page.getByRole("heading", { level: 1, name: "Demo" }).waitFor();
  await expect.poll(async () => (await app.stream("demo"))?.events, { timeout: 10_000 }).toBeGreaterThan(2);
  const chip = app.page.getByText(say("app.testRuntime"));
  expect(await chip.count()).toBe(process.env["HOLDFAST_TEST_RUNTIME"] === "1" ? 1 : 0);
  await app.quit();
  const again = await launch({ dataDir: app.dataDir });
  expect(await again.streams()).toEqual([]);
});

it("remembers how a stream did: the quality of the last hour survives a restart", async () => {
  const app = await launch();
  const { id, origin } = await filled(app, 30);
  await origin.stop();
  await expect.poll(() => app.phase(id)).toBe("waiting");
  await app.quit();
  const again = await launch({ dataDir: app.dataDir });
  await again.page.keyboard.press("Control+2");
  await again.page.getByRole("radio", { name: say("span.1h") }).check({ force: true });
  await again.page.getByRole("button", { name: say("quality.asTable") }).click();
  await again.page.getByRole("table").waitFor();
  const answer = await again.page.evaluate((stream) => window.bridge.history.query({ stream, span: "1h" }), id);
  const buckets = answer.ok ? answer.value : [];
  expect(buckets.reduce((sum, { events }) => sum + events, 0)).toBe(30);
  expect(buckets.reduce((sum, { failures }) => sum + failures, 0)).toBeGreaterThan(0);
  expect(await again.violations()).toBe(0);
});
