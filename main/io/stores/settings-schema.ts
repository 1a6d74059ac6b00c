/**
 * What the settings file may hold: versions, and one layer of values. No files here: settings-store.ts reads and writes.
 * What is wrong with an endpoint is endpoint-rules.ts, the general settings value by value are general-leaves.ts.
 */
import { type Endpoint, endpoint } from "../../../preload/contract.ts";
import { checkEndpoint } from "./endpoint-rules.ts";
import { type Leaves, nest, readLeaves } from "./general-leaves.ts";
import { isObject, type Json } from "./strict-json.ts";

/**
 * 2: further addresses, WebSocket, fresh tokens and the policy of reconnecting. 3: proxies. 4: how much is kept. A version that does
 * not know them would have dropped them.
 */
export const settingsVersion = 4;

/** migrations[n] makes version n + 2 of version n + 1. It gets a copy and may throw: the file is then set aside. */
const migrations: readonly ((old: Json) => Json)[] = [
  // Nothing moved: what is missing has its default.
  (old) => old,
  (old) => old,
  (old) => old,
];

/** A new endpoint, as the editor shows it and as missing values of a hand-written file are filled in. */
export const blankEndpoint: Endpoint = {
  id: "",
  name: "",
  url: "",
  method: "GET",
  body: "",
  headers: [],
  credential: { kind: "none" },
  group: [],
  websocket: null,
  discover: false,
  balance: false,
  lastEventId: "",
  connectTimeoutMs: 10_000,
  headersTimeoutMs: 15_000,
  idleTimeoutMs: null,
  proxy: { mode: "app", url: "", username: "" },
  keep: "all",
  retention: { days: null, events: null, mebibytes: null },
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
  const wrong = { headers: new Set<number>(), group: new Set<number>() };
  for (const { field } of errors) {
    const [key = "", index] = field.split(".");
    if (key === "id" || key === "url" || key === "") return null;
    ignored.push(`${path}.${field}`);
    if ((key === "headers" || key === "group") && index !== undefined) wrong[key].add(Number(index));
    else candidate[key] = key === "name" ? candidate["id"] : blankEndpoint[key as keyof Endpoint];
    // Without the sign-in that was meant it would be another request: it waits to be looked at.
    if (key === "credential") candidate["paused"] = true;
  }
  for (const key of ["headers", "group"] as const) {
    const list = candidate[key];
    if (Array.isArray(list)) candidate[key] = list.filter((_, index) => !wrong[key].has(index));
  }
  const parsed = endpoint.safeParse(candidate);
  return parsed.success && checkEndpoint(candidate, []).length === 0 ? parsed.data : null;
}
