/** `watch URL`: holds one stream on the product's own core and prints what happens, until it is asked to stop. */
import { readFileSync } from "node:fs";
import type { Endpoint } from "../../preload/contract.ts";
import { resolveLocale, words } from "../../preload/words.ts";
import { defaultBackoff } from "../core/backoff.ts";
import { defaultDeadlines, type Policy } from "../core/connection-state.ts";
import { address } from "../core/redact.ts";
import { createMemoryJournal } from "../io/journal/memory-journal.ts";
import { createSseTransport } from "../io/sse/sse-transport.ts";
import { checkEndpoint } from "../io/stores/settings-schema.ts";
import { systemClock, systemRandom } from "../io/system-clock.ts";
import { Stream, type StreamObserver } from "../streams/stream.ts";
import { version } from "../version.ts";
import { type CliArguments, CliError, count, milliseconds, parse } from "./arguments.ts";
import { eventLine, gapLine, type Line, prettyLine, stateLine } from "./lines.ts";

export const watchUsage = `watch URL [--header 'K: V' | --header @FILE | --header-env NAME]… [--last-event-id ID]
      [--idle-timeout MS] [--connect-timeout MS] [--method M --body TEXT] [--repeat]
      [--max-events N] [--for MS] [--json | --pretty]`;

const options = {
  header: { type: "string", multiple: true },
  "header-env": { type: "string", multiple: true },
  "last-event-id": { type: "string" },
  "idle-timeout": { type: "string" },
  "connect-timeout": { type: "string" },
  method: { type: "string" },
  body: { type: "string" },
  repeat: { type: "boolean" },
  "max-events": { type: "string" },
  for: { type: "string" },
  json: { type: "boolean" },
  pretty: { type: "boolean" },
} as const;

export type WatchPlan = {
  readonly endpoint: Endpoint;
  readonly method: string;
  readonly policy: Policy;
  readonly maxEvents: number | null;
  readonly forMs: number | null;
  readonly pretty: boolean;
};

const exit = { asked: 0, halted: 3 } as const;

/** Checks the arguments. @throws CliError naming the argument that is wrong */
export function planWatch(args: readonly string[], env: NodeJS.ProcessEnv): WatchPlan {
  const { values, positionals } = parse(args, options, watchUsage);
  const [url, ...more] = positionals;
  if (url === undefined) throw new CliError("watch: the URL is missing", watchUsage);
  if (more.length > 0) throw new CliError(`watch: one URL at a time; "${more[0]}" is too many`, watchUsage);
  if (values.json === true && values.pretty === true) throw new CliError("watch: --json or --pretty, not both");
  const method = methodOf(values.method);
  const headersTimeoutMs = milliseconds("--connect-timeout", values["connect-timeout"], 1);
  const idleTimeoutMs = milliseconds("--idle-timeout", values["idle-timeout"], 1);
  const policy: Policy = {
    ...defaultDeadlines,
    ...(headersTimeoutMs === null ? {} : { headersTimeoutMs, connectTimeoutMs: headersTimeoutMs }),
    backoff: defaultBackoff,
    idleTimeoutMs,
    repeatable: method === "GET" || values.repeat === true,
  };
  const endpoint = endpointOf(url, method, values, env);
  checkInput(endpoint);
  return {
    endpoint,
    method,
    policy,
    maxEvents: count("--max-events", values["max-events"]),
    forMs: milliseconds("--for", values.for, 1),
    pretty: values.pretty === true,
  };
}

function methodOf(value: string | undefined): string {
  const method = (value ?? "GET").toUpperCase();
  if (!/^(GET|POST|PUT|PATCH|DELETE|QUERY|REPORT)$/.test(method)) {
    throw new CliError(`watch: --method "${value}" cannot carry a stream; use GET or POST`);
  }
  return method;
}

type Values = CliArguments<typeof options>["values"];

function endpointOf(url: string, method: string, values: Values, env: NodeJS.ProcessEnv): Endpoint {
  if (method === "GET" && values.body !== undefined) {
    throw new CliError("watch: --body needs a --method that has one, for example --method POST");
  }
  const given = (values.header ?? []).flatMap(headerLines);
  const fromEnv = (values["header-env"] ?? []).map((name) => {
    const line = env[name];
    if (line === undefined) throw new CliError(`watch: --header-env ${name}: there is no such variable`);
    return line;
  });
  return {
    id: "watch",
    name: "watch",
    url,
    method: method === "GET" ? "GET" : "POST",
    body: values.body ?? "",
    headers: [...given, ...fromEnv].map(headerOf),
    credential: { kind: "none" },
    lastEventId: values["last-event-id"] ?? "",
    connectTimeoutMs: defaultDeadlines.connectTimeoutMs,
    headersTimeoutMs: defaultDeadlines.headersTimeoutMs,
    idleTimeoutMs: null,
    keep: "nothing",
    paused: false,
    notify: { on: false, types: [], contains: "" },
  };
}

