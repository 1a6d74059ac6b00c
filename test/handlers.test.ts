/** What each call of the window does, with real settings and streams in a small world. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { Backend } from "../main/backend.ts";
import { handlers, type Parts } from "../main/handlers.ts";
import { noVault } from "../main/io/stores/secrets.ts";
import { openSettings } from "../main/io/stores/settings-store.ts";
import { plainShelf } from "../main/io/stores/shelf.ts";
import { systemClock } from "../main/io/system-clock.ts";
import { secretParts } from "../main/streams/endpoint-request.ts";
import { Streams } from "../main/streams/streams.ts";
import { Tails } from "../main/streams/tails.ts";
import type { AppView, Endpoint } from "../preload/contract.ts";
import { anEndpoint, deaf, ending, settle, streamWorld } from "./fakes/stream-world.ts";
import { everything } from "./io/journal-samples.ts";
import { filesHolding, temporaryFolder } from "./io/temporary-folder.ts";

const app = {} as AppView;
const noDiagnosis: Parts["diagnosis"] = {
  get: () => null,
  start: () => ({ errors: [] }),
  cancel: () => {},
  report: () => null,
  save: () => null,
};
const noExports: Parts["exports"] = {
  export: () => null,
  cancelExport: () => {},
  import: () => null,
  cancelImport: () => {},
  curl: () => null,
};

/** @param policy endpoints that an administrator has set */
function served(policy: Endpoint[] = []) {
  const world = streamWorld();
  const dir = temporaryFolder();
  const policyFile = join(dir, "policy.json");
  writeFileSync(policyFile, JSON.stringify({ endpoints: policy }));
  const settings = openSettings({ dir, policyFile, clock: world.clock });
  const tails = new Tails(world.journal, world.clock);
  const streams = ending(
    new Streams(world, {
      ...deaf,
      recorded: ({ id }) => tails.changed(id),
    }),
  );
  const done: string[] = [];
  const answers: { file: string | null; agreed: boolean; token: string | null } = {
    file: process.execPath,
    agreed: true,
    token: "fresh",
  };
  settings.subscribe(() => {
    done.push(`saved with ${world.secrets.keys().join() || "no secret"}`);
    void streams.apply(settings.view().endpoints, settings.view().general.policy);
  });
  const parts: Parts = {
    ...world,
    settings,
    streams,
    tails,
    startDemo: async () => "demo",
    begun: Promise.resolve(),
    appView: () => app,
    answerClosing: (answer) => void done.push(answer),
    secretsChanged: () => void done.push("secrets changed"),
    settingsView: () => ({ ...settings.view(), secrets: world.secrets, known: [...world.secrets.keys()] }),
    pause: (id, paused) => void done.push(`${paused ? "pause" : "resume"} ${id}`),
    diagnosis: noDiagnosis,
    exports: noExports,
    dialogs: {
      chooseCommand: async () => {
        done.push("asked for a file");
        return answers.file;
      },
      confirmCommand: async (argv) => {
        done.push(`asked for ${argv.join(" ")}`);
        return answers.agreed;
      },
    },
    freshCredentials: (credential, _endpoint, secret) => ({
      fresh: async () => {
        if (answers.token === null) throw new Error("no token");
        return `${answers.token}-${credential.kind}-${secret()}`;
      },
      refused: () => {},
    }),
  };
  const calls = handlers(parts);
  const save = async (endpoint: Endpoint, secrets: Record<string, string> = {}) => {
    const { errors } = await calls.settings.saveEndpoint({ endpoint, secrets });
    await settle();
    return errors;
  };
  return {
    ...world,
    settings,
    streams,
    tails,
    done,
    answers,
    calls,
    save,
    names: () => settings.view().endpoints.map(({ name }) => name),
  };
}

const missing = (field: string) => ({ field, code: "secret-missing", params: {} });
const guarded = anEndpoint({ credential: { kind: "bearer" } });
const tokens: Endpoint["headers"] = [
  { name: "X-Plain", value: "1", secret: false },
  { name: "X-Token", value: "", secret: true },
];

