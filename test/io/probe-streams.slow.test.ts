/** The probes on streams that take seconds to show what they are. */
import { expect, it } from "vitest";
import { startDemoServer } from "../../main/io/demo/demo-server.ts";
import { rawServer, type Talk } from "../fakes/raw-server.ts";
import { codesOf, diagnosed, stageOf } from "./probe-run.ts";

/** Stamped events at a beat, until the client has gone. */
function speak(talk: Talk, everyMs = 100, from = 1): void {
  let n = from;
  const timer = setInterval(() => talk.chunk(`id: ${n}\ndata: {"ts":${Date.now()},"n":${n++}}\n\n`), everyMs);
  void talk.closed.then(() => clearInterval(timer));
}

const isStream = ({ request }: Talk) => request.startsWith("GET /events");
const missing = (talk: Talk) => talk.answer("404 Not Found", { "Content-Length": "0" });

it("calls a stream healthy that it saw well, one stream at a time, in few requests", async () => {
  const server = await rawServer((talk) => {
    if (!isStream(talk)) return void missing(talk);
    const last = Number(talk.header("last-event-id") ?? "");
    talk.stream();
    // What came after the id comes at once.
    if (last > 0) talk.chunk(`id: ${last + 1}\ndata: {"ts":${stamps.get(last + 1)},"n":${last + 1}}\n\n`);
    else tell(talk);
  });
  const stamps = new Map<number, number>();
  const tell = (talk: Talk) => {
    let n = 0;
    const timer = setInterval(() => {
      n++;
      if (!stamps.has(n)) stamps.set(n, Date.now());
      talk.chunk(`id: ${n}\ndata: {"ts":${stamps.get(n)},"n":${n}}\n\n`);
    }, 100);
    void talk.closed.then(() => clearInterval(timer));
  };
  const view = await diagnosed(server.url);
  expect([view.verdict, codesOf(view)]).toEqual(["healthy", []]);
  // All the time that is left is for holding it, and how long that was is said.
  expect(stageOf(view, "hold")).toMatchObject({ state: "ok", result: { code: "held" } });
  expect(Number(stageOf(view, "hold")?.result?.params["ms"])).toBeGreaterThan(4000);
  expect(view.elapsedMs).toBeLessThan(15_000);
  expect(stageOf(view, "framing")).toMatchObject({ state: "ok", result: { code: "chunked" } });
  expect(view.requests).toBeLessThanOrEqual(8);
  expect(view.told.every(({ requests }) => requests <= 20)).toBe(true);
  expect(server.talks.every(({ request }) => request.startsWith("GET "))).toBe(true);
}, 20_000);

it("sees where a resume is honoured, and where it is ignored", async () => {
  const kept: string[] = [];
  const timer = setInterval(() => kept.push(`id: ${kept.length + 1}\ndata: {"ts":${Date.now()}}\n\n`), 100);
  const serve = (honours: boolean) => (talk: Talk) => {
    if (!isStream(talk)) return void missing(talk);
    let next = honours && talk.header("last-event-id") !== null ? Number(talk.header("last-event-id")) : kept.length;
    talk.stream();
    const sending = setInterval(() => {
      for (; next < kept.length; next++) talk.chunk(kept[next] ?? "");
    }, 20);
    void talk.closed.then(() => clearInterval(sending));
  };
  const [good, bad] = [await rawServer(serve(true)), await rawServer(serve(false))];
  const honoured = await diagnosed(good.url);
  expect([honoured.verdict, stageOf(honoured, "resume")?.result?.code]).toEqual(["healthy", "honoured"]);
  const ignored = await diagnosed(bad.url);
  expect([ignored.verdict, codesOf(ignored)]).toEqual(["degraded", ["resume-ignored"]]);
  clearInterval(timer);
}, 30_000);

it("calls a resume honoured where the ids come again with another text", async () => {
  let newest = 0;
  const timer = setInterval(() => newest++, 200);
  const server = await rawServer((talk) => {
    if (!isStream(talk)) return void missing(talk);
    talk.stream();
    let next = Number(talk.header("last-event-id") ?? newest) + 1;
    const sending = setInterval(() => {
      for (; next <= newest; next++) talk.chunk(`id: ${next}\ndata: {"sent":"${performance.now()}"}\n\n`);
    }, 20);
    void talk.closed.then(() => clearInterval(sending));
  });
  const view = await diagnosed(server.url);
  expect([view.verdict, codesOf(view), stageOf(view, "resume")?.result?.code]).toEqual(["healthy", [], "honoured"]);
  clearInterval(timer);
}, 30_000);

