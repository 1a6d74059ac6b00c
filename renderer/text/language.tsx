/** The language of the window, switched without a restart: words, formats, `<html lang>` and the built-in strings of React Aria. */
import { createContext, type ReactNode, use, useLayoutEffect, useMemo } from "react";
import { I18nProvider } from "react-aria-components";
import type { FailureView } from "../../preload/contract.ts";
import { type Locale, type Words, words } from "../../preload/words.ts";
import { type Format, makeFormat } from "./format.ts";

/** What every view speaks with. */
export type Language = Words & {
  readonly format: Format;
  /** The cause of a failure as a clause: "the connection was refused". */
  cause(failure: FailureView): string;
  /** A clause as the start of a sentence. */
  sentence(clause: string): string;
};

const LanguageContext = createContext<Language | null>(null);

/** Language of one locale; pure, so tests can have one without a window. */
export function makeLanguage(locale: Locale): Language {
  const spoken = words(locale);
  return {
    ...spoken,
    format: makeFormat(spoken),
    cause: ({ kind, params, status }) =>
      spoken.sayCode("failure", kind, { ...params, ...(status === null ? {} : { status }) }, "failure.unknown"),
    sentence: (clause) => clause.charAt(0).toLocaleUpperCase(locale) + clause.slice(1),
  };
}

/** Gives a language to everything below. */
export function LanguageProvider({ locale, children }: { locale: Locale; children: ReactNode }) {
  const language = useMemo(() => makeLanguage(locale), [locale]);
  useLayoutEffect(() => {
    document.documentElement.lang = locale;
  }, [locale]);
  return (
    <I18nProvider locale={locale}>
      <LanguageContext value={language}>{children}</LanguageContext>
    </I18nProvider>
  );
}

/** The language in use. */
export function useLanguage(): Language {
  const language = use(LanguageContext);
  if (language === null) throw new Error("no LanguageProvider above this component");
  return language;
}