it.each<[string, Partial<Endpoint>, string[]]>([
  ["a bearer token", { credential: { kind: "bearer" } }, ["credential.secret"]],
  ["a password", { credential: { kind: "basic", username: "me" } }, ["credential.secret"]],
  ["a header's credential", { credential: { kind: "header", name: "X-Key" } }, ["credential.secret"]],
  ["a secret header", { headers: tokens }, ["headers.1.value"]],
  ["both", { headers: tokens, credential: { kind: "bearer" } }, ["headers.1.value", "credential.secret"]],
])("asks for %s that is missing, before anything is stored, sent or tried", async (_, change, fields) => {
  const { save, names, secrets, transport, calls, done } = served();
  const endpoint = anEndpoint(change);
  const expected = fields.map(missing);
  expect(await save(endpoint)).toEqual(expected);
  // An empty one is none, and one of another part or another endpoint does not help.
  secrets.set("trades/credential", "canary");
  secrets.set("trades/header:x-token", "canary");
  const blank = { "header:x-token": "", credential: "", "header:x-other": "canary" };
  expect(await save(endpoint, blank)).toEqual(expected);
  expect(await calls.settings.testEndpoint({ endpoint, secrets: {} })).toMatchObject({ errors: expected, events: 0 });
  expect([names(), secrets.keys().length, transport.connections.length, done]).toEqual([[], 2, 0, []]);
});

it("names everything that is wrong at once", async () => {
  const { save } = served();
  const fields = (await save({ ...guarded, name: "", url: "ftp://a" })).map(({ field }) => field);
  expect(fields.sort()).toEqual(["credential.secret", "name", "url"]);
});

it("stores the secrets before the endpoint, so that its stream finds them, by header names in any case", async () => {
  const { save, done, transport, secrets } = served();
  expect(await save({ ...guarded, headers: tokens }, { credential: "one", "header:X-TOKEN": "two" })).toEqual([]);
  expect(done).toEqual(["saved with orders/credential,orders/header:x-token", "secrets changed"]);
  expect(secrets.get("orders/header:x-token")).toBe("two");
  expect(transport.last.target.headers).toEqual([
    ["X-Plain", "1"],
    ["X-Token", "two"],
    ["Authorization", "Bearer one"],
  ]);
});

it("a secret that is known need not be sent again", async () => {
  const { save, names, secrets, done } = served();
  await save(guarded, { credential: "one" });
  done.length = 0;
  expect(await save({ ...guarded, name: "Renamed" })).toEqual([]);
  expect([names(), secrets.get("orders/credential")]).toEqual([["Renamed"], "one"]);
  expect(done).toEqual(["saved with orders/credential"]);
});

it("a new secret takes a new connection; the same one leaves it alone", async () => {
  const { save, transport } = served();
  await save(guarded, { credential: "one" });
  transport.last.opens();
  await save(guarded, { credential: "one" });
  expect(transport.connections).toHaveLength(1);
  await save(guarded, { credential: "two" });
  expect(transport.connections.map(({ target }) => target.headers[0]?.[1])).toEqual(["Bearer one", "Bearer two"]);
});

it("puts the secrets back as they were when the endpoint is refused", async () => {
  const { save, secrets, names, transport } = served();
  await save(guarded, { credential: "one" });
  transport.last.opens();
  const refused = { ...guarded, headers: tokens, url: "ftp://nowhere" };
  expect((await save(refused, { credential: "two", "header:x-token": "new" })).map(({ field }) => field)).toEqual([
    "url",
  ]);
  expect([secrets.keys(), secrets.get("orders/credential")]).toEqual([["orders/credential"], "one"]);
  expect([names(), transport.connections.length]).toEqual([["Orders"], 1]);
});

it("an administrator's endpoint is neither changed nor removed, and its secrets stay as they are", async () => {
  const { save, calls, names, secrets } = served([anEndpoint()]);
  const locked = [{ field: "id", code: "locked", params: {} }];
  expect(await save(guarded, { credential: "two" })).toEqual(locked);
  expect(await calls.settings.removeEndpoint("orders")).toEqual({ errors: locked });
  expect([names(), secrets.keys()]).toEqual([["Orders"], []]);
});

it("removes an endpoint with its stream and its secrets; one that is not there is no error", async () => {
  const { save, calls, names, secrets, transport, streams } = served();
  await save(guarded, { credential: "one" });
  expect(await calls.settings.removeEndpoint("orders")).toEqual({ errors: [] });
  await settle();
  expect([names(), secrets.keys(), transport.last.closed, streams.has("orders")]).toEqual([[], [], true, false]);
  expect(await calls.settings.removeEndpoint("orders")).toEqual({ errors: [] });
});

