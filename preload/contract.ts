/**
 * Everything that may cross between the main process and the window, and nothing else.
 *
 * One value types both sides: main serves `Handlers`, the renderer sees `Bridge`, and both are derived from `contract`.
 * Arguments are parsed at run time where they enter main (see main/ipc.ts); after that door the types are trusted.
 * Prose never crosses: failures, problems and field errors are codes with parameters, and words.ts has the words.
 */
import * as z from "zod/mini";

/* ── kinds of channel ─────────────────────────────────────────────────────────────────────────── */

type Schema = z.ZodMiniType;
export type Call<A extends Schema = Schema, R extends Schema = Schema> = { kind: "call"; argument: A; result: R };
export type Push<V extends Schema = Schema> = { kind: "event"; value: V };
const call = <A extends Schema, R extends Schema>(argument: A, result: R): Call<A, R> => ({
  kind: "call",
  argument,
  result,
});
const event = <V extends Schema>(value: V): Push<V> => ({ kind: "event", value });

const nothing = z.undefined();
const text = (max: number) => z.string().check(z.maxLength(max));
const whole = (min: number, max: number) => z.int().check(z.gte(min), z.lte(max));
const utcMs = z.number();
const ms = z.number();
const count = z.number();

/** A record's number in the journal. */
const seq = z.number();

/* ── streams ──────────────────────────────────────────────────────────────────────────────────── */

/** Our own id of a stream: lower-case letters, digits and dashes. */
export const streamId = z.string().check(z.regex(/^[a-z0-9-]{1,40}$/));

/** Parameters of a code: numbers stay numbers, so that the catalogue can format them. */
export const params = z.record(z.string(), z.union([z.string(), z.number()]));

export const family = z.enum(["NETWORK", "AUTH", "SERVER", "PROXY", "PLANNED"]);
export const failure = z.object({
  family,
  /** e.g. "refused", "unavailable", "idle-timeout"; the whole list is main/core/failure/failure.ts and its tables. */
  kind: z.string(),
  status: z.nullable(z.number()),
  /** Trying again would not help; only the user can. */
  final: z.boolean(),
  params,
});

export const phase = z.enum(["idle", "connecting", "open", "waiting", "offline", "halted"]);
export const health = z.enum(["live", "silent", "held"]);
/** Which rule made a wait; what each means is main/core/connection/backoff.ts. */
export const retryRule = z.enum([
  "family",
  "outage",
  "floor",
  "next-candidate",
  "planned",
  "certificate",
  "fresh-credential",
  "without-id",
  "network-back",
  "pace",
]);
export const grade = z.enum(["EXCELLENT", "GOOD", "FAIR", "POOR", "UNKNOWN"]);
/** One mark of the sidebar's strip and of the quality timeline; worst of its time wins. */
export const beat = z.enum(["good", "poor", "down", "asleep", "offline", "paused", "none"]);

/** What one of a stream's ways is good for. `parked`: has had its attempts; `out`: tried again only when asked to. */
export const standing = z.enum(["used", "ready", "failing", "parked", "mute", "out"]);

