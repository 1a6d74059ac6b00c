/** Streams by a forward proxy, on real sockets: both forms of HTTP, SOCKS5, sign-in, and how each kind of bad proxy ends. */
import { connect, type Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { askTokenAddress } from "../../../main/io/auth/token-address.ts";
import { openSocks } from "../../../main/io/proxy/socks.ts";
import { openTunnel } from "../../../main/io/proxy/tunnel.ts";
import { createWebSocketTransport } from "../../../main/io/websocket/websocket-transport.ts";
import { attempt, attemptBy } from "../../fakes/attempt.ts";
import { bad, certificate } from "../../fakes/certificate.ts";
import { forwardProxy } from "../../fakes/forward-proxy.ts";
import { freePort } from "../../fakes/free-port.ts";
import { rawServer, type Script } from "../../fakes/raw-server.ts";
import { socksServer } from "../../fakes/socks-server.ts";
import { webSocketServer } from "../../fakes/websocket-server.ts";
import { manually } from "./proxied.ts";

const good: Script = (talk) => void talk.stream().chunk("id: 1\ndata: a\n\n");
const secret = "pass word:ü";

it("asks for http: in absolute form, and the server sees nothing of the proxy's sign-in", async () => {
  const origin = await rawServer(good);
  const proxy = await forwardProxy({ hosts: { "stream.test": origin.port }, wants: `ann:${secret}` });
  const one = attempt("http://stream.test/events?key=1", {
    proxies: manually(`http://127.0.0.1:${proxy.port}`, "ann", secret),
    headers: [["Authorization", "Bearer for-the-server"]],
    lastEventId: "7",
  });
  await one.until("events");
  expect(proxy.asked).toEqual(["GET http://stream.test/events?key=1"]);
  const [talk] = origin.talks;
  expect(talk?.request).toMatch(/^GET \/events\?key=1 HTTP/);
  expect(talk?.header("host")).toBe("stream.test");
  expect(talk?.header("last-event-id")).toBe("7");
  expect(talk?.header("authorization")).toBe("Bearer for-the-server");
  expect(talk?.header("proxy-authorization")).toBeNull();
  expect(one.told[0]).toEqual({ type: "via", proxy: `http://127.0.0.1:${proxy.port}`, tunnel: false });
  expect(JSON.stringify(one.told)).not.toContain("pass word");
});

it("asks for https: through a tunnel, and tells no byte of the request to the proxy", async () => {
  const origin = await rawServer(good, { tls: bad["self-signed"]() });
  const proxy = await forwardProxy({ hosts: { "stream.test:8443": origin.port } });
  const proxies = manually(`127.0.0.1:${proxy.port}`);
  const one = attempt("https://stream.test:8443/events", { proxies, headers: [["Authorization", "Bearer x"]] });
  // The tunnel leads to the server: it is the server's certificate that is not good, and nobody was told anything.
  expect(await one.ended()).toBe("SERVER certificate");
  expect(proxy.asked).toEqual(["CONNECT stream.test:8443"]);
  expect(proxy.headers[0]).toMatchObject({ host: "stream.test:8443", connection: "keep-alive" });
  expect(JSON.stringify(proxy.headers)).not.toContain("Bearer");
  expect(origin.talks).toHaveLength(0);
  await expect.poll(() => proxy.open).toBe(0);
});

it("opens a WebSocket through a tunnel, even an unencrypted one", async () => {
  const { server } = await webSocketServer((peer) => void peer.send("hello"));
  const proxy = await forwardProxy({ hosts: { "socket.test": server.port }, wants: "ann:b" });
  const transport = createWebSocketTransport({ userAgent: "Holdfast/test", utc: Date.now });
  const one = attemptBy(transport, {
    url: "ws://socket.test/live",
    method: "GET",
    body: null,
    headers: [],
    lastEventId: "",
    resumeQuery: null,
    frames: "raw",
    proxies: manually(`http://127.0.0.1:${proxy.port}`, "ann", "b"),
  });
  await one.until("events");
  expect(one.data).toEqual(["hello"]);
  expect(proxy.asked).toEqual(["CONNECT socket.test:80"]);
  one.connection.close();
  await expect.poll(() => proxy.open).toBe(0);
});

it.each([
  [false, "no sign-in", undefined, ""],
  [true, "a sign-in", `ann:${secret}`, `ann:${secret}`],
])("goes by SOCKS5 whose answers come slowly: %s, %s", async (slow, _what, wants, given) => {
  const origin = await rawServer(good);
  const proxy = await socksServer({
    hosts: { "stream.test": origin.port },
    slow,
    ...(wants === undefined ? {} : { wants }),
  });
  const colon = given.indexOf(":");
  const proxies = manually(
    `socks5://127.0.0.1:${proxy.port}`,
    given.slice(0, Math.max(0, colon)),
    given.slice(colon + 1),
  );
  const one = attempt("http://stream.test:8080/events", { proxies });
  await one.until("events");
  expect(one.data).toEqual(["a"]);
  expect(proxy.asked).toEqual(["stream.test:8080"]);
  expect(proxy.greetings).toEqual(wants === undefined ? ["0"] : ["0,2", wants]);
  expect(origin.talks[0]?.request).toMatch(/^GET \/events HTTP/);
  expect(one.told[0]).toMatchObject({ type: "via", tunnel: true });
});

it("by SOCKS5 hands over addresses as addresses", async () => {
  const origin = await rawServer(good);
  const proxy = await socksServer({ hosts: { "127.0.0.1": origin.port } });
  // A proxy that somebody wrote down is used even for this computer.
  await attempt(origin.url, { proxies: manually(`socks5://127.0.0.1:${proxy.port}`) }).until("events");
  expect(proxy.asked).toEqual([`127.0.0.1:${origin.port}`]);
});

const squid = { "X-Squid-Error": "ERR_ACCESS_DENIED 0", "Content-Length": "0" };
const answers = (status: string, headers: Record<string, string> = { "Content-Length": "0" }): Script => {
  return (talk) => void talk.answer(status, headers);
};
const negotiate = { "Proxy-Authenticate": "Negotiate", "Content-Length": "0" };
const ntlm = { "Proxy-Authenticate": 'NTLM, Digest realm="a, b", nonce="c"', "Content-Length": "0" };
const basic = { "Proxy-Authenticate": 'Basic realm="Basic, of course"', "Content-Length": "0" };

it.each<[string, string, string, Script, object]>([
  ["refuses with 403", "tls", "tunnel-refused", answers("403 No", squid), { code: "ERR_ACCESS_DENIED", status: 403 }],
  ["refuses with 403", "web", "tunnel-refused", answers("403 No", squid), { code: "ERR_ACCESS_DENIED", status: 403 }],
  ["cannot reach it (503)", "tls", "bad-gateway", answers("503 No"), { status: 503 }],
  [
    "cannot reach it (502)",
    "web",
    "bad-gateway",
    answers("502 No", { "Proxy-Status": "p; error=dns_error", "Content-Length": "0" }),
    { code: "dns_error" },
  ],
  [
    "sends to a sign-in page",
    "tls",
    "captive-portal",
    answers("302 Found", { Location: "http://portal/", "Content-Length": "0" }),
    { status: 302 },
  ],
  ["wants a sign-in", "tls", "proxy-auth", answers("407 No", basic), { advice: "proxy-auth-missing", code: "Basic" }],
  ["wants a sign-in", "web", "proxy-auth", answers("407 No", basic), { advice: "proxy-auth-missing", code: "Basic" }],
  [
    "wants another sign-in",
    "tls",
    "proxy-auth",
    answers("407 No", negotiate),
    { advice: "proxy-auth-unsupported", code: "Negotiate" },
  ],
  [
    "wants another sign-in",
    "web",
    "proxy-auth",
    answers("407 No", ntlm),
    { advice: "proxy-auth-unsupported", code: "NTLM, Digest" },
  ],
  ["hangs up", "tls", "proxy-broken", (talk) => talk.fin(), {}],
  ["resets", "tls", "proxy-broken", (talk) => void talk.socket.resetAndDestroy(), {}],
  ["hangs up in mid-answer", "tls", "proxy-broken", (talk) => talk.send("HTTP/1.1 200 Conn").fin(), {}],
  [
    "answers nonsense",
    "tls",
    "proxy-broken",
    (talk) => talk.send("SSH-2.0-OpenSSH_9\r\n").fin(),
    { code: "HPE_INVALID_CONSTANT" },
  ],
])("a proxy that %s is told from the server (%s): %s", async (_what, kind, expected, script, params) => {
  const proxy = await rawServer(script);
  const url = kind === "tls" ? "https://stream.test/events" : "http://stream.test/events";
  const one = attempt(url, { proxies: manually(`127.0.0.1:${proxy.port}`) });
  expect(await one.ended()).toBe(`PROXY ${expected}`);
  expect(await one.failure()).toMatchObject({ params: { proxy: `http://127.0.0.1:${proxy.port}`, ...params } });
  expect(proxy.talks).toHaveLength(1);
  await expect.poll(() => proxy.open).toBe(0);
});

it.each([
  ["https://stream.test/events", "http"],
  ["http://stream.test/events", "http"],
  ["http://stream.test/events", "socks5"],
])("%s by a %s proxy that wants a password: a wrong one is tried once, and that is final", async (url, scheme) => {
  const http = await forwardProxy({ hosts: {}, wants: "ann:right" });
  const socks = await socksServer({ wants: "ann:right" });
  const port = scheme === "http" ? http.port : socks.port;
  const one = attempt(url, { proxies: manually(`${scheme}://127.0.0.1:${port}`, "ann", "wrong-word") });
  expect(await one.failure()).toMatchObject({
    kind: "proxy-auth",
    final: true,
    params: { advice: "proxy-auth-refused" },
  });
  expect(http.asked.length + socks.greetings.length).toBe(scheme === "http" ? 1 : 2);
  expect(JSON.stringify(one.told)).not.toContain("wrong-word");
});

it.each([
  [2, "tunnel-refused"],
  [1, "bad-gateway"],
  [4, "bad-gateway"],
  [5, "bad-gateway"],
])("tells what SOCKS5 replies %i from the server: %s", async (reply, kind) => {
  const proxy = await socksServer({ reply });
  const one = attempt("http://stream.test/", { proxies: manually(`socks5://127.0.0.1:${proxy.port}`) });
  expect(await one.failure()).toMatchObject({ family: "PROXY", kind, params: { code: `SOCKS5 reply ${reply}` } });
});

it.each([
  ["hangs up", ""],
  ["answers as a web server", "HTTP/1.1 400 Bad Request\r\n\r\n"],
])("what is no SOCKS5 server and %s is a proxy that is broken", async (_what, answer) => {
  const onConnection = (socket: Socket) => void socket.once("data", () => socket.end(answer));
  const proxy = await rawServer(() => {}, { onConnection });
  const one = attempt("http://stream.test/", { proxies: manually(`socks5://127.0.0.1:${proxy.port}`) });
  expect(await one.ended()).toBe("PROXY proxy-broken");
});

it.each(["http", "https", "socks5"])("a %s proxy that is not there is not taken for the server", async (scheme) => {
  const port = await freePort();
  const one = attempt("https://stream.test/", { proxies: manually(`${scheme}://127.0.0.1:${port}`) });
  expect(await one.failure()).toMatchObject({
    family: "PROXY",
    kind: "proxy-unreachable",
    final: false,
    params: { proxy: `${scheme}://127.0.0.1:${port}`, code: "ECONNREFUSED" },
  });
});

it("a proxy whose name is unknown is not taken for the server", async () => {
  const one = attempt("https://stream.test/", { proxies: manually("http://proxy.invalid:3128") });
  expect(await one.failure()).toMatchObject({
    kind: "proxy-unreachable",
    params: { proxy: "http://proxy.invalid:3128" },
  });
});

it("tells no byte to an https: proxy whose certificate is not trusted", async () => {
  const proxy = await forwardProxy({ hosts: {}, tls: bad["self-signed"]() });
  const one = attempt("http://stream.test/", { proxies: manually(`https://127.0.0.1:${proxy.port}`) });
  expect(await one.failure()).toMatchObject({
    family: "PROXY",
    kind: "certificate",
    params: { advice: "certificate-proxy", proxy: `https://127.0.0.1:${proxy.port}` },
  });
  expect(proxy.asked).toEqual([]);
});

it("speaks TLS to an https: proxy that is trusted, and TLS with the server within it", async () => {
  const day = 86_400_000;
  const names = { ip: "127.0.0.1", dns: "stream.test" };
  const pair = certificate(names, new Date(Date.now() - day), new Date(Date.now() + day));
  const before = getCACertificates("default");
  setDefaultCACertificates([pair.cert]);
  onTestFinished(() => setDefaultCACertificates(before));
  const plain = await rawServer(good);
  const secure = await rawServer(good, { tls: pair });
  const hosts = { "stream.test:8080": plain.port, "stream.test:8443": secure.port };
  const proxy = await forwardProxy({ hosts, tls: pair, wants: "ann:b" });
  const proxies = manually(`https://127.0.0.1:${proxy.port}`, "ann", "b");
  for (const url of ["http://stream.test:8080/a", "https://stream.test:8443/b"]) {
    const one = attempt(url, { proxies });
    await one.until("events");
    one.connection.close();
  }
  expect(proxy.asked).toEqual(["GET http://stream.test:8080/a", "CONNECT stream.test:8443"]);
  await expect.poll(() => [proxy.open, plain.open, secure.open]).toEqual([0, 0, 0]);
});

it.each(["https://stream.test/", "http://stream.test/"])(
  "%s behind a proxy that never answers ends with close, sockets and all",
  async (url) => {
    const proxy = await rawServer(() => {});
    const one = attempt(url, { proxies: manually(`127.0.0.1:${proxy.port}`) });
    await expect.poll(() => proxy.talks.length).toBe(1);
    one.connection.close();
    await expect.poll(() => proxy.open).toBe(0);
    expect(one.told.map(({ type }) => type)).toEqual(url.startsWith("https") ? ["via"] : ["via", "connected"]);
  },
);

it("leaves no socket behind after fifty attempts at a proxy that never answers", async () => {
  const proxy = await rawServer(() => {});
  const proxies = manually(`127.0.0.1:${proxy.port}`);
  const all = Array.from({ length: 50 }, () => attempt("https://stream.test/", { proxies }));
  await expect.poll(() => proxy.talks.length).toBe(50);
  for (const { connection } of all) connection.close();
  await expect.poll(() => proxy.open).toBe(0);
});

it("a stream that the proxy cuts in the middle is a drop, not the end of the proxy", async () => {
  const origin = await rawServer(good);
  const proxy = await forwardProxy({ hosts: { "stream.test": origin.port } });
  const one = attempt("http://stream.test/", { proxies: manually(`127.0.0.1:${proxy.port}`) });
  await one.until("events");
  proxy.cut();
  expect(await one.ended()).toMatch(/^(PROXY dropped|NETWORK reset)$/);
});

it("fetches a token by the proxy", async () => {
  const origin = await rawServer((talk) => {
    talk.answer("200 OK", { "Content-Type": "text/plain", "Content-Length": "3" }).send("tok");
  });
  const proxy = await forwardProxy({ hosts: { "token.test": origin.port } });
  const world = { userAgent: "Holdfast/test", utc: Date.now, proxies: manually(`127.0.0.1:${proxy.port}`) };
  const patient = new AbortController().signal;
  const ask = (url: string) => askTokenAddress({ url, method: "GET", secret: "s" }, world, patient);
  expect(String(await ask("http://token.test/token"))).toBe("tok");
  expect(proxy.asked).toEqual(["GET http://token.test/token"]);
  await expect(ask("http://other.test/token")).rejects.toThrow("unreachable proxy refused");
  await expect(ask("https://other.test/token")).rejects.toThrow("unreachable proxy refused");
  await expect.poll(() => proxy.open).toBe(0);
});

const early = Buffer.from("early bytes");
const granted = Buffer.from([5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0]);
it.each([
  ["CONNECT", openTunnel, "http", Buffer.concat([Buffer.from("HTTP/1.1 200 OK\r\n\r\n"), early])],
  ["SOCKS5", openSocks, "socks5", Buffer.concat([granted, early])],
] as const)("by %s loses no byte that comes along with the proxy's answer", async (_what, open, scheme, answer) => {
  const onConnection = (talk: Socket) => void talk.once("data", () => talk.write(answer));
  const { port } = await rawServer(() => {}, { onConnection });
  const socket = connect(port, "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const route = { kind: "proxy", scheme, host: "127.0.0.1", port, credentials: null } as const;
  const error = await new Promise((resolve) => open(socket, route, { host: "a.test", port: 80 }, resolve));
  expect(error).toBeNull();
  const read = await new Promise((resolve) => socket.once("data", resolve));
  expect(String(read)).toBe("early bytes");
});
