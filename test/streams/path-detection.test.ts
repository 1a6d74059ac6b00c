/** What a stream makes of what its path shows: who stands on it, what the machine is told, and what is remembered. */
import { expect, it } from "vitest";
import { type Event, initialState, sliceOf } from "../../main/core/connection/connection-state.ts";
import type { KnownPath } from "../../main/core/detection/known-path.ts";
import type { AnswerSeen } from "../../main/core/detection/observation.ts";
import { PathDetection } from "../../main/streams/path-detection.ts";
import { group, opened } from "../core/play.ts";
import { fakeClock } from "../fakes/stream-world.ts";

const varnish: AnswerSeen = {
  what: "answer",
  to: "path",
  forwarded: false,
  unrouted: false,
  status: 200,
  httpVersion: "1.1",
  headers: [
    ["Content-Type", "text/event-stream"],
    ["X-Varnish", "3"],
    ["Via", "1.1 varnish (Varnish/7.1)"],
  ],
  framing: "chunked",
  body: "",
  headersMs: 4,
};
const nginx502: AnswerSeen = {
  ...varnish,
  status: 502,
  headers: [
    ["Server", "nginx/1.22.1"],
    ["Content-Type", "text/html"],
  ],
  body: "<html><body><hr><center>nginx/1.22.1</center></body></html>",
};

function detection(kept: Record<string, KnownPath> = {}) {
  const clock = fakeClock();
  const told: unknown[] = [];
  const noted: Record<string, KnownPath> = {};
  const paths = {
    recall: (key: string) => kept[key] ?? null,
    note: (key: string, path: KnownPath) => void Object.assign(noted, { [key]: path }),
  };
  const one = new PathDetection({ clock, keys: ["a", "b"], paths, tell: (news) => void told.push(news) });
  return { clock, one, told, noted };
}

const products = ({ hops }: KnownPath) => hops.map(({ product }) => product);

it("tells the machine the default of who stands there, once, and keeps who it is", () => {
  const { one, told, noted } = detection();
  one.saw(0, varnish);
  one.saw(0, varnish);
  expect(products(one.of(0))).toEqual(["varnish"]);
  expect(told).toEqual([{ candidate: 0, idleDefaultMs: 60_000, idleCutMs: null }]);
  expect(noted["a"]).toMatchObject({ hops: [{ product: "varnish", version: "7.1" }], idleCutMs: null });
  expect(one.of(1).hops).toEqual([]);
});

it("does not forget what a path showed in a failure because it goes well", () => {
  const { one } = detection();
  one.saw(0, nginx502);
  for (let i = 0; i < 20; i++) one.saw(0, { ...varnish, headers: [["Content-Type", "text/event-stream"]] });
  expect(products(one.of(0))).toEqual(["nginx"]);
  expect(one.of(0).hops[0]?.confidence).toBeGreaterThan(0.9);
});

it("remembers who showed himself in an answer that is no longer looked at, behind those who show themselves now", () => {
  const { one } = detection();
  const plain = { ...varnish, headers: [["Content-Type", "text/html"]] } as const;
  one.saw(0, { ...varnish, status: 500 });
  for (let status = 400; status < 405; status++) one.saw(0, { ...plain, status });
  one.saw(0, { ...plain, status: 404, headers: [["Server", "nginx/1.22.1"]] });
  expect(products(one.of(0))).toEqual(["varnish", "nginx"]);
  one.saw(0, { ...plain, status: 405 });
  expect(products(one.of(0))).toEqual(["nginx", "varnish"]);
});

it("concludes nothing on a network from the answers that came on another", () => {
  const { one } = detection();
  one.saw(0, varnish);
  one.moved();
  one.saw(0, { ...varnish, status: 404, headers: [["Content-Type", "text/html"]] });
  expect(one.of(0).hops).toEqual([]);
});

it("begins on a network with what was known there, and with nothing of another", () => {
  const hop = { product: "haproxy", version: null, role: "reverse", confidence: 0.95 } as const;
  const { one, told } = detection({ b: { hops: [hop], idleCutMs: 45_000 } });
  one.saw(0, varnish);
  told.length = 0;
  one.moved();
  expect(one.of(0).hops).toEqual([]);
  expect(products(one.of(1))).toEqual(["haproxy"]);
  expect(told).toEqual([{ candidate: 1, idleDefaultMs: 30_000, idleCutMs: 45_000 }]);
});

it("keeps a cut that the machine has learned, and its end, and not that another network took it", () => {
  const { one, noted } = detection();
  const before = initialState(group(["a", "b"]));
  const withCut = (cutMs: number | null, survivedMs = 0) => ({
    ...before,
    standings: before.standings.map((standing, i) =>
      i === 1 ? { ...standing, idleCut: { ...standing.idleCut, cutMs, survivedMs } } : standing,
    ),
  });
  const timer: Event = { type: "timer" };
  one.took(timer, before, withCut(60_000));
  expect(noted["b"]?.idleCutMs).toBe(60_000);
  one.took(timer, withCut(60_000), withCut(null));
  expect(noted["b"]?.idleCutMs).toBe(60_000);
  one.took(timer, withCut(60_000), withCut(null, 80_000));
  expect(noted["b"]?.idleCutMs).toBeNull();
});

it("names HAProxy by batches that the server's stamps betray", async () => {
  const { clock, one } = detection();
  const idle = initialState(group(["a"]));
  const base = { generation: 1, candidate: 0, startedAt: 0, dialled: true, sent: true, asked: false } as const;
  const state = { ...idle, link: { phase: "connecting", ...base } } as unknown as typeof idle;
  const take = (event: Event): void => one.took(event, state, state);
  take(opened(1));
  for (let i = 0; i < 42; i++) {
    await clock.advance(205);
    take({ type: "bytes", count: 80, generation: 1 });
    for (const lateMs of [100 + (i % 3) * 50, 5]) {
      const stampedAt = clock.utc() - lateMs;
      const event = { id: null, lastEventId: "", type: "message", data: "", bytes: 9, flags: [], stampedAt } as const;
      take({ ...sliceOf([event]), generation: 1 });
    }
  }
  expect(products(one.of(0))).toEqual(["haproxy"]);
  expect(one.of(0).hops[0]?.confidence).toBeLessThan(0.8);
});