export const streamView = z.object({
  id: streamId,
  name: z.string(),
  /** Origin and path only: queries may hold secrets. */
  address: z.string(),
  origin: z.string(),
  /** The address that is used, tried or waited for; after redirects the one that answered. */
  endpoint: z.string(),
  /** The forward proxy that it goes out by, as scheme, host and port; null: none. */
  proxy: z.nullable(z.string()),
  /** https or wss: what travels is encrypted. */
  encrypted: z.boolean(),
  /** Who asked for this stream; a demo or a stream from the command line is not in the settings file. */
  source: z.enum(["settings", "demo"]),
  phase,
  /** Only while open; null otherwise. */
  health: z.nullable(health),
  transport: z.enum(["sse", "websocket"]),
  /** The ways it may go, in the order of preference. */
  candidates: z.array(
    z.object({
      address: z.string(),
      transport: z.enum(["sse", "websocket"]),
      standing,
    }),
  ),
  /** The first of them that works is used; otherwise the quickest. */
  ordered: z.boolean(),
  /** Attempts since the connection last proved useful; 0 while it is fine. */
  attempt: count,
  /** Why it waits or halted; while open: null. */
  failure: z.nullable(failure),
  /** When the next attempt is planned (UTC ms) and how long that wait is in all (ms): waiting only. */
  retryAt: z.nullable(utcMs),
  retryDelayMs: z.nullable(ms),
  /** Why just so long: waiting only. */
  retryRule: z.nullable(retryRule),
  /** What the server asked for with `retry:` or Retry-After, where that made the wait and is known. */
  retryAskedMs: z.nullable(ms),
  openedAt: z.nullable(utcMs),
  lastByteAt: z.nullable(utcMs),
  lastEventAt: z.nullable(utcMs),
  /** First failure of the outage that still lasts. */
  downSince: z.nullable(utcMs),
  /** The learned gap between bytes (p95), or null before there is one. */
  rhythmMs: z.nullable(ms),
  idleTimeoutMs: ms,
  /** Time from the request to the final headers, of the present or last connection. */
  headersMs: z.nullable(ms),
  /** Value of the answer's Server header, as the server wrote it. */
  server: z.nullable(z.string()),
  httpVersion: z.nullable(z.string()),
  /** What stands on the way that is used, tried or waited for, as far as it has shown itself; nearest first. */
  path: z.object({
    /** `name`: as it is written; of a hop that does not say who it is: "". Only what is likely. */
    hops: z.array(z.object({ product: z.string(), name: z.string(), confidence: z.number() })),
    /** It ends what is silent for so long; null: not that we know of. */
    idleCutMs: z.nullable(ms),
    /** We come anew by ourselves before it does. */
    renews: z.boolean(),
  }),
  lastEventId: z.string(),
  grade,
  events: count,
  /** Came again after a reconnect and were not kept twice. */
  duplicates: count,
  bytes: count,
  /** Newest last, one a minute. */
  beats: z.array(beat),
  /** "failing": events arrive but cannot be written; they are shown, and asked for again after a reconnect. */
  journal: z.enum(["ok", "off", "failing", "read-only"]),
});

/* ── events ───────────────────────────────────────────────────────────────────────────────────── */

/**
 * What to show; what is empty or null asks for nothing, and all that is asked for must be true of an event.
 * `text`: words, ignoring case, each the beginning of a word of type, id or data; "in quotes" they stand side by side. Chinese,
 * Japanese and Korean are found as they are written. `path`: JSONPath (RFC 9535) that selects something in the data. `from` and
 * `to`: received in [from, to).
 */
export const filter = z.object({
  types: z.array(text(256)).check(z.maxLength(64)),
  text: text(256),
  path: text(512),
  from: z.nullable(utcMs),
  to: z.nullable(utcMs),
});

/** A row of the list: an event, or something that happened to the connection between events. */
export const row = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("event"),
    seq,
    at: utcMs,
    /** Since the row before, of the same stream; null for the first. */
    gapMs: z.nullable(ms),
    type: z.string(),
    id: z.nullable(z.string()),
    /** The start of the data, at most 240 characters, with line breaks as they came. */
    preview: z.string(),
    bytes: count,
    generation: count,
    /** "replayed": came again after Last-Event-ID was sent. "unsaved": the journal could not write it. */
    flags: z.array(z.enum(["replayed", "unsaved", "id-ignored", "type-cut", "id-reused", "imported"])),
  }),
  z.object({
    kind: z.literal("mark"),
    seq,
    at: utcMs,
    mark: z.enum(["opened", "lost", "halted", "paused", "resumed", "gap", "imported"]),
    failure: z.nullable(failure),
    /**
     * opened: { afterMs?, askedFrom?, headersMs } and, of several ways, { endpoint, transport, place, move? }, lost: { openMs,
     * sinceByteMs, retryInMs, rule, attempt }, gap: { reason, from?, to?, missing? }, imported: { events, file } and, when it
     * ended early, { total }
     */
    params,
  }),
]);

export const tail = z.object({
  /** Pass it back as `ack`: the next answer comes when something newer can be shown. */
  version: count,
  /** Rows of the stream in all, and rows that match the filter. */
  total: count,
  matching: count,
  /** False: there are at least `matching`; what is older is still being looked through, and the next answers say more. */
  exact: z.boolean(),
  /** Rows that are not indexed yet; they are searched all the same, more slowly. */
  behind: count,
  /** At most 500 names; what is beyond them is counted under "", which no event's type can be. */
  types: z.array(z.object({ type: z.string(), count })),
  /** The newest matching rows, oldest first. */
  rows: z.array(row),
});

