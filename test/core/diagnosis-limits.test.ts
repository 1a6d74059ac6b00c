/** A proxy's own word about too much: its limit, not an origin that is down, nor a rule that forbids. */
import { expect, it } from "vitest";
import type { AnswerSeen } from "../../main/core/detection/observation.ts";
import { diagnosisOf, observationsOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts } from "../../main/core/diagnosis/facts.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import { anAnswer, answered, aWatch, mute, wellFacts } from "./diagnosis-facts.ts";

function diagnosed(more: Partial<Facts>) {
  const facts: Facts = { ...wellFacts, compressed: null, repeat: null, resume: null, holds: [], ...more };
  return diagnosisOf(facts, hopsOf(observationsOf(facts)), { running: null, over: true });
}
const said = (more: Partial<Facts>) => diagnosed(more).findings.map(({ code, confidence }) => [code, confidence]);
const page = (server: string, text: string) =>
  `<html>\r\n<head><title>${text}</title></head>\r\n<body>\r\n<center><h1>${text}</h1></center>\r\n<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n`;
/** As nginx says it itself. */
const nginx = (status: number, text: string, more: Partial<AnswerSeen> = {}) =>
  answered(status, { headers: [["Server", "nginx/1.22.1"]], body: page("nginx/1.22.1", `${status} ${text}`), ...more });
const unavailable = nginx(503, "Service Temporarily Unavailable");
const unreachable = { ...mute(), failure: { what: "failure", kind: "refused", forwarded: false, afterMs: 1 } } as const;

it("nginx's own 503 is its limit before it is an origin that is down, of which it says 502", () => {
  const { findings } = diagnosed({ plain: unavailable });
  expect(findings.map(({ code, confidence }) => [code, confidence])).toEqual([
    ["rate-limited", 0.6],
    ["upstream-down", 0.5],
  ]);
  expect(findings[0]?.fix).toMatchObject({ product: "nginx" });
  expect(findings[0]?.fix.text).toContain("limit_conn held");
  expect(said({ plain: nginx(502, "Bad Gateway") })[0]).toEqual(["upstream-down", 0.92]);
});

it("an origin that is there makes the limit likelier, one that is not there rules it out", () => {
  expect(said({ plain: unavailable, direct: aWatch() })).toEqual([
    ["rate-limited", 0.8],
    ["upstream-down", 0.3],
  ]);
  expect(said({ plain: unavailable, direct: unreachable })[0]).toEqual(["upstream-down", 0.97]);
});

it.each(["openresty/1.21.4", "Tengine/2.3"])("%s says it as nginx does", (server) => {
  const plain = answered(503, { headers: [["Server", server]], body: page(server, "503 Service Unavailable") });
  expect(said({ plain })[0]?.[0]).toBe("rate-limited");
});

it("whoever says 503 of an origin that is down still does", () => {
  const body =
    "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this request.\n</body></html>\n";
  const plain = answered(503, { body, headersMs: 1040 });
  expect(said({ plain, unrouted: anAnswer(503, { body }) })[0]?.[0]).toBe("upstream-down");
  const varnish = answered(503, {
    headers: [
      ["Server", "Varnish"],
      ["X-Varnish", "2"],
    ],
    body: "Guru Meditation",
  });
  expect(said({ plain: varnish })[0]?.[0]).toBe("upstream-down");
});

it("a proxy's own 429 is its limit, with its lines, and nothing that is to be allowed", () => {
  const plain = nginx(429, "Too Many Requests");
  const { findings } = diagnosed({ plain });
  expect(findings.map(({ code }) => code)).toEqual(["rate-limited"]);
  expect([findings[0]?.confidence, findings[0]?.fix.product]).toEqual([0.9, "nginx"]);
  expect(findings[0]?.fix.text).not.toContain("allow all");
  expect(said({ plain, direct: aWatch() })).toEqual([["rate-limited", 0.95]]);
  const varnish = answered(429, {
    headers: [
      ["Server", "Varnish"],
      ["X-Varnish", "2"],
    ],
    body: "Guru Meditation",
  });
  const [first] = diagnosed({ plain: varnish }).findings;
  expect([first?.code, first?.fix.product]).toEqual(["rate-limited", "proxy"]);
});

it("a 503 that the origin gives directly as well is the origin's, whoever has put a page of his own over it", () => {
  expect(said({ plain: unavailable, direct: answered(503) })).toEqual([["origin-status", 0.96]]);
});

it("a 429 that the origin gives directly as well is the origin's", () => {
  const plain = nginx(429, "Too Many Requests");
  const [first] = diagnosed({ plain, direct: answered(429) }).findings;
  expect([first?.code, first?.fix.product]).toEqual(["rate-limited", "origin"]);
});