it.each<[string, (talk: Talk) => void, string]>([
  ["with an error", (talk) => void talk.answer("410 Gone", { "Content-Length": "0" }), "resume-answered"],
  ["by hanging up", (talk) => talk.fin(), "resume-failed"],
])(
  "finds that a reconnect is refused %s",
  async (_, refuse, evidence) => {
    const server = await rawServer((talk) => {
      if (!isStream(talk)) return void missing(talk);
      if (talk.header("last-event-id") !== null) return refuse(talk);
      talk.stream();
      speak(talk);
    });
    const view = await diagnosed(server.url);
    expect([view.verdict, codesOf(view)]).toEqual(["broken", ["resume-refused"]]);
    expect(view.findings[0]?.evidence.map(({ code }) => code)).toEqual(
      expect.arrayContaining([evidence, "opens-without-id"]),
    );
    expect(stageOf(view, "resume")).toMatchObject({ state: "warning", result: { code: "refused" } });
  },
  30_000,
);

it("takes a refusal of everything that comes later for no refusal of the id", async () => {
  let asked = 0;
  const server = await rawServer((talk) => {
    if (!isStream(talk)) return void missing(talk);
    if (++asked > 3) return void talk.answer("429 Too Many Requests", { "Content-Length": "0" });
    talk.stream();
    speak(talk);
  });
  const view = await diagnosed(server.url);
  expect(codesOf(view)).not.toContain("resume-refused");
  expect(stageOf(view, "resume")?.state).not.toBe("ok");
}, 30_000);

/** Events without stamps, each for itself. */
const eachBeat = (everyMs: number) => (talk: Talk) => {
  if (!isStream(talk)) return void missing(talk);
  talk.stream();
  const timer = setInterval(() => talk.chunk("data: tick\n\n"), everyMs);
  void talk.closed.then(() => clearInterval(timer));
};

it("finds a buffer behind prompt headers where the direct path flows", async () => {
  const origin = await rawServer(eachBeat(500));
  const server = await rawServer((talk) => void (isStream(talk) ? talk.stream() : missing(talk)));
  const view = await diagnosed(server.url, { compare: { url: origin.url, headers: [] } });
  expect([view.verdict, codesOf(view)[0]]).toEqual(["broken", "buffering"]);
  expect(view.elapsedMs).toBeLessThan(15_000);
}, 30_000);

it("finds gulps of small events that come one by one directly", async () => {
  const origin = await rawServer(eachBeat(250));
  const server = await rawServer((talk) => {
    if (!isStream(talk)) return void missing(talk);
    talk.stream();
    const timer = setInterval(() => talk.chunk("data: tick\n\n".repeat(8)), 2000);
    void talk.closed.then(() => clearInterval(timer));
  });
  const view = await diagnosed(server.url, { compare: { url: origin.url, headers: [] } });
  expect([view.verdict, codesOf(view)[0]]).toEqual(["degraded", "buffering"]);
}, 30_000);

it("measures the cut of a silent stream when asked, and only then", async () => {
  const server = await rawServer((talk) => {
    if (!isStream(talk)) return void missing(talk);
    talk.stream().chunk(": open\n\n");
    setTimeout(() => talk.fin(), 10_000);
  });
  const asked = await diagnosed(server.url, { idleLimitMs: 20_000 });
  expect(codesOf(asked)[0]).toBe("idle-cut");
  expect(stageOf(asked, "idle-cut")?.result).toMatchObject({ code: "cut" });
  expect(Number(stageOf(asked, "idle-cut")?.result?.params["ms"])).toBeGreaterThan(9500);
  const unasked = await diagnosed(server.url);
  expect([unasked.verdict, codesOf(unasked)]).toEqual(["undecided", []]);
  expect(stageOf(unasked, "heartbeat")).toMatchObject({ state: "undecided", needsMs: 60_000 });
}, 60_000);

