/**
 * Which way out is in force: none, the system's, the environment's, or one that the user wrote down. It remembers which proxies
 * failed, for all streams together; what a list means is core/proxy's.
 */
import { createHash } from "node:crypto";
import { type Environment, environmentRoute } from "../../core/proxy/environment.ts";
import { parseProxyAddress } from "../../core/proxy/proxy-address.ts";
import { parseProxyList } from "../../core/proxy/proxy-list.ts";
import { inOrder, type PutOff, putOffMs, withPutOff } from "../../core/proxy/proxy-order.ts";
import { direct, type ProxyRoute, routeName } from "../../core/proxy/proxy-route.ts";
import { address } from "../../core/redact.ts";
import type { Clock, Proxies } from "../ports.ts";

/** What the user chose; `password` is asked for at every request, null: none is known. */
export type ProxyChoice = {
  readonly mode: "system" | "environment" | "manual" | "none";
  readonly url: string;
  readonly username: string;
  readonly password: () => string | null;
};

/** The system's own settings; Electron's session knows them (system-proxy.ts). */
export type SystemProxy = {
  /** The text of a PAC result for an address. */
  resolve(url: string): Promise<string>;
  /** Has PAC scripts and settings read anew. */
  reload(): void;
};

export type ProxiesWorld = {
  readonly clock: Clock;
  readonly env: Environment;
  /** null: there is nobody to ask, as on the command line; then the way is direct. */
  readonly system: SystemProxy | null;
  /** The system did not answer, and the way is direct: the user should know. */
  readonly silent: () => void;
};

export type ProxySource = {
  /** @param key what two choices that are alike have in common; without credentials */
  of(key: string, choice: () => ProxyChoice): Proxies;
  /** Another network has other proxies, and those that failed on the last one may be good ones here. */
  networkChanged(): void;
};

/** A proxy behind which others wait has so long to answer: two bad ones leave time within the 10 s of an attempt, ms. */
export const patienceMs = 4000;
/** A PAC script that is not there after this long is not waited for, ms. */
const systemPatienceMs = 5000;
/** Who gives up sooner than this has changed his mind, and has learned nothing of the proxy, ms. */
const hastyMs = 1000;
/** Many streams may fail in the same second; the settings are read anew once, ms. */
const reloadEveryMs = 5000;

export function createProxies({ clock, env, system, silent }: ProxiesWorld): ProxySource {
  let putOff: PutOff = new Map();
  /** Sign-ins that were refused, and until when nobody sends them again, mono ms. */
  const refusals = new Map<string, number>();
  const usable = (route: ProxyRoute): ProxyRoute =>
    route.kind === "proxy" && (refusals.get(signInOf(route)) ?? Number.NEGATIVE_INFINITY) > clock.mono()
      ? { kind: "unusable", where: "refused", refused: routeName(route) ?? "" }
      : route;
  const refuse = (route: ProxyRoute) => {
    for (const [signIn, until] of refusals) if (until <= clock.mono()) refusals.delete(signIn);
    refusals.set(signInOf(route), clock.mono() + putOffMs);
  };
  let reloadedAt = Number.NEGATIVE_INFINITY;
  const reload = () => {
    if (clock.mono() - reloadedAt < reloadEveryMs) return;
    reloadedAt = clock.mono();
    system?.reload();
  };
  const bySystem = async (url: string): Promise<readonly ProxyRoute[]> => {
    const list = parseProxyList(system === null ? "" : await answerOf(system, url, clock));
    if (list.silent) silent();
    return list.routes;
  };
  const ways = async (url: string, choice: ProxyChoice): Promise<readonly ProxyRoute[]> => {
    switch (choice.mode) {
      case "none":
        return [direct];
      case "system":
        return bySystem(url);
      case "environment":
        return [environmentRoute(env, destinationOf(url))];
      case "manual":
        return [manual(choice)];
    }
  };
  return {
    of(key, choice) {
      const putItOff = (route: ProxyRoute) => {
        putOff = withPutOff(putOff, route, clock.mono());
        if (choice().mode === "system") reload();
      };
      return {
        key,
        waysTo: async (url) => inOrder(await ways(url, choice()), putOff, clock.mono()).map(usable),
        putOff: putItOff,
        refused: refuse,
        patience(route, over) {
          const askedAt = clock.mono();
          const stop = clock.after(patienceMs, over);
          return (answered) => {
            stop();
            if (!answered && clock.mono() - askedAt >= hastyMs) putItOff(route);
          };
        },
      };
    },
    networkChanged() {
      putOff = new Map();
      refusals.clear();
      reloadedAt = Number.NEGATIVE_INFINITY;
      reload();
    },
  };
}

/** A proxy and what signs in there, in a word that tells neither: keys are what lists and dumps show first. */
function signInOf(route: ProxyRoute): string {
  const credentials = route.kind === "proxy" ? route.credentials : null;
  return createHash("sha256")
    .update(JSON.stringify([routeName(route), credentials]))
    .digest("hex");
}

/** What the system says; "" when it cannot say, or not in time. The query stays here: it may hold secrets. */
function answerOf(system: SystemProxy, url: string, clock: Clock): Promise<string> {
  return new Promise((resolve) => {
    const stop = clock.after(systemPatienceMs, () => resolve(""));
    system
      .resolve(address(url))
      .catch(() => "")
      .then((answer) => {
        stop();
        resolve(answer);
      });
  });
}

/** A proxy that was meant and cannot be used never becomes a direct way, and nobody is asked without the sign-in. */
function manual({ url, username, password }: ProxyChoice): ProxyRoute {
  const parsed = parseProxyAddress(url);
  if (typeof parsed === "string") return { kind: "unusable", where: "manual" };
  if (username === "") return { ...parsed, credentials: null };
  const word = password();
  return word === null
    ? { kind: "unusable", where: "password" }
    : { ...parsed, credentials: { username, password: word } };
}

function destinationOf(url: string) {
  const { protocol, hostname, port } = new URL(url);
  const encrypted = protocol === "https:" || protocol === "wss:";
  return { encrypted, host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || (encrypted ? 443 : 80)) };
}

/** Without any proxy: for tests, and where nobody set one up. */
export const noProxies: Proxies = {
  key: "none",
  waysTo: async () => [direct],
  putOff: () => {},
  refused: () => {},
  patience: () => () => {},
};
