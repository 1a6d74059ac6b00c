/** The fleet bench keeps to what was known of it before it was written, and its short cuts change nothing. */
import { expect, it } from "vitest";
import { Chance } from "../sim/chance.ts";
import { type Clients, horizonMs, runFleet } from "./fleet.ts";
import { sights, stepClients } from "./fleet-clients.ts";
import { type Rival, rivalClients } from "./fleet-rivals.ts";
import { type Figures, figuresOf, judged, middle, type Row, summary } from "./fleet-rows.ts";
import { Server } from "./fleet-server.ts";
import { runSite } from "./fleet-site.ts";

const clients = 2000;

function rival(policy: Rival, outageS: number): Figures {
  const chance = new Chance(1);
  return figuresOf(
    runFleet({ clients, outageMs: outageS * 1000, horizonMs }, rivalClients(policy, clients, chance), chance),
  );
}

function holdfast(policy: keyof typeof sights, outageS: number): Figures {
  const chance = new Chance(1);
  const kind = stepClients(sights[policy], clients, chance);
  return figuresOf(runFleet({ clients, outageMs: outageS * 1000, horizonMs }, kind, chance));
}

it.each([
  [10, 0.92],
  [60, 0.96],
  [300, 0.98],
  [3600, 1],
])("the plan's table without jitter abandons its clients after %s s for ever: %s", (outageS, share) => {
  expect(rival("seed-literal", outageS).neverShare).toBeCloseTo(share, 2);
});

it("without jitter a fiftieth gets in every thirty seconds, so that the last one waits for about 1,460 s", () => {
  const { back100S } = rival("no-jitter", 10);
  expect(back100S).toBeGreaterThan(1400);
  expect(back100S).toBeLessThan(1470);
});

it("launchdarkly's fleet asks nearly all at once in the first second", () => {
  expect(rival("launchdarkly", 10).peakShare).toBeCloseTo(0.9, 1);
});

it.each(["holdfast-proxy", "holdfast-server"] as const)("%s comes back without a storm, all of them", (policy) => {
  for (const outageS of [10, 60, 300]) {
    const { peakShare, back99S, neverShare } = holdfast(policy, outageS);
    expect(neverShare).toBe(0);
    expect(back99S).toBeLessThan(110);
    // In so small a fleet chance alone moves the fullest second by a percent.
    expect(peakShare).toBeLessThan(policy === "holdfast-proxy" ? 0.06 : 0.085);
  }
});

it("a site that comes back spreads over two seconds and asks nobody while its network is away", () => {
  const result = runSite(500, 60_000, new Chance(1));
  const { peakShare, attemptsPerClient, back100S } = figuresOf(result, 10_000);
  expect(attemptsPerClient).toBe(1);
  expect(back100S).toBeLessThan(2.2);
  expect(peakShare).toBeLessThan(0.04);
  expect(result.tenths.subarray(0, 600).every((count) => count === 0)).toBe(true);
});

it("a server that is lost for good is counted as if it had been watched to the end", () => {
  const outage = { clients: 200, outageMs: 10_000, horizonMs: 120_000 };
  const run = (kind: Clients) => runFleet(outage, kind, new Chance(7));
  const short = run(rivalClients("native-3s", 200, new Chance(7)));
  const { everyMs: _, ...watched } = rivalClients("native-3s", 200, new Chance(7));
  const long = run(watched);
  expect(short.attempts).toBe(long.attempts);
  expect(short.backMs).toEqual(long.backMs);
});

it("lets in a second's worth at once, works off its refusals, and fills no further than a second", () => {
  const server = new Server(1000, 0);
  const asked = (times: number, at: number) =>
    Array.from({ length: times }, () => server.accepts(at)).filter(Boolean).length;
  expect(asked(120, 0)).toBe(20);
  // A hundred refusals cost as much as twenty clients: a second's work.
  expect(asked(1, 900)).toBe(0);
  expect(asked(1, 1100)).toBe(1);
  expect(asked(1000, 60_000)).toBe(20);
});

const figures: Figures = {
  attemptsPerClient: 2,
  peakShare: 0.04,
  peakSlidingShare: 0.045,
  back50S: 20,
  back99S: 80,
  back100S: 100,
  neverShare: 0,
};

it("takes the middle of the seeds name by name, and never counts as the worst", () => {
  const seeds = [figures, { ...figures, back99S: 90 }, { ...figures, back99S: null, peakShare: 0.01 }];
  expect(summary(seeds, "median")).toEqual({ ...figures, back99S: 90 });
  expect(summary(seeds, "worst")).toEqual({ ...figures, back99S: null });
  expect(middle([1, 2])).toBe(1.5);
});

it.each<[string, Partial<Row>, boolean]>([
  ["a good row", {}, true],
  ["a peak above 5 %", { peakSlidingShare: 0.051 }, false],
  ["99 % back after 91 s", { back99S: 91 }, false],
  ["99 % back after 91 s of an hour", { back99S: 91, outageS: 3600 }, true],
  ["somebody who is never back", { neverShare: 0.001 }, false],
  ["somebody back after 131 s", { back100S: 131 }, false],
  ["more than half of launchdarkly's attempts", { attemptsPerClient: 3.1 }, false],
])("judges %s", (_, change, holds) => {
  const row = { policy: "holdfast-proxy", clients: 100_000, outageS: 60, ...figures, worst: figures };
  const launchdarkly = { ...row, policy: "launchdarkly", attemptsPerClient: 6 };
  expect(judged({ ...row, ...change }, launchdarkly).holds).toBe(holds);
});
