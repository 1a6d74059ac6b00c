/** Streams by real forward proxies: Squid and tinyproxy, in absolute form, through tunnels, with a sign-in, and refused. */
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { attempt } from "../fakes/attempt.ts";
import { certificate } from "../fakes/certificate.ts";
import { eventOrigin } from "../fakes/event-origin.ts";
import { freePort } from "../fakes/free-port.ts";
import { rawServer, type Script } from "../fakes/raw-server.ts";
import { webSocketServer } from "../fakes/websocket-server.ts";
import { manually } from "../io/proxy/proxied.ts";
import { wsAttempt } from "../io/websocket-attempt.ts";
import { forwardProgram, needProgram } from "./forward-programs.ts";

const both = ["squid", "tinyproxy"] as const;
const good: Script = (talk) => void talk.stream().chunk("id: 1\ndata: a\n\n");

/** A server that this process trusts, for as long as the test. */
async function trustedServer(script: Script) {
  const day = 86_400_000;
  const pair = certificate({ ip: "127.0.0.1" }, new Date(Date.now() - day), new Date(Date.now() + day));
  const before = getCACertificates("default");
  setDefaultCACertificates([pair.cert]);
  onTestFinished(() => setDefaultCACertificates(before));
  return rawServer(script, { tls: pair });
}

for (const name of both) {
  it(`by ${name} a stream over http: comes event by event, even where tunnels are for 443 only`, async (context) => {
    needProgram(name, context);
    const origin = await eventOrigin();
    const proxy = await forwardProgram(name, { tunnelPorts: [443] });
    const one = attempt(origin.url, { proxies: manually(`127.0.0.1:${proxy.port}`) });
    await one.until("opened");
    for (let n = 1; n <= 5; n++) {
      origin.publish(`${n}`);
      await expect.poll(() => one.data.length).toBe(n);
    }
    expect(one.told[0]).toEqual({ type: "via", proxy: `http://127.0.0.1:${proxy.port}`, tunnel: false });
    one.connection.close();
    await expect.poll(() => origin.listeners).toBe(0);
  });

  it(`by ${name} a stream over https: goes through a tunnel, which sees nothing of it`, async (context) => {
    needProgram(name, context);
    const origin = await trustedServer(good);
    const proxy = await forwardProgram(name);
    const headers = [["Authorization", "Bearer s3cret"]] as const;
    const one = attempt(origin.url, { proxies: manually(`127.0.0.1:${proxy.port}`), headers });
    await one.until("events");
    expect(one.told.slice(0, 2)).toEqual([
      { type: "via", proxy: `http://127.0.0.1:${proxy.port}`, tunnel: true },
      { type: "connected" },
    ]);
    expect(origin.talks[0]?.header("via")).toBeNull();
    expect(origin.talks[0]?.header("authorization")).toBe("Bearer s3cret");
    one.connection.close();
    await expect.poll(() => origin.open).toBe(0);
    await expect.poll(() => proxy.log()).toContain(`127.0.0.1:${origin.port}`);
    expect(proxy.log()).not.toContain("s3cret");
  });

  it(`by ${name} a WebSocket goes through a tunnel`, async (context) => {
    needProgram(name, context);
    const { url } = await webSocketServer((peer) => void peer.send("hello"));
    const proxy = await forwardProgram(name);
    const one = wsAttempt(url, { proxies: manually(`127.0.0.1:${proxy.port}`) });
    await one.until("events");
    expect(one.data).toEqual(["hello"]);
  });

  it(`${name} that wants a sign-in lets us through with the right one, which the server never sees`, async (context) => {
    needProgram(name, context);
    const origin = await rawServer(good);
    const secure = await trustedServer(good);
    const proxy = await forwardProgram(name, { wants: "ann:word" });
    const proxies = manually(`127.0.0.1:${proxy.port}`, "ann", "word");
    await attempt(origin.url, { proxies }).until("events");
    await attempt(secure.url, { proxies }).until("events");
    for (const talk of [...origin.talks, ...secure.talks]) expect(talk.header("proxy-authorization")).toBeNull();
  });

  it(`${name} that wants a sign-in is told from a server that does`, async (context) => {
    needProgram(name, context);
    const proxy = await forwardProgram(name, { wants: "ann:word" });
    const proxies = manually(`127.0.0.1:${proxy.port}`);
    for (const url of ["http://127.0.0.1:9/events", "https://127.0.0.1:9/events"]) {
      expect(await attempt(url, { proxies }).failure()).toMatchObject({
        family: "PROXY",
        kind: "proxy-auth",
        final: true,
        params: { status: 407, code: "Basic", advice: "proxy-auth-missing", proxy: `http://127.0.0.1:${proxy.port}` },
      });
    }
  });

  it(`${name} that cannot reach the server is told from a server that fails`, async (context) => {
    needProgram(name, context);
    const port = await freePort();
    const proxy = await forwardProgram(name);
    const proxies = manually(`127.0.0.1:${proxy.port}`);
    for (const scheme of ["http", "https"]) {
      const failure = await attempt(`${scheme}://127.0.0.1:${port}/events`, { proxies }).failure();
      expect(failure).toMatchObject({ family: "PROXY", kind: "bad-gateway" });
      expect(failure.params).toMatchObject({ proxy: `http://127.0.0.1:${proxy.port}` });
    }
  });

  it(`${name} that lets nobody through is told from a server that forbids`, async (context) => {
    needProgram(name, context);
    const proxy = await forwardProgram(name, { deny: true });
    const proxies = manually(`127.0.0.1:${proxy.port}`);
    for (const url of ["http://127.0.0.1:9/events", "https://127.0.0.1:9/events"]) {
      const failure = await attempt(url, { proxies }).failure();
      expect(failure).toMatchObject({ family: "PROXY", kind: "tunnel-refused", status: 403 });
      if (name === "squid") expect(failure.params["code"]).toBe("ERR_ACCESS_DENIED");
    }
  });

  it(`by ${name} a server's own refusals stay the server's`, async (context) => {
    needProgram(name, context);
    const origin = await rawServer((talk) => void talk.answer("403 Forbidden", { "Content-Length": "0" }));
    const proxy = await forwardProgram(name);
    expect(await attempt(origin.url, { proxies: manually(`127.0.0.1:${proxy.port}`) }).ended()).toBe("AUTH forbidden");
  });
}
