/**
 * The settings: four layers, default < file < policy < flag, each value with where it comes from. Only the file layer
 * is ever written. What cannot be written lives on in memory and is reported; secrets are never here (secrets.ts).
 */
import { basename, join } from "node:path";
import type { Code, Endpoint, FieldError, SettingsView, Source } from "../../../preload/contract.ts";
import { serverOf } from "../addresses.ts";
import type { Clock } from "../ports.ts";
import { checkEndpoint } from "./endpoint-rules.ts";
import {
  defaultPolicy,
  defaultRetention,
  defaults,
  flatten,
  type GeneralPatch,
  type Leaf,
  leafError,
  policyErrors,
  toGeneral,
} from "./general-leaves.ts";
import { readPolicy } from "./policy-file.ts";
import { proxyErrors } from "./proxy-rules.ts";
import { SafeFile } from "./safe-file.ts";
import { type Layer, readLayer, type Stored, toStored } from "./settings-schema.ts";
import { type OpenShelf, plainShelf, recover, type Shelf } from "./shelf.ts";
import { isObjectText } from "./strict-json.ts";

export type Settings = {
  /** General settings, endpoints, sources and problems; the secrets' part of the view is secrets.ts's. */
  view(): Pick<SettingsView, "general" | "endpoints" | "sources" | "policyDefaults" | "retentionDefaults" | "problems">;
  /** Changes what is given. Values of policy or flag cannot be changed (code "locked"). */
  setGeneral(patch: GeneralPatch): FieldError[];
  /** What is wrong with an endpoint beside the others; also a token command that nobody has agreed to. */
  check(endpoint: Endpoint): FieldError[];
  /**
   * The user has agreed to this token command for this endpoint at this server (serverOf), in a dialog of main's own. A
   * command that is not the stored one is refused without it, wherever the endpoint comes from: whoever sets it runs a
   * program as the user, and what that prints is sent to the server. It holds until the endpoint is saved, or removed.
   */
  allowCommand(id: string, server: string, argv: readonly string[]): void;
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

const normal = { policyDefaults: defaultPolicy, retentionDefaults: defaultRetention };
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
  /** Token commands that were agreed to and not saved yet, by endpoint: server and command as JSON. */
  readonly #allowed = new Map<string, string>();

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
    const general = toGeneral(effective);
    return { general, endpoints: [...endpoints.values()], sources, ...normal, problems };
  }

  setGeneral(patch: GeneralPatch): FieldError[] {
    if (this.#readOnly) return readOnly;
    const errors: FieldError[] = [];
    const now = flatten(this.view().general);
    const changes = new Map<Leaf, unknown>();
    for (const [leaf, value] of flatten(patch)) {
      if (value === now.get(leaf)) continue;
      const error = leafError(leaf, value);
      if (error !== null) errors.push(error);
      else if (this.#policy.leaves.has(leaf) || this.#flags.leaves.has(leaf)) errors.push(locked(leaf));
      else changes.set(leaf, value);
    }
    const touched = (field: string) => [...changes.keys()].some((leaf) => leaf.startsWith(field.replace(/capMs$/, "")));
    const after = toGeneral(new Map([...now, ...changes]));
    if (errors.length === 0) errors.push(...policyErrors(after.policy).filter(({ field }) => touched(field)));
    if (errors.length === 0 && touched("proxy.")) errors.push(...proxyErrors(after.proxy));
    // All or nothing: a form that was half taken over is worse than one that was refused.
    if (errors.length > 0 || changes.size === 0) return errors;
    for (const [leaf, value] of changes) {
      // Back to the default is no choice any more, so that a changed default reaches this user too.
      if (value === defaults.get(leaf)) this.#leaves.delete(leaf);
      else this.#leaves.set(leaf, value);
    }
    this.#changed();
    return [];
  }

  check(endpoint: Endpoint): FieldError[] {
    const { endpoints } = this.view();
    const errors = checkEndpoint(endpoint, endpoints);
    const { credential, id } = endpoint;
    if (credential.kind !== "command" || errors.some(({ field }) => field.startsWith("credential"))) return errors;
    const stored = endpoints.find((known) => known.id === id);
    const wanted = agreement(serverOf(endpoint.url), credential.argv);
    if (wanted === this.#allowed.get(id)) return errors;
    const known = stored?.credential.kind === "command" ? stored.credential.argv : null;
    const isSame = JSON.stringify(known) === JSON.stringify(credential.argv);
    if (isSame && serverOf(stored?.url ?? "") === serverOf(endpoint.url)) return errors;
    // What the stored command prints is meant for the server that it was chosen for.
    errors.push({ field: "credential.argv", code: isSame ? "command-other-server" : "command-not-chosen", params: {} });
    return errors;
  }

  allowCommand(id: string, server: string, argv: readonly string[]): void {
    this.#allowed.set(id, agreement(server, argv));
  }

  saveEndpoint(endpoint: Endpoint): FieldError[] {
    if (this.#readOnly) return readOnly;
    if (this.#isLocked(endpoint.id)) return [locked("id")];
    const errors = this.check(endpoint);
    if (errors.length > 0) return errors;
    const known = this.#endpoints.some((other) => other.id === endpoint.id);
    this.#endpoints = known
      ? this.#endpoints.map((other) => (other.id === endpoint.id ? endpoint : other))
      : [...this.#endpoints, endpoint];
    // Saved with it, the file knows it; saved without it, it is not wanted any more.
    this.#allowed.delete(endpoint.id);
    this.#changed();
    return [];
  }

  removeEndpoint(id: string): FieldError[] {
    if (this.#readOnly) return readOnly;
    if (this.#isLocked(id)) return [locked("id")];
    const rest = this.#endpoints.filter((endpoint) => endpoint.id !== id);
    if (rest.length === this.#endpoints.length) return [];
    this.#endpoints = rest;
    this.#allowed.delete(id);
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

/** What the user agreed to, in one word that can be compared. */
function agreement(server: string, argv: readonly string[]): string {
  return JSON.stringify([server, argv]);
}
