/** From an error to whose it is: the origin's, a proxy's, or a forward proxy's that answered in the site's place. */
import { describe, expect, it } from "vitest";
import type { AnswerSeen } from "../../main/core/detection/observation.ts";
import { diagnosisOf, observationsOf } from "../../main/core/diagnosis/diagnosis.ts";
import type { Facts } from "../../main/core/diagnosis/facts.ts";
import { fixesOf } from "../../main/core/diagnosis/fixes.ts";
import { hopsOf } from "../../main/core/proxy-signature.ts";
import { anAnswer, answered, aWatch, wellFacts } from "./diagnosis-facts.ts";

const diagnosed = (more: Partial<Facts>) => {
  const facts: Facts = { ...wellFacts, holds: [], ...more };
  return diagnosisOf(facts, hopsOf(observationsOf(facts)), {
    running: null,
    over: true,
  });
};
const firstOf = (more: Partial<Facts>) => diagnosed(more).findings[0];
const flows = aWatch();
const nginx = [["Server", "nginx/1.22.1"]] as const;
const nginxPage = (text: string) =>
  `<html>\r\n<head><title>${text}</title></head>\r\n<body>\r\n<center><h1>${text}</h1></center>\r\n<hr><center>nginx/1.22.1</center>\r\n</body>\r\n</html>\r\n`;
const byProxy = { route: { kind: "http", tunnel: false } } as const;

it("no status that failed is left undecided, whatever is known of the origin and of other paths", () => {
  const unrouted = [null, anAnswer(404, { unrouted: true }), anAnswer(503, { unrouted: true })];
  const all = [...Array(9).keys(), ...Array(32).keys(), 51];
  const statuses = [2, 3, 4, 5].flatMap((kind) => all.map((rest) => 100 * kind + rest));
  for (const status of new Set(statuses)) {
    for (const isStream of status < 400 ? [true, false] : [false]) {
      for (const direct of [null, flows, answered(404)]) {
        for (const other of unrouted) {
          const plain = answered(
            status,
            {},
            {
              isStream,
              contentType: isStream ? "text/event-stream" : "text/html",
            },
          );
          const { stages, verdict, findings } = diagnosed({
            plain,
            direct,
            unrouted: other,
          });
          const failed = stages.some((one) => one.stage === "status" && one.state === "failed");
          if (!failed) continue;
          expect([status, verdict], `${status} ${direct?.answer?.status}`).toEqual([status, "broken"]);
          expect(findings, `${status} ${direct?.answer?.status}`).not.toEqual([]);
        }
      }
    }
  }
});

describe("an error without marks, where directly the stream opens", () => {
  it.each([400, 401, 403, 405, 410, 429, 451, 500])("%s is a proxy's", (status) => {
    const found = firstOf({
      plain: answered(status, { body: "<h1>Blocked by policy</h1>" }),
      direct: flows,
    });
    expect(found).toMatchObject({
      code: "proxy-status",
      confidence: 0.9,
      fix: { product: "proxy" },
    });
    expect(found?.evidence).toContainEqual({
      code: "direct-works",
      params: {},
    });
  });

  it.each([403, 405, 429])("%s is the forward proxy's where one is in force", (status) => {
    const found = firstOf({
      ...byProxy,
      plain: answered(status, { forwarded: true }),
      direct: flows,
    });
    expect(found).toMatchObject({
      code: "proxy-denied",
      confidence: 0.9,
      fix: { product: "client" },
    });
  });

  it("a 502 at once is a gateway with a wrong address", () => {
    expect(firstOf({ plain: answered(502), direct: flows })).toMatchObject({
      code: "upstream-down",
      confidence: 0.85,
      fix: { product: "proxy" },
    });
  });
});