export const eventDetail = z.object({
  seq,
  stream: streamId,
  endpoint: z.string(),
  transport: z.enum(["sse", "websocket"]),
  generation: count,
  id: z.nullable(z.string()),
  lastEventId: z.string(),
  type: z.string(),
  data: z.string(),
  /** `data` holds only the first MiB. */
  cut: z.boolean(),
  bytes: count,
  receivedAt: utcMs,
  flags: z.array(z.string()),
});

export const exportFormat = z.enum(["ndjson", "json", "csv"]);
/** Which events of a stream are exported: all that are kept, those that a filter leaves, or those with these numbers, rising. */
export const exportChoice = z.discriminatedUnion("what", [
  z.object({ what: z.literal("all") }),
  z.object({ what: z.literal("filter"), filter }),
  z.object({ what: z.literal("seqs"), seqs: z.array(seq).check(z.maxLength(500)) }),
]);
/** How far an export is. `total`: events to come in all; null: not known before they are found. */
export const exporting = z.object({ written: count, total: z.nullable(count) });
/** How an export ended. Of one that was cancelled no file is left. */
export const exported = z.object({ path: z.string(), written: count, cancelled: z.boolean() });

/** How far an import is: bytes of the file that were checked, then events that were added. */
export const importing = z.object({ phase: z.enum(["checking", "adding"]), done: count, total: count });
/**
 * What came of an import: `written` of `total` events were added. `unsaved`: the journal could not write some of them. One that is cancelled
 * while it checks has added none; later, what was added stays.
 */
export const imported = z.object({
  path: z.string(),
  written: count,
  total: count,
  unsaved: z.boolean(),
  cancelled: z.boolean(),
});

/** Between which numbers the bounds of what is kept of a stream lie. */
export const retentionRanges = {
  days: { min: 1, max: 36_500 },
  events: { min: 100, max: 1_000_000_000 },
  mebibytes: { min: 1, max: 1_048_576 },
} as const;
const bound = (name: keyof typeof retentionRanges) => whole(retentionRanges[name].min, retentionRanges[name].max);
/**
 * How much of a stream is kept: the oldest beyond any of them go, a block at a time, so that a little more than this may stay. `events`
 * counts the marks of the connection too; `mebibytes` are those of the stored blocks.
 */
export const retention = z.object({ days: bound("days"), events: bound("events"), mebibytes: bound("mebibytes") });
/** The same for one stream; null: as it is for every stream. */
const ownRetention = z.object({
  days: z.nullable(bound("days")),
  events: z.nullable(bound("events")),
  mebibytes: z.nullable(bound("mebibytes")),
});

/**
 * What is kept of a stream, and every bound that something of it could run into, each with how near it came. Counters are of this run;
 * what is kept is of all runs.
 */
export const keeping = z.object({
  /** Events and marks, the bytes of their stored blocks, and when the oldest was received (null: there is none). */
  kept: z.object({ records: count, bytes: count, oldestAt: z.nullable(utcMs) }),
  /** How much may be kept; null: it is in memory only. */
  retention: z.nullable(retention),
  /** Received and not written yet, now and at most so far. From `limitBytes` on nothing more is read, and the server waits. */
  waiting: z.object({ bytes: count, mostBytes: count, limitBytes: count, pauses: count }),
  /** Events that were passed over, because they were larger than `limitBytes`. */
  oversized: z.object({ events: count, limitBytes: count }),
  /** Events and marks that were shown and that the disk did not take when they came. */
  unsaved: count,
  /** Names of types counted one by one, and events of those beyond `limit`, counted together. */
  types: z.object({ named: count, limit: count, beyond: count }),
});

/* ── history ──────────────────────────────────────────────────────────────────────────────────── */

/** How far back to look: sixty minutes, 96 quarters of an hour, 168 hours, 90 days. */
const span = z.enum(["1h", "24h", "7d", "90d"]);

