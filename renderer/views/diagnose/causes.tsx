/**
 * The likeliest causes, with how sure each is and by what evidence; choosing one shows the lines that end it. Red is only the
 * first, as on the path: the others may not be so.
 */
import { useState } from "react";
import { ListBox, ListBoxItem } from "react-aria-components";
import type { DiagnosisView, Finding } from "../../../preload/contract.ts";
import { cx } from "../../class-names.ts";
import { seenProducts } from "../../diagnosis-path.ts";
import { evidenceSentence, findingTitle } from "../../text/diagnosis-words.ts";
import { useLanguage } from "../../text/language.tsx";
import css from "./causes.module.css";
import { CheckedList } from "./checked.tsx";
import { FixPane } from "./fix.tsx";

/** Two panes: the causes with what is ruled out, and the fix of the chosen one. */
export function Causes({ view, same }: { view: DiagnosisView; same: boolean }) {
  const { say } = useLanguage();
  const { findings } = view;
  const [chosen, setChosen] = useState(findings[0]?.code);
  const finding = findings.find(({ code }) => code === chosen) ?? findings[0];
  return (
    <>
      <section className={css["pane"]} aria-labelledby="diagnose-causes">
        <header className={css["head"]}>
          <h2 id="diagnose-causes" className={css["title"]}>
            {say("diagnose.causes")}
          </h2>
          <span className={css["hint"]}>{say("diagnose.confidence")}</span>
        </header>
        <ListBox
          className={cx(css["list"])}
          aria-labelledby="diagnose-causes"
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={finding === undefined ? [] : [finding.code]}
          onSelectionChange={(keys) => {
            const [key] = keys === "all" ? [] : keys;
            if (typeof key === "string") setChosen(key);
          }}
        >
          {findings.map((each, at) => (
            <Cause key={each.code} finding={each} place={at + 1} />
          ))}
        </ListBox>
        <div className={css["checked"]}>
          <CheckedList view={view} />
        </div>
      </section>
      {finding === undefined ? null : (
        <FixPane key={finding.code} finding={finding} seen={seenProducts(view)} same={same} />
      )}
    </>
  );
}

function Cause({ finding, place }: { finding: Finding; place: number }) {
  const language = useLanguage();
  const { format, say } = language;
  const title = findingTitle(language, finding);
  const sure = format.percent(finding.confidence * 100);
  return (
    <ListBoxItem
      id={finding.code}
      textValue={title}
      className={cx(css["cause"])}
      data-tone={place === 1 && finding.severity === "broken" ? "bad" : "warn"}
    >
      <span className={css["number"]}>{place}</span>
      <span className={css["name"]}>{title}</span>
      <span className={css["sure"]} title={say("diagnose.sure", { share: sure })}>
        {sure}
      </span>
      <span className={css["evidence"]}>
        {finding.evidence.map((each) => evidenceSentence(language, each)).join(say("separator"))}
      </span>
      <span className={css["meter"]}>
        <span className={css["filled"]} style={{ width: `${Math.round(finding.confidence * 100)}%` }} />
      </span>
    </ListBoxItem>
  );
}
