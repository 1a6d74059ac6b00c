/** What the probes make of later requests for the same stream, of what comes directly, and of the ways to a redirect's target. */
import { expect, it } from "vitest";
import type { Proxies } from "../../main/io/ports.ts";
import { waysOf } from "../../main/io/probe/route.ts";
import { freePort } from "../fakes/free-port.ts";
import { rawServer, type Talk } from "../fakes/raw-server.ts";
import { codesOf, diagnosed, stageOf } from "./probe-run.ts";

const isStream = ({ request }: Talk) => /^GET (http:\/\/[^/ ]+)?\/events/.test(request);
const missing = (talk: Talk) => talk.answer("404 Not Found", { "Content-Length": "0" });
const fails = (talk: Talk) => talk.answer("502 Bad Gateway", { "Content-Length": "0" });

/** The same numbered events for everybody, one each 300 ms, from the id that was asked for on, until the client has gone. */
function speak(talk: Talk): void {
  const newest = () => Math.floor(Date.now() / 300);
  let next = Number(talk.header("last-event-id") ?? newest()) + 1;
  talk.stream();
  const timer = setInterval(() => {
    for (; next <= newest(); next++) talk.chunk(`id: ${next}\ndata: ${next}\n\n`);
  }, 20);
  void talk.closed.then(() => clearInterval(timer));
}

/** A stream, where not what the nth request for it gets instead. */
function server(instead: (talk: Talk, nth: number) => unknown) {
  let asked = 0;
  return rawServer((talk) => {
    if (!isStream(talk)) return void missing(talk);
    if (instead(talk, ++asked) === false) speak(talk);
  });
}

const paramsOf = (view: Awaited<ReturnType<typeof diagnosed>>, code: string) =>
  view.findings[0]?.evidence.find((one) => one.code === code)?.params;

it("finds what a later request gets otherwise, whichever it is", async () => {
  const nth = (which: number, instead: (talk: Talk) => unknown) =>
    server((talk, n) => (n === which ? void instead(talk) : false));
  const servers = [
    await nth(2, fails),
    await nth(3, (talk) => talk.fin()),
    await nth(3, (talk) => talk.stream()),
    // After the compressed one, the repeated one, the resumed one and that for a WebSocket: it was to be held.
    await nth(6, fails),
    await nth(5, fails),
    await nth(6, (talk) => talk.stream()),
  ];
  const [compressed, closed, silent, held, upgraded, unheard] = await Promise.all(
    servers.map(({ url }) => diagnosed(url)),
  );
  for (const view of [compressed, closed, silent, held, upgraded, unheard]) {
    expect([view?.verdict, view === undefined ? [] : codesOf(view)]).toEqual(["broken", ["unsteady"]]);
    expect(view?.requests).toBeLessThanOrEqual(20);
  }
  expect(
    [compressed, closed, silent, held, upgraded, unheard].map((view) => view?.findings[0]?.evidence[0]?.code),
  ).toEqual(["later-answered", "later-failed", "later-silent", "later-answered", "later-answered", "later-silent"]);
  expect(held && stageOf(held, "hold")).toMatchObject({ state: "warning", result: { code: "answered" } });
}, 40_000);

it("takes one accident for no refusal of a resume, and follows where a reconnect is sent", async () => {
  let resumed = 0;
  const accident = await server((talk) =>
    talk.header("last-event-id") !== null && ++resumed === 1 ? fails(talk) : false,
  );
  const elsewhere = await server((talk) => {
    const isSent = talk.header("last-event-id") !== null && !talk.request.startsWith("GET /events/replay");
    return isSent && talk.answer("307 Temporary Redirect", { Location: "/events/replay", "Content-Length": "0" });
  });
  const [once, sent] = await Promise.all([diagnosed(accident.url), diagnosed(elsewhere.url)]);
  expect(codesOf(once)).toEqual(["unsteady"]);
  expect(stageOf(once, "resume")?.result?.code).toBe("honoured");
  expect([sent.verdict, codesOf(sent), stageOf(sent, "resume")?.result?.code]).toEqual(["healthy", [], "honoured"]);
}, 40_000);

it("gives the direct comparison the time that the path's end took, before everything else", async () => {
  const ends = () =>
    server((talk) => {
      talk.stream().chunk("data: hi\n\n");
      setTimeout(() => talk.send("0\r\n\r\n"), 5000);
    });
  const [path, origin] = [await ends(), await ends()];
  const view = await diagnosed(path.url, { compare: { url: origin.url, headers: [] } });
  expect(stageOf(view, "direct")).toMatchObject({ state: "ok", result: { code: "compared" } });
  expect(view.findings[0]).toMatchObject({ code: "idle-cut", confidence: 0.93, fix: { product: "origin" } });
  expect(view.findings[0]?.evidence.map(({ code }) => code)).toContain("direct-ends");
}, 40_000);

