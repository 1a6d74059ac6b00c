// @vitest-environment happy-dom
/** The quality place's row of bounds: what is kept, and whether anything is lost. */
import { act } from "react";
import { createRoot } from "react-dom/client";
import { afterEach, expect, it, onTestFinished } from "vitest";
import type { Keeping } from "../../preload/contract.ts";
import { LanguageProvider } from "../../renderer/text/language.tsx";
import { KeepingRow } from "../../renderer/views/quality/keeping.tsx";
import { drawWindow, eraseWindows } from "./draw.tsx";
import { fakeKeeping } from "./fake-data.ts";

afterEach(eraseWindows);

const now = 1_790_000_000_000;

async function row(change: Partial<Keeping>) {
  const box = document.body.appendChild(document.createElement("div"));
  const root = createRoot(box);
  onTestFinished(() => act(async () => root.unmount()));
  await act(async () =>
    root.render(
      <LanguageProvider locale="en">
        <KeepingRow keeping={{ ...fakeKeeping(now), ...change }} />
      </LanguageProvider>,
    ),
  );
  return (id: string) => {
    const figure = box.querySelector<HTMLElement>(`[data-bound="${id}"]`);
    const [value, remark] = [...(figure?.querySelectorAll("dd") ?? [])].map(({ textContent }) =>
      textContent.replaceAll(/\s/g, " "),
    );
    return { tone: figure?.dataset["tone"], value, remark };
  };
}

const types = { named: 500, limit: 500, beyond: 1 };
it.each<[string, Partial<Keeping>, object]>([
  [
    "kept",
    {},
    { value: "128,400", remark: expect.stringMatching(/^31.4 MB since .+ · at most 366 days, 10,000,000 and/) },
  ],
  ["kept", { retention: null }, { remark: expect.stringContaining("in memory only, until Holdfast ends") }],
  [
    "waiting",
    {},
    { tone: "idle", value: "12.4 kB", remark: expect.stringMatching(/^at most 17.2 MB so far; from 16.8 MB on/) },
  ],
  ["pauses", {}, { tone: "idle", value: "3" }],
  ["unsaved", {}, { tone: "ok", value: "0" }],
  ["unsaved", { unsaved: 2 }, { tone: "bad", value: "2" }],
  [
    "oversized",
    {},
    { tone: "bad", value: "1", remark: expect.stringContaining("events above 8.4 MB were passed over") },
  ],
  ["types", {}, { value: "12", remark: "at most 500 are counted by name" }],
  ["types", { types }, { value: "500", remark: "500 are counted by name, 1 event of others together" }],
])("says of %s with %j what is true", async (id, change, shown) => {
  expect((await row(change))(id)).toMatchObject(shown);
});

it("stands in the place Quality, for the stream that is chosen, and is not made up for one that nobody knows", async () => {
  const { press, one, all, fake } = await drawWindow();
  await press("2", { ctrlKey: true });
  expect(one('section[aria-label="Is anything lost?"]').textContent).toContain("Not taken by the disk");
  await act(async () => fake.show("edge", null));
  await press("2", { ctrlKey: true });
  expect(all('section[aria-label="Is anything lost?"]')).toEqual([]);
});
