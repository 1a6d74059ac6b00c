/** Which parts of a diagnosis are ours and stay, although the target is called like them, and which are anybody's. */
import { expect, it } from "vitest";
import { fixesOf, fixTable } from "../../main/core/diagnosis/fixes.ts";
import { maskedView } from "../../main/core/diagnosis/masked-view.ts";
import { createMasks } from "../../main/core/diagnosis/masks.ts";
import type { DiagnosisView, Fix } from "../../preload/contract.ts";

type Coded = DiagnosisView["findings"][number]["evidence"][number];

const aView = (evidence: readonly Coded[], fixes: readonly Fix[] = []): DiagnosisView => {
  const [fix = { product: "origin", text: "" }, ...otherFixes] = fixes;
  return {
    target: "http://localhost/events?key=1",
    stream: null,
    running: false,
    startedAt: 0,
    elapsedMs: 1,
    requests: 1,
    stages: [
      { stage: "tls", state: "ok", tookMs: 1, needsMs: null, result: evidence[0] ?? null },
      { stage: "http2", state: "skipped", tookMs: null, needsMs: null, result: null },
    ],
    hops: [{ product: "nginx", version: null, role: "reverse", confidence: 0.9, evidence: [...evidence] }],
    verdict: "broken",
    findings: [{ code: "refused", severity: "broken", confidence: 0.9, evidence: [...evidence], fix, otherFixes }],
    proxyLatency: null,
    stopped: null,
  };
};

/** With a target of that name. */
function masked(name: string, param: string, value: string | number, code = "x") {
  const masks = createMasks({ urls: [`http://${name}/`], secrets: ["1000"] });
  const view = maskedView(aView([{ code, params: { [param]: value } }]), masks);
  const all = [view.hops[0]?.evidence[0], view.stages[0]?.result, view.findings[0]?.evidence[0]];
  expect(all).toEqual([all[0], all[0], all[0]]);
  expect(all[0]?.code).toBe(code);
  return all[0]?.params[param];
}

const date = "Sun, 22 Nov 2026 10:00:00 GMT";

it.each<[name: string, param: string, value: string, left: string]>([
  ["nginx", "product", "nginx", "nginx"],
  ["x-nginx", "name", "x-nginx", "x-nginx"],
  ["socks5", "kind", "socks5", "socks5"],
  ["tls", "protocol", "TLS", "TLS"],
  ["http", "version", "http", "http"],
  ["http", "anything", "http", "host-1"],
  ["err_none", "code", "ERR_NONE", "ERR_NONE"],
  ["err_none", "code", "ERR_NONE 111", "ERR_NONE 111"],
  ["err_none", "code", "ERR_NONE 111 x", "host-1 111 x"],
  ["err_none", "code", "x ERR_NONE 111", "x host-1 111"],
  ["html", "type", "text/html", "text/html"],
  ["html", "type", "text/html; charset=html", "text/html; charset=host-1"],
  ["html", "type", "text/html  ; about=html", "text/html  ; about=host-1"],
  ["html", "type", "text/html of html", "text/host-1 of host-1"],
  ["html", "type", "a text/html", "a text/host-1"],
  ["gzip", "encoding", "gzip", "gzip"],
  ["gzip", "encoding", "gzip, gzip", "host-1, host-1"],
  ["gzip", "encoding", "x gzip", "x host-1"],
  ["hit", "value", "HIT", "HIT"],
  ["hit", "value", "HIT from hit", "host-1 from host-1"],
  ["hit", "value", "a HIT", "a host-1"],
  ["h", "value", "1000", "1000"],
  ["h", "value", "1000 ms", "secret-1 ms"],
  ["gmt", "value", date, date],
  ["gmt", "value", `${date} gmt`, "Sun, 22 Nov 2026 10:00:00 host-1 host-1"],
  ["nginx", "said", "nginx", "nginx"],
  ["nginx", "said", "nginx/1.22.1", "nginx/1.22.1"],
  ["nginx", "said", "nginx/1.22.1 (nginx)", "nginx/1.22.1 (host-1)"],
  ["nginx", "said", "nginx-inner", "host-1-inner"],
  ["nginx", "said", "my nginx", "my host-1"],
  ["holdfast-gateway", "said", "holdfast-gateway/0.4", "holdfast-gateway/0.4"],
  ["h", "issuer", "Some Company · corp-77", "Some Company · host-1"],
  ["h", "issuer", "corp_77 · Company Ltd 7", "host-1 · Company Ltd 7"],
  ["h", "issuer", "7 Companies · R3", "7 Companies · host-1"],
  ["h", "issuer", "1.2.3 Companies", "1.2.3 Companies"],
  ["h", "issuer", "7a", "host-1"],
  ["h", "issuer", "jane-7@corp.example", "secret-1"],
])("where the target is called %s, of %s %j is left %j", (name, param, value, left) => {
  expect(masked(name, param, value)).toBe(left);
});

it("a figure stays a figure", () => {
  expect(masked("h", "ms", 1000)).toBe(1000);
});

it("what a stranger in Via calls itself is always somebody's, unless it says nothing", () => {
  expect(masked("h", "said", "edge", "via-stranger")).toBe("host-1");
  expect(masked("h", "said", "?", "via-stranger")).toBe("?");
});

it("a stage that has no result has none, and the target has no query", () => {
  const view = maskedView(aView([]), createMasks({ urls: [], secrets: [] }));
  expect(view.stages.map(({ result }) => result)).toEqual([null, null]);
  expect(view.target).toBe("http://localhost/events");
});

it("of lines only what was put into them is masked, each for what it is", () => {
  const masks = createMasks({ urls: ["http://nc:80/"], secrets: [] });
  const [origin, client] = fixesOf("refused", null, { host: "nc", port: 80 });
  const other: Fix = { product: "nobody", text: "nc is nobody's" };
  const foreign: Fix = { product: "client", text: "nc -v nc" };
  const fixes = [origin, client, other, foreign].filter((one) => one !== undefined);
  const [finding] = maskedView(aView([], fixes), masks).findings;
  expect(finding?.fix).toEqual(origin);
  expect(finding?.otherFixes).toEqual([
    { product: "client", text: "nc -vz host-1 80" },
    { product: "nobody", text: "host-1 is nobody's" },
    { product: "client", text: "host-1 -v host-1" },
  ]);
});

it("there is one set of lines for a product and a cause, so that they can be told by it", () => {
  for (const [code, rows] of Object.entries(fixTable)) {
    const products = rows.map(([product]) => product);
    expect(products, code).toEqual([...new Set(products)]);
  }
});
