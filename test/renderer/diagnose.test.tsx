// @vitest-environment happy-dom
/** The place "Diagnose" over a fake bridge: what a user does and sees. */
import { act } from "react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { drawWindow, eraseWindows, settle } from "./draw.tsx";
import type { FakeOptions } from "./fake-bridge.ts";
import { type FakeDiagnosis, fakeDiagnoses } from "./fake-diagnosis.ts";

const now = 1_790_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date", "setInterval", "clearInterval"], now });
});
afterEach(async () => {
  await eraseWindows();
  vi.useRealTimers();
});

/** The window at Diagnose, with the stream chosen that the last diagnosis is of. */
async function drawDiagnose(diagnosis?: FakeDiagnosis, options: FakeOptions = {}) {
  const drawn = await drawWindow({ now, ...options, ...(diagnosis === undefined ? {} : { diagnosis }) });
  const stream = diagnosis === undefined ? null : fakeDiagnoses(now)[diagnosis].stream;
  const name = { orders: /Orders|订单/, deploys: /Deploy|发布/, edge: /Edge|边缘/, stock: /Stock|库存/ }[
    stream ?? "orders"
  ];
  if (name !== undefined && options.empty !== true) await drawn.click("aside nav button", name);
  await drawn.press("3", { ctrlKey: true });
  const starts = () =>
    drawn.fake.calls.filter(({ name: call }) => call === "diagnosis.start").map(({ argument }) => argument);
  const status = () => drawn.one("section[data-tone] [role=status]").textContent ?? "";
  return { ...drawn, starts, status };
}

const stageOf = (one: (selector: string) => HTMLElement, stage: string) => one(`[data-stage="${stage}"]`);

describe("asking", () => {
  it("has the third key, and Settings the fourth", async () => {
    const { one, press } = await drawDiagnose();
    expect(one("main h1").textContent).toBe("Diagnose");
    expect(one("aside [aria-current=page]").textContent).toContain("Diagnose");
    await press("4", { ctrlKey: true });
    expect(one("main h1").textContent).toBe("Settings");
  });

  it("begins with what it does and never does", async () => {
    const { text, all } = await drawDiagnose();
    expect(text()).toContain("At most 20 requests");
    expect(all("[data-group]")).toEqual([]);
  });

  it("runs the chosen stream, with its own settings and nothing else", async () => {
    const { click, starts } = await drawDiagnose();
    await click("main form button", /Run/);
    expect(starts()).toEqual([{ stream: "orders", url: null, compare: null, measureIdle: false }]);
  });

  it("takes an address, one to compare with, and the wish to wait for a cut", async () => {
    const { fake, type, click, starts } = await drawDiagnose(undefined, { empty: true });
    await type("Address", " https://example.com/events ");
    await click("main form label", "Compare directly");
    await type("Address of the origin itself", "http://10.0.0.5/events");
    await click("main form label", "Measure the idle cut");
    await click("main form button[type=submit]");
    const asked = {
      stream: null,
      url: "https://example.com/events",
      compare: "http://10.0.0.5/events",
      measureIdle: true,
    };
    expect(starts()).toEqual([asked]);
    expect(fake.calls.map(({ name }) => name)).not.toContain("settings.saveEndpoint");
  });

  it("says what is missing without asking main, each under its field", async () => {
    const { field, click, starts } = await drawDiagnose(undefined, { empty: true });
    await click("main form label", "Compare directly");
    await click("main form button[type=submit]");
    expect(starts()).toEqual([]);
    for (const label of ["Address", "Address of the origin itself"]) {
      const described = field(new RegExp(`^ *${label}$`)).getAttribute("aria-describedby") ?? "";
      const said = described.split(" ").map((id) => document.getElementById(id)?.textContent ?? "");
      expect(said.join(" "), label).toContain("This is needed.");
    }
  });

  it("shows main's refusal under its field until the field is changed", async () => {
    const { fake, type, click, text } = await drawDiagnose(undefined, { empty: true });
    fake.answers.startDiagnosis = { errors: [{ field: "url", code: "url-credentials", params: {} }] };
    await type("Address", "https://me:secret@example.com/");
    await click("main form button[type=submit]");
    expect(text()).toContain("Keep the user name and password out of the address.");
    await type("Address", "https://example.com/");
    expect(text()).not.toContain("Keep the user name and password out of the address.");
  });

  it("asks for an address when one is wanted, and for a stream again when one is chosen in the list", async () => {
    const { click, starts, type } = await drawDiagnose();
    await click("main form button[aria-haspopup=listbox]");
    await click("[role=option]", "An address…");
    await type("Address", "https://example.com/events");
    await click("main form button[type=submit]");
    await click("aside nav button", "Stock");
    await click("main form button[type=submit]");
    expect(starts()).toEqual([
      expect.objectContaining({ stream: null, url: "https://example.com/events" }),
      expect.objectContaining({ stream: "stock", url: null }),
    ]);
  });

  it("keeps what was typed while one looks elsewhere", async () => {
    const { type, press, field } = await drawDiagnose(undefined, { empty: true });
    await type("Address", "https://example.com/");
    await press("4", { ctrlKey: true });
    await press("3", { ctrlKey: true });
    expect(field("Address").value).toBe("https://example.com/");
  });
});

