/** The words for ways, waits and moves: every rule and every standing has its own, in both languages, and none says what is not so. */
import { describe, expect, it } from "vitest";
import { phase, retryRule, type StreamView, standing } from "../../preload/contract.ts";
import { isCalmWait, toneOfStream } from "../../renderer/stream-state.ts";
import { causeLine, evidenceLine, sideFact, waitLeft } from "../../renderer/text/connection-words.ts";
import { makeLanguage } from "../../renderer/text/language.tsx";
import { markText, markTone } from "../../renderer/text/mark-words.ts";
import { openedWay, retryMarkWords, standingWords, waitWords, waysHint } from "../../renderer/text/way-words.ts";
import { fakeStream } from "./fake-data.ts";
import { fakeMoves, fakeWays } from "./fake-ways.ts";

const now = 1_790_000_000_000;
const en = makeLanguage("en");
const languages = [en, makeLanguage("zh-CN")];
const orders = (change: Partial<StreamView>) => fakeStream("orders", "Orders", change, now);
const evidence = (change: Partial<StreamView>) => evidenceLine(en, orders(change), now);

describe.each(languages)("in $locale", (language) => {
  it.each(retryRule.options)("says why a wait by the rule %s is as long as it is", (rule) => {
    const said = waitWords(language, orders({ ...fakeWays.floor(now), retryRule: rule }));
    expect(said).not.toBe("");
    expect(said).not.toMatch(/[{}]/);
    expect(retryMarkWords(language, rule, 1500)).toContain(language.format.duration(1500));
  });

  it.each(phase.options)("has different words for each standing while %s", (present) => {
    const said = standing.options.map((each) => standingWords(language, each, present));
    expect(new Set(said).size).toBe(standing.options.length);
  });

  it("says of the way in use what the phase makes of it", () => {
    expect(new Set(phase.options.map((each) => standingWords(language, "used", each))).size).toBe(phase.options.length);
  });
});

describe("a wait", () => {
  it("names the address that is tried next", () => {
    expect(evidence(fakeWays.next(now))).toMatch(/^trying the next address, eu-2\.shop\.example · api\.shop\.example/);
    const socket = { ...fakeWays.next(now), transport: "websocket", endpoint: "wss://a.example/s" } as const;
    expect(evidence(socket)).toMatch(/^trying WebSocket next, a\.example/);
  });

  it.each([
    [{}, "the server asked for 2 min ·"],
    [{ retryAskedMs: null }, "the server asked for this wait ·"],
    [{ retryRule: "pace" }, "waits 2 min 11 s: at most eight connections a minute"],
    [{ retryRule: "network-back" }, "this computer is online again"],
    [{ retryRule: null }, "last byte"],
  ] as const)("with %j begins with its reason", (change, said) => {
    expect(evidence({ ...fakeWays.floor(now), ...change }).startsWith(said)).toBe(true);
  });

  it("says when every way has failed, and counts only those that take turns", () => {
    const parked = fakeWays.parked(now);
    expect(evidence(parked)).toMatch(
      /^waits 58 s, limited so that a recovery is noticed soon · all 4 ways have failed · took 10 s/,
    );
    const [first, ...rest] = parked.candidates ?? [];
    const change = (standing: "out" | "ready") => ({
      ...parked,
      candidates: [{ address: first?.address ?? "", transport: "sse" as const, standing }, ...rest],
    });
    expect(evidence(change("out"))).toContain("all 3 ways");
    expect(evidence(change("ready"))).not.toContain("have failed");
  });

  it("after a planned end is calm: no failure is counted and nothing is tinted", () => {
    const stream = orders({ ...fakeWays.planned(now), attempt: 3 });
    expect(causeLine(en, stream, now)).toBe("the server ended the stream as planned");
    expect(evidenceLine(en, stream, now)).toMatch(/^nothing failed/);
    expect([isCalmWait(stream), toneOfStream(stream)]).toEqual([true, "info"]);
    const failed = orders(fakeWays.floor(now));
    expect([isCalmWait(failed), toneOfStream(failed)]).toEqual([false, "warn"]);
  });

  it("never counts down from more than itself, however old the window’s clock is", () => {
    expect(waitLeft(orders(fakeWays.next(now)), now - 900)).toBe(1900);
    expect(waitLeft(orders(fakeWays.next(now)), now + 500)).toBe(1400);
  });

  it("counts failures as failures, and the attempt under way as the one after them", () => {
    expect(causeLine(en, orders(fakeWays.floor(now)), now)).toContain("2nd failure in a row");
    const connecting = { phase: "connecting", health: null, attempt: 2, endpoint: "https://b.example/x" } as const;
    expect(sideFact(en, orders(connecting), now)).toBe("Connecting · try 3");
    expect(causeLine(en, orders(connecting), now)).toBe("to https://b.example, waiting for its answer");
    expect(sideFact(en, orders({ ...connecting, attempt: 0 }), now)).toBe("Connecting");
  });
});

