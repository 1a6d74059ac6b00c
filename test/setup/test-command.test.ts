import { expect, it } from "vitest";
import { seedOf, selectedPaths } from "../../build/test.ts";

it("takes paths for a selection, and neither options nor a name to search for", () => {
  expect(selectedPaths(["test/core", "-t", "waits at most", "--bail=1", "package.json"])).toEqual([
    "test/core",
    "package.json",
  ]);
});

it("keeps the seed all day and changes it overnight", () => {
  expect(seedOf(new Date("2026-11-22T01:00:00Z"))).toBe("20261122");
  expect(seedOf(new Date("2026-11-23T01:00:00Z"))).not.toBe(seedOf(new Date("2026-11-22T23:00:00Z")));
});
