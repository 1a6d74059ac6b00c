import { expect, it } from "vitest";
import { atLeast } from "../../build/setup/node-version.mjs";

it.each([
  ["v24.21.0", "24.0.0", true],
  ["24.0.0", "24.0.0", true],
  ["v20.20.2", "24.0.0", false],
  ["v23.99.99", "24.0.0", false],
  ["v100.0.0", "24.0.0", true],
  ["v24.1.0-nightly20260101", "24.1.0", true],
  ["24", "24.0.0", true],
])("compares by number: %s is at least %s: %s", (version, least, expected) => {
  expect(atLeast(version, least)).toBe(expected);
});
