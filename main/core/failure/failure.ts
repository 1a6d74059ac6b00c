/**
 * From what was seen to what it means: Evidence → Failure. A table, not a story; words for each kind are in the catalogues.
 * Part of the core: it never sees an Error object, only the plain facts that the transport wrote down.
 */
import type { FailureView, Params } from "../../../preload/contract.ts";
import { canBePlanned, closeMeaning } from "./close-codes.ts";
import { adviceFor, type Meaning, meaningOf } from "./failure-codes.ts";
import { looksLikeLogin } from "./login-address.ts";

/** How an attempt or an open connection came to its end, as plain facts. */
export type Evidence =
  /** An error of the network stack. `codes` and `names` along the chain of causes, outermost first. */
  | {
      readonly what: "error";
      readonly stage: Stage;
      readonly codes: readonly string[];
      readonly names: readonly string[];
      readonly message: string;
      /** Bytes the socket had read when it closed, where known: 0 hints at a TLS/plain mix-up. */
      readonly bytesRead: number | null;
      readonly host: string;
    }
  /** Final headers that are not the start of an event stream. `retryAfterMs` is parsed in io, where dates are known. */
  | {
      readonly what: "answer";
      readonly status: number;
      readonly contentType: string;
      readonly retryAfterMs: number | null;
      /** Origin and path that gave the answer, where redirects led to another than was asked. */
      readonly movedTo?: string;
    }
  | {
      readonly what: "redirect";
      readonly why: "too-many" | "loop" | "refused" | "no-location";
      readonly location: string;
    }
  /** The body ended without an error; that proves nothing (RST on a close-delimited body looks the same). */
  | { readonly what: "end" }
  /** A WebSocket was closed. `reason` is the server's own text, cut and redacted in io. */
  | { readonly what: "closed"; readonly code: number; readonly reason: string }
  /** The path opened and nothing came through; `held`: bytes came, and nothing that they were part of ever ended. */
  | { readonly what: "mute"; readonly held: boolean; readonly afterMs: number }
  /** So many bytes under the name of an event stream, and not one field among them. */
  | { readonly what: "not-a-stream"; readonly bytes: number }
  /** A deadline of ours passed. */
  | { readonly what: "deadline"; readonly deadline: "connect" | "headers" | "idle"; readonly afterMs: number }
  /** An event or line grew past the limit and did not end within the patience we have for that. */
  | { readonly what: "too-large"; readonly limitBytes: number }
  | { readonly what: "encoding"; readonly encoding: string }
  /** A secret that the request needs is not known any more: it is not sent without. */
  | { readonly what: "secret-missing" }
  /** The refresh URL or the token command gave no credential: the request was not sent. `retryAfterMs`: that URL's wish. */
  | { readonly what: "credential"; readonly message: string; readonly retryAfterMs?: number | null }
  /** What an attempt needs could not be had from our own parts; the server had no say in it. */
  | { readonly what: "internal"; readonly message: string }
  /** The request could not be made at all: our own input is at fault. */
  | { readonly what: "bad-request"; readonly message: string };

/** How far the attempt had come. */
export type Stage = "connect" | "headers" | "body";

export type Failure = FailureView & {
  /** The server's wish (Retry-After), clamped to 1 s … 60 min; null when it has none. */
  readonly retryAfterMs: number | null;
};

type Family = FailureView["family"];

/** What the classification may look at beside the evidence; all of it is counted by the machine. */
export type Context = {
  /** This URL was open at least once. */
  readonly worked: boolean;
  /** There is another candidate that is not out. */
  readonly alternatives: boolean;
  /** Refusals (401, 403) of the same credential in a row before this one. */
  readonly refusals: number;
  /** The credential is fetched anew for each attempt. */
  readonly freshCredential: boolean;
  /** A Last-Event-ID was sent. */
  readonly asked: boolean;
  /** This end fits what the server plans: after its `retry:`, or at the age at which it always ends. */
  readonly planned: boolean;
};

/** Knows nothing: a first attempt at the only candidate. */
export const freshContext: Context = {
  worked: false,
  alternatives: false,
  refusals: 0,
  freshCredential: false,
  asked: false,
  planned: false,
};

const retryAfterMinMs = 1000;
const retryAfterMaxMs = 3_600_000;

/** undici's words for a CONNECT that was not answered with 200. */
const proxyStatus = /proxy response \((\d{3})\) !== 200|proxy authentication required \((407)\)/i;

/** Kinds that another try cannot mend, whatever code they came from. A proxy's password is tried once: accounts get locked. */
const finalKinds: ReadonlySet<string> = new Set(["bad-url", "proxy-auth"]);

/** Of several causes (one per address that was tried) these say least: any other one tells more about the server. */
const weakKinds: ReadonlySet<string> = new Set(["offline", "connect-timeout"]);