it("knows a truncated end from a reset and from a good one", async () => {
  const ends: readonly [(talk: Talk) => void, string, string][] = [
    [(talk) => talk.fin(), "cut", "ended-truncated"],
    [(talk) => talk.rst(), "cut", "ended-reset"],
    [(talk) => void talk.send("0\r\n\r\n"), "ended", "ended-clean"],
  ];
  for (const [end, code, evidence] of ends) {
    const server = await rawServer((talk) => {
      if (!isStream(talk)) return void missing(talk);
      talk.stream();
      speak(talk);
      setTimeout(() => end(talk), 450);
    });
    const [first] = (await diagnosed(server.url)).findings;
    expect([first?.code, first?.evidence.map((one) => one.code)]).toEqual([code, expect.arrayContaining([evidence])]);
  }
}, 40_000);

it("finds that a stream which flows is cut after some seconds, each time", async () => {
  const server = await rawServer((talk) => {
    if (!isStream(talk)) return void missing(talk);
    talk.stream();
    speak(talk);
    setTimeout(() => talk.fin(), 3200);
  });
  const view = await diagnosed(server.url);
  expect(view.findings[0]).toMatchObject({
    code: "max-duration",
    confidence: 0.92,
  });
  expect(stageOf(view, "hold")).toMatchObject({
    state: "warning",
    result: { code: "ended" },
  });
  expect(view.requests).toBeLessThanOrEqual(20);
}, 20_000);

it("calls the embedded server healthy, which greets everybody with its history", async () => {
  const server = await startDemoServer({
    port: 0,
    rateHz: 1,
    faults: {},
    welcome: 12,
  });
  try {
    const view = await diagnosed(server.url);
    expect([view.verdict, stageOf(view, "resume")?.result?.code]).toEqual(["healthy", "honoured"]);
  } finally {
    await server.close();
  }
}, 20_000);

it("names a forward proxy that takes whole addresses and never answers, and no origin behind one that lives", async () => {
  const dead = await rawServer(() => {});
  // It lives, and the origin behind it is mute: whole addresses wait, a question for the proxy itself is refused.
  const live = await rawServer((talk) => {
    if (talk.request.startsWith("GET / ")) talk.answer("400 Bad Request", { "Content-Length": "0" });
  });
  const by = (port: number) =>
    diagnosed("http://site.example/events", { route: { kind: "http", url: `http://127.0.0.1:${port}` } });
  const [silent, well] = await Promise.all([by(dead.port), by(live.port)]);
  expect(codesOf(silent)).toEqual(["proxy-unreachable"]);
  expect(stageOf(silent, "proxy")).toMatchObject({ state: "failed", result: { code: "silent" } });
  expect(silent.elapsedMs).toBeLessThan(15_000);
  expect(codesOf(well)).not.toContain("proxy-unreachable");
  expect(stageOf(well, "proxy")?.state).toBe("ok");
  expect(live.talks.at(-1)?.header("host")).toBe(`127.0.0.1:${live.port}`);
}, 30_000);

it("waits with a larger budget for a slow server, that a smaller one cannot tell from a mute one", async () => {
  const server = await rawServer((talk) => {
    if (isStream(talk)) setTimeout(() => talk.stream().chunk(": late\n\n"), 14_000);
    else missing(talk);
  });
  const view = await diagnosed(server.url, { budgetMs: 20_000 });
  expect(stageOf(view, "headers-time")).toMatchObject({ state: "warning", result: { code: "late" } });
}, 40_000);

it("says of nothing that it needs the time that it had", async () => {
  const server = await rawServer((talk) => void (isStream(talk) ? talk.stream() : missing(talk)));
  const view = await diagnosed(server.url, { budgetMs: 60_000 });
  expect(stageOf(view, "first-byte")).toMatchObject({ state: "warning", result: { code: "none" } });
  expect(Number(stageOf(view, "first-byte")?.result?.params["ms"])).toBeGreaterThan(40_000);
  expect(view.stages.filter(({ needsMs }) => needsMs !== null)).toEqual([]);
  expect(view.elapsedMs).toBeLessThan(62_000);
}, 90_000);
