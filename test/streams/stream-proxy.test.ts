/** Streams and the proxy that they go by: what is shown of it, whose fault a deadline is, and when it is asked anew. */
import { expect, it } from "vitest";
import { noProxies, type ProxyChoice, type ProxySource } from "../../main/io/proxy/proxies.ts";
import { checkEndpoint } from "../../main/io/stores/endpoint-rules.ts";
import { defaultPolicy } from "../../main/io/stores/general-leaves.ts";
import { proxyErrors } from "../../main/io/stores/proxy-rules.ts";
import { appProxyKey, proxiesFor, setAppProxy } from "../../main/streams/app-proxy.ts";
import { planOf } from "../../main/streams/endpoint-plan.ts";
import { forgetSecrets, secretErrors } from "../../main/streams/endpoint-secrets.ts";
import { testTarget } from "../../main/streams/endpoint-test.ts";
import { Streams } from "../../main/streams/streams.ts";
import type { AppProxy, Endpoint } from "../../preload/contract.ts";
import { anEndpoint, countingCredentials, deaf, ending, settle, streamWorld } from "../fakes/stream-world.ts";

const name = "http://proxy.example:3128";
const manual: AppProxy = { mode: "manual", url: "proxy.example:3128", username: "" };

async function held(endpoints: readonly Endpoint[] = [anEndpoint()]) {
  const world = streamWorld();
  const streams = ending(new Streams({ ...world, proxies: () => noProxies }, deaf));
  await streams.apply(endpoints, defaultPolicy);
  await settle();
  const view = () => streams.views()[0];
  return { ...world, streams, view };
}

it("shows the proxy that is in force, and none any more when the next attempt goes directly", async () => {
  const { transport, view, streams } = await held();
  expect(transport.last.target.proxies).toBe(noProxies);
  transport.last.tell({ type: "via", proxy: name, tunnel: true });
  expect(view()).toMatchObject({ proxy: name });
  transport.last.opens();
  expect(view()).toMatchObject({ phase: "open", proxy: name });
  expect(streams.stats()).toMatchObject([{ proxy: name }]);
  transport.last.fails({ what: "end" });
  streams.retryNow("orders");
  await settle();
  transport.last.tell({ type: "via", proxy: null, tunnel: false });
  expect(view()).toMatchObject({ proxy: null });
});

it.each([
  ["tunnel, before it is through", true, false, 10_000, "PROXY proxy-timeout"],
  ["tunnel, when it is through", true, true, 15_000, "NETWORK headers-timeout"],
  ["proxy that answers itself", false, true, 15_000, "PROXY proxy-timeout"],
])(
  "ends an attempt by a %s at our own deadline, and says whose fault it is",
  async (_what, tunnel, connected, ms, ended) => {
    const { transport, view, clock } = await held();
    const { last } = transport;
    last.tell({ type: "via", proxy: name, tunnel });
    if (connected) last.tell({ type: "connected" });
    await clock.advance(ms - 1);
    expect([view()?.phase, last.closed]).toEqual(["connecting", false]);
    await clock.advance(1);
    expect(last.closed).toBe(true);
    const failure = view()?.failure;
    expect(`${failure?.family} ${failure?.kind}`).toBe(ended);
  },
);

it.each([
  ["proxy-auth", { why: "auth", status: 407, signedIn: false }, true],
  ["proxy-settings", { why: "settings", status: null, signedIn: false }, true],
  // A password that was refused once would be refused again, and lock the account.
  ["proxy-auth", { why: "auth", status: 407, signedIn: true }, false],
] as const)("halts by %s %j; on another network it is asked again: %s", async (kind, what, again) => {
  const { transport, view, network } = await held();
  transport.last.fails({ what: "proxy", proxy: name, code: "system", ...what });
  expect(view()).toMatchObject({ phase: "halted", failure: { kind } });
  const before = transport.connections.length;
  network.tell({ type: "network", online: true, changed: false, network: "home" });
  await settle();
  expect(transport.connections).toHaveLength(before);
  network.tell({ type: "network", online: true, changed: true, network: "office" });
  await settle();
  expect(transport.connections).toHaveLength(before + (again ? 1 : 0));
});