export const bucket = z.object({
  at: utcMs,
  spanMs: ms,
  beat,
  openMs: ms,
  downMs: ms,
  pausedMs: ms,
  asleepMs: ms,
  offlineMs: ms,
  /** The app did not run. What of the span is in none of these was before the stream was known. */
  notRunningMs: ms,
  attempts: count,
  failures: count,
  /** How often something of the stream is known to be missing. */
  gaps: count,
  events: count,
  bytes: count,
  /** Median time to headers in the bucket; null when nothing was opened in it. */
  headersMs: z.nullable(ms),
});

/** What a span of the history amounts to. Shares are 0 to 1 of the covered time and sum to 1; all 0 when none is. */
export const historySummary = z.object({
  /** Time of which the history knows something. */
  coveredMs: ms,
  openShare: z.number(),
  downShare: z.number(),
  asleepShare: z.number(),
  offlineShare: z.number(),
  pausedShare: z.number(),
  notRunningShare: z.number(),
  /** Attempts that opened, of those that have ended; null before the first. */
  successRate: z.nullable(z.number()),
  /** Time open or down, by the number of attempts; null below two. */
  meanIntervalMs: z.nullable(ms),
  /** First failure → open again: the median to 5 %, the longest exactly; null when there was none. */
  recoveryP50Ms: z.nullable(ms),
  recoveryMaxMs: z.nullable(ms),
  /** How many open connections that have ended lasted from … up to …; shortest first, only what there was. */
  sessions: z.array(z.object({ fromMs: ms, toMs: ms, count })),
  gaps: count,
});

/* ── diagnosis ────────────────────────────────────────────────────────────────────────────────── */

/** Something the user should know, by code; the words are `PREFIX.CODE` in the catalogues. */
const coded = z.object({ code: z.string(), params });

/** Who stands between us and the origin, nearest first. A name needs evidence; without any there is no hop. */
export const hop = z.object({
  /** e.g. "nginx", "pingora"; the table is main/core/proxy-signature.ts. */
  product: z.string(),
  version: z.nullable(z.string()),
  role: z.enum(["reverse", "forward", "gateway", "unknown"]),
  /** 0 to 1. */
  confidence: z.number(),
  evidence: z.array(coded),
});

/** The stages of a diagnosis, in their order. */
export const stageName = z.enum([
  "network",
  "dns",
  "proxy",
  "tcp",
  "tls",
  "status",
  "content-type",
  "framing",
  "compression",
  "headers-time",
  "first-byte",
  "buffering",
  "heartbeat",
  "hold",
  "idle-cut",
  "resume",
  "http2",
  "websocket",
  "direct",
]);

export const stage = z.object({
  stage: stageName,
  /** `undecided`: it could not be told in the time; `skipped`: it does not apply, or was not asked for. */
  state: z.enum(["pending", "running", "ok", "warning", "failed", "undecided", "skipped"]),
  tookMs: z.nullable(ms),
  /** What was measured: the code of a sentence `stage.STAGE.CODE` with its figures; null before there is anything. */
  result: z.nullable(coded),
  /** How long it would need to be told, where it is undecided. */
  needsMs: z.nullable(ms),
});

/** The lines to change for one product, as they are written in its configuration or in the origin's code. */
export const fix = z.object({ product: z.string(), text: z.string() });

export const finding = z.object({
  /** e.g. "buffering", "idle-cut"; the table is main/core/diagnosis. Words: `finding.CODE.title`, `.why`. */
  code: z.string(),
  severity: z.enum(["broken", "degraded"]),
  /** 0 to 1. */
  confidence: z.number(),
  evidence: z.array(coded),
  /** For the product that was seen, or for the likeliest. */
  fix,
  /** The same for others that stand in such places, for who knows better than we do which one it is. */
  otherFixes: z.array(fix),
});

export const verdict = z.enum(["healthy", "degraded", "broken", "undecided"]);

export const diagnosisView = z.object({
  /** Scheme, host and path; never a query or credentials. */
  target: z.string(),
  stream: z.nullable(streamId),
  running: z.boolean(),
  startedAt: utcMs,
  elapsedMs: ms,
  /** Requests made so far; never more than 20 in all. */
  requests: count,
  stages: z.array(stage),
  hops: z.array(hop),
  /** null while it runs. */
  verdict: z.nullable(verdict),
  /** The likeliest first. */
  findings: z.array(finding),
  /** What the proxies on the way add to the time to headers, and how that is known; null: not measurable. */
  proxyLatency: z.nullable(z.object({ ms, by: z.enum(["direct", "server-timing"]) })),
  /** Why it could not be made or was ended early; null otherwise. */
  stopped: z.nullable(z.object({ code: z.enum(["cancelled", "budget", "requests"]), params })),
});

