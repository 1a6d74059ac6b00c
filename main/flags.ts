/**
 * What the command line says to the app. Ours are few; a `--word` that is neither ours nor Chromium's is an error and not
 * ignored, because a misspelt --data-dir would otherwise open somebody else's settings. Reads nothing: argv, environment and
 * folder are passed in.
 */
import { resolve } from "node:path";
import type { Code } from "../preload/contract.ts";
import { isRuntimeSwitch } from "./runtime-switches.ts";

export type Flags = {
  /** Absolute; null: the system's usual place. */
  readonly dataDir: string | null;
  /** null: as the settings say. A null port means the settings' port. */
  readonly stats: { readonly port: number | null } | null;
  readonly demo: boolean;
  /** Absolute path of a PNG to write of the window, once it shows something; the app goes on. */
  readonly screenshot: string | null;
  /** Start, show the window, end with 0. */
  readonly smoke: boolean;
  /** Start in the tray. */
  readonly hidden: boolean;
};

export type Parsed = { readonly ok: true; readonly flags: Flags } | { readonly ok: false; readonly problem: Code };

/** Our flags in the order in which a message names them, and what each wants. */
const ours: Readonly<Record<string, "path" | "port" | "nothing">> = {
  "--data-dir": "path",
  "--stats": "nothing",
  "--stats-port": "port",
  "--demo": "nothing",
  "--hidden": "nothing",
  "--screenshot": "path",
  "--smoke": "nothing",
};
export const ourFlags = Object.keys(ours).join(", ");

/**
 * Reads the flags. Words without dashes pass (the app's own path in development), and so does what is after `--`.
 * @param argv without the program
 * @param cwd what relative paths start from
 */
export function parseFlags(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Parsed {
  const given = new Map<string, string>();
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? "";
    if (word === "--") break;
    if (!word.startsWith("--")) continue;
    const equals = word.indexOf("=");
    const flag = equals < 0 ? word : word.slice(0, equals);
    const wants = ours[flag];
    if (wants === undefined) {
      if (isRuntimeSwitch(flag)) continue;
      return problem("flag-unknown", { flag, known: ourFlags });
    }
    if (wants === "nothing") {
      if (equals >= 0) return problem("flag-takes-no-value", { flag });
      given.set(flag, "");
      continue;
    }
    const value = equals < 0 ? argv[++at] : word.slice(equals + 1);
    if (value === undefined || value === "" || (equals < 0 && value.startsWith("--")))
      return problem("flag-needs-value", { flag });
    if (wants === "port" && !isPort(value)) return problem("flag-bad-port", { flag, value });
    given.set(flag, value);
  }
  const path = (text: string | undefined): string | null =>
    text === undefined || text === "" ? null : resolve(cwd, text);
  const port = given.get("--stats-port");
  return {
    ok: true,
    flags: {
      dataDir: path(given.get("--data-dir") ?? env["HOLDFAST_DATA_DIR"]),
      stats: port === undefined && !given.has("--stats") ? null : { port: port === undefined ? null : Number(port) },
      demo: given.has("--demo"),
      screenshot: path(given.get("--screenshot")),
      smoke: given.has("--smoke"),
      hidden: given.has("--hidden"),
    },
  };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

function problem(code: string, params: Record<string, string>): Parsed {
  return { ok: false, problem: { code, params } };
}
