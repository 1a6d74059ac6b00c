/**
 * Secrets by key, encrypted by the system's keyring, in a file of their own. Without a keyring to trust they live until
 * the app ends. Plain text never reaches the disk, and what cannot be decrypted now is kept for when it can.
 */
import { join } from "node:path";
import type { Code } from "../../../preload/contract.ts";
import type { Clock, Secrets } from "../ports.ts";
import { SafeFile } from "./safe-file.ts";
import { plainShelf, recover } from "./shelf.ts";
import { isObject, isObjectText, type Json } from "./strict-json.ts";

/** The system's keyring, as far as it is needed here. Electron's is electron-vault.ts. */
export type Vault = {
  available(): boolean;
  /** e.g. "gnome_libsecret", "kwallet5", "keychain", "dpapi", "basic_text". */
  backend(): string;
  encrypt(text: string): Buffer;
  /** @throws when another backend or another user encrypted it */
  decrypt(data: Buffer): string;
};

/** Nothing is kept: for the command line, which has no keyring. */
export const noVault: Vault = {
  available: () => false,
  backend: () => "none",
  encrypt: () => refuse(),
  decrypt: () => refuse(),
};

export type SecretsFile = Secrets & { readonly problems: readonly Code[] };

const fileName = "secrets.json";
const maxBytes = 16 * 1024 * 1024;
const version = 1;

/** A stored secret; the backend says whose it is when it cannot be read. */
type Sealed = { readonly backend: string; readonly data: string };

/** @param vault asked once, at start: a backend does not change while the app runs */
export function openSecrets(options: { dir: string; vault: Vault; clock: Pick<Clock, "utc"> }): SecretsFile {
  const { dir, vault, clock } = options;
  const backend = vault.backend();
  // basic_text is a constant key: whoever has the file has the secrets.
  const isTrusted = backend !== "basic_text" && vault.available();
  const file = new SafeFile(join(dir, fileName), isObjectText, maxBytes);
  const { shelf, value, problems } = recover(file, "secrets", fileName, clock.utc(), plainShelf);
  const sealed = new Map<string, unknown>(isObject(value["secrets"]) ? Object.entries(value["secrets"]) : []);
  const newer = typeof value["version"] === "number" && value["version"] > version;
  if (newer) problems.push({ code: "secrets-newer", params: { path: fileName } });
  const writable = newer ? null : shelf;
  const open = new Map<string, string>();
  let locked = 0;
  for (const [key, stored] of sealed) {
    const text = isTrusted ? unseal(vault, stored) : null;
    if (text === null) locked++;
    else open.set(key, text);
  }
  if (locked > 0) problems.push({ code: "secrets-locked", params: { count: locked, backend } });
  let trouble: string | null = null;
  const write = (): void => {
    const content: Json = { version, secrets: Object.fromEntries(sealed) };
    trouble = writable === null ? "refused" : writable.write(content);
  };
  return {
    get: (key) => open.get(key) ?? null,
    set(key, text) {
      open.set(key, text);
      if (!isTrusted) return;
      const entry: Sealed = { backend, data: vault.encrypt(text).toString("base64") };
      sealed.set(key, entry);
      write();
    },
    remove(key) {
      open.delete(key);
      if (sealed.delete(key)) write();
    },
    keys: () => [...open.keys()],
    kept: isTrusted ? "keyring" : "session",
    backend,
    get problems() {
      if (trouble === null) return problems;
      return [...problems, { code: "secrets-not-saved", params: { path: fileName, reason: trouble } }];
    },
  };
}

function unseal(vault: Vault, stored: unknown): string | null {
  if (!isObject(stored) || typeof stored["data"] !== "string") return null;
  try {
    return vault.decrypt(Buffer.from(stored["data"], "base64"));
  } catch {
    return null;
  }
}

function refuse(): never {
  throw new Error("no keyring");
}