/* ── settings ─────────────────────────────────────────────────────────────────────────────────── */

const headerName = text(256);
const url = text(4096);
/** A secret header has an empty value here. Names that hold credentials (authorization, cookie, …) are always secret. */
const headers = z.array(z.object({ name: headerName, value: text(8192), secret: z.boolean() })).check(z.maxLength(64));

/** Program and arguments of a token command, never a line for a shell. */
export const argv = z.array(text(4096)).check(z.maxLength(64));
export const credential = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("none") }),
  z.object({ kind: z.literal("bearer") }),
  z.object({ kind: z.literal("basic"), username: text(256) }),
  z.object({ kind: z.literal("header"), name: headerName }),
  /** Every attempt asks this address for a token, unless it said how long the last one lives. Its secret, where one is stored, is what signs in there. */
  z.object({ kind: z.literal("refresh"), url, method: z.enum(["GET", "POST"]), as: z.literal("bearer") }),
  /** Every attempt asks this program in the same way. It is chosen in a native dialog only (chooseTokenCommand). */
  z.object({ kind: z.literal("command"), argv }),
]);

/** How a WebSocket's messages are read: as data, as JSON with named fields, as SSE text, as nchan's; auto: as they look. */
export const frames = z.enum(["auto", "raw", "json", "sse", "nchan"]);

/**
 * How requests leave this computer. `manual`: by `url`, e.g. http://proxy.example:3128, https://… or socks5://…. Its password
 * is a secret: "@app/proxy" for the app, part "proxy" for a stream. What another mode does not use stays as it was typed.
 */
const proxyModes = ["system", "environment", "manual", "none"] as const;
const proxyFields = { url: text(2048), username: text(256) };
export const appProxy = z.object({ mode: z.enum(proxyModes), ...proxyFields });
/** `app`: as the app does. */
export const streamProxy = z.object({ mode: z.enum(["app", ...proxyModes]), ...proxyFields });

/** One endpoint as the user writes it. Secrets are never in it: they are sent beside it, once, and never come back. */
export const endpoint = z.object({
  id: streamId,
  name: text(120),
  url,
  method: z.enum(["GET", "POST"]),
  body: text(65_536),
  headers,
  credential,
  /** Further addresses of the same stream, in the order of preference. What headers they have is theirs alone. */
  group: z.array(z.object({ url, headers })).check(z.maxLength(16)),
  /** For when no address streams. An empty resumeQuery: the id goes as a header only. */
  websocket: z.nullable(z.object({ url, frames, resumeQuery: text(64), headers })),
  /** The address is only a server's: the stream is looked for at the usual paths. */
  discover: z.boolean(),
  /** Choose among the addresses that work by measured quality instead of by their order. */
  balance: z.boolean(),
  /** Where to start when the journal has no cursor yet; empty: from now on. */
  lastEventId: text(1024),
  connectTimeoutMs: whole(100, 86_400_000),
  headersTimeoutMs: whole(100, 86_400_000),
  /** null: learned from the stream's own rhythm. */
  idleTimeoutMs: z.nullable(whole(1000, 86_400_000)),
  proxy: streamProxy,
  keep: z.enum(["all", "nothing"]),
  retention: ownRetention,
  paused: z.boolean(),
  notify: z.object({ on: z.boolean(), types: z.array(text(256)).check(z.maxLength(64)), contains: text(256) }),
});

/** Between which numbers the values of a policy lie. */
export const policyRanges = {
  /** First and longest waits and `resetAfterMs`, ms. */
  delayMs: { min: 100, max: 86_400_000 },
  factor: { min: 1, max: 10 },
  attempts: { min: 1, max: 100 },
} as const;
const delayMs = whole(policyRanges.delayMs.min, policyRanges.delayMs.max);
export const strategy = z.object({
  /** Mean of the first delay. */
  firstMs: delayMs,
  capMs: delayMs,
  factor: z.number().check(z.gte(policyRanges.factor.min), z.lte(policyRanges.factor.max)),
  /** Failures in a row after which other addresses are tried first. */
  attempts: whole(policyRanges.attempts.min, policyRanges.attempts.max),
});

