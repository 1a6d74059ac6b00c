/** The window on a real stream through a real nginx: what it shows, what it says when the path breaks, what comes again. */
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { needNginx, nginx, streaming } from "../lab/nginx.ts";
import { launch, say } from "./app.ts";

it("shows events as they come through nginx, says why it waits and counts down, and brings what was missed once each in order", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  const proxy = await nginx({ server: streaming(origin.port) });
  const app = await launch();
  const { page } = app;
  // Quicker than the defaults, and long enough to read a countdown twice.
  const patience = { firstMs: 2000, capMs: 4000, factor: 2, attempts: 4 };
  await app.setGeneral({
    policy: {
      NETWORK: patience,
      AUTH: patience,
      SERVER: patience,
      PROXY: patience,
      resetAfterMs: 60_000,
      strict: false,
    },
  });
  const id = await app.addStream({ url: `${proxy.url}/events`, name: "Orders" });
  const bar = page.getByRole("region", { name: say("bar.label") });
  await bar
    .getByText(say("state.live"))
    .or(bar.getByText(say("state.silent")))
    .waitFor();

  origin.publishMany(5, "order.created");
  await expect.poll(() => app.ids(id)).toEqual(["1", "2", "3", "4", "5"]);
  const cells = page.getByRole("grid").getByRole("row", { name: /order\.created/ });
  await expect.poll(() => cells.count()).toBe(5);
  expect(await cells.last().textContent()).toContain('{"n":5}');

  await origin.stop();
  origin.publishMany(8, "order.paid");
  await bar.getByText(say("state.waiting")).waitFor();
  await bar.getByText(say("failure.bad-gateway")).waitFor({ timeout: 20_000 });
  const timer = bar.getByRole("timer");
  const readings = new Set<string>();
  await expect
    .poll(
      async () => {
        const text = await timer.textContent({ timeout: 500 }).catch(() => null);
        if (text !== null) readings.add(text);
        return readings.size;
      },
      { timeout: 20_000, interval: 200 },
    )
    .toBeGreaterThanOrEqual(3);
  expect([...readings].every((text) => /\d/.test(text))).toBe(true);

  await origin.start();
  await expect.poll(() => app.ids(id), { timeout: 40_000 }).toHaveLength(13);
  await bar.getByText(say("state.live")).waitFor();
  origin.publishMany(2, "order.shipped");
  await expect.poll(() => app.ids(id)).toHaveLength(15);

  expect(await app.ids(id)).toEqual(origin.log.map((sent) => sent.id));
  const rows = await app.rows(id);
  expect(rows.flatMap((row) => (row.kind === "event" ? [row.preview] : []))).toEqual(
    origin.log.map(({ data }) => data),
  );
  const marks = rows.flatMap((row) => (row.kind === "mark" ? [row.mark] : []));
  expect(marks[0]).toBe("opened");
  expect(marks).toContain("lost");
  expect(marks).not.toContain("gap");
  expect(origin.asked.at(-1)?.headers["last-event-id"]).toBe("5");
  await expect
    .poll(() =>
      page
        .getByRole("grid")
        .getByRole("row", { name: /order\./ })
        .count(),
    )
    .toBe(15);
  expect(await app.violations()).toBe(0);
}, 120_000);

it("does as the bar's buttons say: stops, resumes from where it was, and reconnects at once", async () => {
  const origin = await eventOrigin();
  const app = await launch();
  const id = await app.addStream({ url: origin.url });
  await expect.poll(() => app.phase(id)).toBe("open");
  origin.publishMany(3);
  await expect.poll(() => app.ids(id)).toHaveLength(3);
  const bar = app.page.getByRole("region", { name: say("bar.label") });

  await bar.getByRole("button", { name: say("verb.stop") }).click();
  await bar.getByText(say("state.paused")).waitFor();
  await expect.poll(() => origin.listeners).toBe(0);
  origin.publishMany(2);
  await bar.getByRole("button", { name: say("verb.resume") }).click();
  await expect.poll(() => app.ids(id)).toEqual(["1", "2", "3", "4", "5"]);

  await origin.stop();
  await bar.getByText(say("state.waiting")).waitFor();
  await origin.start();
  await bar.getByRole("button", { name: say("verb.reconnect") }).click();
  await expect.poll(() => app.phase(id), { timeout: 3000 }).toBe("open");
});

it("does not call a buffered stream live: nginx keeps the headers, and the bar says so", async (ctx) => {
  needNginx(ctx);
  const origin = await eventOrigin();
  const proxy = await nginx({
    server: `location / { proxy_pass http://127.0.0.1:${origin.port}; }`,
  });
  const app = await launch();
  const id = await app.addStream({ url: `${proxy.url}/events`, headersTimeoutMs: 1500 });
  await expect.poll(() => origin.listeners).toBe(1);
  origin.publishMany(5);
  const bar = app.page.getByRole("region", { name: say("bar.label") });
  await bar.getByText(say("failure.headers-timeout")).waitFor();
  expect(await app.ids(id)).toEqual([]);
  expect((await app.stream(id))?.openedAt).toBeNull();
});
