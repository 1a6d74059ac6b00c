/** What a diagnosis may spend. */
import { expect, it } from "vitest";
import { Meter, mostRequests, Stopped } from "../../main/io/probe/meter.ts";

it("lets twenty requests go and no more, as the report says", () => {
  const meter = new Meter(60_000, new AbortController().signal);
  for (let i = 0; i < 20; i++) meter.spend();
  expect(() => meter.spend()).toThrow(new Stopped("requests"));
  expect([meter.requests, mostRequests]).toEqual([20, 20]);
});
