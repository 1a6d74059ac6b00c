/** The tray's words: tooltip and menu of the present streams, as data. It shows nothing itself; tray.ts does. */
import type { MenuItemConstructorOptions } from "electron/main";
import type { StreamView } from "../../preload/contract.ts";
import type { Words } from "../../preload/words.ts";
import { plainText } from "../core/plain-text.ts";
import { stateWord, trayKinds, trayState } from "../core/tray-state.ts";

/** What the menu can ask for. */
export type TrayActions = {
  open(): void;
  show(stream: string): void;
  reconnect(stream: string): void;
  pause(stream: string): void;
  resume(stream: string): void;
  reconnectAll(): void;
  pauseAll(): void;
  resumeAll(): void;
  quit(): void;
};

/** More would run off the screen. */
const streamsShown = 12;

/** "1 down · 2 live", worst first. */
export function trayStatus(streams: readonly StreamView[], words: Words): string {
  const { counts, total } = trayState(streams);
  if (total === 0) return words.say("tray.none");
  const present = trayKinds.filter((kind) => counts[kind] > 0);
  return present.map((kind) => words.say(`tray.count.${kind}`, { count: counts[kind] })).join(" · ");
}

/** The whole menu. */
export function trayMenu(streams: readonly StreamView[], words: Words, act: TrayActions): MenuItemConstructorOptions[] {
  const paused = streams.filter(({ phase }) => phase === "idle").length;
  const hidden = streams.length - streamsShown;
  const line: MenuItemConstructorOptions = { type: "separator" };
  return [
    { label: trayStatus(streams, words), enabled: false },
    line,
    { label: words.say("tray.open"), click: () => act.open() },
    ...(streams.length > 0 ? [line] : []),
    ...streams.slice(0, streamsShown).map((stream) => streamItem(stream, words, act)),
    ...(hidden > 0 ? [{ label: words.say("tray.more", { count: hidden }), click: () => act.open() }] : []),
    line,
    { label: words.say("tray.reconnectAll"), enabled: paused < streams.length, click: () => act.reconnectAll() },
    paused < streams.length || paused === 0
      ? { label: words.say("tray.pauseAll"), enabled: streams.length > 0, click: () => act.pauseAll() }
      : { label: words.say("tray.resumeAll"), click: () => act.resumeAll() },
    line,
    { label: words.say("tray.quit"), click: () => act.quit() },
  ];
}

function streamItem(stream: StreamView, words: Words, act: TrayActions): MenuItemConstructorOptions {
  const name = plainText(stream.name, 40) || stream.id;
  const state = words.say(`state.${stateWord(stream)}`);
  const toggle: MenuItemConstructorOptions =
    stream.phase === "idle"
      ? { label: words.say("tray.resume"), click: () => act.resume(stream.id) }
      : { label: words.say("tray.pause"), click: () => act.pause(stream.id) };
  return {
    // So that a stream that takes another's name and place makes another menu.
    id: stream.id,
    // A single & would underline the next letter instead of being shown.
    label: words.say("tray.stream", { name, state }).replaceAll("&", "&&"),
    submenu: [
      { label: words.say("tray.reconnect"), enabled: stream.phase !== "idle", click: () => act.reconnect(stream.id) },
      toggle,
      { label: words.say("tray.show"), click: () => act.show(stream.id) },
    ],
  };
}
