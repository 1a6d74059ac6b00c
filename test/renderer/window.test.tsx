// @vitest-environment happy-dom
/** The window over a fake bridge: what a user sees and does. */
import { act } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Row } from "../../preload/contract.ts";
import { causeLine, evidenceLine, sideFact } from "../../renderer/text/connection-words.ts";
import { makeLanguage } from "../../renderer/text/language.tsx";
import { markText } from "../../renderer/text/mark-words.ts";
import { drawWindow, eraseWindows, settle } from "./draw.tsx";
import { fakeRows, fakeStream } from "./fake-data.ts";

const now = 1_790_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now });
});
afterEach(async () => {
  await eraseWindows();
  vi.useRealTimers();
});

async function pass(ms: number): Promise<void> {
  await act(async () => void vi.advanceTimersByTime(ms));
}

describe("the connection bar", () => {
  it("counts down to the next attempt, one step a second, and the line shrinks with it", async () => {
    const { one, click } = await drawWindow({ now });
    await click("aside button", "Edge telemetry");
    expect(one("[role=timer]").textContent).toBe("0:07");
    await pass(1000);
    expect(one("[role=timer]").textContent).toBe("0:06");
    await pass(10_000);
    expect(one("[role=timer]").textContent).toBe("0:00");
  });

  it("says cause, evidence and that nothing is encrypted", async () => {
    const { text, click } = await drawWindow({ now });
    await click("aside button", "Edge telemetry");
    expect(text()).toContain("the server ended the stream, 4th failure in a row");
    expect(text()).toContain("took 60 s · edge-2.example · last byte 1 min 5 s ago");
    expect(text()).toContain("Not encrypted");
  });

  it("shows a grade only of a connection that is there", async () => {
    const { fake, one } = await drawWindow({ now });
    const bar = (): string => one("section[data-state]").textContent ?? "";
    expect(bar()).toContain("Excellent");
    await act(async () => fake.changeStream("orders", { phase: "connecting", health: null }));
    expect(bar()).not.toContain("Excellent");
  });

  it("ages the last byte each second", async () => {
    const { one } = await drawWindow({ now });
    const bar = (): string => one("section[data-state]").textContent ?? "";
    expect(bar()).toContain("last byte 3 s ago");
    await pass(2000);
    expect(bar()).toContain("last byte 5 s ago");
  });

  it("counts no seconds while nobody sees the window, and all of them when somebody does", async () => {
    const { one } = await drawWindow({ now });
    const bar = (): string => one("section[data-state]").textContent ?? "";
    const turn = (state: DocumentVisibilityState): Promise<void> => {
      vi.spyOn(document, "visibilityState", "get").mockReturnValue(state);
      return act(async () => void document.dispatchEvent(new Event("visibilitychange")));
    };
    await turn("hidden");
    expect(vi.getTimerCount()).toBe(0);
    await pass(2000);
    expect(bar()).toContain("last byte 3 s ago");
    await turn("visible");
    expect(bar()).toContain("last byte 5 s ago");
    await pass(1000);
    expect(bar()).toContain("last byte 6 s ago");
  });

  it.each([
    ["Orders", "streams.retryNow", "Reconnect now"],
    ["Edge", "streams.stop", "Stop"],
    ["ntfy", "streams.resume", "Resume"],
  ])("offers for %s the verb %s", async (stream, call, verb) => {
    const { fake, click } = await drawWindow({ now });
    await click("aside button", stream);
    await click("section[data-state] button", verb);
    expect(fake.calls.map(({ name }) => name)).toContain(call);
  });

  it("says why a journal does not keep, and sends a refused user to the sign-in", async () => {
    const { text, click, one } = await drawWindow({ now });
    await click("aside button", "ntfy");
    expect(text()).toContain("Not kept");
    await click("aside button", "Legacy");
    await click("section[data-state] button", "Sign in again");
    expect(one("main nav [aria-current]").textContent).toContain("Legacy");
  });

  it("shows each state by word and by a picture of its own", async () => {
    const { all } = await drawWindow({ now });
    const states = all("aside svg[data-state]").map((svg) => svg.getAttribute("data-state"));
    expect(new Set(states).size).toBe(9);
    const shapes = new Map(all("aside svg[data-state]").map((svg) => [svg.getAttribute("data-state"), svg.innerHTML]));
    expect(new Set(shapes.values()).size).toBe(9);
  });
});

