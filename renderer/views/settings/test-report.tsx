/** What a test of an endpoint saw, step by step; the first step that failed says why. */
import type { TestResult } from "../../../preload/contract.ts";
import { Icon, type IconName } from "../../components/icon.tsx";
import { Notice } from "../../components/notice.tsx";
import type { Tone } from "../../stream-state.ts";
import { failureFacts } from "../../text/connection-words.ts";
import { type Language, useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import css from "./test-report.module.css";

type Step = { tone: Tone; icon: IconName; text: string; figure: string };

/** The panel beside a form. */
export function TestReport({ result, testing, url }: { result: TestResult | null; testing: boolean; url: string }) {
  const language = useLanguage();
  const { say } = language;
  return (
    <section className={css["report"]} aria-live="polite" aria-label={say("test.label")}>
      <h2 className={css["title"]}>{say("test.title")}</h2>
      {testing ? <p className={css["text"]}>{say("test.running", { host: hostOf(url) })}</p> : null}
      {!testing && result === null ? <p className={css["text"]}>{say("test.what")}</p> : null}
      {result === null || testing ? null : <Report result={result} language={language} />}
    </section>
  );
}

function hostOf(url: string): string {
  try {
    return new URL(url.trim()).host;
  } catch {
    return url.trim();
  }
}

function Report({ result, language }: { result: TestResult; language: Language }) {
  const { say, cause, sentence } = language;
  if (result.errors.length > 0) return <Notice tone="bad">{say("test.fields")}</Notice>;
  const { failure } = result;
  return (
    <>
      {failure === null ? (
        <Notice tone={result.events > 0 ? "ok" : "info"}>
          {say(result.events > 0 ? "test.streams" : "test.open")}
        </Notice>
      ) : (
        <Notice tone="bad">
          <p>{visibleLine(sentence(cause(failure)))}</p>
          <p className={css["facts"]}>{visibleLine(failureFacts(language, failure).join(say("separator")))}</p>
        </Notice>
      )}
      <ol className={css["steps"]}>
        {stepsOf(result, language).map((step) => (
          <li key={step.text} className={css["step"]} data-tone={step.tone}>
            <Icon name={step.icon} />
            <bdi className={css["stepText"]} title={step.text}>
              {step.text}
            </bdi>
            <span className={css["figure"]}>{step.figure}</span>
          </li>
        ))}
      </ol>
    </>
  );
}

function stepsOf(result: TestResult, { say, format }: Language): Step[] {
  const steps: Step[] = [];
  const good = (text: string, figure = ""): void =>
    void steps.push({ tone: "ok", icon: "check", text: visibleLine(text), figure });
  if (result.proxy !== null && !("proxy" in (result.failure?.params ?? {}))) {
    good(say("test.proxy", { proxy: result.proxy }));
  }
  if (result.connectMs !== null) good(say("test.connected"), format.duration(result.connectMs));
  if (result.status !== null) {
    const text = say("test.answered", {
      status: String(result.status),
      type: result.contentType ?? say("test.noType"),
    });
    const bad = result.failure !== null;
    steps.push({
      tone: bad ? "bad" : "ok",
      icon: bad ? "error" : "check",
      text: visibleLine(text),
      figure: result.headersMs === null ? "" : format.duration(result.headersMs),
    });
  }
  if (result.server !== null) good(say("test.server", { server: result.server }));
  if (result.firstEventMs !== null) good(say("test.firstEvent"), format.duration(result.firstEventMs));
  else if (result.failure === null) steps.push({ tone: "warn", icon: "info", text: say("test.noEvent"), figure: "" });
  if (result.events > 0) good(say("test.events"), format.number(result.events));
  return steps;
}
