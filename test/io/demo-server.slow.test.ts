/** Heartbeats of the embedded server: slow because they come each five seconds. */
import { get } from "node:http";
import { expect, it, onTestFinished } from "vitest";
import { type Faults, startDemoServer } from "../../main/io/demo/demo-server.ts";

it.each([
  [{}, true],
  [{ "no-heartbeat": 1 }, false],
] as [Faults, boolean][])("with %j a heartbeat comes: %s", async (faults, comes) => {
  const server = await startDemoServer({ port: 0, rateHz: 0.01, faults });
  onTestFinished(() => server.close());
  let text = "";
  const request = get(server.url, { agent: false }, (response) => void response.on("data", (data) => (text += data)));
  request.on("error", () => {});
  onTestFinished(() => void request.destroy());
  await new Promise((resolve) => setTimeout(resolve, 5600));
  expect(text.includes(": hb\n\n")).toBe(comes);
});