it("tests an endpoint with the secrets that were sent, else the known ones, and keeps nothing of it", async () => {
  const { calls, secrets, names, transport, done } = served();
  secrets.set("orders/credential", "known");
  const endpoint = { ...guarded, headers: tokens, method: "POST" as const, body: "{}", lastEventId: "5" };
  const tested = calls.settings.testEndpoint({ endpoint, secrets: { "header:X-Token": "sent" } });
  await settle();
  const { target } = transport.last;
  expect(target).toEqual({
    url: endpoint.url,
    method: "POST",
    body: "{}",
    lastEventId: "5",
    headers: [
      ["X-Plain", "1"],
      ["X-Token", "sent"],
      ["Authorization", "Bearer known"],
    ],
    resumeQuery: null,
    frames: "auto",
  });
  transport.last.opens().says("6");
  expect(await tested).toMatchObject({ errors: [], failure: null, status: 200, events: 1 });
  expect([secrets.keys(), names(), done]).toEqual([["orders/credential"], [], []]);
});

it("tests what is wrong not at all, and does not mind that the endpoint is saved under its own name already", async () => {
  const { save, calls, transport } = served();
  await save(anEndpoint());
  const wrong = { endpoint: anEndpoint({ id: "other" }), secrets: {} };
  expect(await calls.settings.testEndpoint(wrong)).toMatchObject({ errors: [{ field: "name", code: "name-taken" }] });
  expect(transport.connections).toHaveLength(1);
  const tested = calls.settings.testEndpoint({ endpoint: anEndpoint(), secrets: {} });
  await settle();
  expect(transport.last.target.body).toBeNull();
  transport.last.fails();
  expect(await tested).toMatchObject({ errors: [], failure: { kind: "ended" } });
});

it("keeps a further address's secret under that address, and forgets it with the address", async () => {
  const { save, secrets } = served();
  const headers = tokens.slice(1);
  const group = [
    { url: "https://b.example/x", headers },
    { url: "https://c.example/x", headers },
  ];
  const part = (host: string) => `group:https://${host}.example/x:header:X-Token`;
  expect(await save(anEndpoint({ group }), { [part("b")]: "for b" })).toEqual([missing("group.1.headers.0.value")]);
  expect(await save(anEndpoint({ group }), { [part("b")]: "for b", [part("c")]: "for c" })).toEqual([]);
  expect(await save(anEndpoint({ group: group.toReversed() }))).toEqual([]);
  const key = (host: string) => `orders/group:https://${host}.example/x:header:x-token`;
  expect([secrets.get(key("b")), secrets.get(key("c"))]).toEqual(["for b", "for c"]);
  expect(await save(anEndpoint({ group: group.slice(1) }))).toEqual([]);
  expect(secrets.keys()).toEqual([key("c")]);
});

const { url: home } = anEndpoint();
const elsewhere = "https://elsewhere.example/events";
/** What the window asks a command for. */
const at = (id: string, url = home) => ({ id, url });
const unsigned: Partial<Endpoint> = { credential: { kind: "none" } };
const bearer: Partial<Endpoint> = { credential: { kind: "bearer" } };
const refreshed = (url: string): Partial<Endpoint> => ({
  credential: { kind: "refresh", url, method: "GET", as: "bearer" },
});
const headed: Partial<Endpoint> = { headers: tokens.slice(1) };
const otherServer = (field: string) => ({ field, code: "secret-other-server", params: {} });
const typed = { credential: "canary", "header:X-Token": "canary" };

it.each<[string, Partial<Endpoint>[], ReturnType<typeof missing>]>([
  ["a bearer's token, at another address", [bearer, { ...bearer, url: elsewhere }], otherServer("credential.secret")],
  ["a bearer's token, at an address for fresh ones", [bearer, refreshed(elsewhere)], otherServer("credential.secret")],
  [
    "what signs in for tokens, at another address for them",
    [refreshed(home), refreshed(elsewhere)],
    otherServer("credential.secret"),
  ],
  ["what signs in for tokens, as a bearer's", [refreshed(elsewhere), bearer], otherServer("credential.secret")],
  [
    "a token after a time without one",
    [bearer, { ...unsigned, url: elsewhere }, { ...bearer, url: elsewhere }],
    missing("credential.secret"),
  ],
  ["a token after a time without one, back home", [bearer, unsigned, bearer], missing("credential.secret")],
  [
    "a token after a time with a command",
    [bearer, { ...unsigned, url: elsewhere }, { credential: { kind: "basic", username: "me" }, url: elsewhere }],
    missing("credential.secret"),
  ],
  ["a header's value, at another address", [headed, { ...headed, url: elsewhere }], otherServer("headers.0.value")],
  [
    "a header's value after a time without it",
    [headed, { headers: [], url: elsewhere }, { ...headed, url: elsewhere }],
    missing("headers.0.value"),
  ],
])("never sends %s, without typing it again", async (_, [first = {}, ...then], error) => {
  const { save, secrets, calls, transport } = served();
  const wanted = secretParts(anEndpoint(first)).map(({ part }) => part);
  expect(await save(anEndpoint(first), Object.fromEntries(wanted.map((part) => [part, "canary"])))).toEqual([]);
  const last = anEndpoint(then.pop());
  for (const change of then) expect(await save(anEndpoint(change))).toEqual([]);
  const kept = secrets.keys();
  const opened = transport.connections.length;
  expect(await save(last)).toEqual([error]);
  expect(await calls.settings.testEndpoint({ endpoint: last, secrets: {} })).toMatchObject({ errors: [error] });
  expect([secrets.keys(), transport.connections.length]).toEqual([kept, opened]);
  expect(await save(last, typed)).toEqual([]);
  expect(secrets.keys()).toEqual(secretParts(last).map(({ part }) => `orders/${part}`));
});

