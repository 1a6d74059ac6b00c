/** The report as it would be saved: masked by main, which alone knows what is secret. */
import { useEffect, useState } from "react";
import type { DiagnosisView } from "../../../preload/contract.ts";
import { ask, bridge, codeOf } from "../../bridge.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { LabelsHidden, Segmented } from "../../components/field.tsx";
import { useAttempt, useStore } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleBlock, visibleLine } from "../../text/visible-text.ts";
import css from "./report.module.css";

type Kind = "markdown" | "json";

/** The pane; only of a diagnosis that is over. */
export function Report({ view }: { view: DiagnosisView }) {
  const { say, locale } = useLanguage();
  const attempt = useAttempt();
  const [kind, setKind] = useState<Kind>("markdown");
  const [savedTo, setSavedTo] = useState<string | null>(null);
  const text = useReport(view.startedAt, kind, locale);
  return (
    <aside className={css["pane"]} aria-labelledby="diagnose-report">
      <header className={css["head"]}>
        <h2 id="diagnose-report" className={css["title"]}>
          {say("diagnose.report")}
        </h2>
        <LabelsHidden value={true}>
          <Segmented
            label={say("diagnose.report.kind")}
            value={kind}
            onChange={setKind}
            choices={[
              { id: "markdown", text: "Markdown" },
              { id: "json", text: "JSON" },
            ]}
          />
        </LabelsHidden>
      </header>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
      <section className={css["text"]} tabIndex={0} aria-label={say("diagnose.report.text")}>
        <pre>{text === null ? "" : <ReportText text={visibleBlock(text)} kind={kind} />}</pre>
      </section>
      <footer className={css["foot"]}>
        <p className={css["masked"]}>{say("diagnose.report.masked")}</p>
        <div className={css["verbs"]}>
          <CopyButton text={text ?? ""} kind="plain">
            {say("diagnose.report.copy")}
          </CopyButton>
          <Button
            small
            icon="save"
            onPress={() => attempt(async () => setSavedTo(await ask(bridge().diagnosis.save(kind))))}
          >
            {say("diagnose.report.save")}
          </Button>
        </div>
        <p className={css["saved"]} role="status">
          {savedTo === null ? "" : say("diagnose.report.saved", { path: visibleLine(savedTo) })}
        </p>
      </footer>
    </aside>
  );
}

/** Prose keeps to the width of the pane; what is code, and all of JSON, keeps its lines and is scrolled to. */
function ReportText({ text, kind }: { text: string; kind: Kind }) {
  if (kind === "json") return text;
  return text.split(/^(```[\s\S]*?^```\n)/m).map((part, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a part's place is its identity
    <span key={at} className={at % 2 === 0 ? css["prose"] : undefined}>
      {part}
    </span>
  ));
}

/** The text of one diagnosis in one form; null until it is there. It is in the language of the window. */
function useReport(startedAt: number, kind: Kind, locale: string): string | null {
  const { refused } = useStore();
  const [found, setFound] = useState<{ key: string; text: string | null } | null>(null);
  const key = `${startedAt} ${kind} ${locale}`;
  useEffect(() => {
    let current = true;
    ask(bridge().diagnosis.report(kind)).then(
      (text) => current && setFound({ key, text }),
      (error: unknown) => current && refused.set(codeOf(error)),
    );
    return () => {
      current = false;
    };
  }, [key, kind, refused]);
  return found?.key === key ? found.text : null;
}