it("connects anew what goes by the app's proxy when that is another, but no POST, nothing paused and nothing of its own", async () => {
  const own = anEndpoint({ id: "own", name: "Own", proxy: { mode: "none", url: "", username: "" } });
  const post = anEndpoint({ id: "post", name: "Post", method: "POST" });
  const paused = anEndpoint({ id: "paused", name: "Paused", paused: true });
  const { transport, streams, clock } = await held([anEndpoint(), own, post, paused]);
  await clock.advance(2000);
  for (const connection of transport.connections) connection.opens();
  const before = transport.connections.length;
  await streams.proxyChanged();
  await clock.advance(2000);
  expect(transport.connections.slice(before).map(({ target }) => target.url)).toEqual([anEndpoint().url]);
});

it("a stream has the app's choice as it is at the moment, or its own, and gives no word of a password away", () => {
  const made: ProxyChoice[] = [];
  const source: ProxySource = {
    of: (key, choice) => {
      made.push(choice());
      return { ...noProxies, key };
    },
    networkChanged: () => {},
  };
  const ofApp = () => ({ mode: "system" as const, url: "", username: "", password: () => null });
  const own = { mode: "manual", url: "own:1", username: "ann" } as const;
  const plan = (proxy: Endpoint["proxy"]) =>
    planOf(
      anEndpoint({ proxy }),
      defaultPolicy,
      (part) => `${part} word`,
      countingCredentials().freshCredentials,
      proxiesFor(source, ofApp),
    );
  expect(plan({ mode: "app", url: "x", username: "" }).proxies?.key).toBe("app");
  expect(plan({ mode: "none", url: "x", username: "" }).proxies?.key).toBe("none");
  expect(plan(own).proxies?.key).toBe("orders own:1 ann");
  expect(made).toMatchObject([{ mode: "system" }, { mode: "none" }, own]);
  expect(made.map((choice) => choice.password())).toEqual([null, "proxy word", "proxy word"]);
});

it.each([
  ["a silent proxy", true, false, "PROXY proxy-timeout"],
  ["a server behind it", true, true, "NETWORK headers-timeout"],
])("the editor's test tells %s from the rest", async (_what, tunnel, connected, ended) => {
  const { clock, transport } = streamWorld();
  const target = {
    url: "https://a.example/",
    method: "GET",
    body: null,
    headers: [],
    lastEventId: "",
    resumeQuery: null,
    frames: "auto",
  } as const;
  const result = testTarget(target, { connectTimeoutMs: 1000, headersTimeoutMs: 2000 }, transport, clock);
  transport.last.tell({ type: "via", proxy: name, tunnel });
  if (connected) transport.last.tell({ type: "connected" });
  await clock.advance(2000);
  const { failure, proxy } = await result;
  expect([`${failure?.family} ${failure?.kind}`, proxy]).toEqual([ended, name]);
});

function saving(before: AppProxy, stored: string | null) {
  const { secrets } = streamWorld();
  if (stored !== null) secrets.set(appProxyKey, stored);
  const done: string[] = [];
  let proxy = before;
  const parts = {
    settings: {
      view: () => ({ general: { proxy } }) as never,
      setGeneral: ({ proxy: given }: { proxy?: unknown }) => {
        if ((given as AppProxy).url === "bad address")
          return [{ field: "proxy.url", code: "proxy-url-invalid", params: {} }];
        proxy = given as AppProxy;
        return [];
      },
    },
    secrets,
    streams: { proxyChanged: async () => void done.push("connected anew") },
    secretsChanged: () => void done.push("secrets changed"),
  };
  const save = (given: AppProxy, password: string | null) =>
    setAppProxy(parts, given, password).map(({ field, code }) => `${field} ${code}`);
  return { save, done, password: () => secrets.get(appProxyKey), proxy: () => proxy };
}

const signed: AppProxy = { ...manual, username: "ann" };

