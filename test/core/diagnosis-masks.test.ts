/** Masks: what comes from outside does not survive in a report, and what is ours is left whole, whatever the target is called. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { fixesOf, fixTable } from "../../main/core/diagnosis/fixes.ts";
import { maskedView } from "../../main/core/diagnosis/masked-view.ts";
import { createMasks } from "../../main/core/diagnosis/masks.ts";
import { json, markdown, type Speak } from "../../main/core/diagnosis/report.ts";
import type { DiagnosisView } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";

type Coded = DiagnosisView["findings"][number]["evidence"][number];
type Place = { readonly host: string; readonly port: string; readonly path: string };

/** Every cause that there is, with its lines for this place; the first one shows the evidence. */
function aView(place: Place, evidence: readonly Coded[], stages: DiagnosisView["stages"] = []): DiagnosisView {
  const findings = Object.keys(fixTable).map((code, i) => {
    const [fix = { product: "", text: "" }, ...otherFixes] = fixesOf(code, null, {
      ...place,
      seconds: 60,
      heartbeat: 6,
      scheme: "https",
    });
    return {
      code,
      severity: "broken" as const,
      confidence: 0.9,
      evidence: i === 0 ? [...evidence] : [],
      fix,
      otherFixes,
    };
  });
  return {
    target: `http://${place.host}:${place.port}${place.path}`,
    stream: null,
    running: false,
    startedAt: 0,
    elapsedMs: 1234,
    requests: 3,
    stages,
    hops: [{ product: "nginx", version: "1.22.1", role: "reverse", confidence: 0.9, evidence: [...evidence] }],
    verdict: "broken",
    findings,
    proxyLatency: null,
    stopped: null,
  };
}

const shown = (view: DiagnosisView) =>
  `${markdown(view, words("en") as Speak, "now")}${markdown(view, words("zh-CN") as Speak, "now")}${json(view)}`;

const label = fc.stringMatching(/^zq[a-z0-9]{3,8}$/);
const host = fc.oneof(
  label,
  fc.array(label, { minLength: 2, maxLength: 4 }).map((labels) => `${labels.join(".")}.internal`),
  fc.tuple(label, label).map((both) => both.join("-")),
);
const byte = fc.integer({ min: 0, max: 255 });
const four = fc.tuple(fc.constant(203), byte, byte, fc.integer({ min: 100, max: 255 })).map((bytes) => bytes.join("."));
const group = fc.integer({ min: 0x1000, max: 0xffff }).map((number) => number.toString(16));
const six = fc.oneof(
  group.map((one) => `2001:db8::${one}`),
  group.map((one) => `fe80::${one}`),
  fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(":")),
);
const token = fc
  .tuple(
    fc.array(fc.stringMatching(/^zq\d[a-z]\d[A-Z]$/), { minLength: 2, maxLength: 4 }),
    fc.constantFrom("-", "_", ""),
  )
  .map(([parts, between]) => parts.join(between));
const mail = fc.tuple(label, host).map(([who, where]) => `${who}@${where}`);
const secret = fc.stringMatching(/^zq[A-Za-z0-9+~-]{4,20}z$/);

const stranger = fc.record({ issuer: host, pseudonym: label, four, six, mail, unnamed: label });

