/** Answers that are not a stream, and what is known beside them: the same status does not always mean the same. */
import { expect, it } from "vitest";
import { type Context, classify, type Evidence, freshContext } from "../../main/core/failure/failure.ts";
import { looksLikeLogin } from "../../main/core/failure/login-address.ts";
import en from "../../preload/locales/en/core.json" with { type: "json" };
import { answer, deadline, end, error, show } from "./failure-evidence.ts";

const answers = [
  [200, "PROXY wrong-type"],
  [204, "SERVER no-content final"],
  [205, "SERVER http-status"],
  [304, "SERVER http-status"],
  [400, "SERVER bad-request final"],
  [401, "AUTH unauthorized"],
  [403, "AUTH forbidden"],
  [404, "SERVER not-found final"],
  [405, "SERVER method-not-allowed final"],
  [406, "SERVER not-acceptable final"],
  [407, "PROXY proxy-auth final"],
  [408, "SERVER http-status"],
  [410, "SERVER gone final"],
  [414, "SERVER address-too-long final"],
  [421, "SERVER http-status"],
  [425, "SERVER http-status"],
  [429, "SERVER too-many-requests"],
  [431, "SERVER headers-too-large final"],
  [499, "SERVER http-status"],
  [500, "SERVER server-error"],
  [501, "SERVER server-error"],
  [502, "PROXY bad-gateway"],
  [503, "PROXY unavailable"],
  [504, "PROXY gateway-timeout"],
  [505, "SERVER server-error"],
  [511, "PROXY captive-portal"],
  [520, "SERVER server-error"],
  [999, "SERVER server-error"],
] as const;

it.each(answers)("an answer of %s is %s", (status, becomes) => {
  expect(show(answer(status))).toBe(becomes);
  const { kind, ...failure } = classify(answer(status), freshContext);
  expect(failure.status).toBe(status);
  expect(Object.keys(en)).toContain(`failure.${kind}`);
});

const inContext: readonly (readonly [status: number, context: Partial<Context>, becomes: string])[] = [
  [404, { worked: true }, "PROXY not-found"],
  [404, { alternatives: true }, "PROXY not-found"],
  [404, { refusals: 3, asked: true, freshCredential: true }, "SERVER not-found final"],
  [401, { worked: true, alternatives: true }, "AUTH unauthorized"],
  [401, { refusals: 1 }, "AUTH unauthorized final"],
  [403, { refusals: 1, worked: true }, "AUTH forbidden final"],
  [403, { refusals: 2, alternatives: true }, "AUTH forbidden final"],
  [401, { refusals: 1, freshCredential: true }, "AUTH unauthorized"],
  [403, { refusals: 4, freshCredential: true }, "AUTH forbidden"],
  [407, { worked: true, alternatives: true, freshCredential: true }, "PROXY proxy-auth final"],
  [414, { asked: true }, "SERVER id-too-long"],
  [431, { asked: true }, "SERVER id-too-long"],
  [400, { asked: true }, "SERVER bad-request final"],
  [410, { worked: true, alternatives: true }, "SERVER gone final"],
  [204, { worked: true, planned: true }, "SERVER no-content final"],
  [503, { worked: true, planned: true }, "PROXY unavailable"],
];
it.each(inContext)("an answer of %s where %o is %s", (status, context, becomes) => {
  expect(show(answer(status), context)).toBe(becomes);
  expect(Object.keys(en)).toContain(`failure.${classify(answer(status), { ...freshContext, ...context }).kind}`);
});

it("does not take a second refusal for final when the server says when to come again", () => {
  expect(show(answer(401, { retryAfterMs: 5000 }), { refusals: 1 })).toBe("AUTH unauthorized");
});

it("says sign in again when it gives up on a credential, and not before", () => {
  const refused = (refusals: number) => classify(answer(401), { ...freshContext, refusals }).params["advice"];
  expect([refused(0), refused(1)]).toEqual([undefined, "sign-in-again"]);
  expect(en["advice.sign-in-again"]).toMatch(/sign in again/);
});

it.each([
  [null, null],
  [0, 1000],
  [7000, 7000],
  [Number.POSITIVE_INFINITY, 3_600_000],
  [253_402_300_799_000, 3_600_000],
])("takes Retry-After of %s ms as %s, whatever the status", (sent, taken) => {
  for (const status of [401, 404, 429, 503, 418])
    expect(classify(answer(status, { retryAfterMs: sent }), freshContext).retryAfterMs).toBe(taken);
});