/** How patiently each family of failures is met. */
export const policy = z.object({
  NETWORK: strategy,
  AUTH: strategy,
  SERVER: strategy,
  PROXY: strategy,
  /** Failures are forgotten after this long open. */
  resetAfterMs: delayMs,
  /** The caps as they stand: neither an outage's age nor a minute's limit shortens a delay. */
  strict: z.boolean(),
});

export const general = z.object({
  language: z.enum(["system", "en", "zh-CN"]),
  theme: z.enum(["system", "light", "dark"]),
  /** Closing the window keeps the streams running in the tray. */
  closeToTray: z.boolean(),
  /** The user has been told once what closing does. */
  closeExplained: z.boolean(),
  notifications: z.boolean(),
  stats: z.object({ on: z.boolean(), port: whole(0, 65_535) }),
  /** How much of each stream is kept, where the stream says nothing of its own. */
  retention,
  policy,
  proxy: appProxy,
});

export const source = z.enum(["default", "file", "policy", "flag"]);
/** Something about the stored files the user should know: { code: "settings-set-aside", params: { path } } … */
export const problem = z.object({ code: z.string(), params });

export const settingsView = z.object({
  general,
  endpoints: z.array(endpoint),
  /** Where each value comes from, by path ("general.language"); what is missing is "default". Policy and flag are locked. */
  sources: z.record(z.string(), source),
  /** What `general.policy` is where nobody chose. */
  policyDefaults: policy,
  /** And `general.retention`. */
  retentionDefaults: retention,
  problems: z.array(problem),
  /** Where secrets live: in the system's keyring, or only in memory until the app ends. */
  secrets: z.object({ kept: z.enum(["keyring", "session"]), backend: z.string() }),
  /** Keys ("ENDPOINT/" and a part as in `draft.secrets`, or "@app/proxy") for which a secret is known. */
  known: z.array(z.string()),
});

/** A refusal that names the field: path as in "headers.1.name". */
export const fieldError = z.object({ field: z.string(), code: z.string(), params });
export const saved = z.object({ errors: z.array(fieldError) });

const draft = z.object({
  endpoint,
  /**
   * By "credential", "proxy", "header:NAME", "group:ADDRESS:header:NAME" or "websocket:ADDRESS:header:NAME", where ADDRESS is origin and
   * path: a secret belongs to where it was meant for, not to a place in a list. What is missing keeps its stored value.
   */
  secrets: z.record(z.string(), text(16_384)),
});

export const testResult = z.object({
  errors: z.array(fieldError),
  failure: z.nullable(failure),
  status: z.nullable(z.number()),
  contentType: z.nullable(z.string()),
  server: z.nullable(z.string()),
  /** By which proxy it went; null: directly. */
  proxy: z.nullable(z.string()),
  connectMs: z.nullable(ms),
  headersMs: z.nullable(ms),
  firstEventMs: z.nullable(ms),
  events: count,
});

/* ── app ──────────────────────────────────────────────────────────────────────────────────────── */

export const appView = z.object({
  version: z.string(),
  electron: z.string(),
  /** Runs on the old runtime that development machines without the internet fall back to. */
  testRuntime: z.boolean(),
  platform: z.string(),
  /** The tray icon is really there (on Linux: a status-notifier host took it). */
  tray: z.boolean(),
  /** Resolved language of words. */
  locale: z.enum(["en", "zh-CN"]),
  statsUrl: z.nullable(z.string()),
  problems: z.array(problem),
});

/* ── the contract ─────────────────────────────────────────────────────────────────────────────── */