it("lets a secret be used in another way at the same server, and forgets what was typed for nothing", async () => {
  const { save, secrets, done } = served();
  expect(await save(anEndpoint(bearer), typed)).toEqual([]);
  expect(secrets.keys()).toEqual(["orders/credential"]);
  expect(await save(anEndpoint({ credential: { kind: "header", name: "X-Key" } }))).toEqual([]);
  expect(await save(anEndpoint(refreshed(new URL("/token", home).href)))).toEqual([]);
  expect(secrets.get("orders/credential")).toBe("canary");
  done.length = 0;
  expect(await save(anEndpoint())).toEqual([]);
  // The window is told after it is gone.
  expect([secrets.keys(), done.at(-1)]).toEqual([[], "secrets changed"]);
});

it("forgets with the move what a locked keyring does not show", async () => {
  const { save, secrets, calls } = served();
  expect(await save(anEndpoint({ ...refreshed(home), ...headed }), typed)).toEqual([]);
  const { get, keys } = secrets;
  Object.assign(secrets, { get: () => null, keys: () => [] });
  expect(await save(anEndpoint(refreshed(elsewhere)))).toEqual([]);
  Object.assign(secrets, { get, keys });
  expect([secrets.keys(), secrets.get("orders/credential")]).toEqual([[], null]);
  expect((await calls.settings.get(undefined)).known).toEqual([]);
});

it.each<[string, Partial<Endpoint>[], string]>([
  ["at another server", [{ url: elsewhere }], "command-other-server"],
  ["at another server after a time without it", [unsigned, { url: elsewhere }], "command-not-chosen"],
  ["there, saved at another server first", [{ ...unsigned, url: elsewhere }, { url: elsewhere }], "command-not-chosen"],
  ["where it was, after a time without it", [unsigned, {}], "command-not-chosen"],
])("runs an agreed token command no more %s, before it is chosen again", async (_, changes, code) => {
  const { save, calls } = served();
  const command: Partial<Endpoint> = { credential: { kind: "command", argv: [process.execPath] } };
  await calls.settings.chooseTokenCommand(at("orders"));
  expect(await save(anEndpoint(command))).toEqual([]);
  const last = anEndpoint({ ...command, ...changes.pop() });
  for (const change of changes) expect(await save(anEndpoint({ ...command, ...change }))).toEqual([]);
  const refused = [{ field: "credential.argv", code, params: {} }];
  expect(await save(last)).toEqual(refused);
  expect(await calls.settings.testEndpoint({ endpoint: last, secrets: {} })).toMatchObject({ errors: refused });
  await calls.settings.chooseTokenCommand(at("orders", last.url));
  expect(await save(last)).toEqual([]);
});

it("agrees to a token command for one server: not for another, nor after a save without it", async () => {
  const { save, calls, done } = served();
  const command = anEndpoint({ credential: { kind: "command", argv: [process.execPath] } });
  const refused = [{ field: "credential.argv", code: "command-not-chosen", params: {} }];
  await calls.settings.chooseTokenCommand(at("orders", elsewhere));
  expect(await save(command)).toEqual(refused);
  expect(await save(anEndpoint())).toEqual([]);
  expect(await save({ ...command, url: elsewhere })).toEqual(refused);
  done.length = 0;
  const nowhere = { argv: null, errors: [{ field: "url", code: "required", params: {} }] };
  expect([await calls.settings.chooseTokenCommand(at("orders", "")), done]).toEqual([nowhere, []]);
});

