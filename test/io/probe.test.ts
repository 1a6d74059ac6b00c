/** The probes on real sockets: what they ask, what they must not, and what they make of servers that answer at once. */
import { createServer, type Socket } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { bad } from "../fakes/certificate.ts";
import { freePort } from "../fakes/free-port.ts";
import { rawServer } from "../fakes/raw-server.ts";
import { codesOf, diagnosed, stageOf } from "./probe-run.ts";

const page = (status: string, headers: Record<string, string> = {}, body = "") => {
  return (talk: Parameters<Parameters<typeof rawServer>[0]>[0]) =>
    void talk.answer(status, { "Content-Length": String(body.length), ...headers }).send(body);
};

it("finds that nobody listens, without a request", async () => {
  const view = await diagnosed(`http://127.0.0.1:${await freePort()}/events`);
  expect([view.verdict, codesOf(view), view.requests]).toEqual(["broken", ["refused"], 0]);
  expect(stageOf(view, "tcp")).toMatchObject({ state: "failed", result: { code: "error-refused" } });
});

it("finds that a name is not known", async () => {
  const view = await diagnosed("http://no-such-host.invalid/events");
  expect(codesOf(view)[0]).toBe("dns");
  expect(stageOf(view, "tcp")).toMatchObject({ state: "skipped" });
});

it("asks a path that no route has, by GET like everything else", async () => {
  const server = await rawServer(page("404 Not Found", { Server: "Pingora", "Cache-Control": "private, no-store" }));
  const view = await diagnosed(server.url, { headers: [["X-Key", "mine"]] });
  expect(codesOf(view)[0]).toBe("no-route");
  expect(view.hops[0]?.product).toBe("pingora");
  const lines = server.talks.map(({ request }) => request.split("\r\n")[0] ?? "");
  expect(lines).toEqual([
    "GET /events HTTP/1.1",
    expect.stringMatching(/^GET \/\.holdfast-no-such-path-\w+ HTTP\/1\.1$/),
  ]);
  expect(server.talks.map((talk) => talk.header("x-key"))).toEqual(["mine", "mine"]);
});

it("sees names of headers as they are written, and how the body is framed", async () => {
  const server = await rawServer(page("503 Service Unavailable", { "x-ODD-Name": "1" }, "busy"));
  const { told } = await diagnosed(server.url);
  expect(told.length).toBeGreaterThan(3);
  expect(server.accepted).toBe(2);
});

it("follows redirects on the same server with the headers, and takes none of them elsewhere", async () => {
  const other = await rawServer(page("401 Unauthorized"));
  const server = await rawServer((talk) => {
    if (talk.request.startsWith("GET /events "))
      talk.answer("307 Temporary Redirect", { Location: "/moved", "Content-Length": "0" });
    else talk.answer("302 Found", { Location: `http://localhost:${other.port}/else`, "Content-Length": "0" });
  });
  const view = await diagnosed(server.url, { headers: [["Authorization", "Bearer mine"]] });
  expect(server.talks.map((talk) => talk.header("authorization"))).toEqual(["Bearer mine", "Bearer mine"]);
  expect(other.talks.length).toBeGreaterThan(0);
  expect(other.talks.every((talk) => talk.header("authorization") === null)).toBe(true);
  expect(codesOf(view)[0]).toBe("unauthorized");
});

it("names the host that a redirect leads to where that is the one that is not there, and says what was answered", async () => {
  const port = await freePort();
  const to = (location: string) => rawServer(page("302 Found", { Location: location }));
  const [unknown, closed] = [await to("http://no-such-host.invalid/else"), await to(`http://127.0.0.1:${port}/else`)];
  const lost = await diagnosed(unknown.url);
  expect(lost.findings[0]).toMatchObject({
    code: "dns",
    fix: { text: expect.stringContaining("no-such-host.invalid") },
  });
  expect(lost.findings[0]?.evidence).toContainEqual({ code: "redirects", params: { count: 1 } });
  expect(stageOf(lost, "status")).toMatchObject({
    state: "failed",
    result: { code: "other", params: { status: 302 } },
  });
  // Nothing of the way to the first server is left to be taken for the way to the second.
  expect(stageOf(lost, "tcp")).toMatchObject({ state: "skipped" });
  const refused = await diagnosed(closed.url);
  expect(refused.findings[0]).toMatchObject({ code: "refused", fix: { text: expect.stringContaining(String(port)) } });
  expect(JSON.stringify(refused.findings)).not.toContain(String(closed.port));
});

