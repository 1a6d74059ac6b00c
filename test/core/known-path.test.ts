/** What is remembered of a path: what it showed once is not forgotten, and whose default cuts a silence. */
import { expect, it } from "vitest";
import {
  idleDefaultOf,
  isSamePath,
  type KnownHop,
  mergedHops,
  unknownPath,
} from "../../main/core/detection/known-path.ts";

const hop = (product: string, confidence: number, version: string | null = null): KnownHop => ({
  product,
  version,
  role: "reverse",
  confidence,
});
const seen = (...hops: readonly KnownHop[]) => hops.map((one) => ({ ...one, evidence: [] }));

it.each<[string, KnownHop, KnownHop, KnownHop]>([
  [
    "surer before, with the version of then",
    hop("nginx", 0.5),
    hop("nginx", 0.95, "1.22.1"),
    hop("nginx", 0.95, "1.22.1"),
  ],
  [
    "surer before, with the version of now",
    hop("nginx", 0.5, "1.26"),
    hop("nginx", 0.95, "1.22"),
    hop("nginx", 0.95, "1.26"),
  ],
  ["as sure before", hop("nginx", 0.7), hop("nginx", 0.7, "1.22.1"), hop("nginx", 0.7)],
  ["less sure before", hop("nginx", 0.9), hop("nginx", 0.7, "1.22.1"), hop("nginx", 0.9)],
])("a hop is what is known of it, %s", (_what, now, before, merged) => {
  expect(mergedHops(seen(now), [before])).toEqual([merged]);
});

it("looks for a hop among all that were there, and has each once", () => {
  const before = [hop("varnish", 0.9, "7.1"), hop("nginx", 0.95, "1.22.1")];
  expect(mergedHops(seen(hop("nginx", 0.7), hop("caddy", 0.8)), before)).toEqual([
    hop("nginx", 0.95, "1.22.1"),
    hop("caddy", 0.8),
    hop("varnish", 0.9, "7.1"),
  ]);
});

it("knows nothing of a path that it was never on", () => {
  expect(unknownPath).toEqual({ hops: [], idleCutMs: null });
});

it("keeps those that do not show themselves now behind those that do, and eight at most", () => {
  const before = [hop("varnish", 0.9), hop("nginx", 0.3)];
  expect(mergedHops(seen(hop("nginx", 0.7)), before).map(({ product }) => product)).toEqual(["nginx", "varnish"]);
  const many = Array.from({ length: 9 }, (_, i) => hop(`p${i}`, 0.9));
  expect(mergedHops(seen(hop("nginx", 0.7)), many).map(({ product }) => product)).toEqual([
    "nginx",
    ...many.slice(0, 7).map(({ product }) => product),
  ]);
});

it.each<[string, readonly KnownHop[], number | null]>([
  ["of one who is likely there", [hop("haproxy", 0.6)], 30_000],
  ["of nobody who is only hinted at", [hop("haproxy", 0.59)], null],
  ["of nobody who is known to have none", [hop("pingora", 0.9)], null],
  [
    "of the nearest who has one",
    [hop("pingora", 0.9), hop("haproxy", 0.5), hop("heroku", 0.8), hop("nginx", 0.9)],
    55_000,
  ],
  ["of nobody on an empty path", [], null],
])("the default is that %s", (_what, hops, ms) => {
  expect(idleDefaultOf(hops)).toBe(ms);
});

it("a path is the same while its hops and its cut are", () => {
  const path = { hops: [hop("nginx", 0.7)], idleCutMs: 60_000 };
  expect(isSamePath(path, { hops: [hop("nginx", 0.7)], idleCutMs: 60_000 })).toBe(true);
  expect(isSamePath(path, { ...path, idleCutMs: null })).toBe(false);
  expect(isSamePath(path, { ...path, hops: [hop("nginx", 0.71)] })).toBe(false);
});