describe("Cloudflare", () => {
  const cf = [
    ["Server", "cloudflare"],
    ["CF-RAY", "8c1f2a3b4c5d6e7f-FRA"],
  ] as const;
  const plain = [...cf, ["Content-Type", "text/plain; charset=UTF-8"]] as const;
  it.each([
    [524, "upstream-timeout", 100_000],
    [524, "upstream-timeout", 100],
    [522, "upstream-down", 19_000],
    [521, "upstream-down", 20],
    [525, "upstream-down", 20],
  ])("says %s itself: %s", (status, code, headersMs) => {
    const own = answered(status, {
      headers: plain,
      body: `error code: ${status}`,
      headersMs,
    });
    // With a page that the site has made, the status alone tells.
    const custom = answered(status, {
      headers: cf,
      body: "<h1>Sorry</h1>",
      headersMs,
    });
    for (const answer of [own, custom]) {
      for (const direct of [null, flows]) expect(firstOf({ plain: answer, direct })?.code).toBe(code);
    }
  });

  it("refuses with a challenge, and the origin was never asked", () => {
    const headers = [...cf, ["cf-mitigated", "challenge"], ["Content-Type", "text/html"]] as const;
    const found = firstOf({
      plain: answered(403, {
        headers,
        body: "<!DOCTYPE html><title>Just a moment...</title>",
      }),
    });
    expect(found).toMatchObject({
      code: "proxy-status",
      fix: { product: "cloudflare" },
    });
    expect(found?.evidence).toContainEqual({
      code: "own-words",
      params: { product: "cloudflare" },
    });
  });
});

it("Envoy's access control speaks for itself", () => {
  const headers = [
    ["server", "envoy"],
    ["content-type", "text/plain"],
  ] as const;
  expect(firstOf({ plain: answered(403, { headers, body: "RBAC: access denied" }) })).toMatchObject({
    code: "proxy-status",
    fix: { product: "envoy" },
  });
});

describe("a forward proxy that answers in the site's place, without a name", () => {
  const refused: AnswerSeen = anAnswer(403, {
    forwarded: true,
    body: "blocked",
  });
  const alike = anAnswer(403, {
    forwarded: true,
    unrouted: true,
    body: "blocked",
  });

  it("is likelier than the site where every path is refused alike", () => {
    const { findings, hops } = diagnosed({
      ...byProxy,
      plain: answered(403, refused),
      unrouted: alike,
    });
    expect(findings.map(({ code }) => code)).toEqual(["proxy-denied", "forbidden"]);
    expect(findings[0]?.evidence).toContainEqual({
      code: "unrouted-same",
      params: { status: 403 },
    });
    expect(hops).toMatchObject([{ product: "unknown", role: "forward", evidence: [{ code: "in-force" }] }]);
  });

  it("is not suspected where another path is answered otherwise, or a tunnel hides the answer from it", () => {
    const codes = (more: Partial<Facts>) => diagnosed({ plain: answered(403, refused), ...more }).findings[0]?.code;
    expect(
      codes({
        ...byProxy,
        unrouted: anAnswer(404, { forwarded: true, unrouted: true }),
      }),
    ).toBe("forbidden");
    expect(codes({ route: { kind: "http", tunnel: true }, unrouted: alike })).toBe("forbidden");
  });

  it("is on the path once, under its name, where it shows itself", () => {
    const squid = anAnswer(403, {
      forwarded: true,
      headers: [["X-Squid-Error", "ERR_ACCESS_DENIED 0"]],
    });
    const { hops } = diagnosed({ ...byProxy, plain: answered(403, squid) });
    expect(hops.map(({ product, role }) => [product, role])).toEqual([["squid", "forward"]]);
  });
});

