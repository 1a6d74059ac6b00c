/** The arguments of `diagnose`, checked and made into a plan. It opens no connection; diagnose.ts carries the plan out. */
import type { Locale } from "../../preload/words.ts";
import { defaultBudgetMs } from "../io/probe/probe.ts";
import type { ProbeRoute } from "../io/probe/route.ts";
import { headerError } from "../io/stores/header-rules.ts";
import { urlTrouble } from "../io/stores/url-rules.ts";
import { CliError, milliseconds, parse } from "./arguments.ts";

export const diagnoseUsage = `diagnose URL [--json] [--header 'K: V' | --header @FILE]… [--compare DIRECT_URL [--compare-header 'K: V' | @FILE]…]
      [--budget MS] [--idle] [--proxy URL] [--lang en|zh-CN]`;