describe("what cannot be true is not said", () => {
  const held = (lastEventAt: number | null) =>
    fakeStream("deploys", "Deploy feed", { health: "held", openedAt: now - 7_200_000, lastEventAt }, now);

  it.each([
    ["after events came", now - 48_000, "bytes arrive, but nothing complete for 48 s", "48 s mute"],
    ["before any event", now - 9_000_000, "connected for 2 h, and not one event came through", "2 h mute"],
    ["without any event ever", null, "connected for 2 h, and not one event came through", "2 h mute"],
  ])("of a held stream %s", (_when, lastEventAt, cause, side) => {
    expect(causeLine(makeLanguage("en"), held(lastEventAt), now)).toBe(cause);
    expect(sideFact(makeLanguage("en"), held(lastEventAt), now)).toContain(side);
  });

  it.each([
    [{ lastEventId: "7" }, "Will ask for what it missed"],
    [{ lastEventId: "" }, "This server gives no ids"],
  ])("of a paused stream with %j", (change, said) => {
    const paused = fakeStream("x", "x", { phase: "idle", health: null, ...change }, now);
    expect(evidenceLine(makeLanguage("en"), paused, now)).toContain(said);
  });

  it("of a gap that ids show, with its size and its place", () => {
    const params = { reason: "ids-missing", from: "7", to: "10", missing: 2 };
    const row = { kind: "mark", seq: 1, at: now, mark: "gap", failure: null, params } as const;
    const said = markText(makeLanguage("en"), row).rest;
    expect([said.includes("leave out 2 events"), said.includes("7"), said.includes("10")]).toEqual([true, true, true]);
  });

  it.each([
    [{ openMs: 5 }, "Lost"],
    [{}, "Not connected"],
  ])("of a loss with %j", (params, head) => {
    const row = { kind: "mark", seq: 1, at: now, mark: "lost", failure: null, params } as const;
    expect(markText(makeLanguage("en"), row).head).toBe(head);
  });

  it.each([
    ["http://127.0.0.1:8080", false],
    ["http://edge.example", true],
  ])("of the way to %s", async (origin, warned) => {
    const { fake, text } = await drawWindow({ now });
    await act(async () => fake.setStreams([fakeStream("x", "x", { origin, address: origin, encrypted: false }, now)]));
    await settle();
    expect(text().includes("Not encrypted")).toBe(warned);
  });
});

describe("a halted stream", () => {
  const halted = async (kind: string, source: "settings" | "demo") => {
    const drawn = await drawWindow({ now });
    const failure = { family: "SERVER", kind, status: 404, final: true, params: {} } as const;
    const change = { phase: "halted", health: null, source, failure } as const;
    await act(async () => drawn.fake.setStreams([fakeStream("orders", "Orders", change, now)]));
    await settle();
    return {
      ...drawn,
      verbs: drawn.all("section[data-state] button:not([aria-expanded])").map((button) => button.textContent),
    };
  };

  it.each(["not-found", "gone", "bad-url", "method-not-allowed", "not-acceptable", "bad-request"])(
    "leads to its address when the failure is %s",
    async (kind) => {
      const { verbs, click, one, fake } = await halted(kind, "settings");
      expect(verbs).toEqual(["Edit address", "Try anyway", "Find out why"]);
      await click("section[data-state] button", "Try anyway");
      expect(fake.calls).toContainEqual({ name: "streams.resume", argument: "orders" });
      await click("section[data-state] button", "Edit address");
      expect(one("main nav [aria-current]").textContent).toContain("Orders");
    },
  );

  it("offers no address that is not in the settings, and resumes what may help", async () => {
    expect((await halted("not-found", "demo")).verbs).toEqual(["Try anyway", "Find out why"]);
    await eraseWindows();
    expect((await halted("no-content", "settings")).verbs).toEqual(["Resume", "Find out why"]);
  });
});

