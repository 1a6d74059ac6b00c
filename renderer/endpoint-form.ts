/**
 * An endpoint as a form holds it: numbers as the text somebody is typing, secrets beside the rest. Pure; checks only what main's door
 * would refuse without naming a field (numbers), everything else is main's to judge.
 */
import type { Credential, Endpoint, FieldError } from "../preload/contract.ts";
import { noBounds, type RetentionForm, retentionFormOf, retentionOf } from "./retention-form.ts";

export type HeaderForm = {
  readonly key: string;
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
};

/** A further address of the same stream. */
export type AddressForm = { readonly key: string; readonly url: string; readonly headers: readonly HeaderForm[] };

/** The WebSocket; what was typed stays while it is switched off. */
export type SocketForm = Omit<NonNullable<Endpoint["websocket"]>, "headers"> & {
  readonly on: boolean;
  readonly headers: readonly HeaderForm[];
};

export type EndpointForm = Omit<
  Endpoint,
  "headers" | "group" | "websocket" | "connectTimeoutMs" | "headersTimeoutMs" | "idleTimeoutMs" | "retention" | "notify"
> & {
  readonly headers: readonly HeaderForm[];
  readonly group: readonly AddressForm[];
  readonly websocket: SocketForm;
  /** Seconds, as typed. */
  readonly connectTimeout: string;
  readonly headersTimeout: string;
  /** Empty: learned. */
  readonly idleTimeout: string;
  readonly retention: RetentionForm;
  readonly notifyOn: boolean;
  /** Separated by commas. */
  readonly notifyTypes: string;
  readonly notifyContains: string;
  /** Typed just now: password or token. Empty keeps what is stored. */
  readonly secret: string;
  /** Typed just now: the password of the stream's own proxy. Empty keeps what is stored. */
  readonly proxySecret: string;
};

/** Names that always hold credentials: their switch is on and stays on. Main knows the same, and has the last word. */
export const alwaysSecret =
  /^(authorization|proxy-authorization|cookie|set-cookie)$|token|secret|api-?key|password|passwd|session|signature/i;

const second = 1000;
let made = 0;
const freshKey = (): string => `h${++made}`;

/** One more header. */
export function emptyHeader(): HeaderForm {
  return { key: freshKey(), name: "", value: "", secret: false };
}

/** One more address. */
export function emptyAddress(): AddressForm {
  return { key: freshKey(), url: "", headers: [] };
}

const noSocket: SocketForm = { on: false, url: "", frames: "auto", resumeQuery: "", headers: [] };

/** The form of a stored endpoint. */
export function formOf(endpoint: Endpoint): EndpointForm {
  const { headers, group, websocket, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, notify, ...rest } = endpoint;
  return {
    ...rest,
    headers: withKeys(headers),
    group: group.map((member) => ({ key: freshKey(), url: member.url, headers: withKeys(member.headers) })),
    websocket: websocket === null ? noSocket : { ...websocket, on: true, headers: withKeys(websocket.headers) },
    connectTimeout: String(connectTimeoutMs / second),
    headersTimeout: String(headersTimeoutMs / second),
    idleTimeout: idleTimeoutMs === null ? "" : String(idleTimeoutMs / second),
    retention: retentionFormOf(endpoint.retention),
    notifyOn: notify.on,
    notifyTypes: notify.types.join(", "),
    notifyContains: notify.contains,
    secret: "",
    proxySecret: "",
  };
}

function withKeys(headers: Endpoint["headers"]): HeaderForm[] {
  return headers.map((header) => ({ key: freshKey(), ...header }));
}

/** A form with nothing in it but an address. */
export function formFor(url: string, name = ""): EndpointForm {
  return formOf({
    id: `s-${crypto.randomUUID().slice(0, 18)}`,
    name,
    url,
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
    retention: noBounds,
    paused: false,
    notify: { on: false, types: [], contains: "" },
  });
}

