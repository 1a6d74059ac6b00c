/** The rules that hold for every page and session, and that they hang on both. */
import { EventEmitter } from "node:events";
import type { App } from "electron/main";
import { describe, expect, it, vi } from "vitest";
import { harden, mayHave, mayNavigate, mayRequest } from "../../main/ui/hardening.ts";

const packaged = { devOrigin: null, packaged: true };
const unpackaged = { devOrigin: null, packaged: false };
const developing = { devOrigin: "http://localhost:5173", packaged: false };
const page = "app://holdfast/index.html";

describe("mayNavigate", () => {
  it.each([
    page,
    "app://holdfast/other.html",
    "https://example.com/",
    "file:///etc/passwd",
    "javascript:1",
    "data:text/html,x",
    "about:blank",
  ])("keeps the page from going to %s", (url) => {
    expect(mayNavigate(url, packaged)).toBe(false);
    expect(mayNavigate(url, developing)).toBe(false);
  });

  it("lets the development server reload its own page, in development", () => {
    expect(mayNavigate("http://localhost:5173/", developing)).toBe(true);
    expect(mayNavigate("http://localhost:5173/", unpackaged)).toBe(false);
    expect(mayNavigate("http://localhost:51730/", developing)).toBe(false);
  });
});

describe("mayRequest", () => {
  it.each<[string, string, typeof developing | typeof packaged, boolean]>([
    [page, "mainFrame", packaged, true],
    ["data:image/png;base64,AA==", "image", packaged, true],
    ["data:text/html,x", "subFrame", packaged, false],
    ["data:text/javascript,x", "script", packaged, false],
    ["https://example.com/x.png", "image", packaged, false],
    ["http://127.0.0.1:1420/metrics", "xhr", packaged, false],
    ["ws://127.0.0.1/", "webSocket", packaged, false],
    ["file:///etc/passwd", "image", packaged, false],
    ["app://other/x", "script", packaged, false],
    ["devtools://devtools/x.html", "mainFrame", packaged, false],
    ["devtools://devtools/x.html", "mainFrame", unpackaged, true],
    ["http://localhost:5173/main.tsx", "script", developing, true],
    ["ws://localhost:5173/?token=x", "webSocket", developing, true],
    ["http://localhost:5173/main.tsx", "script", packaged, false],
    ["http://localhost:5174/main.tsx", "script", developing, false],
  ])("%s as %s, %j: %s", (url, type, around, allowed) => {
    expect(mayRequest(url, type, around)).toBe(allowed);
  });
});

describe("mayHave", () => {
  it("lets our page copy", () => {
    expect(mayHave("clipboard-sanitized-write", page, packaged)).toBe(true);
    expect(mayHave("clipboard-sanitized-write", "app://holdfast", packaged)).toBe(true);
    expect(mayHave("clipboard-sanitized-write", "http://localhost:5173/", developing)).toBe(true);
  });

  it.each(["https://example.com/", "", "about:blank", "http://localhost:5173/"])("lets nobody at '%s' copy", (url) => {
    expect(mayHave("clipboard-sanitized-write", url, packaged)).toBe(false);
  });

  it.each([
    ...["clipboard-read", "media", "geolocation", "notifications", "midi", "midiSysex", "pointerLock", "fullscreen"],
    ...["openExternal", "window-management", "hid", "serial", "usb", "bluetooth", "display-capture", "mediaKeySystem"],
    ...["idle-detection", "speaker-selection", "storage-access", "top-level-storage-access", "fileSystem", "unknown"],
  ])("gives our page no %s", (permission) => {
    expect(mayHave(permission, page, packaged)).toBe(false);
  });
});

describe("harden", () => {
  function created(around: typeof packaged | typeof developing) {
    const app = Object.assign(new EventEmitter(), { commandLine: { appendSwitch: vi.fn() } });
    harden(app as unknown as App, around);
    const contents = Object.assign(new EventEmitter(), { setWindowOpenHandler: vi.fn(), closeDevTools: vi.fn() });
    const session = Object.assign(new EventEmitter(), {
      setPermissionRequestHandler: vi.fn(),
      setPermissionCheckHandler: vi.fn(),
      setDevicePermissionHandler: vi.fn(),
      setSpellCheckerEnabled: vi.fn(),
      webRequest: { onBeforeRequest: vi.fn() },
    });
    app.emit("web-contents-created", {}, contents);
    app.emit("session-created", session);
    return { contents, session };
  }
  const stopped = (emitter: EventEmitter, name: string, url: string): boolean => {
    const preventDefault = vi.fn();
    emitter.emit(name, { url, preventDefault });
    return preventDefault.mock.calls.length > 0;
  };

  it.each(["will-navigate", "will-frame-navigate", "will-redirect", "will-attach-webview"])("stops %s", (name) => {
    expect(stopped(created(packaged).contents, name, "https://example.com/")).toBe(true);
  });

  it("denies windows, downloads, devices and dictionaries", () => {
    const { contents, session } = created(packaged);
    expect(contents.setWindowOpenHandler.mock.lastCall?.[0]({ url: page })).toEqual({ action: "deny" });
    expect(stopped(session, "will-download", page)).toBe(true);
    expect(session.setDevicePermissionHandler.mock.lastCall?.[0]({})).toBe(false);
    expect(session.setSpellCheckerEnabled).toHaveBeenCalledWith(false);
  });

  it("asks the rules at each permission and request", () => {
    const { session } = created(packaged);
    const decide = vi.fn();
    session.setPermissionRequestHandler.mock.lastCall?.[0]({}, "media", decide, { requestingUrl: page });
    expect(decide).toHaveBeenLastCalledWith(false);
    session.setPermissionRequestHandler.mock.lastCall?.[0]({}, "clipboard-sanitized-write", decide, {
      requestingUrl: page,
    });
    expect(decide).toHaveBeenLastCalledWith(true);
    expect(session.setPermissionCheckHandler.mock.lastCall?.[0](null, "media", "app://holdfast/")).toBe(false);
    session.webRequest.onBeforeRequest.mock.lastCall?.[0](
      { url: "https://example.com/", resourceType: "image" },
      decide,
    );
    expect(decide).toHaveBeenLastCalledWith({ cancel: true });
    session.webRequest.onBeforeRequest.mock.lastCall?.[0]({ url: page, resourceType: "mainFrame" }, decide);
    expect(decide).toHaveBeenLastCalledWith({ cancel: false });
  });

  it("knows no development server in a packaged app, whatever the environment says", () => {
    const { contents, session } = created({ ...developing, packaged: true });
    const decide = vi.fn();
    const url = "http://localhost:5173/main.tsx";
    session.webRequest.onBeforeRequest.mock.lastCall?.[0]({ url, resourceType: "script" }, decide);
    expect(decide).toHaveBeenLastCalledWith({ cancel: true });
    expect(stopped(contents, "will-navigate", url)).toBe(true);
  });

  it("closes developer tools in a packaged app only", () => {
    for (const [around, times] of [
      [packaged, 1],
      [developing, 0],
    ] as const) {
      const { contents } = created(around);
      contents.emit("devtools-opened");
      expect(contents.closeDevTools).toHaveBeenCalledTimes(times);
    }
  });
});
