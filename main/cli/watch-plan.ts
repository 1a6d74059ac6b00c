/** The arguments of `watch`, checked and made into a plan. It opens no connection; watch.ts carries the plan out. */
import type { Endpoint, Frames, PolicySettings } from "../../preload/contract.ts";
import { frames } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";
import { defaultDeadlines } from "../core/connection/connection-state.ts";
import { createProxies } from "../io/proxy/proxies.ts";
import { checkEndpoint } from "../io/stores/endpoint-rules.ts";
import { blankEndpoint } from "../io/stores/settings-schema.ts";
import { systemClock } from "../io/system-clock.ts";
import { proxiesFor } from "../streams/app-proxy.ts";
import { type Plan, planOf, type Route } from "../streams/endpoint-plan.ts";
import { type CliArguments, CliError, count, milliseconds, parse } from "./arguments.ts";
import { withHeaders } from "./header-arguments.ts";
import { policyArgument } from "./policy-argument.ts";
import { proxyArgument } from "./proxy-argument.ts";

export const watchUsage = `watch [URL] [--endpoint URL]… [--base URL] [--ws URL [--ws-frames auto|raw|json|sse|nchan]]
      [--header 'K: V' | --header @FILE | --header-env NAME]… [--endpoint-header 'ORIGIN K: V' | --endpoint-header @FILE]…
      [--last-event-id ID] [--policy FILE.json] [--idle-timeout MS] [--connect-timeout MS] [--proxy none|env|URL]
      [--method M --body TEXT] [--repeat] [--max-events N] [--for MS] [--record FILE] [--json | --pretty]
  watch --replay FILE [--json | --pretty]`;

const options = {
  endpoint: { type: "string", multiple: true },
  base: { type: "string" },
  ws: { type: "string" },
  "ws-frames": { type: "string" },
  header: { type: "string", multiple: true },
  "header-env": { type: "string", multiple: true },
  "endpoint-header": { type: "string", multiple: true },
  "last-event-id": { type: "string" },
  policy: { type: "string" },
  "idle-timeout": { type: "string" },
  "connect-timeout": { type: "string" },
  proxy: { type: "string" },
  method: { type: "string" },
  body: { type: "string" },
  repeat: { type: "boolean" },
  "max-events": { type: "string" },
  for: { type: "string" },
  record: { type: "string" },
  replay: { type: "string" },
  json: { type: "boolean" },
  pretty: { type: "boolean" },
} as const;

type Common = {
  /** What `--policy` says, or the defaults. */
  readonly settings: PolicySettings;
  readonly maxEvents: number | null;
  readonly forMs: number | null;
  readonly pretty: boolean;
};

/** To hold a stream, or to step a recorded ring again. */
export type WatchPlan =
  | (Common & {
      readonly replay: null;
      /** The endpoint that the arguments describe; its url is the first address. */
      readonly endpoint: Endpoint;
      readonly plan: Plan;
      /** File to write the ring of steps to; null: none. */
      readonly record: string | null;
    })
  | (Common & { readonly replay: string; readonly endpoint: null; readonly plan: null; readonly record: null });

type Values = CliArguments<typeof options>["values"];

/** Checks the arguments. @throws CliError naming the argument that is wrong */
export function planWatch(args: readonly string[], env: NodeJS.ProcessEnv): WatchPlan {
  const { values, positionals } = parse(args, options, watchUsage);
  if (values.json === true && values.pretty === true) throw new CliError("watch: --json or --pretty, not both");
  const common: Common = {
    settings: policyArgument(values.policy),
    maxEvents: count("--max-events", values["max-events"]),
    forMs: milliseconds("--for", values.for, 1),
    pretty: values.pretty === true,
  };
  if (values.replay !== undefined) return replayPlan(values.replay, values, positionals, common);
  const method = methodOf(values.method);
  if (method === "GET" && values.body !== undefined) {
    throw new CliError("watch: --body needs a --method that has one, for example --method POST");
  }
  const endpoint = withHeaders(endpointOf(method, values, positionals), headersGiven(values), env);
  const first = values.base !== undefined ? "--base" : positionals.length > 0 ? "URL" : "--endpoint";
  checkInput(endpoint, first, values.repeat === true);
  return {
    ...common,
    replay: null,
    endpoint,
    plan: planFor(endpoint, method, values, common, env),
    record: fileOf(values),
  };
}

/** A recording has its own addresses and its own policy. */
const replayTakes = new Set(["replay", "json", "pretty"]);

function replayPlan(replay: string, values: Values, positionals: readonly string[], common: Common): WatchPlan {
  if (replay === "") throw new CliError("watch: --replay wants the name of a file");
  const [other] = [
    ...positionals,
    ...Object.keys(values)
      .filter((name) => !replayTakes.has(name))
      .map((name) => `--${name}`),
  ];
  if (other !== undefined) {
    throw new CliError(`watch: --replay connects to nothing, so "${other}" is too many`, watchUsage);
  }
  return { ...common, replay, endpoint: null, plan: null, record: null };
}

function fileOf({ record }: Values): string | null {
  if (record === "") throw new CliError("watch: --record wants the name of a file");
  return record ?? null;
}

