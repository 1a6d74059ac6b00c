/** What each call of the window does: joins the contract with the parts that do the work. Arguments are already parsed. */
import type {
  AppView,
  Endpoint,
  FailureView,
  FieldError,
  Handlers,
  SettingsView,
  TestResult,
} from "../preload/contract.ts";
import type { Transport } from "./core/events/record.ts";
import { serverOf } from "./io/addresses.ts";
import { CredentialError } from "./io/auth/credential-error.ts";
import { keptOf } from "./io/journal/journal-limits.ts";
import type { Clock, Dialogs, Journal, Secrets, StreamTransport } from "./io/ports.ts";
import type { Settings } from "./io/stores/settings-store.ts";
import { readTokenCommand } from "./io/stores/token-command.ts";
import { urlTrouble } from "./io/stores/url-rules.ts";
import { setAppProxy } from "./streams/app-proxy.ts";
import { type FreshCredentials, type ProxiesFor, planOf } from "./streams/endpoint-plan.ts";
import { secretKey } from "./streams/endpoint-request.ts";
import { byPart, forgetSecrets, type Given, keepSecrets, secretErrors } from "./streams/endpoint-secrets.ts";
import { testTarget, untested } from "./streams/endpoint-test.ts";
import type { Streams } from "./streams/streams.ts";
import type { Tails } from "./streams/tails.ts";

export type Parts = {
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly streams: Streams;
  readonly tails: Tails;
  readonly journal: Journal;
  readonly transports: Readonly<Record<Transport, StreamTransport>>;
  readonly clock: Clock;
  readonly dialogs: Dialogs;
  readonly freshCredentials: FreshCredentials;
  /** Without it the test goes out directly. */
  readonly proxies?: ProxiesFor;
  readonly startDemo: () => Promise<string>;
  /** The streams of the start are there: before that nobody may be told that there are none. */
  readonly begun: Promise<void>;
  readonly appView: () => AppView;
  readonly answerClosing: (answer: "keep" | "quit" | "cancel") => void;
  /** The secrets' part of the settings changed, which the settings themselves do not see. */
  readonly secretsChanged: () => void;
  readonly settingsView: () => SettingsView;
  readonly pause: (id: string, paused: boolean) => void;
  readonly diagnosis: Handlers["diagnosis"];
  readonly exports: Pick<Handlers["events"], "export" | "cancelExport" | "import" | "cancelImport" | "curl">;
};

export function handlers(parts: Parts): Handlers {
  const { settings, streams, tails, journal } = parts;
  let choosing: Promise<unknown> | null = null;
  return {
    app: { get: parts.appView, answerClosing: parts.answerClosing },
    streams: {
      list: () => parts.begun.then(() => streams.views()),
      retryNow: (id) => streams.retryNow(id),
      stop: (id) => parts.pause(id, true),
      resume: (id) => parts.pause(id, false),
      startDemo: parts.startDemo,
    },
    events: {
      tail: (question) => tails.ask(question),
      window: ({ stream, filter, from, limit }) => journal.window(stream, filter, from, limit),
      placeOf: ({ stream, filter, at }) => journal.placeOf(stream, filter, at),
      get: (seq) => journal.get(seq),
      clear: async (id) => {
        await journal.clear(id);
        tails.changed(id);
      },
      ...parts.exports,
    },
    history: {
      query: ({ stream, span }) => streams.history(stream, span),
      summary: ({ stream, span }) => streams.historySummary(stream, span),
      keeping: async (id) => {
        const keeping = await streams.keeping(id);
        if (keeping === null) return null;
        return { ...keeping, retention: keptOf(settings.view(), id) };
      },
    },
    diagnosis: parts.diagnosis,
    settings: {
      get: parts.settingsView,
      setGeneral: (patch) => ({ errors: settings.setGeneral(patch) }),
      setProxy: ({ proxy, password }) => ({ errors: setAppProxy(parts, proxy, password) }),
      saveEndpoint: ({ endpoint, secrets }) => ({ errors: save(parts, endpoint, byPart(secrets)) }),
      removeEndpoint: (id) => ({ errors: settings.removeEndpoint(id) }),
      testEndpoint: ({ endpoint, secrets }) => test(parts, endpoint, byPart(secrets)),
      chooseTokenCommand: async ({ id, url }) => {
        // One question at a time: a stack of dialogs is answered without being read.
        if (choosing !== null) return notChosen;
        const choice = chooseTokenCommand(parts, id, url);
        choosing = choice;
        return choice.finally(() => {
          choosing = null;
        });
      },
    },
  };
}

