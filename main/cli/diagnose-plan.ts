/** The arguments of `diagnose`, checked and made into a plan. It opens no connection; diagnose.ts carries the plan out. */
import { type Locale, resolveLocale, words } from "../../preload/words.ts";
import { defaultBudgetMs } from "../core/diagnosis/plan.ts";
import type { Proxies } from "../io/ports.ts";
import { defaultIdleLimitMs } from "../io/probe/probe.ts";
import { createProxies } from "../io/proxy/proxies.ts";
import { headerErrors } from "../io/stores/header-rules.ts";
import { urlTrouble } from "../io/stores/url-rules.ts";
import { systemClock } from "../io/system-clock.ts";
import { proxiesFor } from "../streams/app-proxy.ts";
import { CliError, milliseconds, parse } from "./arguments.ts";
import { headerOf, linesOf } from "./header-arguments.ts";
import { proxyArgument } from "./proxy-argument.ts";

export const diagnoseUsage = `diagnose URL [--json] [--header 'K: V' | --header @FILE]…
      [--compare DIRECT_URL [--compare-header 'K: V' | --compare-header @FILE]…]
      [--budget MS] [--idle] [--proxy none|env|URL] [--lang en|zh-CN]`;

const options = {
  json: { type: "boolean" },
  header: { type: "string", multiple: true },
  compare: { type: "string" },
  "compare-header": { type: "string", multiple: true },
  budget: { type: "string" },
  idle: { type: "boolean" },
  proxy: { type: "string" },
  lang: { type: "string" },
} as const;

type Headers = readonly (readonly [name: string, value: string])[];

export type DiagnosePlan = {
  readonly url: string;
  readonly headers: Headers;
  /** The way out is asked for when it is gone. */
  readonly proxies: Proxies;
  readonly compare: { readonly url: string; readonly headers: Headers } | null;
  readonly budgetMs: number;
  readonly idleLimitMs: number | null;
  readonly json: boolean;
  readonly locale: Locale;
};

/** Less time than this is not enough for one request, ms. */
const leastBudgetMs = 1000;

/** Checks the arguments. @throws CliError naming the argument that is wrong */
export function planDiagnose(args: readonly string[], env: NodeJS.ProcessEnv): DiagnosePlan {
  const { values, positionals } = parse(args, options, diagnoseUsage);
  const [url, tooMany] = positionals;
  if (url === undefined) throw new CliError("diagnose: the URL is missing", diagnoseUsage);
  if (tooMany !== undefined) throw new CliError(`diagnose: one URL at a time; "${tooMany}" is too many`, diagnoseUsage);
  checkUrl("URL", url);
  if (values.compare !== undefined) checkUrl("--compare", values.compare);
  else if (values["compare-header"] !== undefined) throw new CliError("diagnose: --compare-header needs --compare URL");
  const compare =
    values.compare === undefined
      ? null
      : { url: values.compare, headers: headersOf("--compare-header", values["compare-header"]) };
  return {
    url,
    headers: headersOf("--header", values.header),
    proxies: proxiesOf(values.proxy, env),
    compare,
    budgetMs: milliseconds("diagnose: --budget", values.budget, leastBudgetMs) ?? defaultBudgetMs,
    idleLimitMs: values.idle === true ? defaultIdleLimitMs : null,
    json: values.json === true,
    locale: localeOf(values.lang, env),
  };
}

function checkUrl(argument: string, url: string): void {
  const code = urlTrouble(url, "http");
  if (code === null) return;
  const { say, sayCode } = words("en");
  const text =
    code === "url-credentials" ? say("cli.diagnose-url-credentials") : sayCode("field", code, {}, "field.unknown");
  throw new CliError(`diagnose: ${argument}: ${text}`);
}

function headersOf(flag: string, given: readonly string[] = []): Headers {
  const headers = given
    .flatMap((value) => linesOf(flag, value, "diagnose"))
    .map((line) => headerOf(`${flag} wants 'Name: value'`, line, "diagnose"));
  const [error] = headerErrors(headers, null).filter(({ code }) => code !== "header-must-be-secret");
  if (error !== undefined) {
    const name = headers[Number(error.field.split(".")[1])]?.name ?? "";
    const text = words("en").sayCode("field", error.code, error.params, "field.unknown");
    throw new CliError(`diagnose: ${flag} ${JSON.stringify(name)}: ${text}`);
  }
  return headers.map(({ name, value }) => [name, value] as const);
}

/** As for `watch`: the environment's, unless the argument says otherwise. */
function proxiesOf(given: string | undefined, env: NodeJS.ProcessEnv): Proxies {
  const source = createProxies({ clock: systemClock, env, system: null, silent: () => {} });
  const none = () => ({ mode: "none", url: "", username: "", password: () => null }) as const;
  return proxiesFor(source, none)({ id: "diagnose", proxy: proxyArgument("diagnose", given) }, () => null);
}

function localeOf(given: string | undefined, env: NodeJS.ProcessEnv): Locale {
  if (given === undefined) return resolveLocale("system", [env["LC_ALL"] || env["LANG"] || "en"]);
  if (given === "en" || given === "zh-CN") return given;
  throw new CliError(`diagnose: --lang "${given}": wants en or zh-CN`);
}
