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
import { Streams } from "../main/streams/streams.ts";
import { Tails } from "../main/streams/tails.ts";
import type { AppView, Endpoint } from "../preload/contract.ts";
import { anEndpoint, deaf, ending, settle, streamWorld } from "./fakes/stream-world.ts";
import { everything } from "./io/journal-samples.ts";
import { filesHolding, temporaryFolder } from "./io/temporary-folder.ts";

const app = {} as AppView;

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
  settings.subscribe(() => {
    done.push(`saved with ${world.secrets.keys().join() || "no secret"}`);
    void streams.apply(settings.view().endpoints);
  });
  const parts: Parts = {
    ...world,
    settings,
    streams,
    tails,
    startDemo: async () => "demo",
    appView: () => app,
    answerClosing: (answer) => void done.push(answer),
    secretsChanged: () => void done.push("secrets changed"),
    settingsView: () => ({ ...settings.view(), secrets: world.secrets, known: [...world.secrets.keys()] }),
    pause: (id, paused) => void done.push(`${paused ? "pause" : "resume"} ${id}`),
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
  expect(transport.last.target.body).toBeNull();
  transport.last.fails();
  expect(await tested).toMatchObject({ errors: [], failure: { kind: "ended" } });
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

it("passes the rest on to those who do it", async () => {
  const { save, calls, done, settings, streams } = served();
  await save(anEndpoint());
  done.length = 0;
  expect(calls.streams.list(undefined)).toEqual(streams.views());
  calls.streams.stop("orders");
  calls.streams.resume("orders");
  calls.app.answerClosing("keep");
  expect(done).toEqual(["pause orders", "resume orders", "keep"]);
  expect([calls.app.get(undefined), await calls.streams.startDemo(undefined)]).toEqual([app, "demo"]);
  expect(calls.history.query({ stream: "orders", span: "1h" })).toHaveLength(60);
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
    flags: {},
  });
  onTestFinished(() => backend.close());
  const calls = handlers({
    ...backend,
    clock: systemClock,
    appView: () => app,
    answerClosing: () => {},
    secretsChanged: () => {},
    settingsView: () => backend.settingsView(),
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