it("saves a token command as the user agreed to it in main's own dialogs, and no other", async () => {
  const { save, calls, done, settings } = served();
  const by = (...argv: string[]) => anEndpoint({ credential: { kind: "command", argv } });
  const refused = [{ field: "credential.argv", code: "command-not-chosen", params: {} }];
  expect(await save(by(process.execPath))).toEqual(refused);
  expect(await calls.settings.chooseTokenCommand(at("orders"))).toEqual({ argv: [process.execPath], errors: [] });
  expect(done).toEqual(["asked for a file", `asked for ${process.execPath}`]);
  expect(await save(by(process.execPath, "-e", "1"))).toEqual(refused);
  expect(await save(by(process.execPath))).toEqual([]);
  expect(settings.view().endpoints).toMatchObject([{ credential: { argv: [process.execPath] } }]);
});

it("sets no token command when nothing is chosen, agreed to, or what was chosen is none", async () => {
  const { save, calls, answers, done } = served();
  const choose = () => calls.settings.chooseTokenCommand(at("orders"));
  answers.agreed = false;
  expect(await choose()).toEqual({ argv: null, errors: [] });
  answers.file = "/no/such/program";
  const errors = [{ field: "credential.argv", code: "command-not-executable", params: {} }];
  expect(await choose()).toEqual({ argv: null, errors });
  answers.file = null;
  expect(await choose()).toEqual({ argv: null, errors: [] });
  expect(done.filter((each) => each !== "asked for a file")).toEqual([`asked for ${process.execPath}`]);
  const endpoint = anEndpoint({ credential: { kind: "command", argv: [process.execPath] } });
  expect(await save(endpoint)).toMatchObject([{ code: "command-not-chosen" }]);
});

it("asks one question at a time for a token command", async () => {
  const { calls, done } = served();
  const both = await Promise.all([
    calls.settings.chooseTokenCommand(at("a")),
    calls.settings.chooseTokenCommand(at("b")),
  ]);
  expect(both.map(({ argv }) => argv !== null)).toEqual([true, false]);
  expect(done.filter((each) => each === "asked for a file")).toHaveLength(1);
});

it("runs no token command in a test that nobody has agreed to", async () => {
  const { calls, transport, answers } = served();
  const endpoint = anEndpoint({ credential: { kind: "command", argv: [process.execPath] } });
  const test = () => calls.settings.testEndpoint({ endpoint, secrets: {} });
  expect(await test()).toMatchObject({ errors: [{ code: "command-not-chosen" }] });
  expect(transport.connections).toEqual([]);
  await calls.settings.chooseTokenCommand(at("orders"));
  const tested = test();
  await settle();
  expect(transport.last.target.headers).toEqual([["Authorization", "Bearer fresh-command-null"]]);
  transport.last.opens().says("6");
  expect(await tested).toMatchObject({ failure: null });
  answers.token = null;
  expect(await test()).toMatchObject({ failure: { family: "AUTH", kind: "credential-failed" } });
});

it("tests with the secret that was just typed at the refresh address, which may have none", async () => {
  const { calls, transport } = served();
  const credential = { kind: "refresh", url: "https://id.example/", method: "GET", as: "bearer" } as const;
  for (const [secrets, sent] of [
    [{ credential: "typed" }, "Bearer fresh-refresh-typed"],
    [{}, "Bearer fresh-refresh-null"],
  ] as const) {
    const tested = calls.settings.testEndpoint({ endpoint: anEndpoint({ credential }), secrets });
    await settle();
    expect(transport.last.target.headers).toEqual([["Authorization", sent]]);
    transport.last.fails();
    await tested;
  }
});

it("tests a bare address at the usual paths until one answers", async () => {
  const { calls, transport } = served();
  const endpoint = anEndpoint({ url: "https://a.example", discover: true });
  const tested = calls.settings.testEndpoint({ endpoint, secrets: {} });
  await settle();
  const answer = { what: "answer", contentType: "text/html", retryAfterMs: null } as const;
  transport.last.fails({ ...answer, status: 404 });
  await settle();
  transport.last.fails({ ...answer, status: 401 });
  expect(await tested).toMatchObject({ status: 401, failure: { kind: "unauthorized" } });
  expect(transport.connections.map(({ target }) => target.url)).toEqual([
    "https://a.example/events",
    "https://a.example/stream",
  ]);
});