const portal = "http://login.hotel.example/guest";
const others: readonly (readonly [what: string, evidence: Evidence, becomes: string])[] = [
  ["a web page", answer(200, { contentType: "text/html" }), "PROXY wrong-type"],
  ["a page to sign in at", answer(200, { contentType: "text/html", movedTo: portal }), "PROXY login-redirect"],
  ["a page elsewhere", answer(200, { contentType: "text/html", movedTo: "https://b.example/x" }), "PROXY wrong-type"],
  ["a refusal elsewhere", answer(403, { movedTo: portal }), "AUTH forbidden"],
  ["a redirect to a portal", { what: "redirect", why: "refused", location: portal }, "PROXY login-redirect"],
  [
    "a loop through a login",
    { what: "redirect", why: "loop", location: "https://a.example/sso" },
    "PROXY login-redirect",
  ],
  ["a path that stays mute", { what: "mute", held: false, afterMs: 15_000 }, "PROXY mute"],
  ["a path that holds back", { what: "mute", held: true, afterMs: 15_000 }, "PROXY held"],
  ["64 KB without a field", { what: "not-a-stream", bytes: 65_536 }, "PROXY not-a-stream"],
  ["no credential to be had", { what: "credential", message: "exit 1" }, "AUTH credential-failed"],
  ["a secret that was lost", { what: "secret-missing" }, "AUTH secret-missing final"],
  ["a fault of our own", { what: "internal", message: "journal" }, "NETWORK internal"],
];
it.each(others)("%s", (_, evidence, becomes) => {
  expect(show(evidence)).toBe(becomes);
  expect(Object.keys(en)).toContain(`failure.${classify(evidence, freshContext).kind}`);
});

it("tells where a page to sign in at was, how long a mute path was waited for, and what the token command said", () => {
  const params = (evidence: Evidence) => classify(evidence, freshContext).params;
  expect(params(answer(200, { movedTo: portal }))).toMatchObject({ location: portal });
  expect(params({ what: "mute", held: true, afterMs: 15_000 })).toEqual({ afterMs: 15_000 });
  expect(params({ what: "credential", message: "exit 1" })).toEqual({ code: "exit 1" });
});

it.each([
  [undefined, null],
  [null, null],
  [7000, 7000],
  [10, 1000],
  [86_400_000, 3_600_000],
])("honours when a token's address wants to be asked again, within limits: %s → %s ms", (wished, becomes) => {
  const evidence = {
    what: "credential",
    message: "status 503",
    ...(wished === undefined ? {} : { retryAfterMs: wished }),
  };
  expect(classify(evidence as Evidence, freshContext).retryAfterMs).toBe(becomes);
});

it.each([
  ["https://login.example/", true],
  ["https://a.example/users/sign_in", true],
  ["https://a.example/login.html", true],
  ["https://a.example/oauth2/authorize", true],
  ["http://captive-portal.hotel.example", true],
  ["http://10.0.0.1:8080/hotspot", true],
  ["https://a.example/events", false],
  ["https://a.example/blogin/signing", false],
  ["https://auth.example/events", false],
  ["", false],
])("takes %s for a page to sign in at: %s", (address, is) => expect(looksLikeLogin(address)).toBe(is));

const planned = { planned: true, worked: true };
it.each([
  ["a clean end", end, "PLANNED planned"],
  ["a cut in the body", error("UND_ERR_SOCKET", { stage: "body" }), "PLANNED planned"],
  ["a reset in the body", error("ECONNRESET", { stage: "body" }), "PLANNED planned"],
  ["half an HTTP/2 connection", error("ERR_HTTP2_STREAM_ERROR", { stage: "body" }), "PLANNED planned"],
  ["a reset before the headers", error("ECONNRESET"), "NETWORK reset"],
  ["a refused connection", error("ECONNREFUSED", { stage: "connect" }), "NETWORK refused"],
  ["a silence", deadline("idle"), "NETWORK idle-timeout"],
  ["garbage in the body", error("HPE_INVALID_CHUNK_SIZE", { stage: "body" }), "SERVER protocol"],
  ["a mute path", { what: "mute", held: false, afterMs: 1 }, "PROXY mute"],
  ["an event without end", { what: "too-large", limitBytes: 1 }, "SERVER event-too-large"],
] as const)("when the server planned it, %s is %s", (_, evidence, becomes) => {
  expect(show(evidence, planned)).toBe(becomes);
});

it("counts no plan as a failure of anybody, and has words for it", () => {
  expect(classify(end, { ...freshContext, planned: true })).toEqual({
    family: "PLANNED",
    kind: "planned",
    status: null,
    final: false,
    retryAfterMs: null,
    params: {},
  });
  expect(Object.keys(en)).toContain("failure.planned");
});
