/**
 * The gateway's own tests (gateway/tests, on real sockets) as one test here, and the build that others call.
 * A first run compiles for minutes; the profile is the one that runs, so nothing is compiled twice.
 */
import { expect, it, vi } from "vitest";
import { gatewayBinary, runCargo, rustVersion } from "../../build/gateway.ts";
import { runTool } from "../../build/setup/tool.mjs";

const minuteMs = 60_000;
/** What there was when this was written; tests that vanish are noticed. */
const leastTests = 46;

it("passes all its own tests on real sockets", { timeout: 30 * minuteMs }, async ({ skip }) => {
  const ended = await runCargo(["test", "--release", "--locked", "--no-fail-fast"], "the gateway's tests (Rust)");
  if ("missing" in ended) return skip(ended.missing);
  const { code, stdout, stderr } = ended;
  const failed = [...stdout.matchAll(/^test (\S+) \.\.\. FAILED$/gm)].map(([, name]) => name);
  const passed = [...stdout.matchAll(/^test \S+ \.\.\. ok$/gm)].length;
  expect(failed, `${stdout}\n${stderr}`).toEqual([]);
  expect(code, `${stdout}\n${stderr}`).toBe(0);
  expect(passed).toBeGreaterThanOrEqual(leastTests);
});

it("builds a program that says which one it is", { timeout: 30 * minuteMs }, async ({ skip }) => {
  const gateway = await gatewayBinary();
  if ("missing" in gateway) return skip(gateway.missing);
  const { stdout, code } = await runTool(gateway.path, ["--version"]);
  expect([stdout, code]).toEqual(["holdfast-gateway 0.1.0\n", 0]);
});

it("says in one line what is missing where there is no cargo", async () => {
  vi.stubEnv("PATH", "/nowhere");
  vi.stubEnv("HOME", "/nowhere");
  expect(await gatewayBinary()).toEqual({ missing: "no cargo on this machine: install Rust from https://rustup.rs" });
});

it("reads the version of a cargo, and nothing from something else", () => {
  expect(rustVersion("cargo 1.95.0 (f2d3ce0bd 2026-03-21)")).toEqual([1, 95]);
  expect(rustVersion("bash: cargo: not found")).toEqual([]);
});
