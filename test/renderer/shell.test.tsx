// @vitest-environment happy-dom
/** What the page shows before its code runs: the app's own frame and colours, and nothing of it once the app is drawn. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { drawWindow, eraseWindows } from "./draw.tsx";

afterEach(eraseWindows);

const source = (name: string): string => readFileSync(join(import.meta.dirname, "../../renderer", name), "utf8");
const page = source("index.html");
const theme = source("theme.css");
const shell = source("shell.css");

/** Custom properties of the first rule with this selector in it. */
function roles(css: string, selector: string): Record<string, string> {
  const from = css.indexOf(selector);
  const body = css.slice(css.indexOf("{", from), css.indexOf("}", from));
  return Object.fromEntries([...body.matchAll(/(--[\w-]+): (#\w+);/g)].map(([, name, value]) => [name, value]));
}

it("has the dark roles of the theme", () => {
  const dark = roles(theme, ':root[data-theme="dark"]');
  const written = roles(shell.slice(shell.indexOf("@media")), "#shell");
  expect(Object.keys(written)).toHaveLength(4);
  expect(dark).toMatchObject(written);
});

it("shows the same mark as the app", async () => {
  const { one } = await drawWindow();
  const shapes = (svg: string): string[] => [...svg.matchAll(/ d="([^"]+)"/g)].map(([, d]) => d ?? "");
  const drawn = shapes(one("aside svg").outerHTML);
  expect(drawn).toHaveLength(2);
  expect(shapes(page)).toEqual(drawn);
});

it("is gone when the app is drawn", async () => {
  document.body.append(Object.assign(document.createElement("div"), { id: "shell" }));
  const { one } = await drawWindow();
  expect(one("aside").textContent).toContain("Holdfast");
  expect(document.getElementById("shell")).toBe(null);
});