describe("the connection bar", () => {
  it.each([
    ["Deploy", "deploys"],
    ["Edge", "edge"],
    ["Legacy", "legacy"],
  ])("offers of %s to find out why, and does it at once", async (name, stream) => {
    const { click, one, fake } = await drawWindow({ now });
    await click("aside nav button", name);
    await click("section[data-state] button", "Find out why");
    expect(one("main h1").textContent).toBe("Diagnose");
    const asked = { stream, url: null, compare: null, measureIdle: false };
    expect(fake.calls).toContainEqual({ name: "diagnosis.start", argument: asked });
  });

  it("asks nothing of a stream that flows, and of a silent one only when it is silent for too long", async () => {
    const { click, one, fake } = await drawWindow({ now });
    const bar = () => one("section[data-state]").textContent ?? "";
    expect(bar()).not.toContain("Find out why");
    await click("aside nav button", "Stock");
    const silent = { phase: "open", health: "silent", openedAt: now - 600_000, idleTimeoutMs: 100_000 } as const;
    await act(async () => fake.changeStream("stock", { ...silent, lastByteAt: now - 70_000 }));
    expect(bar()).not.toContain("Find out why");
    await act(async () => fake.changeStream("stock", { ...silent, lastByteAt: now - 80_000 }));
    expect(bar()).toContain("Find out why");
  });
});

describe("while it runs", () => {
  it("ticks off the stages, and cancels", async () => {
    const { one, fake, click } = await drawDiagnose("listening");
    expect(stageOf(one, "tls").dataset["state"]).toBe("ok");
    expect(stageOf(one, "buffering").dataset["state"]).toBe("running");
    expect(one("[role=progressbar]").getAttribute("aria-valuenow")).toBe("5");
    await act(async () => fake.diagnose("running"));
    expect(stageOf(one, "buffering").dataset["state"]).toBe("ok");
    expect(one("[role=progressbar]").getAttribute("aria-valuenow")).toBe("13");
    await click("main form button", "Cancel");
    expect(fake.calls.map(({ name }) => name)).toContain("diagnosis.cancel");
  });

  it("counts the seconds without announcing them, and shows no report yet", async () => {
    const { text, status, fake } = await drawDiagnose("running");
    const before = status();
    expect(text()).toContain("3 s · 3 of 20 requests");
    await act(async () => void vi.advanceTimersByTime(2000));
    expect(text()).toContain("5 s · 3 of 20 requests");
    expect(status()).toBe(before);
    expect(fake.calls.map(({ name }) => name)).not.toContain("diagnosis.report");
    await act(async () => fake.diagnose("mute"));
    await settle();
    expect(fake.calls.map(({ name }) => name)).toContain("diagnosis.report");
  });
});