it("no host, address, token, mail address or secret survives, whoever said it", () => {
  const check = fc.property(host, four, six, token, mail, secret, secret, stranger, (...canaries) => {
    const [name, ip4, ip6, way, who, query, header, other] = canaries;
    const place = { host: name, port: "8080", path: `/v1/${way}/users/${who}/events` };
    const masks = createMasks({
      urls: [`http://${place.host}:8080${place.path}?key=${query}`, `http://${ip4}:3128/`, `http://[${ip6}]/`],
      secrets: [`Bearer ${header}`],
    });
    const loose = `${name} ${ip4}: ${ip6}, ${way};${who} k=${query} ${header} (${other.four}) [${other.six}] ${other.mail}`;
    const said = (code: string, params: Coded["params"]): Coded => ({ code, params });
    const evidence = [
      said("server", { said: loose }),
      said("via-stranger", { said: other.pseudonym }),
      said("issuer", { issuer: `Some Company · ${other.unnamed}.corp.internal` }),
      said("issuer", { issuer: `${other.unnamed}-7` }),
      said("content-type", { type: `text/html; about=${loose}` }),
      said("retry-after", { value: loose }),
      said("squid-error", { code: loose }),
      said("compressed-as", { encoding: loose }),
    ];
    const stage = { stage: "tls", state: "ok", tookMs: 1, needsMs: null } as const;
    const params = { protocol: "TLSv1.3", days: 3, issuer: `${other.issuer}.corp.internal` };
    const view = aView(place, evidence, [{ ...stage, result: { code: "valid", params } }]);
    const text = shown(maskedView(view, masks)).toLowerCase();
    const all = [name, ip4, ip6, way, who, query, header, ...Object.values(other)];
    expect(all.filter((one) => text.includes(one.toLowerCase()))).toEqual([]);
  });
  fc.assert(check, { numRuns: 50 });
});

it.each([
  ["http://nginx:8080/", "nginx", "8080", "/", "host-1"],
  ["http://api/", "api", "80", "/", "host-1"],
  ["http://gateway/?format=json&since=1000", "gateway", "80", "/", "host-1"],
  ["http://origin:80/events", "origin", "80", "/events", "host-1"],
  ["http://location/proxy/stream", "location", "80", "/proxy/stream", "host-1"],
  ["http://10.1.2.3/stream", "10.1.2.3", "80", "/stream", "ip-1"],
])("leaves products, words and the lines whole for %s", (url, name, port, path, masked) => {
  const evidence: Coded[] = [
    { code: "server", params: { said: "nginx/1.22.1" } },
    { code: "via", params: { said: "squid/5.7" } },
    { code: "product", params: { product: "nginx", confidence: 0.9 } },
    { code: "content-type", params: { type: "application/json" } },
    { code: "compressed-as", params: { encoding: "gzip" } },
    { code: "squid-error", params: { code: "ERR_CONNECT_FAIL 111" } },
    { code: "retry-after", params: { value: "1000" } },
    { code: "header", params: { name: "X-Nginx-Api" } },
    { code: "first-burst", params: { events: 1, bytes: 11_000 } },
  ];
  const view = aView({ host: name, port, path }, evidence);
  const target = `http://${masked}:${port}${path}`;
  const expected = { ...aView({ host: masked, port, path }, evidence), target };
  expect(shown(maskedView(view, createMasks({ urls: [url], secrets: [] })))).toBe(shown(expected));
});

it("calls an address an address and a host a host", () => {
  const masks = createMasks({ urls: ["http://10.1.2.3/", "http://[fe80::1]:80/", "http://a.example/"], secrets: [] });
  expect(masks.inText("10.1.2.3 fe80::1 [fe80::1] ::1 2001:db8::7: a.example b.example")).toBe(
    "ip-1 ip-2 ip-2 ip-3 ip-4: host-1 host-2",
  );
  expect([masks.host("[2001:db8::7]"), masks.host("10.1.2.3"), masks.host("one")]).toEqual(["ip-4", "ip-1", "host-3"]);
  expect(masks.counts).toEqual({ hosts: 3, addresses: 4, secrets: 0 });
});

it.each([
  ["/api/v2/orders-stream/events", "/api/v2/orders-stream/events"],
  ["/2024-01/edge07-stream/http2", "/2024-01/edge07-stream/http2"],
  ["/t/secret-token-ab12/events", "/t/secret-1/events"],
  ["/t/Abc-9d8f7g6h5", "/t/secret-1"],
  ["/u/jane%40corp.example/events", "/u/secret-1/events"],
  ["/u/jane@corp", "/u/secret-1"],
])("takes the path %s to be %s", (path, masked) => {
  expect(createMasks({ urls: [], secrets: [] }).path(path)).toBe(masked);
});
