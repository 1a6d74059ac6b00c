// @vitest-environment happy-dom
/** Numbers at the pace of a reader: the first at once, then the last of each moment, and what is no number never late. */
import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, onTestFinished, vi } from "vitest";
import { useCalm } from "../../renderer/calm.ts";

Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });

type View = { count: number; held: boolean };

async function drawn() {
  vi.useFakeTimers();
  const box = document.createElement("div");
  const root = createRoot(box);
  onTestFinished(async () => {
    await act(async () => root.unmount());
    vi.useRealTimers();
  });
  const shown: string[] = [];
  const mayWait = (before: View, after: View): boolean => before.held === after.held;
  const Numbers = ({ view }: { view: View }) => {
    const { count, held } = useCalm(view, mayWait);
    const words = `${count}${held ? " held" : ""}`;
    if (shown.at(-1) !== words) shown.push(words);
    return words;
  };
  return {
    shown,
    draw: (count: number, held = false) => act(async () => root.render(<Numbers view={{ count, held }} />)),
    pass: (ms: number) => act(async () => vi.advanceTimersByTime(ms)),
  };
}

it("shows a change at once after a calm moment, and of many that follow the last", async () => {
  const { shown, draw, pass } = await drawn();
  await draw(1);
  await pass(1000);
  await draw(2);
  expect(shown).toEqual(["1", "2"]);
  for (const count of [3, 4, 5]) {
    await draw(count);
    await pass(16);
  }
  expect(shown).toEqual(["1", "2"]);
  await pass(200);
  expect(shown).toEqual(["1", "2", "5"]);
});

it("shows at once what may not wait, and nothing older after it", async () => {
  const { shown, draw, pass } = await drawn();
  await draw(1);
  await pass(1000);
  await draw(2);
  await draw(3);
  await draw(4, true);
  expect(shown).toEqual(["1", "2", "4 held"]);
  await pass(1000);
  expect(shown).toEqual(["1", "2", "4 held"]);
});