/** The same kind of sign-in, or an empty one of another kind. */
export function credentialOf(kind: Credential["kind"], before: Credential): Credential {
  if (kind === before.kind) return before;
  switch (kind) {
    case "basic":
      return { kind, username: "" };
    case "header":
      return { kind, name: "" };
    case "refresh":
      return { kind, url: "", method: "POST", as: "bearer" };
    case "command":
      return { kind, argv: [] };
    default:
      return { kind };
  }
}

/** Whether this kind of sign-in has a secret beside it; that of `refresh` may be left out. */
export function hasSecret(kind: Credential["kind"]): boolean {
  return kind !== "none" && kind !== "command";
}

/** Scheme, host and path, as main names a further address's secrets; "" when it is no address. */
export function placeOf(url: string): string {
  if (!URL.canParse(url.trim())) return "";
  const { protocol, host, pathname } = new URL(url.trim());
  return `${protocol}//${host}${pathname}`;
}

/** The part under which a secret header is sent and kept. @param of whose it is: "" is the stream's own address */
export function headerPart(of: "" | "group" | "websocket", url: string, name: string): string {
  return of === "" ? `header:${name.trim()}` : `${of}:${placeOf(url)}:header:${name.trim()}`;
}

export type Draft = { endpoint: Endpoint; secrets: Record<string, string> };

/** What to send, or the fields whose numbers are none. */
export function draftOf(form: EndpointForm): { draft: Draft } | { errors: FieldError[] } {
  const errors: FieldError[] = [];
  const number = (field: string, text: string, min: number): number => {
    const value = Math.round(Number(text.trim().replace(",", ".")) * second);
    if (text.trim() !== "" && value >= min && value <= 86_400_000) return value;
    errors.push({ field, code: text.trim() === "" ? "required" : "number-range", params: {} });
    return min;
  };
  const connectTimeoutMs = number("connectTimeoutMs", form.connectTimeout, 100);
  const headersTimeoutMs = number("headersTimeoutMs", form.headersTimeout, 100);
  const idleTimeoutMs = form.idleTimeout.trim() === "" ? null : number("idleTimeoutMs", form.idleTimeout, 1000);
  const kept = retentionOf(form.retention);
  errors.push(...kept.errors);
  if (errors.length > 0) return { errors };
  const secrets: Record<string, string> = {};
  if (hasSecret(form.credential.kind) && form.secret !== "") secrets["credential"] = form.secret;
  if (form.proxy.mode === "manual" && form.proxySecret !== "") secrets["proxy"] = form.proxySecret;
  const headersOf = (list: readonly HeaderForm[], of: "" | "group" | "websocket", url: string): Endpoint["headers"] =>
    list.map(({ name, value, secret: chosen }) => {
      const secret = chosen || alwaysSecret.test(name.trim());
      if (secret && value !== "") secrets[headerPart(of, url, name)] = value;
      return { name: name.trim(), value: secret ? "" : value, secret };
    });
  const { on, ...socket } = form.websocket;
  const endpoint: Endpoint = {
    id: form.id,
    name: form.name.trim(),
    url: form.url.trim(),
    method: form.method,
    body: form.body,
    headers: headersOf(form.headers, "", form.url),
    credential:
      form.credential.kind === "refresh" ? { ...form.credential, url: form.credential.url.trim() } : form.credential,
    group: form.group.map(({ url, headers }) => ({ url: url.trim(), headers: headersOf(headers, "group", url) })),
    websocket: on
      ? {
          ...socket,
          url: socket.url.trim(),
          resumeQuery: socket.resumeQuery.trim(),
          headers: headersOf(socket.headers, "websocket", socket.url),
        }
      : null,
    discover: form.discover,
    balance: form.balance,
    lastEventId: form.lastEventId,
    connectTimeoutMs,
    headersTimeoutMs,
    idleTimeoutMs,
    proxy: { ...form.proxy, url: form.proxy.url.trim(), username: form.proxy.username.trim() },
    keep: form.keep,
    retention: kept.retention,
    paused: form.paused,
    notify: {
      on: form.notifyOn,
      types: form.notifyTypes
        .split(/[,，\n]/)
        .map((type) => type.trim())
        .filter((type) => type !== ""),
      contains: form.notifyContains,
    },
  };
  return { draft: { endpoint, secrets } };
}