it("sends nobody whom redirects lead in a circle back to the address that they come from", async () => {
  const server = await rawServer(page("302 Found", { Location: "/events" }));
  const [first] = (await diagnosed(server.url)).findings;
  expect([first?.code, first?.evidence.map(({ code }) => code)]).toEqual(["redirect", ["redirects", "redirect-loop"]]);
  expect(first?.fix.text).not.toMatch(/https:|127\.0\.0\.1/);
});

it("gives --compare its own headers and none of the others", async () => {
  const direct = await rawServer(page("404 Not Found"));
  const server = await rawServer(page("404 Not Found"));
  const compare = { url: direct.url, headers: [["X-Direct", "yes"]] as const };
  const view = await diagnosed(server.url, { headers: [["X-Key", "mine"]], compare });
  expect(direct.talks.map((talk) => [talk.header("x-key"), talk.header("x-direct")])).toEqual([[null, "yes"]]);
  expect(view.findings[0]).toMatchObject({ code: "not-found", confidence: 0.96 });
});

it.each([
  ["expired", "tls-expired"],
  ["self-signed", "tls-self-signed"],
] as const)("names a certificate that is %s, and sends nothing over it", async (name, code) => {
  const server = await rawServer(() => {}, { tls: bad[name]() });
  const view = await diagnosed(server.url, { headers: [["Authorization", "Bearer mine"]] });
  expect([codesOf(view)[0], view.requests, server.talks.length]).toEqual([code, 0, 0]);
});

const secured = (url: string) => url.replace("http:", "https:");

it.each([
  ["another protocol", "220 mail ready\r\n"],
  ["plain HTTP", "HTTP/1.1 400 Bad Request\r\n\r\n"],
])("finds that the port speaks %s where TLS was asked for", async (_, words) => {
  const server = await rawServer(() => {}, { onConnection: (socket) => socket.end(words) });
  const [first] = (await diagnosed(secured(server.url))).findings;
  expect(first).toMatchObject({ code: "protocol", fix: { product: "client" } });
  expect(first?.fix.text).toContain(`http://127.0.0.1:${server.port}/events`);
});

it("tells a port that never answers the greeting of TLS from one that hangs up on it", async () => {
  const silent = await rawServer(() => {}, { onConnection: (socket) => void socket.pause() });
  const hangsUp = await rawServer(() => {}, { onConnection: hangUp });
  const view = await diagnosed(secured(silent.url), { budgetMs: 1500 });
  expect(codesOf(view)).toEqual(["tls-silent"]);
  expect(stageOf(view, "tls")).toMatchObject({ state: "failed", result: { code: "silent" } });
  expect(codesOf(await diagnosed(secured(hangsUp.url)))).toEqual(["tls-handshake"]);
});

/** Once it has been greeted. */
function hangUp(socket: Socket): void {
  socket.once("data", () => {
    socket.end();
  });
}

it("names no forward proxy's site as the one that refuses, where every path is refused alike", async () => {
  const proxy = await rawServer(page("403 Forbidden", { "Content-Type": "text/html" }, "blocked"));
  const route = {
    kind: "http",
    url: `http://127.0.0.1:${proxy.port}`,
  } as const;
  const view = await diagnosed("http://site.example/events", { route });
  expect(codesOf(view)).toEqual(["proxy-denied", "forbidden"]);
  expect(view.hops).toMatchObject([{ role: "forward", evidence: [{ code: "in-force" }] }]);
});

it("finds that what answers is not HTTP", async () => {
  const server = await rawServer((talk) => void talk.send("220 mail ready\r\n\r\n"));
  expect(codesOf(await diagnosed(server.url))[0]).toBe("protocol");
});

it("finds that the connection is closed without an answer", async () => {
  const server = await rawServer((talk) => talk.fin());
  expect(codesOf(await diagnosed(server.url))[0]).toBe("closed-early");
});

