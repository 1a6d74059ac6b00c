/** The icon in the tray, kept as the streams are. It shows what tray-state and tray-menu say and decides nothing. */
import { Menu, type MenuItemConstructorOptions, Tray } from "electron/main";
import type { StreamView } from "../../preload/contract.ts";
import type { Words } from "../../preload/words.ts";
import { type TrayKind, trayState } from "../core/tray-state.ts";
import { trayIcon } from "./tray-icon.ts";
import { type TrayActions, trayMenu, trayStatus } from "./tray-menu.ts";

export type TrayOptions = {
  /** Absolute path of build/icons/tray. */
  readonly icons: string;
  readonly platform: NodeJS.Platform;
  readonly actions: TrayActions;
};

export type TrayPicture = {
  /** Shows these streams in this language within 250 ms; the latest wins. Does nothing after `destroy`. */
  update(streams: readonly StreamView[], words: Words): void;
  destroy(): void;
};

/** Streams change in bursts; a menu that is replaced while it is open closes under the pointer. */
const settleMs = 250;

/** Puts the icon into the tray, in the state of these streams. */
export function createTray(
  { icons, platform, actions }: TrayOptions,
  streams: readonly StreamView[],
  words: Words,
): TrayPicture {
  let kind: TrayKind = trayState(streams).kind;
  const tray = new Tray(trayIcon(kind, icons, platform));
  let shown = "";
  let timer: NodeJS.Timeout | undefined;
  let next: () => void = () => {};

  const paint = (present: readonly StreamView[], spoken: Words): void => {
    const template = trayMenu(present, spoken, actions);
    const now = trayState(present).kind;
    if (now !== kind) tray.setImage(trayIcon(now, icons, platform));
    kind = now;
    const face = JSON.stringify(template);
    if (face === shown) return;
    shown = face;
    tray.setToolTip(spoken.say("tray.tooltip", { status: trayStatus(present, spoken) }));
    // [electron] On Linux a changed menu has to be set again as a whole.
    tray.setContextMenu(Menu.buildFromTemplate(template as MenuItemConstructorOptions[]));
  };

  // Linux and Windows: a click opens; macOS: it opens the menu, as everything up there does.
  if (platform !== "darwin") tray.on("click", () => actions.open());
  paint(streams, words);
  return {
    update(present, spoken) {
      if (tray.isDestroyed()) return;
      next = () => paint(present, spoken);
      timer ??= setTimeout(() => {
        timer = undefined;
        next();
      }, settleMs);
    },
    destroy() {
      clearTimeout(timer);
      tray.destroy();
    },
  };
}
