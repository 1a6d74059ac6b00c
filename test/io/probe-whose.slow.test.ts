/** How long the probes look before anybody is blamed: directly for as long as the path lasted, twice where one answer was slow. */
import { expect, it } from "vitest";
import { rawServer, type Talk } from "../fakes/raw-server.ts";
import { codesOf, diagnosed, stageOf } from "./probe-run.ts";

const isStream = ({ request }: Talk) => request.startsWith("GET /events");
const asksGzip = (talk: Talk) => talk.header("accept-encoding")?.includes("gzip") === true;

/** What it does to the nth request for the stream. */
function server(script: (talk: Talk, nth: number) => unknown) {
  let asked = 0;
  return rawServer((talk) => {
    if (isStream(talk)) script(talk, ++asked);
    else talk.answer("404 Not Found", { "Content-Length": "0" });
  });
}

/** An event each 250 ms, the count of which is its id where that is not left out; null where the client has none. */
function speak(talk: Talk, idOf: (n: number) => number | null = () => null): void {
  let n = 0;
  const timer = setInterval(() => {
    const id = idOf(++n);
    talk.chunk(id === null ? "data: x\n\n" : `id: ${id}\ndata: x${id}\n\n`);
  }, 250);
  void talk.closed.then(() => clearInterval(timer));
}

const flows = () => server((talk) => speak(talk.stream()));
const cutAfter = (ms: number) =>
  server((talk) => {
    speak(talk.stream());
    setTimeout(() => talk.fin(), ms);
  });
const withDirect = ({ url }: { readonly url: string }) => ({ compare: { url, headers: [] } });

it("watches directly until that outlives the path's end, and lays the end to the proxy then", async () => {
  const [path, origin] = [await cutAfter(2100), await flows()];
  const view = await diagnosed(path.url, withDirect(origin));
  expect(stageOf(view, "direct")).toMatchObject({ state: "ok", result: { code: "compared" } });
  expect(view.findings).toMatchObject([{ code: "max-duration", confidence: 0.92, fix: { product: "proxy" } }]);
  expect(view.findings[0]?.evidence.map(({ code }) => code)).toContain("direct-stays");
}, 30_000);

it("says which budget shows whose the end of a held stream is, and shows it with that", async () => {
  const [path, origin] = [await cutAfter(4000), await flows()];
  const short = await diagnosed(path.url, withDirect(origin));
  const { state, needsMs } = stageOf(short, "direct") ?? {};
  expect([state, codesOf(short)]).toEqual(["undecided", ["max-duration"]]);
  const view = await diagnosed(path.url, { ...withDirect(origin), budgetMs: needsMs ?? 0 });
  expect(stageOf(view, "direct")).toMatchObject({ state: "ok", result: { code: "compared" } });
  expect(view.findings).toMatchObject([{ code: "max-duration", fix: { product: "proxy" } }]);
}, 60_000);

it("lays no slow answer to compression that is slow only once, and one that is slow whenever it is asked for", async () => {
  const slow = (which: (talk: Talk, nth: number) => boolean) =>
    server((talk, nth) =>
      setTimeout(() => !talk.socket.destroyed && speak(talk.stream()), which(talk, nth) ? 4000 : 0),
    );
  const [once, always] = [await slow((_, nth) => nth === 2), await slow(asksGzip)];
  const [accident, compression] = await Promise.all([diagnosed(once.url), diagnosed(always.url)]);
  expect([accident.verdict, codesOf(accident)]).toEqual(["healthy", []]);
  expect(stageOf(accident, "compression")).toMatchObject({ state: "ok", result: { code: "none" } });
  expect(compression.findings).toMatchObject([{ code: "compression", confidence: 0.85 }]);
}, 30_000);

it("finds a body that is called compressed and is not", async () => {
  const path = await server((talk) =>
    speak(talk.stream({ "Transfer-Encoding": "chunked", ...(asksGzip(talk) ? { "Content-Encoding": "gzip" } : {}) })),
  );
  const view = await diagnosed(path.url);
  expect([view.verdict, codesOf(view)]).toEqual(["broken", ["compression"]]);
  expect(stageOf(view, "compression")).toMatchObject({ state: "warning", result: { code: "unreadable" } });
}, 30_000);

it("finds events that are lost on the way, where directly none is", async () => {
  const path = await server((talk) => speak(talk.stream(), (n) => n + Math.floor(n / 3)));
  const origin = await server((talk) => speak(talk.stream(), (n) => n));
  const [lost, alone] = await Promise.all([diagnosed(path.url, withDirect(origin)), diagnosed(path.url)]);
  expect([lost.verdict, codesOf(lost)]).toEqual(["broken", ["lost-events"]]);
  expect(lost.findings[0]?.fix.product).toBe("proxy");
  expect(codesOf(alone)).toEqual([]);
}, 30_000);

it("bears a pause in what it holds that is as long as one it saw before", async () => {
  const path = await server((talk) => {
    talk.stream();
    const burst = () => {
      for (let i = 0; i < 5; i++) setTimeout(() => talk.chunk(`data: ${performance.now()}\n\n`), 80 * i);
    };
    burst();
    const timer = setInterval(burst, 4000);
    void talk.closed.then(() => clearInterval(timer));
  });
  const view = await diagnosed(path.url);
  expect(codesOf(view)).toEqual([]);
  expect(Number(stageOf(view, "hold")?.result?.params["ms"])).toBeGreaterThan(4000);
}, 30_000);

it("knows a stream that says that it is through", async () => {
  const path = await server((talk) => {
    talk.stream();
    for (let i = 1; i <= 20; i++) setTimeout(() => talk.chunk(`data: ${i < 20 ? i : "[DONE]"}\n\n`), 50 * i);
    setTimeout(() => talk.send("0\r\n\r\n"), 1050);
  });
  const view = await diagnosed(path.url);
  expect(view.findings).toMatchObject([{ code: "ended", confidence: 0.6, severity: "degraded" }]);
  expect(view.findings[0]?.evidence.map(({ code }) => code)).toContain("said-done");
}, 30_000);

it("keeps to its budget also where the direct answer is as slow as the path's", async () => {
  const slow = () => server((talk) => setTimeout(() => !talk.socket.destroyed && talk.stream(), 3800));
  const [path, origin] = [await slow(), await slow()];
  const budgetMs = 12_000;
  const view = await diagnosed(path.url, { ...withDirect(origin), budgetMs });
  // It is looked at four times a second, and a busy machine is late.
  expect(view.elapsedMs).toBeLessThan(budgetMs + 1000);
}, 30_000);
