/** The app's proxy: which one a stream goes by, and what is kept of it. The password is where all secrets are. */
import type { AppProxy, Endpoint, FieldError } from "../../preload/contract.ts";
import type { Secrets } from "../io/ports.ts";
import type { ProxyChoice, ProxySource } from "../io/proxy/proxies.ts";
import type { Settings } from "../io/stores/settings-store.ts";
import type { ProxiesFor } from "./endpoint-plan.ts";
import type { Streams } from "./streams.ts";

/** No stream's id has an @, so it is no stream's. */
export const appProxyKey = "@app/proxy";

/** The app's choice at this moment. */
export function appProxy(settings: Pick<Settings, "view">, secrets: Pick<Secrets, "get">): ProxyChoice {
  return { ...settings.view().general.proxy, password: () => secrets.get(appProxyKey) };
}

/** A stream's own choice, or the app's as it is when the stream asks. */
export function proxiesFor(source: ProxySource, ofApp: () => ProxyChoice): ProxiesFor {
  return ({ id, proxy }: Pick<Endpoint, "id" | "proxy">, password) => {
    const { mode, url, username } = proxy;
    if (mode === "app") return source.of("app", ofApp);
    const key = mode === "manual" ? `${id} ${url} ${username}` : mode;
    return source.of(key, () => ({ mode, url, username, password }));
  };
}

type Parts = {
  readonly settings: Pick<Settings, "view" | "setGeneral">;
  readonly secrets: Secrets;
  readonly streams: Pick<Streams, "proxyChanged">;
  readonly secretsChanged: () => void;
};

/**
 * Saves the app's proxy, and has the streams that go by it connect anew.
 * @param password typed just now, "" for none; null: as it is stored, which counts for the same proxy only
 */
export function setAppProxy(parts: Parts, proxy: AppProxy, password: string | null): FieldError[] {
  const { settings, secrets } = parts;
  const before = settings.view().general.proxy;
  const stored = secrets.get(appProxyKey);
  const signsIn = proxy.mode === "manual" && proxy.username !== "";
  const isOther = before.url.trim() !== proxy.url.trim();
  if (signsIn && password === null && (stored === null || isOther)) {
    const code = stored === null ? "secret-missing" : "secret-other-server";
    return [{ field: "proxy.password", code, params: {} }];
  }
  // First the secret: the streams connect the moment the proxy is saved.
  const wanted = signsIn ? (password ?? stored) : null;
  const change = (value: string | null) =>
    value === null ? secrets.remove(appProxyKey) : secrets.set(appProxyKey, value);
  const renewed = wanted !== stored;
  if (renewed) change(wanted);
  const errors = settings.setGeneral({ proxy: { ...proxy, url: proxy.url.trim() } });
  if (errors.length > 0) {
    if (renewed) change(stored);
    return errors;
  }
  if (renewed) parts.secretsChanged();
  if (renewed || JSON.stringify(before) !== JSON.stringify(settings.view().general.proxy))
    void parts.streams.proxyChanged();
  return [];
}
