/**
 * The settings: four layers, default < file < policy < flag, each value with where it comes from. Only the file layer
 * is ever written. What cannot be written lives on in memory and is reported; secrets are never here (secrets.ts).
 */
import { basename, join } from "node:path";
import type { Code, Endpoint, FieldError, SettingsView, Source } from "../../../preload/contract.ts";
import type { Clock } from "../ports.ts";
import { readPolicy } from "./policy-file.ts";
import { SafeFile } from "./safe-file.ts";
import {
  checkEndpoint,
  defaults,
  flatten,
  type GeneralPatch,
  isLeafValue,
  type Layer,
  type Leaf,
  readLayer,
  type Stored,
  toGeneral,
  toStored,
} from "./settings-schema.ts";
import { type OpenShelf, plainShelf, recover, type Shelf } from "./shelf.ts";
import { isObjectText } from "./strict-json.ts";

export type Settings = {
  /** General settings, endpoints, sources and problems; the secrets' part of the view is secrets.ts's. */
  view(): Pick<SettingsView, "general" | "endpoints" | "sources" | "problems">;
  /** Changes what is given. Values of policy or flag cannot be changed (code "locked"). */
  setGeneral(patch: GeneralPatch): FieldError[];
  /** Adds an endpoint or replaces the one of the same id. */
  saveEndpoint(endpoint: Endpoint): FieldError[];
  removeEndpoint(id: string): FieldError[];
  /** Calls after each change; returns its end. */
  subscribe(listener: () => void): () => void;
  /** Writes again what could not be written; before quitting, and when the disk may have room again. */
  flush(): void;
};

export type SettingsOptions = {
  readonly dir: string;
  /** The administrator's file, e.g. /etc/holdfast/policy.json, or null. */
  readonly policyFile: string | null;
  /** What the command line says. */
  readonly flags?: { readonly general?: GeneralPatch; readonly endpoints?: readonly Endpoint[] };
  readonly clock: Pick<Clock, "utc">;
  /** electronShelf in the app; plain files by default. */
  readonly shelf?: OpenShelf;
};

const fileName = "settings.json";
/** Far above any honest file (64 endpoints with all their headers are about 600 kB). */
const maxBytes = 1024 * 1024;

export function openSettings(options: SettingsOptions): Settings {
  const file = new SafeFile(join(options.dir, fileName), isObjectText, maxBytes);
  const { shelf, stored, problems } = openFile(file, options);
  const policy = readPolicy(options.policyFile);
  problems.push(...policy.problems);
  const flags: Layer = {
    leaves: flatten(options.flags?.general ?? {}),
    endpoints: options.flags?.endpoints ?? [],
    ignored: [],
  };
  return new LayeredSettings(shelf, stored, policy.layer, flags, problems);
}

/** The file layer in whatever state its file is, and what the user should know of it. */
function openFile(
  file: SafeFile,
  { clock, shelf: open }: SettingsOptions,
): { shelf: Shelf | null; stored: Stored; problems: Code[] } {
  const recovered = recover(file, "settings", fileName, clock.utc(), open ?? plainShelf);
  const problems = [...recovered.problems];
  let stored: Stored;
  try {
    stored = readLayer(recovered.shelf?.read() ?? recovered.value);
  } catch {
    // A migration failed half-way: the old file is kept as it was, and a copy of it survives the next save.
    stored = { leaves: new Map(), endpoints: [], ignored: ["version"], newer: false };
  }
  if (stored.newer) {
    problems.push({ code: "settings-newer", params: { path: fileName } });
    return { shelf: null, stored, problems };
  }
  if (stored.ignored.length > 0) {
    const aside = recovered.shelf === null ? null : file.setAside(clock.utc(), "copy");
    for (const path of stored.ignored.slice(0, 20)) problems.push({ code: "settings-value-ignored", params: { path } });
    if (aside !== null) problems.push({ code: "settings-set-aside", params: { path: basename(aside) } });
  }
  return { shelf: recovered.shelf, stored, problems };
}

