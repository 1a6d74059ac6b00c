/** What each call of the window does: joins the contract with the parts that do the work. Arguments are already parsed. */
import type { AppView, Endpoint, FieldError, Handlers, SettingsView, TestResult } from "../preload/contract.ts";
import type { Clock, Journal, Secrets, StreamTransport } from "./io/ports.ts";
import { checkEndpoint } from "./io/stores/settings-schema.ts";
import type { Settings } from "./io/stores/settings-store.ts";
import { requestHeaders, secretKey } from "./streams/endpoint-request.ts";
import { testTarget, untested } from "./streams/endpoint-test.ts";
import type { Streams } from "./streams/streams.ts";
import type { Tails } from "./streams/tails.ts";

export type Parts = {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly streams: Streams;
  readonly tails: Tails;
  readonly journal: Journal;
  readonly transport: StreamTransport;
  readonly clock: Clock;
  readonly startDemo: () => Promise<string>;
  readonly appView: () => AppView;
  readonly answerClosing: (answer: "keep" | "quit" | "cancel") => void;
  /** The secrets' part of the settings changed, which the settings themselves do not see. */
  readonly secretsChanged: () => void;
  readonly settingsView: () => SettingsView;
  readonly pause: (id: string, paused: boolean) => void;
};

export function handlers(parts: Parts): Handlers {
  const { settings, streams, tails, journal } = parts;
  return {
    app: { get: parts.appView, answerClosing: parts.answerClosing },
    streams: {
      list: () => streams.views(),
      retryNow: (id) => streams.retryNow(id),
      stop: (id) => parts.pause(id, true),
      resume: (id) => parts.pause(id, false),
      startDemo: parts.startDemo,
    },
    events: {
      tail: (question) => tails.ask(question),
      window: ({ stream, filter, from, limit }) => journal.window(stream, filter, from, limit),
      get: (seq) => journal.get(seq),
      clear: async (id) => {
        await journal.clear(id);
        tails.changed(id);
      },
    },
    history: { query: ({ stream, span }) => streams.history(stream, span) },
    settings: {
      get: parts.settingsView,
      setGeneral: (patch) => ({ errors: settings.setGeneral(patch) }),
      saveEndpoint: ({ endpoint, secrets }) => ({ errors: save(parts, endpoint, byPart(secrets)) }),
      removeEndpoint: (id) => ({ errors: settings.removeEndpoint(id) }),
      testEndpoint: ({ endpoint, secrets }) => test(parts, endpoint, byPart(secrets)),
    },
  };
}

/** Header names are the same in any case; their secrets too. */
function byPart(secrets: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([part, value]) => [part.startsWith("header:") ? part.toLowerCase() : part, value]),
  );
}

function save(parts: Parts, endpoint: Endpoint, secrets: Readonly<Record<string, string>>): FieldError[] {
  const errors = missingSecrets(parts, endpoint, secrets);
  if (errors.length > 0) return [...checkEndpoint(endpoint, parts.settings.view().endpoints), ...errors];
  const before = new Map(Object.keys(secrets).map((part) => [part, parts.secrets.get(secretKey(endpoint.id, part))]));
  // Secrets first: the stream starts the moment the endpoint is saved, and must find them.
  for (const [part, value] of Object.entries(secrets)) parts.secrets.set(secretKey(endpoint.id, part), value);
  const refused = parts.settings.saveEndpoint(endpoint);
  for (const [part, value] of refused.length > 0 ? before : []) {
    if (value === null) parts.secrets.remove(secretKey(endpoint.id, part));
    else parts.secrets.set(secretKey(endpoint.id, part), value);
  }
  if (Object.keys(secrets).length > 0) parts.secretsChanged();
  const renewed = Object.entries(secrets).some(([part, value]) => before.get(part) !== value);
  if (renewed && refused.length === 0) void parts.streams.renew(endpoint.id);
  return refused;
}

function missingSecrets({ secrets }: Parts, endpoint: Endpoint, given: Readonly<Record<string, string>>): FieldError[] {
  const wanted: [part: string, field: string][] = endpoint.headers.flatMap(({ name, secret }, i) =>
    secret ? [[`header:${name.toLowerCase()}`, `headers.${i}.value`] as [string, string]] : [],
  );
  if (endpoint.credential.kind !== "none") wanted.push(["credential", "credential.secret"]);
  return wanted
    .filter(([part]) => (given[part] ?? secrets.get(secretKey(endpoint.id, part)) ?? "") === "")
    .map(([, field]) => ({ field, code: "secret-missing", params: {} }));
}

function test(
  parts: Parts,
  endpoint: Endpoint,
  given: Readonly<Record<string, string>>,
): Promise<TestResult> | TestResult {
  const others = parts.settings.view().endpoints.filter(({ id }) => id !== endpoint.id);
  const errors = [...checkEndpoint(endpoint, others), ...missingSecrets(parts, endpoint, given)];
  if (errors.length > 0) return { ...untested, errors };
  const secret = (part: string) => given[part] ?? parts.secrets.get(secretKey(endpoint.id, part));
  const { url, method, body, lastEventId } = endpoint;
  // None is missing: that was checked above.
  const headers = requestHeaders(endpoint, secret) ?? [];
  const target = { url, method, body: method === "GET" ? null : body, headers, lastEventId };
  return testTarget(target, endpoint, parts.transport, parts.clock);
}
