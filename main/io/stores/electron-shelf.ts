/**
 * electron-store as a shelf, with its own writer out of reach: every method that would use it is closed, and whole
 * objects are written through SafeFile (see there why). Reading, change events and the path stay electron-store's.
 */
import { basename, dirname, extname } from "node:path";
import Store from "electron-store";
import type { SafeFile } from "./safe-file.ts";
import { type OpenShelf, stringify } from "./shelf.ts";
import { type Json, parseObject } from "./strict-json.ts";

/** An electron-store that cannot truncate its file. */
export class GuardedStore extends Store<Json> {
  readonly #file: SafeFile;

  constructor(file: SafeFile) {
    const extension = extname(file.path);
    super({
      cwd: dirname(file.path),
      name: basename(file.path, extension),
      fileExtension: extension.slice(1),
      deserialize: parseObject,
    });
    this.#file = file;
  }

  override get store(): Json {
    return super.store;
  }

  /** @throws Error with the code of the failed write; the old content stands */
  override set store(value: Json) {
    const code = this.#file.write(stringify(value));
    if (code !== null) throw Object.assign(new Error(`not written: ${code}`), { code });
    this.events.dispatchEvent(new Event("change"));
  }

  /** Writes without holding the main loop while the disk works; null or a code. */
  async replaceLater(value: Json): Promise<string | null> {
    const code = await this.#file.writeLater(JSON.stringify(value));
    if (code === null) this.events.dispatchEvent(new Event("change"));
    return code;
  }

  // These write through electron-store's own writer, a key at a time. Nobody here needs them.
  override set(): never {
    return closed();
  }
  override appendToArray(): never {
    return closed();
  }
  override reset(): never {
    return closed();
  }
  override delete(): never {
    return closed();
  }
  override clear(): never {
    return closed();
  }
}

function closed(): never {
  throw new Error("write whole objects through `store`");
}

export const electronShelf: OpenShelf = (file) => {
  const store = new GuardedStore(file);
  return {
    read: () => store.store,
    write(value) {
      try {
        store.store = value;
        return null;
      } catch (error) {
        return error instanceof Error && "code" in error ? String(error.code) : "unknown";
      }
    },
    writeLater: (value) => store.replaceLater(value),
  };
};
