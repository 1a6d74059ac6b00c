/**
 * What the settings file may hold: versions, layers of values, and what is wrong with an endpoint, field by field.
 * No files here: settings-store.ts reads and writes. IPC and the command line use the same `checkEndpoint`.
 */
import type * as z from "zod/mini";
import { type Endpoint, endpoint, type FieldError, type General, general } from "../../../preload/contract.ts";
import { headerErrors } from "./header-rules.ts";
import { isObject, type Json } from "./strict-json.ts";

export const settingsVersion = 1;

/** migrations[n] makes version n + 2 of version n + 1. It gets a copy and may throw: the file is then set aside. */
const migrations: readonly ((old: Json) => Json)[] = [];

/** One value of the general settings, by its path in SettingsView.sources without "general.". */
export type Leaf =
  | "language"
  | "theme"
  | "closeToTray"
  | "closeExplained"
  | "notifications"
  | "stats.on"
  | "stats.port";
export type Leaves = ReadonlyMap<Leaf, unknown>;

/** Some of the general settings; of the statistics page, some too. Missing and undefined both mean: as it was. */
export type GeneralPatch = { readonly [K in keyof Omit<General, "stats">]?: General[K] | undefined } & {
  readonly stats?: { readonly [K in keyof General["stats"]]?: General["stats"][K] | undefined } | undefined;
};

const shape = general.shape;
const leafSchemas = new Map<Leaf, z.ZodMiniType>([
  ["language", shape.language],
  ["theme", shape.theme],
  ["closeToTray", shape.closeToTray],
  ["closeExplained", shape.closeExplained],
  ["notifications", shape.notifications],
  ["stats.on", shape.stats.shape.on],
  ["stats.port", shape.stats.shape.port],
]);

export const defaults: Leaves = new Map<Leaf, unknown>([
  ["language", "system"],
  ["theme", "system"],
  ["closeToTray", true],
  ["closeExplained", false],
  ["notifications", true],
  ["stats.on", false],
  ["stats.port", 1420],
]);

/** A new endpoint, as the editor shows it and as missing values of a hand-written file are filled in. */
export const blankEndpoint: Endpoint = {
  id: "",
  name: "",
  url: "",
  method: "GET",
  body: "",
  headers: [],
  credential: { kind: "none" },
  lastEventId: "",
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: null,
  keep: "all",
  paused: false,
  notify: { on: false, types: [], contains: "" },
};

/** One layer, parsed: what it says, and the paths of what it says wrongly or what nobody knows. */
export type Layer = {
  readonly leaves: Leaves;
  readonly endpoints: readonly Endpoint[];
  readonly ignored: readonly string[];
};

/** The layer of a stored file, and whether a newer version of the app wrote it. */
export type Stored = Layer & { readonly newer: boolean };

/**
 * Reads a stored object leniently: a wrong value costs that value, not the file, and is named in `ignored`.
 * @throws whatever a migration throws
 */
export function readLayer(stored: Json): Stored {
  const ignored: string[] = [];
  let version = 1;
  if (typeof stored["version"] === "number" && Number.isSafeInteger(stored["version"]) && stored["version"] >= 1) {
    version = stored["version"];
  } else if ("version" in stored) ignored.push("version");
  const newer = version > settingsVersion;
  let value = stored;
  for (let at = version; at < settingsVersion; at++) value = migrations[at - 1]?.(structuredClone(value)) ?? value;
  const leaves = readLeaves(value["general"] ?? {}, ignored);
  const endpoints = readEndpoints(value["endpoints"] ?? [], ignored);
  // A newer app has keys of its own; they are not mistakes.
  if (!newer)
    for (const key of Object.keys(value)) if (!["version", "general", "endpoints"].includes(key)) ignored.push(key);
  return { leaves, endpoints, ignored: newer ? [] : ignored, newer };
}

/** The file's form of one layer: only what somebody chose, so that a changed default reaches everybody else. */
export function toStored(leaves: Leaves, endpoints: readonly Endpoint[]): Json {
  return { version: settingsVersion, general: nest(leaves), endpoints };
}

/** General settings as leaves; values are not judged here. */
export function flatten(patch: GeneralPatch): Map<Leaf, unknown> {
  const leaves = new Map<Leaf, unknown>();
  for (const leaf of leafSchemas.keys()) {
    const [key, inner] = split(leaf);
    const outer = (patch as Json)[key];
    const value = inner === null ? outer : isObject(outer) ? outer[inner] : undefined;
    if (value !== undefined) leaves.set(leaf, value);
  }
  return leaves;
}

/** The whole general settings of a complete set of leaves. */
export const toGeneral = (leaves: Leaves): General => nest(leaves) as General;

export const isLeafValue = (leaf: Leaf, value: unknown): boolean =>
  leafSchemas.get(leaf)?.safeParse(value).success === true;

/**
 * What is wrong with an endpoint, each with the path of its field. An empty answer means: it is an Endpoint.
 * @param others the other endpoints, whose names are taken
 */