describe("a broken stream", () => {
  it("has a verdict with its first cause and what to do, and nothing else that is red", async () => {
    const { status, all, one } = await drawDiagnose("mute");
    expect(status()).toContain("Broken");
    expect(status()).toContain("Turn buffering off for this path. The lines to change (nginx) are below.");
    const red = all("main [data-broken=broken]");
    expect(red.map(({ textContent }) => textContent)).toEqual([expect.stringContaining("nginx 1.22.1")]);
    expect(stageOf(one, "headers-time").querySelector("svg")?.dataset["tone"]).toBe("bad");
  });

  it("draws a failure away from the broken place as what follows from it", async () => {
    const { one, fake } = await drawDiagnose("mute");
    const { stages, ...rest } = fakeDiagnoses(now).mute;
    const next = stages.map((each) => (each.stage === "resume" ? { ...each, state: "failed" as const } : each));
    await act(async () => fake.diagnose({ ...rest, stages: next }));
    expect(stageOf(one, "resume").querySelector("svg")?.dataset["tone"]).toBe("warn");
  });

  it("says of what it could not tell how long it needs", async () => {
    const { one } = await drawDiagnose("undecided");
    expect(stageOf(one, "heartbeat").textContent).toContain("needs 60 s");
    expect(stageOf(one, "heartbeat").textContent).toContain("undecided");
  });

  it("shows the lines for the product that was seen, and for others under one tab", async () => {
    const { one, all, click } = await drawDiagnose("mute");
    expect(all("[role=tab]").map(({ textContent }) => textContent)).toEqual([
      "nginxseen",
      "Origin",
      "Squidseen",
      "Other",
    ]);
    expect(one("[role=tabpanel]").textContent).toContain("proxy_buffering off;");
    await click("[role=tab]", "Other");
    expect(one("[role=tabpanel]").textContent).toContain("flushpackets=on");
    await click("[role=tabpanel] button", "Apache");
    const others = all("[data-trigger=Select] [role=option]").map(({ textContent }) => textContent);
    expect(others.slice(0, 4)).toEqual(["Apache", "Caddy", "HAProxy", "Varnish"]);
    await click("[data-trigger=Select] [role=option]", "HAProxy");
    expect(one("[role=tabpanel]").textContent).toContain("option http-no-delay");
  });

  it("sends whoever cannot change the proxy to the origin’s own lines, and nobody there to himself", async () => {
    const { one, click } = await drawDiagnose("mute");
    const around = "Cannot change nginx? “Origin” shows what the server itself can do.";
    expect(one("[role=tabpanel]").textContent).toContain(around);
    await click("[role=tab]", "Origin");
    expect(one("[role=tabpanel]").textContent).not.toContain("Cannot change");
    await eraseWindows();
    expect((await drawDiagnose("noRoute")).one("[role=tabpanel]").textContent).not.toContain("Cannot change");
  });

  it("is red only where the first cause is", async () => {
    const { all } = await drawDiagnose("mute");
    expect(all("[role=option]").map(({ dataset }) => dataset["tone"])).toEqual(["bad", "warn", "warn"]);
  });

  it("shows the lines of the cause one chooses", async () => {
    const { one, all, click } = await drawDiagnose("mute");
    expect(all("[role=option]").map(({ textContent }) => /(\d+)%/.exec(textContent ?? "")?.[1])).toEqual([
      "80",
      "35",
      "30",
    ]);
    await click("[role=option]:nth-of-type(2)");
    expect(one("[role=option][aria-selected=true]").textContent).toContain("35%");
    expect(one("[role=tabpanel]").textContent).toContain("flushHeaders");
    expect(one("[role=tabpanel]").textContent).not.toContain("proxy_buffering");
  });

  it("copies exactly the lines, and says so", async () => {
    const written: string[] = [];
    vi.spyOn(navigator.clipboard, "writeText").mockImplementation(async (text) => void written.push(text));
    const { click, one, all } = await drawDiagnose("mute");
    await click("[role=tabpanel] button", "Copy lines");
    expect(written).toEqual([fakeDiagnoses(now).mute.findings[0]?.fix.text]);
    expect(all("[role=status]").map(({ textContent }) => textContent)).toContain("Copied");
    await click("main aside button", "Copy");
    expect(written[1]).toContain(one("main aside pre").textContent);
  });

  it("checks again what it was asked", async () => {
    const { click, starts } = await drawDiagnose("mute");
    await click("[role=tabpanel] button", "Check again");
    expect(starts()).toEqual([{ stream: "deploys", url: null, compare: null, measureIdle: false }]);
  });

  it("says of what is behind an error that nobody looked, in the words of the report", async () => {
    const { one, text } = await drawDiagnose("noRoute");
    const unlooked = "Not looked at: the answer is an error";
    expect(stageOf(one, "headers-time").textContent).toContain("100 ms");
    expect(stageOf(one, "framing").title).toBe(unlooked);
    expect(one("main aside pre").textContent).toContain(`- Framing: skipped, ${unlooked}`);
    expect(text()).not.toContain("Not reached");
    await eraseWindows();
    expect(stageOf((await drawDiagnose("mute")).one, "framing").title).toBe("Not reached");
  });

  it("keeps the lines of code as they are, in places that keys can scroll", async () => {
    const { one, all } = await drawDiagnose("noRoute");
    const code = one("[role=tabpanel] section[aria-label]");
    expect(code.tabIndex).toBe(0);
    expect(code.querySelector("pre")?.textContent?.trimEnd()).toBe(
      fakeDiagnoses(now).noRoute.findings[0]?.fix.text.trimEnd(),
    );
    const unwrapped = all("main aside pre > span:not([class])").map(({ textContent }) => textContent ?? "");
    expect(unwrapped).toHaveLength(1);
    expect(unwrapped[0]).toMatch(/^```\n[\s\S]+```\n$/);
  });

  it("names what is ruled out, with what was measured", async () => {
    const { one } = await drawDiagnose("mute");
    const said = one("main h3", "Ruled out").parentElement?.textContent ?? "";
    expect(said).toContain("TLS");
    expect(said).not.toContain("Buffering");
  });
});

