/** A forward proxy that fails is told from the server, and each way of failing from the others. */
import { expect, it } from "vitest";
import { classify, freshContext } from "../../main/core/failure/failure.ts";
import type { ProxyEvidence } from "../../main/core/failure/proxy-failure.ts";
import { resolveLocale, words } from "../../preload/words.ts";

const proxy = "http://proxy.example:3128";
const evidence = (change: Partial<ProxyEvidence>): ProxyEvidence => ({
  what: "proxy",
  why: "unreachable",
  proxy,
  status: null,
  code: "",
  signedIn: false,
  ...change,
});

it.each<[Partial<ProxyEvidence>, string, object]>([
  [{ code: "ECONNREFUSED" }, "proxy-unreachable", { proxy, code: "ECONNREFUSED" }],
  [{ why: "silent" }, "proxy-timeout", { proxy }],
  [{ why: "closed", code: "ECONNRESET" }, "proxy-broken", { proxy, code: "ECONNRESET" }],
  [{ why: "protocol" }, "proxy-broken", { proxy }],
  [
    { why: "certificate", code: "CERT_HAS_EXPIRED" },
    "certificate",
    { proxy, code: "CERT_HAS_EXPIRED", advice: "certificate-proxy" },
  ],
  [
    { why: "auth", status: 407, code: "Basic" },
    "proxy-auth final",
    { proxy, status: 407, code: "Basic", advice: "proxy-auth-missing" },
  ],
  [{ why: "auth", status: 407 }, "proxy-auth final", { proxy, status: 407, advice: "proxy-auth-missing" }],
  [
    { why: "auth", status: 407, code: "NTLM, Negotiate" },
    "proxy-auth final",
    { proxy, status: 407, code: "NTLM, Negotiate", advice: "proxy-auth-unsupported" },
  ],
  [
    { why: "auth", status: 407, code: "Basic", signedIn: true },
    "proxy-auth final",
    { proxy, status: 407, code: "Basic", advice: "proxy-auth-refused" },
  ],
  [
    { why: "refused", status: 403, code: "ERR_ACCESS_DENIED" },
    "tunnel-refused",
    { proxy, status: 403, code: "ERR_ACCESS_DENIED" },
  ],
  [{ why: "refused", status: 302 }, "captive-portal", { proxy, status: 302 }],
  [{ why: "refused", status: 511 }, "captive-portal", { proxy, status: 511 }],
  [{ why: "refused", status: 504 }, "bad-gateway", { proxy, status: 504 }],
  [{ why: "refused", code: "SOCKS5 reply 2" }, "tunnel-refused", { proxy, code: "SOCKS5 reply 2" }],
  [{ why: "gateway", code: "SOCKS5 reply 5" }, "bad-gateway", { proxy, code: "SOCKS5 reply 5" }],
  [
    { why: "settings", proxy: "", code: "HTTPS_PROXY" },
    "proxy-settings final",
    { code: "HTTPS_PROXY", advice: "proxy-environment" },
  ],
  [{ why: "settings", proxy: "", code: "system" }, "proxy-settings final", { code: "system", advice: "proxy-system" }],
  [{ why: "settings", proxy: "", code: "manual" }, "proxy-settings final", { code: "manual" }],
])("%j is %s", (change, kind, params) => {
  const failure = classify(evidence(change), freshContext);
  expect(`${failure.kind}${failure.final ? " final" : ""}`).toBe(kind);
  expect(failure).toMatchObject({ family: "PROXY", status: change.status ?? null });
  expect(failure.params).toEqual(params);
  // In both languages there is a sentence for the kind, and one for the advice.
  for (const locale of ["en", "zh-CN"] as const) {
    const { sayCode } = words(resolveLocale(locale, []));
    expect(sayCode("failure", failure.kind, failure.params, "failure.unknown")).not.toBe(
      words(locale).say("failure.unknown"),
    );
    const { advice } = failure.params;
    if (advice !== undefined) {
      expect(sayCode("advice", `${advice}`, {}, "advice.unknown")).not.toBe(words(locale).say("advice.unknown"));
    }
  }
});

it.each([
  ["connect", 10_000],
  ["headers", 15_000],
] as const)("a deadline (%s) that passes while the proxy has to answer is the proxy's", (deadline, afterMs) => {
  const failure = classify({ what: "deadline", deadline, afterMs, proxy }, freshContext);
  expect(failure).toMatchObject({ family: "PROXY", kind: "proxy-timeout", final: false, params: { proxy, afterMs } });
  expect(classify({ what: "deadline", deadline, afterMs }, freshContext)).toMatchObject({ family: "NETWORK" });
});