/** What is known by its text alone: fetch and its kin give these no code. */
const byMessage: readonly (readonly [RegExp, Meaning])[] = [
  [/redirect count exceeded|redirect loop|unexpected redirect/i, ["PROXY", "redirect"]],
  [/scheme must be a HTTP/i, ["PROXY", "redirect-refused"]],
  [/too many content-encodings/i, ["SERVER", "protocol"]],
  [/bad port|unknown scheme|failed to parse url|includes credentials|bytestring/i, ["NETWORK", "bad-url"]],
];

/** Answers that are not a stream: [family, kind, final]. What is missing: ≥ 500 server-error, else http-status. */
const byStatus: Readonly<Record<number, readonly [Family, string, boolean]>> = {
  204: ["SERVER", "no-content", true],
  400: ["SERVER", "bad-request", true],
  401: ["AUTH", "unauthorized", false],
  403: ["AUTH", "forbidden", false],
  405: ["SERVER", "method-not-allowed", true],
  406: ["SERVER", "not-acceptable", true],
  407: ["PROXY", "proxy-auth", true],
  410: ["SERVER", "gone", true],
  414: ["SERVER", "address-too-long", true],
  429: ["SERVER", "too-many-requests", false],
  431: ["SERVER", "headers-too-large", true],
  502: ["PROXY", "bad-gateway", false],
  503: ["PROXY", "unavailable", false],
  504: ["PROXY", "gateway-timeout", false],
  511: ["PROXY", "captive-portal", false],
};

/** Classifies the end of an attempt. Never throws; what it does not know is `unknown`, kept and shown as such. */
export function classify(evidence: Evidence, context: Context): Failure {
  const failure = judge(evidence, context);
  return context.planned && isPlannable(evidence, failure) ? make("PLANNED", "planned") : failure;
}

/** An open stream that somebody else ended; a silence, or an attempt that never opened, is nobody's plan. */
function isPlannable(evidence: Evidence, { kind }: Failure): boolean {
  if (evidence.what === "closed") return canBePlanned(evidence.code);
  return (
    evidence.what === "end" ||
    (evidence.what === "error" && evidence.stage === "body" && (kind === "dropped" || kind === "reset"))
  );
}

function judge(evidence: Evidence, context: Context): Failure {
  switch (evidence.what) {
    case "error":
      return judgeError(evidence);
    case "answer":
      return judgeAnswer(evidence, context);
    case "redirect":
      return make("PROXY", redirectKind(evidence), { params: { location: evidence.location, why: evidence.why } });
    case "end":
      return make("PROXY", "ended");
    case "closed":
      return judgeClose(evidence, context);
    case "mute":
      return make("PROXY", evidence.held ? "held" : "mute", { params: { afterMs: evidence.afterMs } });
    case "not-a-stream":
      return make("PROXY", "not-a-stream", { params: { bytes: evidence.bytes } });
    case "deadline":
      return make("NETWORK", `${evidence.deadline}-timeout`, { params: { afterMs: evidence.afterMs } });
    case "too-large":
      return make("SERVER", "event-too-large", { params: { limit: evidence.limitBytes } });
    case "encoding":
      return make("PROXY", "protocol", { params: { encoding: evidence.encoding } });
    case "secret-missing":
      return make("AUTH", "secret-missing", { final: true });
    case "credential":
      return make("AUTH", "credential-failed", {
        retryAfterMs: clamped(evidence.retryAfterMs ?? null),
        params: { code: evidence.message },
      });
    case "internal":
      return make("NETWORK", "internal", { params: { code: evidence.message } });
    case "bad-request":
      return make("NETWORK", "bad-url", { final: true, params: { code: evidence.message } });
  }
}

type ErrorEvidence = Extract<Evidence, { what: "error" }>;

function judgeError(evidence: ErrorEvidence): Failure {
  // undici hides a refused CONNECT behind the name AbortError: its text has to be looked at before anything else.
  // A name alone never says that we ended it ourselves: that is a flag of the transport's, and such ends do not get here.
  const viaProxy = proxyStatus.exec(evidence.message);
  if (viaProxy !== null) return judgeTunnel(Number(viaProxy[1] ?? viaProxy[2]));
  const known = evidence.codes.flatMap((code) => {
    const meaning = meaningOf(code);
    return meaning === null ? [] : [{ code, meaning: atStage(meaning, evidence) }];
  });
  const told = known.find(({ meaning: [, kind] }) => !weakKinds.has(kind)) ?? known[0];
  const code = told?.code ?? evidence.codes[0] ?? evidence.names[0] ?? "";
  const [family, kind] = told?.meaning ?? meaningOfText(evidence);
  const silent = kind === "closed-early" && evidence.bytesRead === 0;
  // A server that hangs up without a word was often spoken to in the clear where it speaks TLS, or the other way round.
  const advice = silent ? "scheme" : adviceFor(code, kind);
  const params: Params = {
    host: evidence.host,
    code,
    ...(silent ? { silent: 1 } : {}),
    ...(advice === null ? {} : { advice }),
  };
  return make(family, kind, { final: finalKinds.has(kind), params });
}

