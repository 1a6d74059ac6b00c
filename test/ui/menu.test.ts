/** The application menu. */
import type { MenuItemConstructorOptions } from "electron/main";
import { expect, it } from "vitest";
import { menuTemplate } from "../../main/ui/menu.ts";
import { words } from "../../preload/words.ts";

type Item = MenuItemConstructorOptions;
const items = (menu: readonly Item[]): Item[] => menu.flatMap((top) => (top.submenu as Item[] | undefined) ?? []);
const roles = (menu: readonly Item[]) => items(menu).flatMap(({ role }) => role ?? []);
const english = words("en");

it("speaks the user's language in every item", () => {
  const [en, zh] = [english, words("zh-CN")].map((spoken) =>
    items(menuTemplate(spoken, { platform: "linux", packaged: false })).flatMap(({ type, label }) =>
      type ? [] : (label ?? "none"),
    ),
  );
  expect(en).toHaveLength(zh?.length ?? 0);
  for (const [index, label] of (zh ?? []).entries()) expect(label).not.toBe(en?.[index]);
});

it("has the roles every program has", () => {
  const menu = menuTemplate(english, { platform: "linux", packaged: true });
  expect(roles(menu)).toEqual(
    expect.arrayContaining(["close", "quit", "undo", "redo", "cut", "copy", "paste", "selectAll", "zoomIn"]),
  );
});

it.each([
  [true, false],
  [false, true],
])("offers developer tools and reload when packaged is %s: %s", (packaged, offered) => {
  const menu = roles(menuTemplate(english, { platform: "linux", packaged }));
  expect([menu.includes("toggleDevTools"), menu.includes("reload")]).toEqual([offered, offered]);
});

it("has the menu of the app on macOS, Quit there only, and no & in titles", () => {
  const menu = menuTemplate(words("zh-CN"), { platform: "darwin", packaged: true });
  expect(menu[0]).toEqual({ role: "appMenu" });
  expect(roles(menu)).not.toContain("quit");
  expect(menu.slice(1).map(({ label }) => label)).toEqual(["文件", "编辑", "视图"]);
});
