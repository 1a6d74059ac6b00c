/** What the bar says of who stands on the way and of what they do to silence, and what is to be done about their errors. */
import { describe, expect, it } from "vitest";
import type { FailureView, StreamView } from "../../preload/contract.ts";
import { evidenceLine, failureFacts } from "../../renderer/text/connection-words.ts";
import { makeLanguage } from "../../renderer/text/language.tsx";
import { fakeStream } from "./fake-data.ts";
import { fakeWays } from "./fake-ways.ts";

const now = 1_790_000_000_000;
const [en, zh] = [makeLanguage("en"), makeLanguage("zh-CN")];
const live = (path: StreamView["path"]) => fakeStream("orders", "Orders", { path }, now);
const hop = (product: string, name: string) => ({ product, name, confidence: 0.9 });

describe("the bar of a live stream", () => {
  it("names who stands on the way, the nearest first, and before which silence it comes anew", () => {
    const stream = fakeStream("orders", "Orders", fakeWays.proxied(now), now);
    expect(evidenceLine(en, stream, now)).toContain(
      "through nginx, then Varnish · the path cuts after 60 s of silence: reconnects before",
    );
    expect(evidenceLine(zh, stream, now)).toMatch(/途经 nginx → Varnish.+静默 60 秒\s?后会被切断，会在此之前重连/);
  });

  it("does not say that it reconnects where it does not", () => {
    const said = evidenceLine(en, live({ hops: [], idleCutMs: 7000, renews: false }), now);
    expect(said).toContain("the path cuts after 7 s of silence");
    expect(said).not.toMatch(/reconnects|through/);
  });

  it("says of a hop without a name that it has none", () => {
    const path = { hops: [hop("unknown", "")], idleCutMs: null, renews: false };
    expect(evidenceLine(en, live(path), now)).toContain("through a proxy without a name");
  });

  it("says nothing where nothing is known", () => {
    const said = evidenceLine(en, live({ hops: [], idleCutMs: null, renews: false }), now);
    expect(said).not.toMatch(/through|cuts/);
  });
});

it.each([
  "gateway-no-route",
  "gateway-failed",
  "gateway-upstream-down",
  "gateway-upstream-silent",
  "forward-proxy-says",
])("says in both languages after %s who it was", (advice) => {
  const params = { advice, by: "HAProxy", status: 503 };
  const failure: FailureView = { family: "PROXY", kind: "unavailable", status: 503, final: false, params };
  for (const language of [en, zh]) {
    const [said] = failureFacts(language, failure);
    expect(said).toContain("HAProxy");
    expect(said).not.toMatch(/[{}]/);
  }
});