it("clearing a stream's records is news for whoever looks at them", async () => {
  const { save, calls, transport, streams, clock } = served();
  await save(anEndpoint());
  transport.last.opens().says("7");
  await clock.advance(1000);
  const question = { stream: "orders", filter: everything, limit: 5 };
  const { version, total, rows } = await calls.events.tail({ ...question, ack: 0 });
  expect(total).toBe(2);
  const [, event] = rows;
  expect(await calls.events.get(event?.seq ?? 0)).toMatchObject({ id: "7" });
  expect((await calls.events.window({ ...question, from: 1 })).rows).toEqual([event]);
  const next = calls.events.tail({ ...question, ack: version });
  await calls.events.clear("orders");
  await clock.advance(50);
  expect(await next).toMatchObject({ total: 0, rows: [] });
  expect(streams.views()[0]?.lastEventId).toBe("7");
});

it("says what is kept of a stream, and every bound that something of it could run into", async () => {
  const { save, calls, transport, clock } = served();
  await save(anEndpoint({ retention: { days: 7, events: null, mebibytes: null } }));
  transport.last.opens().says("7").tell({ type: "skipped", reason: "event-too-large", bytes: 99_000_000 });
  await clock.advance(1000);
  expect(await calls.history.keeping("orders")).toEqual({
    // Opened, the event, the gap.
    kept: { records: 3, bytes: expect.any(Number), oldestAt: expect.any(Number) },
    retention: { days: 7, events: 10_000_000, mebibytes: 4096 },
    waiting: { bytes: 0, mostBytes: expect.any(Number), limitBytes: 16_777_216, pauses: 0 },
    oversized: { events: 1, limitBytes: 8_388_608 },
    unsaved: 0,
    types: { named: 1, limit: expect.any(Number), beyond: 0 },
  });
  await save(anEndpoint({ keep: "nothing" }));
  expect(await calls.history.keeping("orders")).toMatchObject({ retention: null });
  expect(await calls.history.keeping("nobody")).toBeNull();
});

it("passes the rest on to those who do it", async () => {
  const { save, calls, done, settings, streams } = served();
  await save(anEndpoint());
  done.length = 0;
  expect(await calls.streams.list(undefined)).toEqual(streams.views());
  calls.streams.stop("orders");
  calls.streams.resume("orders");
  calls.app.answerClosing("keep");
  expect(done).toEqual(["pause orders", "resume orders", "keep"]);
  expect([calls.app.get(undefined), await calls.streams.startDemo(undefined)]).toEqual([app, "demo"]);
  expect(calls.history.query({ stream: "orders", span: "1h" })).toHaveLength(60);
  expect(calls.history.summary({ stream: "orders", span: "1h" })).toEqual(streams.historySummary("orders", "1h"));
  expect(calls.history.summary({ stream: "nobody", span: "1h" })).toMatchObject({ coveredMs: 0, sessions: [] });
  expect(calls.settings.setGeneral({ theme: "dark" })).toEqual({ errors: [] });
  expect(settings.view().general.theme).toBe("dark");
});

it("neither the settings' view nor any file ever holds a secret's value; the view says for what one is known", async () => {
  const dataDir = temporaryFolder();
  const journalWorker = new URL("nowhere.js", import.meta.url);
  const backend = await Backend.open({
    dataDir,
    policyFile: null,
    shelf: plainShelf,
    vault: noVault,
    journalWorker,
    searchWorker: journalWorker,
    flags: {},
  });
  onTestFinished(() => backend.close());
  const calls = handlers({
    ...backend,
    clock: systemClock,
    begun: Promise.resolve(),
    appView: () => app,
    answerClosing: () => {},
    secretsChanged: () => {},
    settingsView: () => backend.settingsView(),
    dialogs: { chooseCommand: async () => null, confirmCommand: async () => false },
    freshCredentials: () => ({ fresh: async () => "", refused: () => {} }),
    diagnosis: noDiagnosis,
    exports: noExports,
  });
  const secrets = { credential: "canary-1", "header:X-Token": "canary-2" };
  expect(await calls.settings.saveEndpoint({ endpoint: { ...guarded, headers: tokens }, secrets })).toEqual({
    errors: [],
  });
  const view = await calls.settings.get(undefined);
  expect(view).toMatchObject({ endpoints: [{ id: "orders" }], secrets: { kept: "session", backend: "none" } });
  expect(view.known).toEqual(["orders/credential", "orders/header:x-token"]);
  expect(JSON.stringify(view)).not.toContain("canary");
  expect(filesHolding(dataDir, "canary")).toEqual([]);
});
