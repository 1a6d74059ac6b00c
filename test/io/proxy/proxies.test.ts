/** Which way is in force, which comes next when a proxy fails, and what is remembered of it. */
import { expect, it } from "vitest";
import { putOffMs } from "../../../main/core/proxy/proxy-order.ts";
import { routeName } from "../../../main/core/proxy/proxy-route.ts";
import { createProxies } from "../../../main/io/proxy/proxies.ts";
import { createSystemProxy } from "../../../main/io/proxy/system-proxy.ts";
import { attempt } from "../../fakes/attempt.ts";
import { forwardProxy } from "../../fakes/forward-proxy.ts";
import { freePort } from "../../fakes/free-port.ts";
import { rawServer, type Script } from "../../fakes/raw-server.ts";
import { fakeClock } from "../../fakes/stream-world.ts";
import { chosen, impatient, listed, manually } from "./proxied.ts";

const good: Script = (talk) => void talk.stream().chunk("id: 1\ndata: a\n\n");
const shown = async (proxies: ReturnType<typeof chosen>, url: string) =>
  (await proxies.waysTo(url)).map((route) => routeName(route) ?? (route.kind === "unusable" ? route.where : "direct"));
const choice = { url: "", username: "", password: () => null };

it.each([
  ["none", "https://stream.test/", {}, ["direct"]],
  ["environment", "https://stream.test/", { https_proxy: "p:1" }, ["http://p:1"]],
  ["environment", "http://stream.test/", { https_proxy: "p:1" }, ["direct"]],
  ["environment", "wss://stream.test/", { https_proxy: "p:1" }, ["http://p:1"]],
  ["environment", "ws://stream.test/", { http_proxy: "p:1" }, ["http://p:1"]],
  ["environment", "https://[2001:db8::1]:8443/", { https_proxy: "p:1", no_proxy: "2001:db8::/32" }, ["direct"]],
  ["environment", "https://stream.test:8443/", { https_proxy: "p:1", no_proxy: "stream.test:8443" }, ["direct"]],
  ["environment", "https://stream.test/", { https_proxy: "p:1", no_proxy: "stream.test:443" }, ["direct"]],
  // A proxy elsewhere would look for it on itself.
  ["environment", "http://127.0.0.1:8080/", { all_proxy: "p:1" }, ["direct"]],
  ["environment", "http://localhost/", { all_proxy: "p:1" }, ["direct"]],
  ["environment", "http://[::1]/", { all_proxy: "p:1" }, ["direct"]],
  // The system's own answer is taken; without a system to ask it is direct.
  ["system", "https://stream.test/", {}, ["direct"]],
] as const)("by %s the ways to %s with %j are %j", async (mode, url, env, ways) => {
  expect(await shown(chosen({ ...choice, mode }, env), url)).toEqual(ways);
});

it.each(["http://127.0.0.1/", "http://localhost/", "https://stream.test/"])(
  "a proxy that somebody wrote down is used for %s",
  async (url) => {
    expect(await shown(manually("https://p:1"), url)).toEqual(["https://p:1"]);
  },
);

it("a proxy that cannot be read never becomes a direct way, and says nothing of its value", async () => {
  const one = attempt("http://stream.test/", {
    proxies: chosen({ ...choice, mode: "environment" }, { http_proxy: "http://ann:hidden@:9" }),
  });
  expect(await one.failure()).toMatchObject({
    family: "PROXY",
    kind: "proxy-settings",
    final: true,
    params: { code: "http_proxy", advice: "proxy-environment" },
  });
  expect(JSON.stringify(one.told)).not.toContain("hidden");
});

it("is not asked without the password that belongs to the user name", async () => {
  const proxy = await forwardProxy({ hosts: {} });
  const proxies = chosen({ mode: "manual", url: `127.0.0.1:${proxy.port}`, username: "ann", password: () => null });
  expect(await attempt("http://stream.test/", { proxies }).ended()).toBe("AUTH secret-missing");
  expect(proxy.asked).toEqual([]);
});

it("tells the system no query and no password of an address, and the user when it does not answer", async () => {
  const asked: string[] = [];
  let silent = 0;
  const system = createSystemProxy(() => ({
    resolveProxy: async (url) => {
      asked.push(url);
      if (asked.length === 2) throw new Error("no");
      return "";
    },
    forceReloadProxyConfig: async () => {},
  }));
  const source = createProxies({ clock: fakeClock(), env: {}, system, silent: () => silent++ });
  const proxies = source.of("app", () => ({ ...choice, mode: "system" }));
  expect(await shown(proxies, "https://ann:word@stream.test/a?key=1")).toEqual(["direct"]);
  expect(await shown(proxies, "wss://stream.test/a")).toEqual(["direct"]);
  expect(asked).toEqual(["https://stream.test/a", "wss://stream.test/a"]);
  expect(silent).toBe(2);
});

