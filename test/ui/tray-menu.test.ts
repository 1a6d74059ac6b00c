/** The tray's words and menu in both languages. */
import type { MenuItemConstructorOptions } from "electron/main";
import { describe, expect, it, vi } from "vitest";
import { type TrayActions, trayMenu, trayStatus } from "../../main/ui/tray-menu.ts";
import type { StreamView } from "../../preload/contract.ts";
import { words } from "../../preload/words.ts";

const view = (id: string, change: Partial<StreamView> = {}) =>
  ({ id, name: id, phase: "open", health: "live", attempt: 0, grade: "GOOD", ...change }) as StreamView;
const live = view("orders");
const down = view("prices", { phase: "halted", health: null });
const paused = view("news", { phase: "idle", health: null });

function actions() {
  const names = [
    "open",
    "show",
    "reconnect",
    "pause",
    "resume",
    "reconnectAll",
    "pauseAll",
    "resumeAll",
    "quit",
  ] as const;
  return Object.fromEntries(names.map((name) => [name, vi.fn()])) as unknown as TrayActions;
}
type Item = MenuItemConstructorOptions;
const en = words("en");
const zh = words("zh-CN");
const labels = (menu: readonly Item[]) => menu.flatMap(({ label }) => label ?? []);
const item = (menu: readonly Item[], label: string): Item => menu.find((one) => one.label === label) ?? {};
const click = ({ click: act }: Item) => (act as () => void)();
const inside = (menu: readonly Item[], label: string) => item(menu, label).submenu as Item[];

describe("trayStatus", () => {
  it.each([
    [[], "No streams yet", "还没有数据流"],
    [[live, live], "2 live", "2 条畅通"],
    [[paused, live, down], "1 down · 1 live · 1 paused", "1 条中断 · 1 条畅通 · 1 条已暂停"],
  ])("counts, worst first", (streams, english, chinese) => {
    expect([trayStatus(streams, en), trayStatus(streams, zh)]).toEqual([english, chinese]);
  });
});

describe("trayMenu", () => {
  it("says how the streams are, in either language", () => {
    expect(labels(trayMenu([live, down], en, actions()))).toEqual([
      ...["1 down · 1 live", "Open Holdfast", "orders · Live", "prices · Halted"],
      ...["Reconnect all", "Pause all", "Quit Holdfast"],
    ]);
    expect(labels(trayMenu([live, paused], zh, actions()))).toEqual([
      ...["1 条畅通 · 1 条已暂停", "打开 Holdfast", "orders · 畅通", "news · 已暂停"],
      ...["全部重连", "全部暂停", "退出 Holdfast"],
    ]);
  });

  it("asks for what is clicked, for the stream it stands under", () => {
    const act = actions();
    const menu = trayMenu([live, down, paused], en, act);
    click(item(inside(menu, "prices · Halted"), "Reconnect now"));
    click(item(inside(menu, "orders · Live"), "Pause"));
    click(item(inside(menu, "news · Paused"), "Resume"));
    click(item(inside(menu, "news · Paused"), "Show"));
    click(item(menu, "Reconnect all"));
    click(item(menu, "Pause all"));
    click(item(menu, "Open Holdfast"));
    click(item(menu, "Quit Holdfast"));
    expect(act.reconnect).toHaveBeenCalledExactlyOnceWith("prices");
    expect(act.pause).toHaveBeenCalledExactlyOnceWith("orders");
    expect(act.resume).toHaveBeenCalledExactlyOnceWith("news");
    expect(act.show).toHaveBeenCalledExactlyOnceWith("news");
    for (const once of [act.reconnectAll, act.pauseAll, act.open, act.quit]) expect(once).toHaveBeenCalledOnce();
  });

  it("offers to resume when all streams are paused, and nothing to reconnect then", () => {
    const act = actions();
    const menu = trayMenu([paused], en, act);
    expect(labels(menu)).not.toContain("Pause all");
    expect(item(menu, "Reconnect all").enabled).toBe(false);
    expect(item(inside(menu, "news · Paused"), "Reconnect now").enabled).toBe(false);
    click(item(menu, "Resume all"));
    expect(act.resumeAll).toHaveBeenCalledOnce();
  });

  it("has nothing to pause without streams", () => {
    const menu = trayMenu([], en, actions());
    expect([item(menu, "Pause all").enabled, item(menu, "Reconnect all").enabled]).toEqual([false, false]);
  });

  it("shows twelve streams and says how many more there are", () => {
    const menu = trayMenu(
      Array.from({ length: 15 }, (_, index) => view(`s${index}`)),
      en,
      actions(),
    );
    expect(labels(menu).filter((label) => label.endsWith("Live"))).toHaveLength(12);
    expect(labels(menu)).toContain("3 more streams …");
  });

  it("shows a name as it is, without what could reorder or underline it", () => {
    const menu = trayMenu([view("a", { name: "R&D \u202edeeR" }), view("b", { name: "\u200b" })], en, actions());
    expect(labels(menu)).toEqual(expect.arrayContaining(["R&&D deeR · Live", "b · Live"]));
  });
});
