/**
 * Whom the detector names behind every configuration of the lab, good and bad: no wrong name that it is sure of, and every
 * product where its marks are on the wire. The table is printed.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Observation } from "../../main/core/detection/observation.ts";
import { type Hop, hopsOf, surely } from "../../main/core/proxy-signature.ts";
import type { Configuration } from "./configuration.ts";
import { configurations } from "./configurations.ts";
import { look } from "./look.ts";
import { type LabOrigin, labOrigin } from "./origin.ts";

/** What a diagnosis asks for: the stream, a path that nobody has, and an error of the origin's own. */
const asked = ["/events?rate=20", "/nobody-has-this-path", "/503"];
const watchMs = 1800;

/** Our gateway is Pingora; either name is right. */
const alsoRight: Readonly<Record<string, readonly string[]>> = { pingora: ["holdfast-gateway"] };
/** These write nothing of their own as long as all goes well, and an origin's errors are the origin's. */
const writesNothing = ({ product, role, name, faults }: Configuration) =>
  product === "http-proxy" ||
  name === "varnish-pipe" ||
  (role === "connect" && faults.every((one) => one === "idle-cut"));
/** These are known by their form alone, which is never more than a hint. */
const hinted = ({ product, faults }: Configuration) =>
  product === "haproxy" && !faults.includes("upstream-down") && !faults.includes("no-route");

let origin: LabOrigin;
const rows: string[] = [];
const best = new Map<string, number>();

beforeAll(async () => {
  origin = await labOrigin();
});
afterAll(async () => {
  await origin.close();
  process.stdout.write(`\n${rows.join("\n")}\n`);
});

it.for(configurations)("names nobody wrongly behind $name", async (one, ctx) => {
  const { name } = one;
  const missing = await one.missing();
  if (missing !== null) return ctx.skip(missing);
  const proxy = await one.start(origin.url);
  const seen: Observation[] = [];
  try {
    for (const path of asked) seen.push(...(await look(proxy, one.role, path, watchMs)));
  } finally {
    await proxy.stop();
  }
  const hops = hopsOf(seen);
  rows.push(`${name.padEnd(30)} ${hops.map(worded).join(", ") || "nobody"}`);
  const right = [one.product, ...(alsoRight[one.product] ?? [])];
  const wrong = hops.filter(({ product, confidence }) => confidence >= surely && !right.includes(product));
  expect(wrong.map(worded)).toEqual([]);
  const found = Math.max(
    0,
    ...hops.filter(({ product }) => right.includes(product)).map(({ confidence }) => confidence),
  );
  best.set(one.product, Math.max(best.get(one.product) ?? 0, found));
  if (!writesNothing(one)) expect(found, JSON.stringify(seen)).toBeGreaterThanOrEqual(hinted(one) ? 0.4 : 0.7);
});

it("is sure of every product in at least one of its configurations", () => {
  const unsure = [...best].filter(([product, found]) => product !== "http-proxy" && found < surely);
  expect(best.size).toBeGreaterThan(0);
  expect(unsure).toEqual([]);
});

const worded = ({ product, confidence, role }: Hop) => `${product} ${confidence} (${role})`;
