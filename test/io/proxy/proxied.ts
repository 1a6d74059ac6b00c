/** Attempts by a proxy, for tests on real sockets: ways as a list says them, remembered and with a short patience. */

import type { Clock, Proxies } from "../../../main/io/ports.ts";
import { createProxies, type ProxyChoice } from "../../../main/io/proxy/proxies.ts";
import { systemClock } from "../../../main/io/system-clock.ts";
import { hurriedClock } from "../../fakes/hurried-clock.ts";

export const manually = (url: string, username = "", password = ""): Proxies =>
  chosen({ mode: "manual", url, username, password: () => password });

/** As a PAC script would answer. */
export const listed = (list: string, clock: Clock = systemClock): Proxies & { readonly reloads: number } => {
  let reloads = 0;
  const system = { resolve: async () => list, reload: () => void reloads++ };
  const source = createProxies({ clock, env: {}, system, silent: () => {} });
  const proxies = source.of("system", () => ({ mode: "system", url: "", username: "", password: () => null }));
  return {
    ...proxies,
    get reloads() {
      return reloads;
    },
  };
};

export function chosen(choice: ProxyChoice, env: Record<string, string> = {}, clock: Clock = systemClock): Proxies {
  return createProxies({ clock, env, system: null, silent: () => {} }).of("test", () => choice);
}

/** The real clock, twenty times as fast: its patience with a proxy is a fifth of a second. */
export const impatient: Clock = hurriedClock(20);