describe("whose lines are shown", () => {
  const fixOf = (code: string, more: Partial<Facts>) =>
    diagnosed(more).findings.find((one) => one.code === code)?.fix.product;
  const alb = [["Server", "awselb/2.0"]] as const;

  it("those of whoever answered, or whichever proxy's where none is known for it", () => {
    expect(fixOf("upstream-down", { plain: answered(503, { headers: alb }) })).toBe("aws-alb");
    expect(fixOf("proxy-status", { plain: answered(403, { headers: alb }) })).toBe("proxy");
    const cloudFront = [["Server", "CloudFront"]] as const;
    expect(fixOf("proxy-status", { plain: answered(403, { headers: cloudFront }) })).toBe("proxy");
  });

  it("whichever proxy's before the origin's, where a proxy is named that has none", () => {
    const rows = (code: string, product: string | null) => fixesOf(code, product, {}).map((fix) => fix.product)[0];
    expect(rows("buffering", "cloudflare")).toBe("proxy");
    expect(rows("upstream-timeout", "cloudflare")).toBe("proxy");
    expect(rows("upstream-timeout", null)).toBe("origin");
    expect(rows("upstream-timeout", "origin")).toBe("origin");
  });

  it("those of the hop that is seen", () => {
    const envoy = [
      ["server", "envoy"],
      ["content-length", "0"],
    ] as const;
    expect(fixOf("no-route", { plain: answered(404, { headers: envoy }) })).toBe("envoy");
    const zipped = aWatch({
      encoding: "gzip",
      bodyBytes: 15,
      arrivals: { ...held, watchedMs: 6000 },
    });
    const by = (headers: AnswerSeen["headers"]) => ({
      ...zipped,
      answer: anAnswer(200, {
        headers: [["Content-Type", "text/event-stream"], ...headers],
      }),
    });
    expect(fixOf("compression", { plain: by(nginx), direct: flows })).toBe("nginx");
    expect(fixOf("compression", { plain: by([]), direct: flows })).toBe("origin");
  });

  it("nobody's by name where nobody is seen", () => {
    expect(fixOf("no-route", { plain: answered(404), direct: flows })).toBe("proxy");
    expect(fixOf("upstream-down", { plain: answered(502), unrouted: anAnswer(502) })).toBe("origin");
    const denied = { why: "denied", status: 403, squidError: null } as const;
    const proxy = { tookMs: 3, trouble: denied, answer: null };
    expect(fixOf("proxy-denied", { plain: null, proxy })).toBe("client");
  });
});

const held = {
  what: "arrivals",
  firstByteMs: 3,
  watchedMs: 1500,
  bursts: [{ atMs: 3, bytes: 15, events: 0, comments: 0, lagMs: null }],
} as const;

describe("lines that cure", () => {
  it("a 401 of nginx that asks for a credential wants one, and is not allowed away", () => {
    const headers = [...nginx, ["WWW-Authenticate", 'Basic realm="x"']] as const;
    const found = firstOf({
      plain: answered(401, {
        headers,
        body: nginxPage("401 Authorization Required"),
      }),
    });
    expect(found).toMatchObject({
      code: "unauthorized",
      fix: { product: "nginx" },
    });
    expect(found?.fix.text).toContain("auth_basic off;");
    expect(found?.fix.text).not.toContain("allow all");
  });

  it("plain HTTP on a port of https is the wrong scheme", () => {
    const body = nginxPage("400 The plain HTTP request was sent to HTTPS port");
    const found = firstOf({
      port: "8443",
      plain: answered(400, { headers: nginx, body }),
    });
    expect(found).toMatchObject({
      code: "protocol",
      fix: { product: "client" },
    });
    expect(found?.fix.text).toContain("https://127.0.0.1:8443/events");
  });

  it("a page that answers for every path is that of the web server in front, where one is seen", () => {
    const page = "<!doctype html><div id=root></div>";
    const plain = answered(200, { headers: nginx, body: page }, { contentType: "text/html" });
    const fallback = anAnswer(200, {
      unrouted: true,
      headers: nginx,
      body: page,
    });
    expect(firstOf({ plain, unrouted: fallback })).toMatchObject({
      code: "wrong-type",
      fix: { product: "nginx" },
    });
    expect(firstOf({ plain })).toMatchObject({
      code: "wrong-type",
      fix: { product: "origin" },
    });
  });

  it("a type that is right directly is not the origin's to mend", () => {
    const plain = answered(200, { body: "data: 1" }, { contentType: "text/plain" });
    expect(firstOf({ plain, direct: flows })).toMatchObject({
      code: "wrong-type",
      fix: { product: "proxy" },
    });
  });
});
