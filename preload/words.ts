/**
 * The words, in both languages: the one place where a code becomes a sentence. Used by the window, the tray, banners and menus.
 * Catalogues are ICU MessageFormat; a key that one language lacks does not compile. Dates and numbers come from Intl, unit signs
 * from the catalogue. `{ms, number, duration}` is a duration: in milliseconds below a second, in seconds from there on.
 */
import { IntlMessageFormat } from "intl-messageformat";
import enCli from "./locales/en/cli.json" with { type: "json" };
import enCore from "./locales/en/core.json" with { type: "json" };
import enDesktop from "./locales/en/desktop.json" with { type: "json" };
import enDiagnosis from "./locales/en/diagnosis.json" with { type: "json" };
import enWindow from "./locales/en/window.json" with { type: "json" };
import zhCli from "./locales/zh-CN/cli.json" with { type: "json" };
import zhCore from "./locales/zh-CN/core.json" with { type: "json" };
import zhDesktop from "./locales/zh-CN/desktop.json" with { type: "json" };
import zhDiagnosis from "./locales/zh-CN/diagnosis.json" with { type: "json" };
import zhWindow from "./locales/zh-CN/window.json" with { type: "json" };

const en = { ...enCli, ...enCore, ...enDesktop, ...enDiagnosis, ...enWindow };
export type Key = keyof typeof en;
export type Locale = "en" | "zh-CN";
export type Values = Record<string, string | number | Date>;

const catalogues: Record<Locale, Record<Key, string>> = {
  en,
  "zh-CN": { ...zhCli, ...zhCore, ...zhDesktop, ...zhDiagnosis, ...zhWindow },
};

/** Says things in one language. */
export type Words = {
  readonly locale: Locale;
  /** The sentence of a key. A missing parameter shows as its name in braces, never as an exception. */
  say(key: Key, values?: Values): string;
  /** As `say` for a code made at run time; falls back to `fallback` with { code } when no sentence has that name. */
  sayCode(prefix: string, code: string, values: Values, fallback: Key): string;
};

/** How a duration is asked for of the formatters; Intl itself has no style that changes its unit. */
const duration = { style: "unit", unit: "millisecond" } as const;
const secondMs = 1000;

/** Numbers as Intl has them, and durations with the unit signs of the catalogue. */
function formattersOf(say: Words["say"]) {
  const said = (locales: Intl.LocalesArgument, ms: number): string => {
    const rounded = (value: number, digits: number) =>
      new Intl.NumberFormat(locales, { maximumFractionDigits: digits }).format(value);
    if (Math.round(ms) >= secondMs) return say("unit.s", { n: rounded(ms / secondMs, 1) });
    return say("unit.ms", { n: rounded(ms, ms < 10 ? 1 : 0) });
  };
  return {
    getNumberFormat: (locales: Intl.LocalesArgument, options?: Intl.NumberFormatOptions): Intl.NumberFormat => {
      const format = new Intl.NumberFormat(locales, options);
      if (options?.style !== duration.style || options.unit !== duration.unit) return format;
      return Object.defineProperty(format, "format", { value: (ms: number) => said(locales, ms) });
    },
    getDateTimeFormat: (locales: Intl.LocalesArgument, options?: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(locales, options),
    getPluralRules: (locales: Intl.LocalesArgument, options?: Intl.PluralRulesOptions) =>
      new Intl.PluralRules(locales, options),
  };
}

const made = new Map<Locale, Words>();

/** The words of a language; made once. */
export function words(locale: Locale): Words {
  const known = made.get(locale);
  if (known !== undefined) return known;
  const catalogue = catalogues[locale];
  const formats = new Map<Key, IntlMessageFormat>();
  const say = (key: Key, values: Values = {}): string => {
    const format = formats.get(key) ?? new IntlMessageFormat(catalogue[key], locale, { number: { duration } }, options);
    formats.set(key, format);
    try {
      return String(format.format(values));
    } catch {
      return catalogue[key];
    }
  };
  const options = { ignoreTag: true, formatters: formattersOf(say) };
  const sayCode = (prefix: string, code: string, values: Values, fallback: Key): string => {
    const key = `${prefix}.${code}`;
    return Object.hasOwn(catalogue, key) ? say(key as Key, values) : say(fallback, { ...values, code });
  };
  const spoken: Words = { locale, say, sayCode };
  made.set(locale, spoken);
  return spoken;
}

/** The language to speak: the user's choice, or the first of the system's languages that we have. */
export function resolveLocale(choice: "system" | Locale, systemLanguages: readonly string[]): Locale {
  if (choice !== "system") return choice;
  for (const language of systemLanguages) {
    // "zh-Hans-CN" of a desktop, "zh_CN.UTF-8" of a shell; `\b` would not end at an underscore.
    if (/^zh(?![a-z])/i.test(language)) return "zh-CN";
    if (/^en(?![a-z])/i.test(language)) return "en";
  }
  return "en";
}
