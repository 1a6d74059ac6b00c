import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { noVault, openSecrets, type Vault } from "../../main/io/stores/secrets.ts";
import { filesHolding, temporaryFolder } from "./temporary-folder.ts";

const clock = { utc: () => Date.UTC(2026, 0, 1) };
const canary = "canary-s3cret";

/** A keyring that turns bytes around with its own key; what another key turned, it refuses. */
function aVault(key: number, backend = "gnome_libsecret", available = true): Vault {
  const turn = (data: Buffer) => Buffer.from(data.map((byte) => byte ^ key));
  return {
    available: () => available,
    backend: () => backend,
    encrypt: (text) => turn(Buffer.from(`sealed:${text}`)),
    decrypt(data) {
      const text = turn(data).toString();
      if (!text.startsWith("sealed:")) throw new Error("Error while decrypting the ciphertext");
      return text.slice(7);
    },
  };
}

it("keeps secrets over restarts, and never in plain text", () => {
  const dir = temporaryFolder();
  const secrets = openSecrets({ dir, vault: aVault(90), clock });
  expect([secrets.kept, secrets.backend]).toEqual(["keyring", "gnome_libsecret"]);
  secrets.set("orders/credential", canary);
  secrets.set("orders/header:Cookie", `${canary} ünï`);
  secrets.set("gone/credential", "x");
  secrets.remove("gone/credential");
  const again = openSecrets({ dir, vault: aVault(90), clock });
  expect(again.keys()).toEqual(["orders/credential", "orders/header:Cookie"]);
  expect([again.get("orders/credential"), again.get("orders/header:Cookie"), again.get("gone/credential")]).toEqual([
    canary,
    `${canary} ünï`,
    null,
  ]);
  expect(filesHolding(dir, canary)).toEqual([]);
});

it.each<[string, Vault]>([
  ["there is none", noVault],
  ["it is locked", aVault(90, "gnome_libsecret", false)],
  ["its key is no secret", aVault(90, "basic_text")],
])("keeps secrets for the session only when there is no keyring to trust: %s", (_, vault) => {
  const dir = temporaryFolder();
  const secrets = openSecrets({ dir, vault, clock });
  secrets.set("orders/credential", canary);
  expect([secrets.kept, secrets.get("orders/credential"), secrets.keys()]).toEqual([
    "session",
    canary,
    ["orders/credential"],
  ]);
  expect(filesHolding(dir, canary)).toEqual([]);
  expect(openSecrets({ dir, vault, clock }).get("orders/credential")).toBeNull();
});

it("keeps what it cannot read now for when it can, and says how many", () => {
  const dir = temporaryFolder();
  openSecrets({ dir, vault: aVault(90), clock }).set("orders/credential", canary);
  const before = readFileSync(join(dir, "secrets.json"), "utf8");
  for (const vault of [aVault(17, "kwallet5"), noVault]) {
    const other = openSecrets({ dir, vault, clock });
    expect(other.get("orders/credential")).toBeNull();
    expect(other.problems).toEqual([{ code: "secrets-locked", params: { count: 1, backend: vault.backend() } }]);
    expect(readFileSync(join(dir, "secrets.json"), "utf8")).toBe(before);
  }
  const other = openSecrets({ dir, vault: aVault(17, "kwallet5"), clock });
  other.set("trades/credential", "new");
  const back = openSecrets({ dir, vault: aVault(90), clock });
  expect([back.get("orders/credential"), back.keys()]).toEqual([canary, ["orders/credential"]]);
});

it("sets a broken file aside, and leaves a newer one alone", () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, "secrets.json"), "nonsense");
  expect(openSecrets({ dir, vault: aVault(90), clock }).problems.map(({ code }) => code)).toEqual([
    "secrets-set-aside",
  ]);
  const newer = JSON.stringify({ version: 2, secrets: {} });
  writeFileSync(join(dir, "secrets.json"), newer);
  const secrets = openSecrets({ dir, vault: aVault(90), clock });
  secrets.set("orders/credential", canary);
  expect([secrets.get("orders/credential"), readFileSync(join(dir, "secrets.json"), "utf8")]).toEqual([canary, newer]);
  expect(secrets.problems.map(({ code }) => code)).toEqual(["secrets-newer", "secrets-not-saved"]);
});