export const contract = {
  app: {
    get: call(nothing, appView),
    changed: event(appView),
    /** The window is about to close for the first time: explain, then answer. */
    closing: event(z.object({ tray: z.boolean() })),
    answerClosing: call(z.enum(["keep", "quit", "cancel"]), nothing),
    /** A banner or the tray wants this stream on the screen, at this event where one is named. */
    show: event(z.object({ stream: streamId, seq: z.nullable(seq) })),
  },
  streams: {
    list: call(nothing, z.array(streamView)),
    /** All streams, whole; at most four a second. */
    changed: event(z.array(streamView)),
    retryNow: call(streamId, nothing),
    stop: call(streamId, nothing),
    resume: call(streamId, nothing),
    /** Starts the embedded demo server and its stream, if it does not run yet. */
    startDemo: call(nothing, streamId),
  },
  events: {
    /**
     * The visible end and the counters. It answers at once when `ack` is not the present version, else when
     * something changes (at most once a frame) or after 20 s with the same version. One question at a time:
     * the window asks again when it has painted, so main never sends more than is looked at.
     */
    tail: call(z.object({ stream: streamId, ack: count, filter, limit: whole(1, 500) }), tail),
    /** Rows by their place among the matching rows, 0 = oldest. */
    window: call(
      z.object({ stream: streamId, filter, from: whole(0, Number.MAX_SAFE_INTEGER), limit: whole(1, 500) }),
      z.object({ matching: count, exact: z.boolean(), from: count, rows: z.array(row) }),
    ),
    /** Place of the first matching row that was received at this moment or later; `matching` when none was. */
    placeOf: call(
      z.object({ stream: streamId, filter, at: utcMs }),
      z.object({ place: count, matching: count, exact: z.boolean() }),
    ),
    get: call(seq, z.nullable(eventDetail)),
    /** Deletes everything kept of a stream; the cursor stays, so that nothing old comes back. */
    clear: call(streamId, nothing),
    /** Asks for a file, and answers when the events are in it; null: the user changed his mind. One at a time ("export-busy"). */
    export: call(z.object({ stream: streamId, choice: exportChoice, format: exportFormat }), z.nullable(exported)),
    /** At most ten a second while one is written. */
    exporting: event(exporting),
    cancelExport: call(nothing, nothing),
    /**
     * Asks for an NDJSON file and appends its events to this stream, with their times: all of them, or none when a line is no event; null:
     * the user changed his mind. One at a time ("import-busy").
     */
    import: call(streamId, z.nullable(imported)),
    /** At most ten a second while one goes on. */
    importing: event(importing),
    cancelImport: call(nothing, nothing),
    /** A command that asks for the same stream, without its secrets; null: the stream is not in the settings. */
    curl: call(streamId, z.nullable(z.string())),
  },
  history: {
    query: call(z.object({ stream: streamId, span }), z.array(bucket)),
    summary: call(z.object({ stream: streamId, span }), historySummary),
    /** null: there is no such stream. */
    keeping: call(streamId, z.nullable(keeping)),
  },
  diagnosis: {
    /** The present or last one; null before the first. */
    get: call(nothing, z.nullable(diagnosisView)),
    changed: event(diagnosisView),
    /**
     * Begins one and ends another that still runs. A stream is asked with its own headers and credentials; an address that was
     * typed in with none, and `compare` with none either.
     */
    start: call(
      z.object({
        stream: z.nullable(streamId),
        url: z.nullable(url),
        compare: z.nullable(url),
        /** Wait for the cut of a silent stream, which takes minutes. */
        measureIdle: z.boolean(),
      }),
      saved,
    ),
    cancel: call(nothing, nothing),
    /** The report of the last one as it would be saved: secrets, hosts and addresses masked. */
    report: call(z.enum(["markdown", "json"]), z.nullable(z.string())),
    /** Asks for a file and writes the report there; null: the user changed his mind. */
    save: call(z.enum(["markdown", "json"]), z.nullable(z.string())),
  },
  settings: {
    get: call(nothing, settingsView),
    changed: event(settingsView),
    /** All but the proxy: a password that is stored must not be sent to another one by a change of its address. */
    setGeneral: call(z.partial(z.omit(general, { proxy: true })), saved),
    /** The app's proxy. `password`: typed just now, "" for none; null keeps the stored one, which another proxy is not given. */
    setProxy: call(z.object({ proxy: appProxy, password: z.nullable(text(1024)) }), saved),
    saveEndpoint: call(draft, saved),
    removeEndpoint: call(streamId, saved),
    testEndpoint: call(draft, testResult),
    /**
     * Lets the user choose a token command in native dialogs, for this stream at the server of this address. What he agreed to
     * may be saved with the endpoint, there and once; `argv` is null when he did not.
     */
    chooseTokenCommand: call(
      z.object({ id: streamId, url }),
      z.object({ argv: z.nullable(argv), errors: z.array(fieldError) }),
    ),
  },
} as const;

