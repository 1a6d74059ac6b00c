/** Who made an answer, and what follows from that for the failure it is. */
import { expect, it } from "vitest";
import type { AnswerSeen } from "../../main/core/detection/observation.ts";
import { speakerIn } from "../../main/core/detection/speaker.ts";
import { classify, freshContext } from "../../main/core/failure/failure.ts";
import en from "../../preload/locales/en/core.json" with { type: "json" };

const html = ["Content-Type", "text/html"] as const;
const json = ["Content-Type", "application/json"] as const;
const nginx = ["Server", "nginx/1.22.1"] as const;
const nginxPage = "<html><head></head><body><hr><center>nginx/1.22.1</center></body></html>";

function answer(status: number, headers: AnswerSeen["headers"], body = "", more: Partial<AnswerSeen> = {}): AnswerSeen {
  const asked = { to: "path", forwarded: false, unrouted: false } as const;
  return {
    what: "answer",
    ...asked,
    status,
    httpVersion: "1.1",
    headers,
    framing: "length",
    body,
    headersMs: 3,
    ...more,
  };
}

const judged = (seen: AnswerSeen) => {
  const by = speakerIn(seen);
  const { status } = seen;
  const evidence = { what: "answer", status, contentType: "text/html", retryAfterMs: null } as const;
  return classify({ ...evidence, ...(by === null ? {} : { by }) }, freshContext);
};

const squid: AnswerSeen["headers"] = [["Server", "squid/5.7"], ["X-Squid-Error", "ERR_CONNECT_FAIL 111"], html];

it.each<[string, AnswerSeen, string, string | undefined, string | undefined]>([
  ["nginx's own 502", answer(502, [nginx, html], nginxPage), "PROXY bad-gateway", "gateway-upstream-down", "nginx"],
  [
    "nginx's own 504",
    answer(504, [nginx, html], nginxPage),
    "PROXY gateway-timeout",
    "gateway-upstream-silent",
    "nginx",
  ],
  [
    "an origin's 502 through nginx",
    answer(502, [nginx, json], "{}"),
    "SERVER bad-gateway",
    "origin-says-itself",
    undefined,
  ],
  [
    "a program's 503",
    answer(503, [["X-Powered-By", "Express"], html], "<p>busy</p>"),
    "SERVER unavailable",
    "origin-says-itself",
    undefined,
  ],
  ["a 503 that nobody can be told of", answer(503, [html], "<p>busy</p>"), "PROXY unavailable", undefined, undefined],
  [
    "Pingora's 404",
    answer(404, [
      ["Server", "Pingora"],
      ["Content-Length", "0"],
      ["Cache-Control", "private, no-store"],
    ]),
    "SERVER not-found",
    "gateway-no-route",
    "Pingora",
  ],
  [
    "our gateway's 404",
    answer(
      404,
      [["Via", "1.1 holdfast-gateway"], json],
      '{"error":"no-route","kind":"NoRoute","message":"","status":404}',
    ),
    "SERVER not-found",
    "gateway-no-route",
    "holdfast-gateway",
  ],
  [
    "an origin's 503 through our gateway, whose own errors have a form of their own",
    answer(503, [["Via", "1.1 holdfast-gateway"], json], '{"busy":true}'),
    "SERVER unavailable",
    "origin-says-itself",
    undefined,
  ],
  [
    "Caddy's 200 without a route",
    answer(200, [
      ["Server", "Caddy"],
      ["Content-Length", "0"],
    ]),
    "PROXY wrong-type",
    "gateway-no-route",
    "Caddy",
  ],
  [
    "a Squid that we go out by",
    answer(503, squid, "", { forwarded: true }),
    "PROXY unavailable",
    "forward-proxy-says",
    "Squid",
  ],
  ["a Squid of the site's", answer(503, squid), "PROXY unavailable", "gateway-upstream-down", "Squid"],
])("%s", (_what, seen, failure, advice, by) => {
  const { family, kind, params } = judged(seen);
  expect(`${family} ${kind}`).toBe(failure);
  expect(params["advice"]).toBe(advice);
  expect(params["by"]).toBe(by);
  if (advice !== undefined) expect(Object.keys(en)).toContain(`advice.${advice}`);
});

it("leaves what the user has to do about a credential as it is", () => {
  const seen = answer(401, [nginx, html], nginxPage);
  expect(judged(seen)).toMatchObject({ family: "AUTH", kind: "unauthorized", params: { by: "nginx" } });
});

it("names nobody for JSON that another gateway may have written", () => {
  expect(speakerIn(answer(502, [json, ["Via", "1.1 stranger"]], '{"message":"down"}'))).toBeNull();
  expect(speakerIn(answer(502, [json, ["Via", "1.1 kong/3.4"]], '{"message":"down"}'))).toBeNull();
});

it.each([
  ["Server", "uvicorn"],
  ["Server", "Phusion Passenger 6.0"],
  ["X-Powered-By", "Express"],
  ["X-Powered-By", "my ARR/3.0"],
  ["Content-Type", "application/json; charset=utf-8"],
  ["Content-Type", "application/problem+json"],
])("takes an origin for one by %s: %s", (name, value) => {
  expect(speakerIn(answer(503, [[name, value]]))).toEqual({ who: "origin" });
});

it.each([
  ["Server", "not uvicorn"],
  ["Server", "nginx"],
  ["X-Powered-By", "ARR/3.0"],
  ["Content-Type", "x-application/json"],
  ["Content-Type", "application/jsonp"],
  ["Content-Type", "text/json"],
])("takes nobody for an origin by %s: %s", (name, value) => {
  expect(speakerIn(answer(503, [[name, value]]))).toBeNull();
});

it("takes JSON for an origin's through a proxy that does not speak it, unless a stranger stands there too", () => {
  expect(speakerIn(answer(503, [json, nginx]))).toEqual({ who: "origin" });
  expect(speakerIn(answer(503, [json, nginx, ["Via", "1.1 stranger"]]))).toBeNull();
  expect(speakerIn(answer(503, [["Content-Type", "text/html"], json]))).toEqual({ who: "origin" });
});

it("takes what answered CONNECT for one that we go out by, whatever it is else", () => {
  expect(speakerIn(answer(502, [nginx, html], nginxPage))).toMatchObject({ name: "nginx", forward: false });
  expect(speakerIn(answer(502, [nginx, html], nginxPage, { to: "connect" }))).toMatchObject({ forward: true });
});
