/** The file of a ring: whose it is, and that it is whole. Reading it again is test/cli/replay.test.ts's. */
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { initialState } from "../../main/core/connection/connection-state.ts";
import { writeRing } from "../../main/io/ring-file.ts";
import { aPlan } from "../fakes/stream-world.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const { policy } = aPlan();
const state = initialState(policy);
const part = { policy, state, steps: [] };
const step = { now: 5, random: 0.5, event: { type: "start" }, after: state } as const;

it("stands in the log's folder under the stream's name, and replaces the one before", async () => {
  const dir = join(temporaryFolder(), "logs");
  await writeRing(dir, "orders", [{ ...part, steps: [step, step, step] }]);
  expect(await writeRing(dir, "orders", [part, { ...part, steps: [step] }])).toBe("ring-orders.ndjson");
  await writeRing(dir, "prices", [part]);
  expect(readdirSync(dir).sort()).toEqual(["ring-orders.ndjson", "ring-prices.ndjson"]);
  const lines = readFileSync(join(dir, "ring-orders.ndjson"), "utf8").trim().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { kind: "ring", policy, state },
    { kind: "ring", policy, state },
    { at: 5, random: 0.5, event: { type: "start" }, phase: "idle" },
  ]);
});

it.skipIf(process.platform === "win32")("is for its user only, and follows no link", async () => {
  const dir = join(temporaryFolder(), "logs");
  await writeRing(dir, "orders", [part]);
  const modes = [dir, join(dir, "ring-orders.ndjson")].map((path) => statSync(path).mode & 0o777);
  expect(modes).toEqual([0o700, 0o600]);
  const elsewhere = join(temporaryFolder(), "mine");
  writeFileSync(elsewhere, "mine");
  symlinkSync(elsewhere, join(dir, "ring-orders.ndjson.new"));
  await expect(writeRing(dir, "orders", [part])).rejects.toThrow("ELOOP");
  symlinkSync(elsewhere, join(dir, "ring-prices.ndjson"));
  await writeRing(dir, "prices", [part]);
  expect(readFileSync(elsewhere, "utf8")).toBe("mine");
});

it("says so when it cannot be written", async () => {
  const dir = join(temporaryFolder(), "logs");
  mkdirSync(join(dir, "ring-orders.ndjson", "full"), { recursive: true });
  await expect(writeRing(dir, "orders", [part])).rejects.toThrow();
});