it("asks a forward proxy for a tunnel to https, and for http hands it the whole address", async () => {
  const denied = page("403 Forbidden", { "X-Squid-Error": "ERR_ACCESS_DENIED 0" });
  const proxy = await rawServer(denied);
  const route = { kind: "http", url: `http://127.0.0.1:${proxy.port}`, authorization: "Basic bWU6cHc=" } as const;
  const tunnelled = await diagnosed("https://site.example/events?key=1", { route, headers: [["X-Key", "mine"]] });
  expect(tunnelled.findings[0]).toMatchObject({ code: "proxy-denied", fix: { product: "squid" } });
  expect(tunnelled.hops[0]).toMatchObject({ product: "squid", role: "forward" });
  const plain = await diagnosed("http://site.example/events?key=1", { route });
  expect(codesOf(plain)[0]).toBe("proxy-denied");
  const lines = proxy.talks.map(({ request }) => request.split("\r\n")[0]);
  expect(lines.slice(0, 2)).toEqual([
    "CONNECT site.example:443 HTTP/1.1",
    "GET http://site.example/events?key=1 HTTP/1.1",
  ]);
  expect(proxy.talks.map((talk) => talk.header("proxy-authorization"))).toEqual(
    proxy.talks.map(() => "Basic bWU6cHc="),
  );
  expect(proxy.talks[0]?.header("x-key")).toBeNull();
});

it("knows a forward proxy that wants a sign-in, one that cannot be reached, and one that hangs up", async () => {
  const wants = await rawServer(page("407 Proxy Authentication Required", { "Proxy-Authenticate": "Basic" }));
  const hangsUp = await rawServer((talk) => talk.fin());
  const at = (port: number) => ({ route: { kind: "http", url: `http://127.0.0.1:${port}` } as const });
  const target = "https://site.example/events";
  expect(codesOf(await diagnosed(target, at(wants.port)))[0]).toBe("proxy-auth");
  expect(codesOf(await diagnosed(target, at(await freePort())))[0]).toBe("proxy-unreachable");
  expect(codesOf(await diagnosed(target, at(hangsUp.port)))[0]).toBe("proxy-unreachable");
});

it("goes through SOCKS5 with user name and password, and names the host to the proxy", async () => {
  const origin = await rawServer(page("429 Too Many Requests"));
  const heard: Buffer[] = [];
  const proxy = createServer((socket) => {
    const steps = [Buffer.from([5, 2]), Buffer.from([1, 0]), Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0])];
    socket.on("error", () => {});
    socket.on("data", (data) => {
      heard.push(data);
      const answer = steps.shift();
      if (answer !== undefined) socket.write(answer);
      else socket.end(`HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n`);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void proxy.close());
  const { port } = proxy.address() as { port: number };
  const url = `http://site.example:${origin.port}/events`;
  const route = { kind: "socks5", url: `socks5://127.0.0.1:${port}`, authorization: "me:pw" } as const;
  expect(codesOf(await diagnosed(url, { route }))[0]).toBe("rate-limited");
  expect(heard[1]?.toString("latin1")).toBe("\u0001\u0002me\u0002pw");
  expect(heard[2]?.toString("latin1")).toContain("site.example");
});

it("calls nothing broken that was not waited for, and says how long it would need", async () => {
  const server = await rawServer(() => {});
  const view = await diagnosed(server.url, { budgetMs: 1500 });
  expect([view.verdict, codesOf(view)]).toEqual(["undecided", []]);
  expect(stageOf(view, "headers-time")).toMatchObject({ state: "undecided", needsMs: 12_000 });
});

it("stops when it is told to, and says so", async () => {
  const stop = new AbortController();
  const server = await rawServer(() => stop.abort());
  const view = await diagnosed(server.url, { signal: stop.signal });
  expect([view.stopped?.code, view.running]).toEqual(["cancelled", false]);
  await expect.poll(() => server.open).toBe(0);
});

it("keeps what it saw of the stream until it was stopped", async () => {
  const stop = new AbortController();
  const server = await rawServer((talk) => void talk.stream().chunk("data: 1\n\n"));
  const view = await diagnosed(server.url, {
    signal: stop.signal,
    changed: ({ stages }) => {
      if (stages.some(({ stage, state }) => stage === "buffering" && state === "running")) stop.abort();
    },
  });
  expect([view.stopped?.code, view.verdict]).toEqual(["cancelled", "undecided"]);
  expect(stageOf(view, "status")).toMatchObject({ state: "ok", result: { code: "answered" } });
  expect(stageOf(view, "first-byte")).toMatchObject({ state: "ok" });
});

it("takes no longer than its budget, and calls what it did not see undecided", async () => {
  const server = await rawServer((talk) => void talk.stream().chunk("data: 1\n\n"));
  const view = await diagnosed(server.url, { budgetMs: 1200 });
  expect(view.elapsedMs).toBeLessThan(4000);
  expect(view.verdict).toBe("undecided");
});
