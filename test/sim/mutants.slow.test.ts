/** The tester tested: every broken client of mutants.ts is found out. */
import { expect, it } from "vitest";
import { hunt } from "./hunt.ts";
import { mutants } from "./mutants.ts";

it.each(mutants)("finds out: $name", { timeout: 120_000 }, (mutant) => {
  expect(hunt(mutant).caughtBy).not.toBeNull();
});
