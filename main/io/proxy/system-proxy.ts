/** The system's proxy settings, as Chromium reads them: the desktop's, PAC, WPAD. The session comes in, so that Electron stays outside. */
import type { SystemProxy } from "./proxies.ts";

/** What is needed of Electron's session. */
export type ProxySession = {
  resolveProxy(url: string): Promise<string>;
  forceReloadProxyConfig(): Promise<void>;
};

/** @param session asked at every call: it exists only once the app is ready */
export function createSystemProxy(session: () => ProxySession): SystemProxy {
  return {
    resolve: async (url) => session().resolveProxy(url),
    reload: () =>
      void session()
        .forceReloadProxyConfig()
        .catch(() => {}),
  };
}
