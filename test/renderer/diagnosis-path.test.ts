/** The path of a diagnosis: who is drawn where, and that one thing at most is broken. */
import { describe, expect, it } from "vitest";
import { type DiagnosisView, stageName } from "../../preload/contract.ts";
import { isOf, pathOf, seenProducts } from "../../renderer/diagnosis-path.ts";
import { fakeDiagnoses } from "./fake-diagnosis.ts";

const all = fakeDiagnoses(1_790_000_000_000);

const drawn = (view: DiagnosisView): string[] =>
  pathOf(view).map(({ id, nodes, after }) => {
    const named = nodes.map(({ hop, broken }) => `${hop?.product ?? "?"}${broken === null ? "" : ` ${broken}`}`);
    return `${id}: ${named.join(", ")} ${after}`;
  });

it.each([
  ["mute", ["you: ? good", "forward: squid good", "way: nginx broken unreached", "origin: ? unreached"]],
  ["noRoute", ["you: ? good", "way: pingora broken unreached", "origin: ? unreached"]],
  ["healthy", ["you: ? good", "way: nginx good", "origin: ? pending"]],
  ["undecided", ["you: ? good", "way: ? pending", "origin: ? pending"]],
  ["listening", ["you: ? pending", "way: ? pending", "origin: ? pending"]],
  ["running", ["you: ? good", "way: ? good", "origin: ? pending"]],
  ["budget", ["you: ? good", "way: varnish, nginx, haproxy degraded doubtful", "origin: ? doubtful"]],
] as const)("draws of %s who was seen, and one thing at most as broken", (name, path) => {
  expect(drawn(all[name])).toEqual(path);
});

it("tells a stream that comes badly from one that never came", () => {
  const came = all.mute.stages.map((each) =>
    each.stage === "status" || each.stage === "content-type" ? { ...each, state: "ok" as const } : each,
  );
  const after = (view: DiagnosisView) => pathOf(view).find(({ id }) => id === "way")?.after;
  expect([after(all.mute), after({ ...all.mute, stages: came })]).toEqual(["unreached", "doubtful"]);
});

it("draws nothing as broken before the verdict: what seems likeliest may still change", () => {
  const running = { ...all.mute, running: true, verdict: null };
  expect(drawn(running).filter((each) => each.includes("? broken") || each.includes("nginx broken"))).toEqual([]);
});

it.each(Object.keys(all) as (keyof typeof all)[])("puts each stage of %s under exactly one place", (name) => {
  const shown = pathOf(all[name]).flatMap(({ stages }) => stages.map(({ stage }) => stage));
  expect(shown.toSorted()).toEqual(stageName.options.toSorted());
});

it("tells of a refusal at the forward proxy that gave it, not at the way behind it", () => {
  const [finding] = all.noRoute.findings;
  const [hop] = all.noRoute.hops;
  if (finding === undefined || hop === undefined) throw new Error("the sample has no finding or no hop");
  const refused: DiagnosisView = {
    ...all.noRoute,
    hops: [{ ...hop, role: "forward", product: "squid" }],
    findings: [{ ...finding, fix: { product: "squid", text: "" } }],
  };
  const at = (view: DiagnosisView) => pathOf(view).find(({ stages }) => stages.some(({ stage }) => stage === "status"));
  expect(at(refused)?.id).toBe("forward");
  expect(drawn(refused)[1]).toBe("forward: squid broken unreached");
  expect(at({ ...refused, findings: [{ ...finding, fix: { product: "origin", text: "" } }] })?.id).toBe("way");
});

it("does not take the reference gateway for a Pingora of somebody else: their lines differ", () => {
  const [hop] = all.noRoute.hops;
  const hops = hop === undefined ? [] : [{ ...hop, product: "holdfast-gateway" }];
  expect([...seenProducts({ ...all.noRoute, hops })]).toEqual(["holdfast-gateway"]);
  expect([...seenProducts(all.mute)]).toEqual(["squid", "nginx"]);
});

describe("a cause that names no hop", () => {
  const [finding] = all.noRoute.findings;
  const of = (product: string, change: Partial<DiagnosisView> = {}): DiagnosisView => ({
    ...all.noRoute,
    hops: [],
    findings: finding === undefined ? [] : [{ ...finding, fix: { product, text: "" } }],
    ...change,
  });

  it("is the origin's where its own code is to be changed", () => {
    expect(drawn(of("origin")).slice(1)).toEqual(["way: ? good", "origin: ? broken unreached"]);
    const stages = all.noRoute.stages.map((each) =>
      ["status", "content-type", "headers-time"].includes(each.stage) ? { ...each, state: "skipped" as const } : each,
    );
    expect(drawn(of("origin", { stages })).slice(1)).toEqual(["way: ? pending", "origin: ? broken unreached"]);
  });

  it("is the forward proxy’s where that lets nothing through, although this computer’s settings end it", () => {
    const stages = all.noRoute.stages.map((each) =>
      each.stage === "proxy"
        ? { ...each, state: "failed" as const, result: { code: "unreachable", params: {} } }
        : { ...each, state: "skipped" as const },
    );
    const path = drawn(of("client", { stages }));
    expect(path.map((each) => each.split(":")[0])).toEqual(["you", "forward", "way", "origin"]);
    expect(path.filter((each) => each.includes("unreached"))).toEqual([
      "forward: ? broken unreached",
      "way: ? unreached",
      "origin: ? unreached",
    ]);
  });

  it("stands where the first stage failed", () => {
    expect(drawn(of("nginx"))[1]).toBe("way: ? broken unreached");
    const stages = all.noRoute.stages.map((each) =>
      each.stage === "tcp" ? { ...each, state: "failed" as const } : each,
    );
    expect(drawn(of("nginx", { stages }))[0]).toBe("you: ? broken unreached");
  });
});

it.each([
  ["a stream by its id", all.healthy, "orders", "", true],
  ["another stream", all.healthy, "edge", "", false],
  ["a stream, when an address is typed", all.healthy, null, all.healthy.target, false],
  ["an address whatever its query", { ...all.healthy, stream: null }, null, `${all.healthy.target}?token=1#a`, true],
  ["another address", { ...all.healthy, stream: null }, null, "https://example.com/", false],
  ["what is no address", { ...all.healthy, stream: null }, null, "example", false],
] as const)("knows %s", (_, view, stream, url, same) => {
  expect(isOf(view, stream, url)).toBe(same);
});
