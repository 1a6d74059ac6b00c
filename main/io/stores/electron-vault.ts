/** The system's keyring as Electron reaches it. Only after `ready`: before, Chromium has not chosen a backend. */
import { safeStorage } from "electron/main";
import type { Vault } from "./secrets.ts";

export const electronVault: Vault = {
  available: () => safeStorage.isEncryptionAvailable(),
  backend() {
    if (process.platform === "darwin") return "keychain";
    if (process.platform === "win32") return "dpapi";
    return safeStorage.getSelectedStorageBackend();
  },
  encrypt: (text) => safeStorage.encryptString(text),
  decrypt: (data) => safeStorage.decryptString(data),
};