export function checkEndpoint(draft: unknown, others: readonly Endpoint[]): FieldError[] {
  const parsed = endpoint.safeParse(draft);
  const errors: FieldError[] = parsed.success ? [] : parsed.error.issues.map(fromIssue);
  if (!isObject(draft)) return errors;
  const add = (field: string, code: string, params: FieldError["params"] = {}): void => {
    if (!errors.some((known) => known.field === field)) errors.push({ field, code, params });
  };
  const { name, url, method, body, lastEventId } = draft;
  if (typeof name === "string") {
    const plain = (text: string): string => text.trim().toLocaleLowerCase("en");
    if (name.trim() === "") add("name", "required");
    else if (others.some((other) => other.id !== draft["id"] && plain(other.name) === plain(name)))
      add("name", "name-taken");
  }
  if (typeof url === "string") {
    const code = urlTrouble(url);
    if (code !== null) add("url", code);
  }
  if (method === "GET" && typeof body === "string" && body !== "") add("body", "body-not-allowed");
  if (typeof lastEventId === "string" && !isSendableId(lastEventId)) add("lastEventId", "id-invalid");
  for (const error of headerErrors(draft["headers"], draft["credential"])) add(error.field, error.code, error.params);
  return errors;
}

/** Whether an id may be sent as Last-Event-ID: no C0 or DEL (an event could break every later request), at most 1 KiB. */
function isSendableId(id: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/[\u0000-\u001f\u007f]/.test(id) && new TextEncoder().encode(id).length <= 1024;
}

function urlTrouble(url: string): string | null {
  if (url.trim() === "") return "required";
  // The URL parser drops tabs and line breaks in silence: what is shown would not be what is dialled.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u0020\u007f]/.test(url) || !URL.canParse(url)) return "url-invalid";
  const parsed = new URL(url);
  if (parsed.protocol !== "http:" && parsed.protocol !== "https:") return "url-scheme";
  if (parsed.username !== "" || parsed.password !== "") return "url-credentials";
  return null;
}

const ranges: Json = {
  connectTimeoutMs: [100, 86_400_000],
  headersTimeoutMs: [100, 86_400_000],
  idleTimeoutMs: [1000, 86_400_000],
};

/** Words are the catalogue's; here only which of its codes a broken schema rule is. */
function fromIssue(issue: z.core.$ZodIssue): FieldError {
  const field = issue.path.join(".");
  const range = ranges[field];
  if (Array.isArray(range)) return { field, code: "number-range", params: { min: range[0], max: range[1] } };
  if (field === "id") return { field, code: "stream-id-invalid", params: {} };
  if (field === "lastEventId") return { field, code: "id-invalid", params: {} };
  if (issue.code !== "too_big") return { field, code: "invalid", params: {} };
  const params = { max: Number(issue.maximum) };
  if (field === "url") return { field, code: "url-too-long", params };
  if (field.startsWith("notify.types.")) return { field, code: "type-too-long", params };
  return { field, code: issue.origin === "array" ? "too-many" : "text-too-long", params };
}

const split = (leaf: Leaf): [string, string | null] => {
  const [key = "", inner] = leaf.split(".");
  return [key, inner ?? null];
};

function nest(leaves: Leaves): Json {
  const nested: Json = {};
  for (const [leaf, value] of leaves) {
    const [key, inner] = split(leaf);
    if (inner === null) nested[key] = value;
    else nested[key] = { ...(nested[key] as Json | undefined), [inner]: value };
  }
  return nested;
}

function readLeaves(stored: unknown, ignored: string[]): Leaves {
  const leaves = new Map<Leaf, unknown>();
  if (!isObject(stored)) {
    ignored.push("general");
    return leaves;
  }
  const visit = (path: string, value: unknown): void => {
    const schema = leafSchemas.get(path as Leaf);
    if (schema === undefined && isObject(value) && path === "stats") {
      for (const [key, inner] of Object.entries(value)) visit(`${path}.${key}`, inner);
    } else if (schema?.safeParse(value).success === true) leaves.set(path as Leaf, value);
    else ignored.push(`general.${path}`);
  };
  for (const [key, value] of Object.entries(stored)) visit(key, value);
  return leaves;
}

function readEndpoints(stored: unknown, ignored: string[]): Endpoint[] {
  const endpoints: Endpoint[] = [];
  if (!Array.isArray(stored)) {
    ignored.push("endpoints");
    return endpoints;
  }
  for (const [index, value] of stored.entries()) {
    const mended = mend(value, `endpoints.${index}`, ignored);
    if (mended === null || endpoints.some((known) => known.id === mended.id)) ignored.push(`endpoints.${index}`);
    else endpoints.push(mended);
  }
  return endpoints;
}

/** Puts blanks where a stored endpoint is wrong; null when its id or address is, for then nothing can be dialled. */
function mend(stored: unknown, path: string, ignored: string[]): Endpoint | null {
  if (!isObject(stored)) return null;
  const candidate: Json = { ...blankEndpoint };
  for (const [key, value] of Object.entries(stored)) {
    if (key in blankEndpoint) candidate[key] = value;
    else ignored.push(`${path}.${key}`);
  }
  if (typeof candidate["name"] !== "string" || candidate["name"].trim() === "") candidate["name"] = candidate["id"];
  const errors = checkEndpoint(candidate, []);
  const badHeaders = new Set<number>();
  for (const { field } of errors) {
    const [key = "", index] = field.split(".");
    if (key === "id" || key === "url" || key === "") return null;
    ignored.push(`${path}.${field}`);
    if (key === "headers" && index !== undefined) badHeaders.add(Number(index));
    else candidate[key] = key === "name" ? candidate["id"] : blankEndpoint[key as keyof Endpoint];
  }
  if (badHeaders.size > 0 && Array.isArray(candidate["headers"])) {
    candidate["headers"] = candidate["headers"].filter((_, index) => !badHeaders.has(index));
  }
  const parsed = endpoint.safeParse(candidate);
  return parsed.success && checkEndpoint(candidate, []).length === 0 ? parsed.data : null;
}