it("does nothing behind an open dialog", async () => {
  const { fake, press, one, click } = await drawWindow({ now });
  await click("main footer button", "Delete kept events");
  await press("r", { ctrlKey: true });
  await press("2", { ctrlKey: true });
  expect(fake.calls.map(({ name }) => name)).not.toContain("streams.retryNow");
  expect(one("aside [aria-current=page]").textContent).toContain("Streams");
});

it("switches the language at once, in words, numbers and <html lang>", async () => {
  const { fake, text } = await drawWindow({ now });
  expect(text()).toContain("Following the newest");
  await act(async () => fake.setApp({ locale: "zh-CN" }));
  await settle();
  expect(text()).toContain("正在跟随最新");
  expect(text()).not.toContain("Following the newest");
  expect(document.documentElement.lang).toBe("zh-CN");
});

describe("settings of a stream", () => {
  const open = async () => {
    const drawn = await drawWindow({ now });
    await drawn.press("4", { ctrlKey: true });
    await drawn.click("main nav button", "Edge telemetry");
    return drawn;
  };
  const save = "main form footer button[type=submit]";

  it("puts each refusal under its own field", async () => {
    const { fake, type, click, field } = await open();
    fake.answers.saveEndpoint = {
      errors: [
        { field: "headers.1.name", code: "header-name-invalid", params: {} },
        { field: "url", code: "url-credentials", params: {} },
      ],
    };
    await type("Address", "https://user:pass@example.com/");
    await click(save);
    const below = (control: HTMLElement): string =>
      (control.getAttribute("aria-describedby") ?? "")
        .split(" ")
        .map((id) => document.getElementById(id)?.textContent ?? "")
        .join(" ");
    expect(below(field("Address"))).toContain("user name and password out of the address");
    expect(field("Address").getAttribute("aria-invalid")).toBe("true");
    expect(below(field("Name of header 2"))).toContain("no spaces");
    expect(field("Name of header 1").getAttribute("aria-invalid")).not.toBe("true");
    await type("Address", "https://example.com/");
    expect(field("Address").getAttribute("aria-invalid")).not.toBe("true");
  });

  it("refuses a number that is none without asking main", async () => {
    const { fake, type, click, field } = await open();
    await type("Connect", "soon");
    await click(save);
    expect(field("Connect").getAttribute("aria-invalid")).toBe("true");
    expect(fake.calls.map(({ name }) => name)).not.toContain("settings.saveEndpoint");
  });

  it("sends secrets beside the endpoint, never in it, and keeps what was not typed", async () => {
    const { fake, type, click } = await open();
    await type("Token", "s3cret");
    await click(save);
    const { argument } = fake.calls.find(({ name }) => name === "settings.saveEndpoint") ?? {};
    expect(argument).toMatchObject({ secrets: { credential: "s3cret" } });
    expect(JSON.stringify((argument as { endpoint: object }).endpoint)).not.toContain("s3cret");
    expect(Object.keys((argument as { secrets: object }).secrets)).toEqual(["credential"]);
  });

  it("keeps an edit while one looks elsewhere, and says that it is not saved", async () => {
    const { type, click, press, field, text } = await open();
    await type(/^ *Name/, "Renamed");
    await press("1", { ctrlKey: true });
    expect(text()).toContain("unsaved");
    await press("4", { ctrlKey: true });
    expect(field(/^ *Name/).value).toBe("Renamed");
    await click("main form footer button", "Discard edits");
    expect(field(/^ *Name/).value).toBe("Edge telemetry");
  });

  it("asks before it removes", async () => {
    const { fake, click, one, text } = await open();
    await click("main form footer button", "Remove");
    expect(fake.calls.map(({ name }) => name)).not.toContain("settings.removeEndpoint");
    expect(one("[role=alertdialog]").textContent).toContain("Remove “Edge telemetry”?");
    await click("[role=alertdialog] button", "Remove stream");
    expect(fake.calls).toContainEqual({ name: "settings.removeEndpoint", argument: "edge" });
    expect(text()).not.toContain("Remove “Edge telemetry”?");
  });

  it.each([
    ["read-only", "The settings file cannot be changed now."],
    ["locked", "set by your organisation"],
  ])("says why a stream that is %s cannot be removed", async (code, said) => {
    const { fake, click, one } = await open();
    fake.answers.removeEndpoint = { errors: [{ field: "", code, params: {} }] };
    await click("main form footer button", "Remove");
    expect(one("[role=alertdialog]").textContent).toContain("kept events and history are deleted");
    await click("[role=alertdialog] button", "Remove stream");
    expect(one("[role=alertdialog] [role=alert]").textContent).toContain(said);
  });

  it("locks what policy decides", async () => {
    const { press, field } = await drawWindow({ now });
    await press("4", { ctrlKey: true });
    expect(field("Port").readOnly).toBe(true);
  });
});

