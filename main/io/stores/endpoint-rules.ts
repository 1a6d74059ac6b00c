/**
 * What is wrong with an endpoint, field by field. IPC, the settings file, the policy and the command line all come
 * through here. Words are the catalogue's; here are only codes.
 */
import type * as z from "zod/mini";
import { type Endpoint, endpoint, type FieldError, retentionRanges } from "../../../preload/contract.ts";
import { candidateErrors } from "./candidate-rules.ts";
import { headerErrors } from "./header-rules.ts";
import { proxyErrors } from "./proxy-rules.ts";
import { isObject, type Json } from "./strict-json.ts";
import { urlTrouble } from "./url-rules.ts";

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
    const code = urlTrouble(url, "http");
    if (code !== null) add("url", code);
  }
  if (method === "GET" && typeof body === "string" && body !== "") add("body", "body-not-allowed");
  if (typeof lastEventId === "string" && !isSendableId(lastEventId)) add("lastEventId", "id-invalid");
  for (const { field, code } of proxyErrors(draft["proxy"])) add(field, code);
  const rest = [...headerErrors(draft["headers"], draft["credential"]), ...candidateErrors(draft)];
  for (const error of rest) add(error.field, error.code, error.params);
  return errors;
}

/** Whether an id may be sent as Last-Event-ID: no C0 or DEL (an event could break every later request), at most 1 KiB. */
function isSendableId(id: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return !/[\u0000-\u001f\u007f]/.test(id) && new TextEncoder().encode(id).length <= 1024;
}

const ranges: Json = {
  connectTimeoutMs: [100, 86_400_000],
  headersTimeoutMs: [100, 86_400_000],
  idleTimeoutMs: [1000, 86_400_000],
};

/** Which of the catalogue's codes a broken schema rule is. */
function fromIssue(issue: z.core.$ZodIssue): FieldError {
  const field = issue.path.join(".");
  const range = ranges[field];
  if (Array.isArray(range)) return { field, code: "number-range", params: { min: range[0], max: range[1] } };
  const bounds = field.startsWith("retention.")
    ? retentionRanges[field.slice(10) as keyof Endpoint["retention"]]
    : null;
  if (bounds != null) return { field, code: "whole-between", params: bounds };
  if (field === "id") return { field, code: "stream-id-invalid", params: {} };
  if (field === "lastEventId") return { field, code: "id-invalid", params: {} };
  if (issue.code !== "too_big") return { field, code: "invalid", params: {} };
  const params = { max: Number(issue.maximum) };
  if (issue.path.at(-1) === "url") return { field, code: "url-too-long", params };
  if (field.startsWith("notify.types.")) return { field, code: "type-too-long", params };
  return { field, code: issue.origin === "array" ? "too-many" : "text-too-long", params };
}
