/** What is ruled out, each with its evidence, and what could not be told in the time. What was not checked is not ruled out. */
import type { DiagnosisView, StageView } from "../../../preload/contract.ts";
import { Icon } from "../../components/icon.tsx";
import { StageSign } from "../../components/stage-sign.tsx";
import { stageFigure, stageName, stageSentence } from "../../text/diagnosis-words.ts";
import { useLanguage } from "../../text/language.tsx";
import css from "./checked.module.css";

/** As a pane of its own, where no cause was found or not yet. */
export function Checked({ view }: { view: DiagnosisView }) {
  const { say } = useLanguage();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className={css["pane"]} tabIndex={0} aria-labelledby="diagnose-checked">
      <h2 id="diagnose-checked" className="unseen">
        {say("diagnose.checked")}
      </h2>
      <CheckedList view={view} />
    </section>
  );
}

/** Below the causes. What is a cause's evidence stands with the cause; what is still open comes before what is settled. */
export function CheckedList({ view }: { view: DiagnosisView }) {
  const { say } = useLanguage();
  const { stages } = view;
  const of = (...states: StageView["state"][]) => stages.filter(({ state }) => states.includes(state));
  const open = of("undecided");
  const noticed = view.findings.length > 0 ? [] : of("warning", "failed");
  return (
    <>
      <Part title={say("diagnose.notDecided")} stages={open} all={stages} />
      <Part title={say("diagnose.noticed")} stages={noticed} all={stages} />
      <RuledOut stages={of("ok")} all={stages} folded={open.length > 0} />
      {view.running ? null : <NotChecked stages={of("skipped", "pending", "running")} all={stages} />}
    </>
  );
}

type Stages = { stages: readonly StageView[]; all: readonly StageView[] };

/** The path above has ticked them off already: beside what is open their evidence is for whoever asks. */
function RuledOut({ stages, all, folded }: Stages & { folded: boolean }) {
  const { say } = useLanguage();
  const title = say("diagnose.ruledOut");
  if (!folded || stages.length === 0) return <Part title={title} stages={stages} all={all} />;
  return (
    <details className={css["part"]}>
      <summary className={css["fold"]}>
        <Icon name="down" size={12} />
        <h3 className={css["title"]}>{title}</h3>
        <span className={css["sentence"]}>{stages.length}</span>
      </summary>
      <StageList stages={stages} all={all} />
    </details>
  );
}

function Part({ title, stages, all }: Stages & { title: string }) {
  if (stages.length === 0) return null;
  return (
    <section className={css["part"]}>
      <h3 className={css["title"]}>{title}</h3>
      <StageList stages={stages} all={all} />
    </section>
  );
}

function StageList({ stages, all }: Stages) {
  const language = useLanguage();
  return (
    <ul className={css["list"]}>
      {stages.map((stage) => {
        const figure = stage.state === "undecided" ? stageFigure(language, stage) : "";
        return (
          <li key={stage.stage} className={css["item"]}>
            <StageSign state={stage.state} />
            <span>{stageName(language, stage.stage)}</span>
            <span className={css["sentence"]}>
              {[stageSentence(language, stage, all) ?? "", figure]
                .filter((each) => each !== "")
                .join(language.say("separator"))}
            </span>
          </li>
        );
      })}
    </ul>
  );
}

/** By the reason, for many have the same. */
function NotChecked({ stages, all }: Stages) {
  const language = useLanguage();
  if (stages.length === 0) return null;
  const names = new Map<string, string[]>();
  for (const stage of stages) {
    const why = stageSentence(language, stage, all) ?? "";
    names.set(why, [...(names.get(why) ?? []), stageName(language, stage.stage)]);
  }
  return (
    <section className={css["part"]}>
      <h3 className={css["title"]}>{language.say("diagnose.notChecked")}</h3>
      <ul className={css["list"]}>
        {[...names].map(([why, named]) => (
          <li key={why} className={css["plain"]}>
            <StageSign state="skipped" />
            <span>
              {named.join(language.say("diagnose.listComma"))}
              {why === "" ? null : <span className={css["sentence"]}>{`${language.say("separator")}${why}`}</span>}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