/* ── what both sides derive ───────────────────────────────────────────────────────────────────── */

type Contract = typeof contract;
export type Code = z.infer<typeof problem>;
export type Params = z.infer<typeof params>;
export type StreamView = z.infer<typeof streamView>;
export type FailureView = z.infer<typeof failure>;
export type Phase = z.infer<typeof phase>;
export type Health = z.infer<typeof health>;
export type RetryRule = z.infer<typeof retryRule>;
export type Grade = z.infer<typeof grade>;
export type Beat = z.infer<typeof beat>;
export type Row = z.infer<typeof row>;
export type Filter = z.infer<typeof filter>;
export type Tail = z.infer<typeof tail>;
export type EventDetail = z.infer<typeof eventDetail>;
export type ExportChoice = z.infer<typeof exportChoice>;
export type Exporting = z.infer<typeof exporting>;
export type Exported = z.infer<typeof exported>;
export type Importing = z.infer<typeof importing>;
export type Imported = z.infer<typeof imported>;
export type Bucket = z.infer<typeof bucket>;
export type HistorySummary = z.infer<typeof historySummary>;
export type HopView = z.infer<typeof hop>;
export type StageName = z.infer<typeof stageName>;
export type StageView = z.infer<typeof stage>;
export type Fix = z.infer<typeof fix>;
export type Finding = z.infer<typeof finding>;
export type Verdict = z.infer<typeof verdict>;
export type DiagnosisView = z.infer<typeof diagnosisView>;
export type Endpoint = z.infer<typeof endpoint>;
export type Credential = z.infer<typeof credential>;
export type General = z.infer<typeof general>;
export type PolicySettings = z.infer<typeof policy>;
export type AppProxy = z.infer<typeof appProxy>;
export type StreamProxy = z.infer<typeof streamProxy>;
export type Keeping = z.infer<typeof keeping>;
export type Retention = z.infer<typeof retention>;
export type Frames = z.infer<typeof frames>;
export type SettingsView = z.infer<typeof settingsView>;
export type FieldError = z.infer<typeof fieldError>;
export type TestResult = z.infer<typeof testResult>;
export type AppView = z.infer<typeof appView>;
export type Source = z.infer<typeof source>;

/** How a call ends: with its value, or with a code that words.ts can say. */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: Code };

type Keys<G, K> = { [N in keyof G]: G[N] extends { kind: K } ? N : never }[keyof G];

/** What says nothing may return nothing. */
// biome-ignore lint/suspicious/noConfusingVoidType: it stands only where a function returns
type Answer<T> = undefined extends T ? void | T : T;

/** Every call, all at once: a forgotten handler does not compile. */
export type Handlers = {
  [G in keyof Contract]: {
    [N in Keys<Contract[G], "call">]: Contract[G][N] extends Call<infer A, infer R>
      ? (argument: z.infer<A>) => Answer<z.infer<R>> | Promise<Answer<z.infer<R>>>
      : never;
  };
};

/** What the preload exposes: calls as promises of an outcome; events take a listener and return its end. */
export type Bridge = {
  [G in keyof Contract]: {
    [N in keyof Contract[G]]: Contract[G][N] extends Call<infer A, infer R>
      ? (...argument: undefined extends z.infer<A> ? [] : [z.infer<A>]) => Promise<Outcome<z.infer<R>>>
      : Contract[G][N] extends Push<infer V>
        ? (listener: (value: z.infer<V>) => void) => () => void
        : never;
  };
};

/** How main tells the window: one value, by the names of the contract. */
export type Publish = <G extends keyof Contract, N extends Keys<Contract[G], "event">>(
  group: G,
  name: N,
  value: Contract[G][N] extends Push<infer V> ? z.infer<V> : never,
) => void;

/**
 * The channel on which the bridge waits, once for each page, until every call has somebody who answers it. Nothing but that word goes
 * through it.
 */
export const doors = "doors";
export type Doors = typeof doors;