/** A proxy that was asked for a tunnel and answered otherwise. */
function judgeTunnel(status: number): Failure {
  const portal = status === 511 || (status >= 300 && status < 400);
  const kind =
    status === 407 ? "proxy-auth" : portal ? "captive-portal" : status >= 500 ? "bad-gateway" : "tunnel-refused";
  return make("PROXY", kind, { status, final: finalKinds.has(kind), params: { status } });
}

function atStage([family, kind]: Meaning, { stage, message }: ErrorEvidence): Meaning {
  if (kind === "closed" && /bad upgrade/i.test(message)) return ["SERVER", "protocol"];
  if (kind === "closed") return [family, stage === "body" ? "dropped" : "closed-early"];
  if (kind === "unsendable") return /redirect/i.test(message) ? ["PROXY", "redirect"] : [family, "bad-url"];
  if (kind !== "timed-out") return [family, kind];
  // Keep-alive probes that go unanswered report ETIMEDOUT on an open connection: that one was dropped.
  return [family, stage === "body" ? "dropped" : `${stage}-timeout`];
}

function meaningOfText(evidence: ErrorEvidence): Meaning {
  const { names, message } = evidence;
  // What a chunked body that was cut is called when the answer had said `Connection: close`; without a code (undici 7.30.2).
  if (/invalid eof state/i.test(message)) return atStage(["PROXY", "closed"], evidence);
  if (names.includes("HTTPParserError")) return ["SERVER", "protocol"];
  return byMessage.find(([pattern]) => pattern.test(message))?.[1] ?? ["NETWORK", "unknown"];
}

function redirectKind({ why, location }: Extract<Evidence, { what: "redirect" }>): string {
  if (looksLikeLogin(location)) return "login-redirect";
  return why === "refused" ? "redirect-refused" : "redirect";
}

function judgeAnswer(evidence: Extract<Evidence, { what: "answer" }>, context: Context): Failure {
  const { status, contentType, movedTo } = evidence;
  const retryAfterMs = clamped(evidence.retryAfterMs);
  const facts = { status, retryAfterMs, params: { status } };
  if (status === 200) {
    const login = movedTo !== undefined && looksLikeLogin(movedTo);
    const params = { contentType, ...(movedTo === undefined ? {} : { location: movedTo }) };
    return make("PROXY", login ? "login-redirect" : "wrong-type", { ...facts, params });
  }
  // A path that worked before can be missing for the minutes of a deploy; one that never worked is a typing error.
  if (status === 404) {
    const final = !context.worked && !context.alternatives;
    return make(final ? "SERVER" : "PROXY", "not-found", { ...facts, final });
  }
  const known = byStatus[status];
  if (known === undefined) return make("SERVER", status >= 500 ? "server-error" : "http-status", facts);
  const [family, kind, final] = known;
  if (family === "AUTH") return refused(kind, facts, context);
  // What is too long may be the id: the machine asks once more without it.
  if (context.asked && (status === 414 || status === 431)) return make("SERVER", "id-too-long", facts);
  return make(family, kind, { ...facts, final });
}

function clamped(retryAfterMs: number | null): number | null {
  return retryAfterMs === null ? null : Math.min(Math.max(retryAfterMs, retryAfterMinMs), retryAfterMaxMs);
}

/**
 * A credential that is not accepted. The same one refused twice will be refused a third time, and accounts get locked by
 * those who insist; one that is fetched anew, or a server that names a time, may do better the next time.
 */
function refused(kind: string, facts: Partial<Failure>, { refusals, freshCredential }: Context): Failure {
  const final = refusals >= 1 && !freshCredential && (facts.retryAfterMs ?? null) === null;
  const params = { ...facts.params, ...(final ? { advice: "sign-in-again" } : {}) };
  return make("AUTH", kind, { ...facts, final, params });
}

function judgeClose({ code, reason }: Extract<Evidence, { what: "closed" }>, context: Context): Failure {
  const { family, kind, final } = closeMeaning(code);
  const params = { code: reason === "" ? `${code}` : `${code} ${reason}` };
  if (kind === "unauthorized" || kind === "forbidden") return refused(kind, { params }, context);
  return make(family, kind, { final, params });
}

function make(family: Family, kind: string, rest: Partial<Failure> = {}): Failure {
  return { family, kind, status: null, final: false, retryAfterMs: null, params: {}, ...rest };
}