describe("the report", () => {
  it("is what would be saved, as Markdown and as JSON, and is saved where main says", async () => {
    const { one, click, fake, text } = await drawDiagnose("mute");
    const report = () => one("main aside pre").textContent ?? "";
    expect(report()).toContain("- Verdict: **Broken**\n- Target: `https://host-1/deploys/stream`");
    expect(report()).toContain("### 1. A proxy buffers the stream (`buffering`, confidence 80%)");
    expect(report()).toContain(fakeDiagnoses(now).mute.findings[0]?.fix.text);
    await click("main aside label", "JSON");
    expect(JSON.parse(report())).toMatchObject({ verdict: "broken", target: "https://host-1/deploys/stream" });
    await click("main aside button", "Save");
    expect(fake.calls).toContainEqual({ name: "diagnosis.save", argument: "json" });
    expect(text()).toContain("Saved to /home/user/holdfast-diagnosis.md");
  });

  it("is silent when the user changed his mind", async () => {
    const { fake, click, text } = await drawDiagnose("mute");
    fake.answers.saveDiagnosis = null;
    await click("main aside button", "Save");
    expect(text()).not.toContain("Saved to");
  });
});

describe("other outcomes", () => {
  it("claims of a healthy path only what was checked", async () => {
    const { status, text, all } = await drawDiagnose("healthy");
    expect(status()).toContain("Healthy");
    expect(status()).toContain("All 16 checks that could be made are good");
    expect(status()).toContain("It was held for 5.1 s");
    expect(text()).toContain("Not checked");
    expect(text()).not.toMatch(/nothing (is )?wrong/i);
    expect(stageOf((selector) => all(selector)[0] as HTMLElement, "latency").textContent).toContain("31 ms");
    expect(all("[role=option], main [data-broken=broken]")).toEqual([]);
  });

  it("says honestly when nobody on the way has shown himself, and that it is undecided", async () => {
    const { status, one } = await drawDiagnose("undecided");
    expect(status()).toContain("Undecided");
    expect(status()).toContain("need up to 60 s");
    expect(one("[data-group=way]").textContent).toContain("Nothing on the way has shown itself.");
    expect(one("[data-group=way] [data-unknown=true]")).toBeTruthy();
    expect(stageOf(one, "latency").textContent).toContain("not measurable");
    expect(stageOf(one, "latency").querySelector("svg")?.dataset["state"]).toBe("skipped");
  });

  it("says first what is undecided, and folds what is ruled out", async () => {
    const { one, all } = await drawDiagnose("undecided");
    expect(
      all("main h3")
        .map(({ textContent }) => textContent)
        .slice(-3),
    ).toEqual(["Could not be told in this time", "Ruled out, with evidence", "Not checked"]);
    expect((one("main details") as HTMLDetailsElement).open).toBe(false);
    expect(one("main details").textContent).toContain("2 addresses in 9.3 ms");
    await eraseWindows();
    expect((await drawDiagnose("healthy")).all("main details")).toEqual([]);
  });

  it.each([
    ["cancelled", "You ended it early"],
    ["budget", "The time for it was used up."],
  ] as const)("says that it was %s", async (name, words) => {
    const { status } = await drawDiagnose(name);
    expect(status()).toContain(words);
    expect(status()).not.toContain("Measure the idle cut");
  });

  it("says whose it is when another stream is chosen, and offers to run that one", async () => {
    const { status, click, all, one, starts } = await drawDiagnose("mute");
    await click("aside nav button", "Orders");
    expect(one("main h1").textContent).toBe("Diagnose");
    expect(status()).toContain("This is about Deploy feed.");
    expect(all("main button").some(({ textContent }) => textContent?.includes("Check again"))).toBe(false);
    await click("main form button", /Run/);
    expect(starts()).toEqual([expect.objectContaining({ stream: "orders" })]);
  });

  it("names a code without words instead of losing it", async () => {
    const { fake, text } = await drawDiagnose("mute");
    const view = fakeDiagnoses(now).mute;
    const [finding] = view.findings;
    if (finding === undefined) throw new Error("no finding");
    await act(async () => fake.diagnose({ ...view, findings: [{ ...finding, code: "not-heard-of" }] }));
    expect(text()).toContain("(not-heard-of)");
  });

  it("speaks Chinese in Chinese", async () => {
    const { status, one } = await drawDiagnose("undecided", { locale: "zh-CN" });
    expect(status()).toContain("无法判定");
    expect(one("[data-group=way]").textContent).toContain("未识别出中间节点");
    expect(stageOf(one, "heartbeat").textContent).toContain("需再观察 60 秒");
  });
});

it("has its headings in order, and one status for the verdict", async () => {
  const { all } = await drawDiagnose("mute");
  const levels = all("main h1, main h2, main h3").map(({ tagName }) => Number(tagName[1]));
  expect(levels[0]).toBe(1);
  for (const [at, level] of levels.entries()) expect(level - (levels[at - 1] ?? 1)).toBeLessThanOrEqual(1);
  expect(all("section[data-tone] [role=status]")).toHaveLength(1);
});