/** `K: V` as it is, or every line of the file behind `@`. */
function headerLines(value: string): string[] {
  if (!value.startsWith("@")) return [value];
  try {
    return readFileSync(value.slice(1), "utf8")
      .split(/\r?\n/)
      .filter((line) => line.trim() !== "");
  } catch {
    throw new CliError(`watch: --header ${value}: the file cannot be read`);
  }
}

function headerOf(line: string): Endpoint["headers"][number] {
  const colon = line.indexOf(":");
  if (colon < 1) throw new CliError("watch: --header wants 'Name: value', with a colon");
  // Only what RFC 9110 allows around a value goes: a line break must be seen and refused.
  const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
  return { name: line.slice(0, colon), value, secret: true };
}

/** The settings' own door is the command line's too. */
function checkInput(endpoint: Endpoint): void {
  const open = { ...endpoint, headers: endpoint.headers.map((header) => ({ ...header, secret: false })) };
  // Nothing is stored here, so a credential may stand in a header as it is.
  const [error] = checkEndpoint(open, []).filter(({ code }) => code !== "header-must-be-secret");
  if (error === undefined) return;
  const { sayCode, say: sentence } = words("en");
  const say =
    error.code === "url-credentials"
      ? sentence("cli.url-credentials")
      : sayCode("field", error.code, error.params, "field.unknown");
  throw new CliError(`watch: ${argumentOf(error.field, endpoint)}: ${say}`);
}

function argumentOf(field: string, endpoint: Endpoint): string {
  const index = /^headers\.(\d+)/.exec(field)?.[1];
  if (index !== undefined) return `--header ${JSON.stringify(endpoint.headers[Number(index)]?.name ?? "")}`;
  const names: Record<string, string> = { url: "URL", lastEventId: "--last-event-id", body: "--body" };
  return names[field] ?? field;
}

/** Runs until stopped; resolves with the exit code. */
export async function watch(plan: WatchPlan, print: (line: string) => void, stopped: AbortSignal): Promise<number> {
  const { endpoint, policy, method } = plan;
  const speak = words(resolveLocale("system", [process.env["LC_ALL"] || process.env["LANG"] || "en"]));
  const say = (line: Line) => print(plan.pretty ? prettyLine(line, speak) : JSON.stringify(line));
  const url = address(endpoint.url);
  const now = () => new Date(systemClock.utc()).toISOString();
  let printed = 0;
  const { promise: ended, resolve: end } = Promise.withResolvers<number>();
  const world = {
    clock: systemClock,
    random: systemRandom,
    transport: createSseTransport({ userAgent: `Holdfast/${version}`, utc: systemClock.utc }),
    journal: createMemoryJournal(),
  };
  const spec = {
    id: endpoint.id,
    url: endpoint.url,
    method,
    body: method === "GET" ? null : endpoint.body,
    headers: () => endpoint.headers.map(({ name, value }) => [name, value] as const),
    lastEventId: endpoint.lastEventId,
    policy,
    source: "settings" as const,
  };
  let halted = false;
  const full = () => plan.maxEvents !== null && printed >= plan.maxEvents;
  /** Prints after the events that came before it, which pass through the journal first. */
  const inTurn = (stream: Stream, line: Line, then = () => {}) => {
    void stream.flush().then(() => {
      if (!full()) say(line);
      then();
    });
  };
  const observer: StreamObserver = {
    moved: (moved) => {
      // The last word of a stream that halted is why: that it is put away afterwards says nothing.
      if (halted) return;
      halted = moved.state.link.phase === "halted";
      inTurn(moved, stateLine(moved.state, url, moved.grade, now()), halted ? () => end(exit.halted) : undefined);
    },
    recorded: (_stream, records) => {
      for (const { seq, record } of records) {
        if (full()) break;
        if (!("mark" in record)) {
          say(eventLine({ ...record, seq }));
          printed++;
        } else if (record.mark === "gap") say(gapLine(record.params, new Date(record.at).toISOString()));
      }
      if (full()) end(exit.asked);
    },
    comment: (commented, text) => inTurn(commented, { kind: "comment", at: now(), text }),
  };
  const stream = new Stream(spec, world, observer, 0);
  stopped.addEventListener("abort", () => end(exit.asked));
  const timer = plan.forMs === null ? undefined : setTimeout(() => end(exit.asked), plan.forMs);
  if (!stopped.aborted) stream.start();
  else end(exit.asked);
  const code = await ended;
  clearTimeout(timer);
  await stream.close();
  // The last events may come with the end that halts: what was asked for is there, so it ends as asked.
  return full() ? exit.asked : code;
}