class LayeredSettings implements Settings {
  readonly #shelf: Shelf | null;
  readonly #readOnly: boolean;
  readonly #leaves: Map<Leaf, unknown>;
  #endpoints: readonly Endpoint[];
  readonly #policy: Layer;
  readonly #flags: Layer;
  readonly #problems: readonly Code[];
  /** Why the last write failed; null when what is in memory is on disk. */
  #unsaved: string | null = null;
  readonly #listeners = new Set<() => void>();

  constructor(shelf: Shelf | null, stored: Stored, policy: Layer, flags: Layer, problems: readonly Code[]) {
    this.#shelf = shelf;
    this.#readOnly = stored.newer;
    this.#leaves = new Map(stored.leaves);
    this.#endpoints = stored.endpoints;
    this.#policy = policy;
    this.#flags = flags;
    this.#problems = problems;
  }

  view(): ReturnType<Settings["view"]> {
    const sources: Record<string, Source> = {};
    const effective = new Map(defaults);
    const endpoints = new Map<string, Endpoint>();
    const layers: [Source, Pick<Layer, "leaves" | "endpoints">][] = [
      ["file", { leaves: this.#leaves, endpoints: this.#endpoints }],
      ["policy", this.#policy],
      ["flag", this.#flags],
    ];
    for (const [source, layer] of layers) {
      for (const [leaf, value] of layer.leaves) {
        effective.set(leaf, value);
        sources[`general.${leaf}`] = source;
      }
      for (const endpoint of layer.endpoints) {
        endpoints.set(endpoint.id, endpoint);
        sources[`endpoints.${endpoint.id}`] = source;
      }
    }
    const problems = [...this.#problems];
    if (this.#unsaved !== null)
      problems.push({ code: "settings-not-saved", params: { path: fileName, reason: this.#unsaved } });
    return { general: toGeneral(effective), endpoints: [...endpoints.values()], sources, problems };
  }

  setGeneral(patch: GeneralPatch): FieldError[] {
    if (this.#readOnly) return readOnly;
    const errors: FieldError[] = [];
    const now = flatten(this.view().general);
    const changes = new Map<Leaf, unknown>();
    for (const [leaf, value] of flatten(patch)) {
      if (value === now.get(leaf)) continue;
      if (!isLeafValue(leaf, value)) errors.push({ field: leaf, code: "invalid", params: {} });
      else if (this.#policy.leaves.has(leaf) || this.#flags.leaves.has(leaf)) errors.push(locked(leaf));
      else changes.set(leaf, value);
    }
    // All or nothing: a form that was half taken over is worse than one that was refused.
    if (errors.length > 0 || changes.size === 0) return errors;
    for (const [leaf, value] of changes) this.#leaves.set(leaf, value);
    this.#changed();
    return [];
  }

  saveEndpoint(endpoint: Endpoint): FieldError[] {
    if (this.#readOnly) return readOnly;
    if (this.#isLocked(endpoint.id)) return [locked("id")];
    const errors = checkEndpoint(endpoint, this.view().endpoints);
    if (errors.length > 0) return errors;
    const known = this.#endpoints.some((other) => other.id === endpoint.id);
    this.#endpoints = known
      ? this.#endpoints.map((other) => (other.id === endpoint.id ? endpoint : other))
      : [...this.#endpoints, endpoint];
    this.#changed();
    return [];
  }

  removeEndpoint(id: string): FieldError[] {
    if (this.#readOnly) return readOnly;
    if (this.#isLocked(id)) return [locked("id")];
    const rest = this.#endpoints.filter((endpoint) => endpoint.id !== id);
    if (rest.length === this.#endpoints.length) return [];
    this.#endpoints = rest;
    this.#changed();
    return [];
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  flush(): void {
    if (this.#unsaved !== null) this.#write();
  }

  #isLocked(id: string): boolean {
    return [...this.#policy.endpoints, ...this.#flags.endpoints].some((endpoint) => endpoint.id === id);
  }

  #changed(): void {
    this.#write();
    for (const listener of this.#listeners) listener();
  }

  #write(): void {
    this.#unsaved = this.#shelf === null ? "refused" : this.#shelf.write(toStored(this.#leaves, this.#endpoints));
  }
}

/** A newer app wrote the file; writing it back would lose what this one does not understand. */
const readOnly: FieldError[] = [{ field: "", code: "read-only", params: {} }];
const locked = (field: string): FieldError => ({ field, code: "locked", params: {} });