function planFor(
  endpoint: Endpoint,
  method: string,
  values: Values,
  { settings }: Common,
  env: NodeJS.ProcessEnv,
): Plan {
  const none = () => {
    throw new Error("the command line has no such credential");
  };
  // The headers stand in the endpoint as they are: nothing is kept here.
  const source = createProxies({ clock: systemClock, env, system: null, silent: () => {} });
  // The choice stands in the endpoint: what the app does is nobody's here.
  const proxies = proxiesFor(source, none)(endpoint, () => null);
  const { policy, routes } = planOf(endpoint, settings, () => null, none);
  const headersTimeoutMs = milliseconds("--connect-timeout", values["connect-timeout"], 1);
  const asMethod = (route: Route) => (route.candidate.transport === "sse" ? { ...route, method } : route);
  return {
    policy: {
      ...policy,
      ...(headersTimeoutMs === null ? {} : { headersTimeoutMs, connectTimeoutMs: headersTimeoutMs }),
      idleTimeoutMs: milliseconds("--idle-timeout", values["idle-timeout"], 1),
      repeatable: method === "GET" || values.repeat === true,
    },
    routes: routes.map(asMethod),
    proxies,
  };
}

function methodOf(value: string | undefined): string {
  const method = (value ?? "GET").toUpperCase();
  if (!/^(GET|POST|PUT|PATCH|DELETE|QUERY|REPORT)$/.test(method)) {
    throw new CliError(`watch: --method "${value}" cannot carry a stream; use GET or POST`);
  }
  return method;
}

function headersGiven(values: Values) {
  return {
    header: values.header ?? [],
    headerEnv: values["header-env"] ?? [],
    endpointHeader: values["endpoint-header"] ?? [],
  };
}

function endpointOf(method: string, values: Values, positionals: readonly string[]): Endpoint {
  const [, tooMany] = positionals;
  if (tooMany !== undefined) {
    throw new CliError(`watch: one URL at a time; "${tooMany}" is too many; further ones go by --endpoint`, watchUsage);
  }
  const [first, ...others] = [...positionals, ...(values.endpoint ?? [])];
  if (values.base !== undefined && first !== undefined) {
    throw new CliError(`watch: --base looks for the stream itself, so "${first}" is too many`, watchUsage);
  }
  const url = values.base ?? first;
  if (url === undefined) throw new CliError("watch: the URL is missing", watchUsage);
  return {
    ...blankEndpoint,
    id: "watch",
    name: "watch",
    url,
    method: method === "GET" ? "GET" : "POST",
    body: values.body ?? "",
    group: others.map((other) => ({ url: other, headers: [] })),
    websocket: socketOf(values),
    discover: values.base !== undefined,
    lastEventId: values["last-event-id"] ?? "",
    connectTimeoutMs: defaultDeadlines.connectTimeoutMs,
    headersTimeoutMs: defaultDeadlines.headersTimeoutMs,
    proxy: proxyArgument("watch", values.proxy),
    keep: "nothing",
    retention: { days: null, events: null, mebibytes: null },
  };
}

function socketOf({ ws, "ws-frames": given }: Values): Endpoint["websocket"] {
  if (given !== undefined && ws === undefined) throw new CliError("watch: --ws-frames needs --ws URL");
  if (ws === undefined) return null;
  const known: readonly Frames[] = frames.options;
  const chosen = known.find((each) => each === (given ?? "auto"));
  if (chosen === undefined) throw new CliError(`watch: --ws-frames "${given}": wants one of ${known.join(", ")}`);
  return { url: ws, frames: chosen, resumeQuery: "", headers: [] };
}

/** The settings' own door is the command line's too. @param first the argument that the first address came from */
function checkInput(endpoint: Endpoint, first: string, mayRepeat: boolean): void {
  // Nothing is stored here, so a credential may stand in a header as it is; and a request whose repeating the user vouches
  // for may go to the next address.
  const allowed = mayRepeat ? ["header-must-be-secret", "group-needs-get"] : ["header-must-be-secret"];
  const [error] = checkEndpoint(endpoint, []).filter(({ code }) => !allowed.includes(code));
  if (error === undefined) return;
  const { sayCode, say: sentence } = words("en");
  const says: Record<string, string> = {
    "url-credentials": sentence("cli.url-credentials"),
    "group-needs-get": sentence("cli.group-needs-get"),
    "websocket-needs-get": sentence("cli.websocket-needs-get"),
    "discover-needs-base": sentence("cli.discover-needs-base"),
    "discover-needs-get": sentence("cli.discover-needs-get"),
  };
  const say = says[error.code] ?? sayCode("field", error.code, error.params, "field.unknown");
  throw new CliError(`watch: ${argumentOf(error.field, endpoint, first)}: ${say}`);
}

/** The argument that a field came from. */
function argumentOf(field: string, endpoint: Endpoint, first: string): string {
  const own = /^headers\.(\d+)/.exec(field)?.[1];
  if (own !== undefined) return `--header ${JSON.stringify(endpoint.headers[Number(own)]?.name ?? "")}`;
  const [, member, header] = /^group\.(\d+)(?:\.headers\.(\d+))?/.exec(field) ?? [];
  if (member !== undefined) {
    const { url, headers } = endpoint.group[Number(member)] ?? { url: "", headers: [] };
    if (header === undefined) return `--endpoint ${JSON.stringify(withoutSecrets(url))}`;
    return `--endpoint-header ${JSON.stringify(headers[Number(header)]?.name ?? "")}`;
  }
  const ofSocket = /^websocket\.headers\.(\d+)/.exec(field)?.[1];
  if (ofSocket !== undefined) {
    return `--endpoint-header ${JSON.stringify(endpoint.websocket?.headers[Number(ofSocket)]?.name ?? "")}`;
  }
  const names: Record<string, string> = {
    url: first,
    lastEventId: "--last-event-id",
    body: "--body",
    group: "--endpoint",
    websocket: "--ws",
    "websocket.url": "--ws",
    discover: "--base",
  };
  return names[field] ?? field;
}

/** What may be shown of an address that is wrong: its user name, password and query may be secrets. */
function withoutSecrets(url: string): string {
  return url.replace(/\/\/[^/?#]*@/, "//").replace(/[?#].*$/s, "");
}