const payloads = [
  "<script>window.pwned=1</script>",
  "<img src=x onerror=window.pwned=1>",
  "<svg onload=window.pwned=1>",
  "<iframe srcdoc='<script>parent.pwned=1</script>'>",
  '"><script>window.pwned=1</script>',
  "'-window.pwned=1-'",
  "javascript:window.pwned=1",
  "<a href=javascript:window.pwned=1>x</a>",
  "<style>*{display:none}</style>",
  "<link rel=stylesheet href=//evil.example>",
  "<base href=//evil.example>",
  "<meta http-equiv=refresh content=0>",
  "<form action=//evil.example><input name=a></form>",
  "<math><mtext></mtext></math>",
  "<details open ontoggle=window.pwned=1>",
  "{{constructor.constructor('window.pwned=1')()}}",
  "$" + "{window.pwned=1}",
  "&lt;script&gt;",
  "]]><script>window.pwned=1</script>",
  "<!--<script>-->window.pwned=1",
  "https://evil.example/click",
];

it.each(payloads)("shows %s as text, in the list and in the inspector", async (payload) => {
  const { fake, all, click, one } = await drawWindow({ now });
  const data = JSON.stringify({ [payload]: payload });
  const row: Row = {
    kind: "event",
    seq: 70_000,
    at: now,
    gapMs: 1,
    type: payload,
    id: payload,
    preview: data,
    bytes: 1,
    generation: 1,
    flags: [],
  };
  await act(async () => fake.addRows("orders", [row]));
  for (let turns = 0; turns < 4; turns++)
    await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 10))));
  await click("[role=grid] [role=row]:last-child");
  expect(one("[role=grid]").textContent).toContain(payload);
  expect(one("[role=tree]").textContent).toContain(JSON.stringify(payload).slice(1, -1));
  expect(
    all(
      "main script, main img, main iframe, main a, main style, main link, main base, main meta, main math, main details",
    ),
  ).toEqual([]);
  expect((window as unknown as Record<string, unknown>)["pwned"]).toBeUndefined();
});

it("shows bidi and control characters of events as signs", async () => {
  const { fake, one } = await drawWindow({ now });
  const row: Row = {
    kind: "event",
    seq: 70_001,
    at: now,
    gapMs: 1,
    type: "a\u202Eb",
    id: "\u0007",
    preview: "safe\u202Egnp.exe\u0000\u2066",
    bytes: 1,
    generation: 1,
    flags: [],
  };
  await act(async () => fake.addRows("orders", [row]));
  await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 40))));
  const shown = one("[role=grid]").textContent ?? "";
  expect(shown).toContain("safe\\u202Egnp.exe␀\\u2066");
  expect(shown).toContain("a\\u202Eb");
  for (const unseen of ["\u202E", "\u2066", "\u0000", "\u0007"]) expect(shown).not.toContain(unseen);
});