describe("the way in use", () => {
  it("is left to the list of the ways while it is open: the bar keeps how long that has been", () => {
    const said = evidence(fakeWays.second(now));
    expect(said).not.toMatch(/eu-2|proxy/);
    expect(said).toMatch(/^open 12 min 34 s · headers in 38 ms/);
  });

  it("is said where it is only tried, with the proxy by which that goes", () => {
    const said = evidence({ ...fakeWays.second(now), phase: "connecting", health: null });
    expect(said).toContain("on the 2nd address, eu-2.shop.example · by proxy proxy.office.example:3128");
  });

  it.each([
    ["quality chooses", {}, false],
    ["nothing before it can be tried", { standing: "out" }, true],
  ] as const)(
    "is not compared with the first where %s",
    (_when, { standing = "ready" }: { standing?: "out" | "ready" }, ordered) => {
      const second = fakeWays.second(now);
      const candidates = (second.candidates ?? []).map((way, at) => (at === 0 ? { ...way, standing } : way));
      const tried = { ...second, candidates, ordered, phase: "connecting", health: null } as const;
      expect(evidence(tried)).not.toMatch(/address|preferred/);
    },
  );

  it("is a WebSocket because SSE sent nothing, or for another reason", () => {
    const socket = fakeWays.websocket(now);
    expect(evidence(socket)).toMatch(/^open 1 min 36 s · SSE sent nothing and is retried/);
    const candidates = (socket.candidates ?? []).map((way) =>
      way.standing === "mute" ? { ...way, standing: "ready" as const } : way,
    );
    expect(evidence({ ...socket, candidates })).toMatch(/ · SSE is retried/);
  });
});

const open = (standings: ("used" | "ready" | "out")[]): Partial<StreamView> => ({
  candidates: standings.map((standing, at) => ({ address: `https://${at}.example/`, transport: "sse", standing })),
});

it.each<[string, Partial<StreamView>, string]>([
  ["one way", {}, "There is only this way."],
  ["an open one behind others", fakeWays.second(now), "Those before it are retried meanwhile."],
  ["the first", open(["used", "ready"]), "The first that works is used. The others stand by."],
  ["one behind what is left out", open(["out", "used"]), "The others stand by."],
  [
    "an open one by quality",
    { ...fakeWays.second(now), ordered: false },
    "The quickest that works is used. The others",
  ],
  ["a try of the next", fakeWays.next(now), "They are tried in this order."],
  ["a try by quality", { ...fakeWays.next(now), ordered: false }, "The quickest that works is used."],
  ["all of them failed", fakeWays.parked(now), "All have failed and take turns."],
])("above the ways stands what is so of %s", (_what, change, said) => {
  expect(en.say(waysHint(orders(change)))).toContain(said);
});

describe("marks", () => {
  const texts = fakeMoves(now).map((row) =>
    row.kind === "mark" ? { ...markText(en, row), tone: markTone(row) } : null,
  );
  it.each([
    [0, "Not connected", "trying the next address in 700 ms"],
    [1, "Open again", "moved to the 2nd address, https://eu-2.shop.example/v1/orders/stream"],
    [2, "Open again", "back on the preferred address, https://api.shop.example"],
    [3, "Planned end", "back in 2.4 s"],
    [4, "Open again", "on the preferred address, https://api.shop.example"],
    [5, "Lost", "retry in 33 s, as the server asked"],
    [7, "Open again", "moved to WebSocket, wss://api.shop.example"],
  ])("%s reads “%s … %s”", (at, head, said) => {
    expect(texts[at]?.head).toBe(head);
    expect(texts[at]?.rest).toContain(said);
  });

  it.each([
    [{ place: 2 }, "on the 2nd address, https://b.example/"],
    [{}, "at https://b.example/"],
    [{ move: "failover" }, "moved to https://b.example/"],
    [{ move: "failback" }, "back on SSE, https://b.example/"],
    [{ transport: "websocket", place: 3 }, "by WebSocket, https://b.example/"],
    [{ endpoint: "" }, ""],
  ])("of an opening with %j says no more than is known", (params, said) => {
    expect(openedWay(en, { endpoint: "https://b.example/", transport: "sse", ...params })).toBe(said);
  });

  it("of a planned end is not coloured as a loss", () => {
    expect([texts[3]?.tone, texts[5]?.tone]).toEqual(["info", "warn"]);
    expect(texts[3]?.rest).not.toContain("the server ended");
  });

  it("by a rule of another version still says when", () => {
    expect(retryMarkWords(en, "not-heard-of", 1500)).toBe("retry in 1.5 s");
    expect(retryMarkWords(en, "toString", 1500)).toBe("retry in 1.5 s");
  });
});