function save(parts: Parts, endpoint: Endpoint, given: Given): FieldError[] {
  const { settings, secrets, streams } = parts;
  const saved = savedOf(parts, endpoint);
  const errors = secretErrors(endpoint, saved, given, secrets);
  if (errors.length > 0) return [...settings.check(endpoint), ...errors];
  const renewed = Object.entries(given).some(([part, value]) => secrets.get(secretKey(endpoint.id, part)) !== value);
  // Secrets first: the stream starts the moment the endpoint is saved, and must find them.
  const putBack = keepSecrets(endpoint, given, secrets);
  const refused = settings.saveEndpoint(endpoint);
  if (refused.length > 0) putBack();
  const forgot = refused.length === 0 && forgetSecrets(endpoint, saved, given, secrets);
  if (forgot || Object.keys(given).length > 0) parts.secretsChanged();
  if (renewed && refused.length === 0) void streams.renew(endpoint.id);
  return refused;
}

function savedOf({ settings }: Parts, { id }: Endpoint): Endpoint | null {
  return settings.view().endpoints.find((endpoint) => endpoint.id === id) ?? null;
}

/** Tries the endpoint's first address; where it is to be looked for, one path after the other until one answers. */
async function test(parts: Parts, endpoint: Endpoint, given: Given): Promise<TestResult> {
  const missing = secretErrors(endpoint, savedOf(parts, endpoint), given, parts.secrets);
  const errors = [...parts.settings.check(endpoint), ...missing];
  if (errors.length > 0) return { ...untested, errors };
  const secret = (part: string) => given[part] ?? parts.secrets.get(secretKey(endpoint.id, part));
  const { policy } = parts.settings.view().general;
  const { routes, proxies } = planOf(endpoint, policy, secret, parts.freshCredentials, parts.proxies);
  const tried = endpoint.discover
    ? routes.filter(({ candidate }) => candidate.transport === "sse")
    : routes.slice(0, 1);
  let result = untested;
  for (const { url, method, body, headers, resumeQuery, frames } of tried) {
    const sent = await headers().catch(noToken);
    if (sent === null || "family" in sent) return { ...untested, failure: sent };
    const way = proxies === undefined ? {} : { proxies };
    const target = { url, method, body, headers: sent, lastEventId: endpoint.lastEventId, resumeQuery, frames, ...way };
    result = await testTarget(target, endpoint, parts.transports.sse, parts.clock);
    if (result.failure === null || result.status === 401) return result;
  }
  return result;
}

/** No secret is missing, that was checked before: what could not be had is a fresh token. */
function noToken(error: unknown): FailureView {
  // Only our own errors are known to quote nothing.
  const params = error instanceof CredentialError ? { code: error.message } : {};
  return { family: "AUTH", kind: "credential-failed", status: null, final: false, params };
}

/** Lets the user choose a program that gives tokens, and agree to all of it, for the server that the stream is at. */
async function chooseTokenCommand({ dialogs, settings }: Parts, id: string, url: string): Promise<Choice> {
  const trouble = urlTrouble(url, "http");
  if (trouble !== null) return { argv: null, errors: [{ field: "url", code: trouble, params: {} }] };
  const path = await dialogs.chooseCommand();
  if (path === null) return notChosen;
  const read = readTokenCommand(path);
  if ("code" in read) return { argv: null, errors: [{ field: "credential.argv", code: read.code, params: {} }] };
  if (!(await dialogs.confirmCommand(read.argv))) return notChosen;
  settings.allowCommand(id, serverOf(url), read.argv);
  return { argv: read.argv, errors: [] };
}

type Choice = { argv: string[] | null; errors: FieldError[] };
const notChosen: Choice = { argv: null, errors: [] };
