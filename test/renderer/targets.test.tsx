// @vitest-environment happy-dom
/** The quality place's row of figures: what was measured, what is aimed at, and which of them is met. */
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, it, onTestFinished } from "vitest";
import type { HistorySummary } from "../../preload/contract.ts";
import { summaryOf } from "../../renderer/history.ts";
import { LanguageProvider } from "../../renderer/text/language.tsx";
import { Targets } from "../../renderer/views/quality/targets.tsx";
import { drawWindow, eraseWindows } from "./draw.tsx";
import { fakeSummary } from "./fake-data.ts";

afterEach(eraseWindows);

const now = 1_790_000_000_000;

async function row(change: Partial<HistorySummary>) {
  const box = document.body.appendChild(document.createElement("div"));
  const root = createRoot(box);
  onTestFinished(() => act(async () => root.unmount()));
  const facts = { ...fakeSummary("24h", now), ...change };
  await act(async () =>
    root.render(
      <LanguageProvider locale="en">
        <Targets facts={facts} summary={{ ...summaryOf([]), attempts: 47 }} />
      </LanguageProvider>,
    ),
  );
  return (id: string) => {
    const figure = box.querySelector<HTMLElement>(`[data-target="${id}"]`);
    const [value, remark] = [...(figure?.querySelectorAll("dd") ?? [])].map((each) =>
      each.textContent?.replaceAll(/\s/g, " "),
    );
    return { tone: figure?.dataset["tone"], value, remark };
  };
}

it.each<[string, Partial<HistorySummary>, object]>([
  ["success", { successRate: 0.951 }, { tone: "ok", value: "95%", remark: "aim: above 95% · 47 attempts" }],
  ["success", { successRate: 0.949_99 }, { tone: "bad", value: "94%" }],
  ["success", { successRate: null }, { tone: "idle", value: "–" }],
  ["interval", { meanIntervalMs: 30_001 }, { tone: "ok", value: "30 s", remark: "aim: above 30 s" }],
  ["interval", { meanIntervalMs: 30_000 }, { tone: "bad" }],
  ["interval", { meanIntervalMs: null }, { tone: "idle", value: "–" }],
  [
    "recovery",
    { recoveryP50Ms: 8400, recoveryMaxMs: 612_000 },
    { tone: "ok", value: "8.4 s", remark: "aim: below 2 min; at worst 10 min 12 s" },
  ],
  ["recovery", { recoveryP50Ms: 120_000, recoveryMaxMs: 120_000 }, { tone: "bad" }],
  ["recovery", { recoveryP50Ms: null, recoveryMaxMs: null }, { tone: "idle", value: "–", remark: "aim: below 2 min" }],
  ["gaps", { gaps: 0 }, { tone: "ok", value: "0" }],
  ["gaps", { gaps: 3 }, { tone: "bad", value: "3" }],
  ["sessions", {}, { tone: "idle", value: "37", remark: "most often after 58.3 s to 61.8 s" }],
  ["sessions", { sessions: [] }, { tone: "idle", value: "0", remark: "how long connections last" }],
])("the figure %s of %j is %j", async (id, facts, shown) => {
  expect((await row(facts))(id)).toMatchObject(shown);
});

it("stands in the place Quality, in the window's language", async () => {
  const { one, click, all } = await drawWindow({ now, locale: "zh-CN" });
  await click("nav button", "质量");
  expect(one('[data-target="success"]').textContent).toContain("目标：高于");
  expect(all("[data-target]")).toHaveLength(5);
});