describe("the list", () => {
  it("tells a reader how many rows there are and which ones stand there", async () => {
    const { one, all } = await drawWindow({ now });
    expect(one("[role=grid]").getAttribute("aria-rowcount")).toBe("301");
    expect(all("[role=grid] [role=row]").at(-1)?.getAttribute("aria-rowindex")).toBe("301");
    expect(document.querySelector("[role=log]")).toBeNull();
  });

  it("pauses and resumes the view with Space, and walks with J and K", async () => {
    const { press, text, one } = await drawWindow({ now });
    await press(" ");
    expect(text()).toContain("View paused; the stream goes on");
    await press(" ");
    expect(text()).toContain("Following the newest");
    await press("k");
    const last = one("[role=grid]").getAttribute("aria-activedescendant");
    await press("k");
    expect(one("[role=grid]").getAttribute("aria-activedescendant")).not.toBe(last);
    await press("Enter");
    expect(text()).toContain("Journal no.");
    await press("Escape");
    expect(text()).not.toContain("Journal no.");
  });

  it("names no active row that is not drawn", async () => {
    const { fake, press, one, all } = await drawWindow({ now });
    const active = () => one("[role=grid]").getAttribute("aria-activedescendant");
    await press("k");
    expect(all("[role=grid] [role=row]").map(({ id }) => id)).toContain(active());
    const row = (seq: number): Row => ({ ...fakeRows(1, now).rows[0], seq }) as Row;
    await act(async () =>
      fake.addRows(
        "orders",
        Array.from({ length: 200 }, (_, at) => row(80_000 + at)),
      ),
    );
    await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 40))));
    expect(all("[role=grid] [role=row]").at(-1)?.id).toBe("row-499");
    expect(active()).toBeNull();
  });

  it("reconnects with Ctrl+R and asks main only for the types one chose", async () => {
    const { press, fake, click } = await drawWindow({ now });
    await press("r", { ctrlKey: true });
    expect(fake.calls).toContainEqual({ name: "streams.retryNow", argument: "orders" });
    await click("button", "order.created");
    // The list before it may ask once more while this one is on its way.
    const asked = fake.calls.flatMap(({ name, argument }) => (name === "events.tail" ? [argument] : []));
    expect(asked).toContainEqual(
      expect.objectContaining({ filter: expect.objectContaining({ types: ["order.created"], text: "" }) }),
    );
  });
});

it("explains closing once, and answers what was chosen", async () => {
  const { fake, click, text } = await drawWindow({ now });
  await act(async () => fake.askClosing(true));
  await settle();
  expect(text()).toContain("Holdfast keeps running");
  await click("[role=alertdialog] button", "Keep running");
  expect(fake.calls).toContainEqual({ name: "app.answerClosing", argument: "keep" });
});

it("opens the event a banner was about", async () => {
  const { fake, press, text } = await drawWindow({ now });
  await press("4", { ctrlKey: true });
  await act(async () => fake.show("orders", 290));
  await settle();
  expect(text()).toContain("Journal no.290");
});

it("shows problems in words, each once, until dismissed", async () => {
  const problem = { code: "journal-failing", params: { reason: "ENOSPC" } };
  const { text, click } = await drawWindow({ now, app: { problems: [problem, problem] } });
  expect(text().split("Events cannot be written to the journal: ENOSPC").length).toBe(2);
  await click("main button", "Dismiss");
  expect(text()).not.toContain("ENOSPC");
});

it("begins with a field for an address and keeps nothing before the user says so", async () => {
  const { fake, type, click, text } = await drawWindow({ now, empty: true });
  await type("Address", "https://api.shop.example/v1/orders/stream");
  await click("main form button[type=submit]");
  expect(text()).toContain("It streams.");
  expect(fake.calls.map(({ name }) => name)).not.toContain("settings.saveEndpoint");
  await click("main button", "Keep this stream");
  expect(fake.calls.map(({ name }) => name)).toContain("settings.saveEndpoint");
});
