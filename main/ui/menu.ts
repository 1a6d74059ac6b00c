/**
 * The application menu as data: what every desktop program has, in the user's language, and nothing of the streams.
 * main.ts sets it; on Linux and Windows it is hidden until Alt.
 */
import type { MenuItemConstructorOptions } from "electron/main";
import type { Words } from "../../preload/words.ts";

export type MenuFacts = {
  readonly platform: NodeJS.Platform;
  /** A packaged app has neither reload nor developer tools. */
  readonly packaged: boolean;
};

/** The whole menu. Roles do the work; the labels are ours, because Electron's own are English only. */
export function menuTemplate(words: Words, { platform, packaged }: MenuFacts): MenuItemConstructorOptions[] {
  const { say } = words;
  const line: MenuItemConstructorOptions = { type: "separator" };
  const mac = platform === "darwin";
  // The mark of a mnemonic means nothing on macOS and would be shown.
  const top = (key: "menu.file" | "menu.edit" | "menu.view"): string =>
    mac ? say(key).replace(/\(&\w\)|&/, "") : say(key);
  return [
    ...(mac ? [{ role: "appMenu" } as const] : []),
    {
      label: top("menu.file"),
      submenu: [
        { role: "close", label: say("menu.close") },
        // On macOS Quit stands in the menu of the app.
        ...(mac ? [] : [{ role: "quit", label: say("menu.quit"), accelerator: "CmdOrCtrl+Q" } as const]),
      ],
    },
    {
      label: top("menu.edit"),
      submenu: [
        { role: "undo", label: say("menu.undo") },
        { role: "redo", label: say("menu.redo") },
        line,
        { role: "cut", label: say("menu.cut") },
        { role: "copy", label: say("menu.copy") },
        { role: "paste", label: say("menu.paste") },
        { role: "selectAll", label: say("menu.selectAll") },
      ],
    },
    {
      label: top("menu.view"),
      submenu: [
        { role: "resetZoom", label: say("menu.zoomReset") },
        { role: "zoomIn", label: say("menu.zoomIn") },
        { role: "zoomOut", label: say("menu.zoomOut") },
        line,
        { role: "togglefullscreen", label: say("menu.fullscreen") },
        ...(packaged ? [] : developing(words)),
      ],
    },
  ];
}

function developing({ say }: Words): MenuItemConstructorOptions[] {
  return [
    { type: "separator" },
    // Ctrl+R alone belongs to the window: it reconnects the stream.
    { role: "reload", label: say("menu.reload"), accelerator: "CommandOrControl+Shift+R" },
    { role: "toggleDevTools", label: say("menu.devTools") },
  ];
}