it("calls what it listened to an end where it was not for a silence", async () => {
  const path = await server((talk) => {
    talk.stream();
    const timer = setInterval(() => talk.chunk("data: tick\n\n"), 4500);
    setTimeout(() => talk.fin(), 17_000);
    void talk.closed.then(() => clearInterval(timer));
  });
  const view = await diagnosed(path.url, { idleLimitMs: 30_000 });
  expect([view.verdict, codesOf(view)]).toEqual(["broken", ["max-duration"]]);
  expect(stageOf(view, "idle-cut")).toMatchObject({ state: "warning", result: { code: "ended" } });
}, 60_000);

it("finds a rest that is kept behind the first bytes, where the direct path flows", async () => {
  const [path, origin] = [await server((talk) => void talk.stream().chunk(": ok\n\n")), await server(() => false)];
  const view = await diagnosed(path.url, { compare: { url: origin.url, headers: [] } });
  expect([view.verdict, codesOf(view)]).toEqual(["broken", ["buffering"]]);
  expect(paramsOf(view, "nothing-after")).toMatchObject({ bytes: 6 });
}, 40_000);

it("takes a state that comes in parts for a greeting, also where it is asked directly", async () => {
  const greets = (count: number) =>
    server((talk) => {
      talk.stream();
      for (let part = 1; part <= count; part++) setTimeout(() => talk.chunk(`data: part ${part}\n\n`), 200 * part);
    });
  const [path, origin, longer] = [await greets(5), await greets(5), await greets(9)];
  const views = await Promise.all([
    // Its rhythm is taken for one at first: only what is held shows that it stops.
    diagnosed(longer.url),
    diagnosed(path.url),
    diagnosed(path.url, { compare: { url: origin.url, headers: [] } }),
  ]);
  for (const view of views) expect([view.verdict, codesOf(view)]).toEqual(["undecided", []]);
}, 40_000);

it("holds a direct 401 against the path only where the credential was given for both", async () => {
  const origin = await server((talk) =>
    talk.header("authorization") === "Bearer mine" ? false : talk.answer("401 Unauthorized", { "Content-Length": "0" }),
  );
  const stripping = await server((talk) => void talk.answer("401 Unauthorized", { "Content-Length": "0" }));
  const headers = [["Authorization", "Bearer mine"]] as const;
  const view = await diagnosed(stripping.url, { headers, compare: { url: origin.url, headers: [] } });
  expect(codesOf(view)[0]).toBe("unauthorized");
  expect(view.findings[0]?.confidence).toBeLessThan(0.9);
  expect(view.findings[0]?.evidence.map(({ code }) => code)).not.toContain("direct-same");
}, 40_000);

const proxyAt = (port: number) =>
  ({ kind: "proxy", scheme: "http", host: "127.0.0.1", port, credentials: null }) as const;
const proxies = (waysTo: Proxies["waysTo"]): Proxies => ({
  key: "test",
  waysTo,
  putOff: () => {},
  refused: () => {},
  patience: () => () => {},
});

it("asks for the way of each address that a redirect leads to", async () => {
  const target = await server(() => false);
  const proxy = await rawServer((talk) => {
    if (talk.request.startsWith("GET http://site.example/"))
      talk.answer("307 Temporary Redirect", { Location: target.url, "Content-Length": "0" });
    else talk.answer("403 Forbidden", { "Content-Length": "0" });
  });
  const ways = waysOf(
    proxies(async (url) => (url.startsWith("http://site.example/") ? [proxyAt(proxy.port)] : [{ kind: "direct" }])),
  );
  const view = await diagnosed("http://site.example/events", { ways });
  expect([view.verdict, codesOf(view)]).toEqual(["healthy", []]);
  expect(proxy.talks).toHaveLength(1);
  const nowhere = waysOf(
    proxies(async (url) =>
      url.startsWith("http://site.example/") ? [proxyAt(proxy.port)] : [{ kind: "unusable", where: "settings" }],
    ),
  );
  const stopped = await diagnosed("http://site.example/events", { ways: nowhere });
  expect(stopped.findings[0]).toMatchObject({ code: "redirect", fix: { product: "client" } });
}, 40_000);

it("goes on to the next way of a list where a proxy is not there, and says so", async () => {
  const [gone, target] = [await freePort(), await server(() => false)];
  const ways = waysOf(proxies(async () => [proxyAt(gone), { kind: "direct" }]));
  const view = await diagnosed(target.url, { ways });
  expect([view.verdict, codesOf(view)]).toEqual(["degraded", ["proxy-unreachable"]]);
  expect(stageOf(view, "proxy")).toMatchObject({ state: "warning", result: { code: "passed-by" } });
  expect(stageOf(view, "status")?.state).toBe("ok");
}, 40_000);
