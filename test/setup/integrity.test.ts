import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { checkIntegrity, integrityOf } from "../../build/setup/integrity.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-integrity-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

// [spec] SHA-512 of "abc", FIPS 180-2 appendix C.1
const abc =
  "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f";

it("computes the fingerprint a lockfile would carry", async () => {
  writeFileSync(join(folder, "x"), "abc");
  expect(await integrityOf(join(folder, "x"))).toBe(`sha512-${Buffer.from(abc, "hex").toString("base64")}`);
});

it("lets the promised file pass and refuses a tampered one", async () => {
  const file = join(folder, "runtime.tgz");
  writeFileSync(file, "the runtime");
  const promised = await integrityOf(file);
  await expect(checkIntegrity(file, promised)).resolves.toBeUndefined();
  writeFileSync(file, "the runtimE");
  await expect(checkIntegrity(file, promised)).rejects.toThrow(/runtime\.tgz is not the file it should be/);
});