it("does not wait for a system that never answers", async () => {
  const clock = fakeClock();
  const system = { resolve: () => new Promise<string>(() => {}), reload: () => {} };
  const source = createProxies({ clock, env: {}, system, silent: () => {} });
  const ways = shown(
    source.of("app", () => ({ ...choice, mode: "system" })),
    "https://stream.test/",
  );
  await clock.advance(5000);
  expect(await ways).toEqual(["direct"]);
});

it("puts a proxy that failed behind the others for five minutes, asks the system anew, and begins afresh on another network", async () => {
  const clock = fakeClock();
  let reloads = 0;
  const system = { resolve: async () => "PROXY a:1; PROXY b:1; DIRECT", reload: () => void reloads++ };
  const source = createProxies({ clock, env: {}, system, silent: () => {} });
  const proxies = source.of("app", () => ({ ...choice, mode: "system" }));
  const inPlace = ["http://a:1", "http://b:1", "direct"];
  const behind = ["http://b:1", "direct", "http://a:1"];
  const [a = { kind: "direct" as const }] = await proxies.waysTo("https://stream.test/");
  proxies.putOff(a);
  proxies.putOff(a);
  expect(reloads).toBe(1);
  expect(await shown(proxies, "https://stream.test/")).toEqual(behind);
  // What one stream has found out, the others know.
  expect(
    await shown(
      source.of("x", () => ({ ...choice, mode: "system" })),
      "https://stream.test/",
    ),
  ).toEqual(behind);
  await clock.advance(putOffMs);
  expect(await shown(proxies, "https://stream.test/")).toEqual(inPlace);
  proxies.putOff(a);
  source.networkChanged();
  expect(reloads).toBe(3);
  expect(await shown(proxies, "https://stream.test/")).toEqual(inPlace);
});

const bad: readonly [string, Script | null][] = [
  ["is not there", null],
  ["hangs up", (talk) => talk.fin()],
  ["answers nonsense", (talk) => talk.send("SSH-2.0\r\n").fin()],
  ["never answers", () => {}],
];

it.each(bad)(
  "goes on to the next of the list when the first %s, and begins with it the next time",
  async (_what, script) => {
    const origin = await rawServer(good);
    const second = await forwardProxy({ hosts: { "stream.test": origin.port } });
    const first = script === null ? null : await rawServer(script);
    const port = first?.port ?? (await freePort());
    const list = `SOCKS5 127.0.0.1:${port}; PROXY 127.0.0.1:${second.port}; DIRECT`;
    const proxies = listed(list, impatient);
    const one = attempt("http://stream.test/events", { proxies });
    await one.until("events");
    const names = [`socks5://127.0.0.1:${port}`, `http://127.0.0.1:${second.port}`];
    expect(one.told.flatMap((event) => (event.type === "via" ? [event.proxy] : []))).toEqual(names);
    expect(second.asked).toEqual(["GET http://stream.test/events"]);
    expect(proxies.reloads).toBe(1);
    await attempt("http://stream.test/events", { proxies }).until("events");
    expect(first?.accepted ?? 1).toBe(1);
    await expect.poll(() => first?.open ?? 0).toBe(0);
  },
);

it("goes directly when every proxy of the list has failed and DIRECT is its last word", async () => {
  const origin = await rawServer(good);
  const ports = [await freePort(), await freePort()];
  const proxies = listed(`PROXY 127.0.0.1:${ports[0]}; HTTPS 127.0.0.1:${ports[1]}; DIRECT`);
  const one = attempt(origin.url, { proxies });
  await one.until("events");
  expect(one.told.filter(({ type }) => type === "via")).toHaveLength(3);
  expect(one.told.filter(({ type }) => type === "via").at(-1)).toEqual({ type: "via", proxy: null, tunnel: false });
});

it.each(["503", "504"])("asks the next when one cannot reach the server (%s), and puts nobody off", async (status) => {
  const origin = await rawServer(good);
  const squid = { "X-Squid-Error": "ERR_CONNECT_FAIL 111", "Content-Length": "0" };
  const first = await rawServer((talk) => void talk.answer(`${status} No`, squid));
  const second = await forwardProxy({ hosts: { "stream.test": origin.port } });
  const proxies = listed(`PROXY 127.0.0.1:${first.port}; PROXY 127.0.0.1:${second.port}`);
  await attempt("http://stream.test/", { proxies }).until("events");
  attempt("https://stream.test/", { proxies });
  await expect.poll(() => second.asked).toEqual(["GET http://stream.test/", "CONNECT stream.test:443"]);
  expect(proxies.reloads).toBe(0);
});

