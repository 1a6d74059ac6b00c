/**
 * What no page of ours may ever do, whatever it was made to load: leave, open windows, attach a webview, get a permission,
 * reach the network, download. The rules are the pure functions; the rest hangs them on every web contents and session.
 * It is not the policy of the page itself: that is the header in app-protocol.ts.
 */
import type { App, Session, WebContents } from "electron/main";
import { appOrigin, within } from "./app-protocol.ts";

export type Surroundings = {
  /** Origin of the development server (ELECTRON_RENDERER_URL), or null outside development. */
  readonly devOrigin: string | null;
  /** A packaged app has no developer tools. */
  readonly packaged: boolean;
};

/** Whether the page may go to this URL by itself. Never, except that the development server reloads its own page. */
export function mayNavigate(url: string, { devOrigin }: Surroundings): boolean {
  return devOrigin !== null && within(url, devOrigin);
}

/** Whether a request of Chromium's may start: our own files, pictures inside the page, and what development needs. */
export function mayRequest(url: string, resourceType: string, { devOrigin, packaged }: Surroundings): boolean {
  if (within(url, appOrigin)) return true;
  if (url.startsWith("data:")) return resourceType === "image";
  if (url.startsWith("devtools://")) return !packaged;
  // The development server tells of changes over a WebSocket of the same host.
  return devOrigin !== null && (within(url, devOrigin) || within(url, devOrigin.replace(/^http/, "ws")));
}

/** Whether a page gets a permission. Copying text to the clipboard is the only one there is. */
export function mayHave(permission: string, url: string, { devOrigin }: Surroundings): boolean {
  return (
    permission === "clipboard-sanitized-write" &&
    (within(url, appOrigin) || (devOrigin !== null && within(url, devOrigin)))
  );
}

/**
 * Chromium asks this host for a dictionary while its first session is being made, before anybody can tell that session that
 * nothing is spelled here (33.2.1, seen at a proxy). So the host is this computer's own closed door: no proxy is asked for what is
 * here, which "~NOTFOUND" would be. Only this one host: a PAC script may have to be fetched from anywhere.
 */
const noDictionaries = "MAP redirector.gvt1.com 127.0.0.1:1";

/** Hangs the rules on everything that will be created. Call it before the app is ready: the first session comes with it. */
export function harden(app: App, surroundings: Surroundings): void {
  // Whoever can set a packaged app's environment must not be able to make it trust another page.
  const around = surroundings.packaged ? { ...surroundings, devOrigin: null } : surroundings;
  app.commandLine.appendSwitch("host-rules", noDictionaries);
  app.on("session-created", (session) => hardenSession(session, around));
  app.on("web-contents-created", (_event, contents) => hardenContents(contents, around));
}

function hardenContents(contents: WebContents, around: Surroundings): void {
  const stay = (event: { preventDefault(): void; url: string }): void => {
    if (!mayNavigate(event.url, around)) event.preventDefault();
  };
  contents.on("will-navigate", stay);
  contents.on("will-frame-navigate", stay);
  contents.on("will-redirect", stay);
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
  if (around.packaged) contents.on("devtools-opened", () => contents.closeDevTools());
}

function hardenSession(session: Session, around: Surroundings): void {
  session.setPermissionRequestHandler((_contents, permission, decide, details) => {
    decide(mayHave(permission, details.requestingUrl, around));
  });
  session.setPermissionCheckHandler((_contents, permission, origin) => mayHave(permission, origin, around));
  session.setDevicePermissionHandler(() => false);
  session.webRequest.onBeforeRequest((details, decide) => {
    decide({ cancel: !mayRequest(details.url, details.resourceType, around) });
  });
  session.on("will-download", (event) => event.preventDefault());
  // Else Chromium fetches dictionaries from elsewhere as soon as a text field has the focus.
  session.setSpellCheckerEnabled(false);
}