it("keeps the app's proxy password as a secret, before the streams connect anew", () => {
  const { save, done, password } = saving({ mode: "system", url: "", username: "" }, null);
  expect(save(signed, "word")).toEqual([]);
  expect(password()).toBe("word");
  expect(done).toEqual(["secrets changed", "connected anew"]);
});
it("wants a password where a user name is, and the same one again for another proxy", () => {
  expect(saving(manual, null).save(signed, null)).toEqual(["proxy.password secret-missing"]);
  const { save, password } = saving(signed, "word");
  expect(save({ ...signed, url: "evil.example:3128" }, null)).toEqual(["proxy.password secret-other-server"]);
  expect(password()).toBe("word");
  expect(save({ ...signed, url: "new.example:3128" }, "other")).toEqual([]);
  expect(password()).toBe("other");
});
it("forgets the password with the user name, and with another choice", () => {
  const one = saving(signed, "word");
  expect(one.save(manual, null)).toEqual([]);
  expect(one.password()).toBeNull();
  const two = saving(signed, "word");
  expect(two.save({ ...signed, mode: "none" }, null)).toEqual([]);
  expect(two.password()).toBeNull();
});
it("puts the password back when the proxy is refused, and disturbs nobody", () => {
  const { save, done, password, proxy } = saving(signed, "word");
  expect(save({ ...signed, url: "bad address" }, "other")).toEqual(["proxy.url proxy-url-invalid"]);
  expect([password(), proxy(), done]).toEqual(["word", signed, []]);
});
it("disturbs nobody when nothing is other than before", () => {
  const { save, done } = saving(signed, "word");
  expect(save(signed, "word")).toEqual([]);
  expect(done).toEqual([]);
});

const signedProxy: Endpoint["proxy"] = { mode: "manual", url: "proxy.example:3128", username: "ann" };
const withProxy = (change: Partial<Endpoint["proxy"]>) => anEndpoint({ proxy: { ...signedProxy, ...change } });

it.each<[string, Endpoint, Endpoint | null, string | null, string[]]>([
  ["is needed with a user name", withProxy({}), null, null, ["proxy.password secret-missing"]],
  ["is not needed without one", withProxy({ username: "" }), null, null, []],
  ["is not needed for another choice", withProxy({ mode: "app" }), null, null, []],
  ["that is stored is good for the same proxy", withProxy({}), withProxy({}), "word", []],
  [
    "that is stored goes to no other",
    withProxy({ url: "evil.example:1" }),
    withProxy({}),
    "word",
    ["proxy.password secret-other-server"],
  ],
])("a stream's proxy password %s", (_what, endpoint, saved, stored, expected) => {
  const { secrets } = streamWorld();
  if (stored !== null) secrets.set("orders/proxy", stored);
  expect(secretErrors(endpoint, saved, {}, secrets).map(({ field, code }) => `${field} ${code}`)).toEqual(expected);
  expect(secretErrors(endpoint, saved, { proxy: "typed" }, secrets)).toEqual([]);
});

it("forgets a stream's proxy password that it does not use any more", () => {
  const { secrets } = streamWorld();
  secrets.set("orders/proxy", "word");
  expect(forgetSecrets(withProxy({ mode: "none" }), withProxy({}), {}, secrets)).toBe(true);
  expect(secrets.get("orders/proxy")).toBeNull();
});

it.each([
  [{ url: "" }, ["proxy.url required"]],
  [{ url: "ftp://x" }, ["proxy.url proxy-url-scheme"]],
  [{ url: "http://ann:word@x" }, ["proxy.url proxy-url-credentials"]],
  [{ url: "http://x/path" }, ["proxy.url proxy-url-invalid"]],
  [{ username: "a:b" }, ["proxy.username username-invalid"]],
  [{ username: "a\u0000" }, ["proxy.username username-invalid"]],
  [{ mode: "system", url: "ftp://x", username: "a:b" }, []],
] as const)("says by its field what is wrong with %j", (change, expected) => {
  const found = checkEndpoint(withProxy(change), []).map(({ field, code }) => `${field} ${code}`);
  expect(found).toEqual(expected);
  expect(proxyErrors({ ...signedProxy, ...change }).map(({ field, code }) => `${field} ${code}`)).toEqual(expected);
});