it.each<[string, Script]>([
  ["403", (talk) => void talk.answer("403 No", { "Content-Length": "0" })],
  ["407", (talk) => void talk.answer("407 No", { "Content-Length": "0" })],
  ["302", (talk) => void talk.answer("302 No", { Location: "http://portal/", "Content-Length": "0" })],
])("takes what a living proxy says of us (%s) for its last word: nothing goes past it", async (_what, script) => {
  const first = await rawServer(script);
  const second = await forwardProxy({ hosts: {} });
  const one = attempt("https://stream.test/", {
    proxies: listed(`PROXY 127.0.0.1:${first.port}; PROXY 127.0.0.1:${second.port}; DIRECT`),
  });
  await one.until("failed");
  expect(second.asked).toEqual([]);
});

it("asks for the ways anew after a redirect to another host", async () => {
  const origin = await rawServer(good);
  const first = await rawServer(
    (talk) => void talk.answer("302 Found", { Location: "http://other.test/events", "Content-Length": "0" }),
  );
  const proxy = await forwardProxy({ hosts: { "other.test": origin.port } });
  const proxies = chosen({ ...choice, mode: "environment" }, { http_proxy: `127.0.0.1:${proxy.port}` });
  const one = attempt(first.url, { proxies });
  await one.until("events");
  expect(one.told.flatMap((event) => (event.type === "via" ? [event.proxy] : []))).toEqual([
    null,
    `http://127.0.0.1:${proxy.port}`,
  ]);
});

it("a proxy alone that says nothing is waited for, and is put off all the same", async () => {
  const proxy = await rawServer(() => {});
  const proxies = listed(`PROXY 127.0.0.1:${proxy.port}`, impatient);
  const one = attempt("https://stream.test/", { proxies });
  await expect.poll(() => proxies.reloads).toBe(1);
  expect(one.told.map(({ type }) => type)).toEqual(["via"]);
  expect(proxy.open).toBe(1);
});

it("goes on to the next way the next time when a proxy takes the request and we give up on its answer", async () => {
  const origin = await rawServer(good);
  const silent = await rawServer(() => {});
  const second = await forwardProxy({ hosts: { "stream.test": origin.port } });
  const proxies = listed(`PROXY 127.0.0.1:${silent.port}; PROXY 127.0.0.1:${second.port}`, impatient);
  const hasty = attempt("http://stream.test/", { proxies });
  await hasty.until("connected");
  hasty.connection.close();
  expect((await proxies.waysTo("http://stream.test/")).map(routeName)[0]).toBe(`http://127.0.0.1:${silent.port}`);
  const one = attempt("http://stream.test/", { proxies });
  await one.until("connected");
  const since = impatient.mono();
  await expect.poll(() => impatient.mono() - since).toBeGreaterThan(1000);
  one.connection.close();
  await attempt("http://stream.test/", { proxies }).until("events");
  expect(silent.accepted).toBe(2);
});

it.each(["http://stream.test/", "https://stream.test/"])(
  "sends a password that was refused to nobody again for %s, whoever asks; another one it does, and after five minutes that one too",
  async (url) => {
    const clock = fakeClock();
    const proxy = await forwardProxy({ hosts: {}, wants: "ann:right" });
    const source = createProxies({ clock, env: {}, system: null, silent: () => {} });
    const by = (password: string) =>
      source.of("x", () => ({
        mode: "manual",
        url: `127.0.0.1:${proxy.port}`,
        username: "ann",
        password: () => password,
      }));
    const ends = async (password: string) => {
      const one = attempt(url, { proxies: by(password) });
      const { kind, params } = await one.failure();
      return `${kind} ${params["advice"] ?? ""}`;
    };
    expect(await ends("wrong")).toBe("proxy-auth proxy-auth-refused");
    expect(await ends("wrong")).toBe("proxy-auth proxy-auth-refused");
    expect(proxy.asked).toHaveLength(1);
    expect(await ends("right")).toBe("bad-gateway ");
    expect(proxy.asked).toHaveLength(2);
    await clock.advance(putOffMs);
    expect(await ends("wrong")).toBe("proxy-auth proxy-auth-refused");
    expect(proxy.asked).toHaveLength(3);
    // Another network may have another proxy at this address.
    source.networkChanged();
    expect(await ends("wrong")).toBe("proxy-auth proxy-auth-refused");
    expect(proxy.asked).toHaveLength(4);
  },
);

it("never sends a POST by another proxy once the first has taken it", async () => {
  const first = await rawServer(
    (talk) => void talk.answer("504 No", { "X-Squid-Error": "ERR_READ_TIMEOUT 0", "Content-Length": "0" }),
  );
  const second = await forwardProxy({ hosts: {} });
  const proxies = listed(`PROXY 127.0.0.1:${first.port}; PROXY 127.0.0.1:${second.port}`);
  const one = attempt("http://stream.test/", { proxies, method: "POST", body: "once" });
  expect(await one.ended()).toBe("PROXY bad-gateway");
  expect(second.asked).toEqual([]);
});
