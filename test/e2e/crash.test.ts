/** A crash in the middle of the flow: nothing is kept twice, nothing that was shown as kept is lost, and the stream goes on from there. */
import { expect, it, onTestFinished } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { launch } from "./app.ts";

it("has each event once and in order after being killed again and again while events flow", async () => {
  const origin = await eventOrigin();
  let app = await launch();
  const id = await app.addStream({ url: origin.url });
  await expect.poll(() => app.phase(id)).toBe("open");
  const flow = setInterval(() => origin.publishMany(2), 5);
  onTestFinished(() => clearInterval(flow));

  for (let round = 1; round <= 3; round++) {
    const before = (await app.rows(id)).length;
    await expect.poll(async () => (await app.ids(id)).length, { timeout: 20_000 }).toBeGreaterThan(before + 100);
    await app.kill();
    const asked = origin.asked.length;
    app = await launch({ dataDir: app.dataDir });
    await expect.poll(() => app.phase(id), { timeout: 20_000 }).toBe("open");
    const resumedFrom = Number(origin.asked[asked]?.headers["last-event-id"]);
    expect(resumedFrom).toBeGreaterThan(0);
  }
  clearInterval(flow);
  const all = origin.log.map((sent) => sent.id);
  await expect.poll(async () => (await app.ids(id)).length, { timeout: 20_000 }).toBe(all.length);
  expect(await app.ids(id)).toEqual(all);
}, 90_000);
