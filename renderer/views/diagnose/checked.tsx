/** What is ruled out, each with its evidence, and what could not be told in the time. What was not checked is not ruled out. */
import type { DiagnosisView, StageView } from "../../../preload/contract.ts";
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

/** Below the causes. What is a cause's evidence stands with the cause. */
export function CheckedList({ view }: { view: DiagnosisView }) {
  const { say } = useLanguage();
  const of = (...states: StageView["state"][]) => view.stages.filter(({ state }) => states.includes(state));
  return (
    <>
      <Part title={say("diagnose.ruledOut")} stages={of("ok")} />
      {view.findings.length > 0 ? null : <Part title={say("diagnose.noticed")} stages={of("warning", "failed")} />}
      <Part title={say("diagnose.notDecided")} stages={of("undecided")} />
      {view.running ? null : <NotChecked stages={of("skipped", "pending", "running")} />}
    </>
  );
}

function Part({ title, stages }: { title: string; stages: readonly StageView[] }) {
  const language = useLanguage();
  if (stages.length === 0) return null;
  return (
    <section className={css["part"]}>
      <h3 className={css["title"]}>{title}</h3>
      <ul className={css["list"]}>
        {stages.map((stage) => {
          const figure = stage.state === "undecided" ? stageFigure(language, stage) : "";
          return (
            <li key={stage.stage} className={css["item"]}>
              <StageSign state={stage.state} />
              <span>{stageName(language, stage.stage)}</span>
              <span className={css["sentence"]}>
                {[stageSentence(language, stage) ?? "", figure]
                  .filter((each) => each !== "")
                  .join(language.say("separator"))}
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

/** By the reason, for many have the same. */
function NotChecked({ stages }: { stages: readonly StageView[] }) {
  const language = useLanguage();
  if (stages.length === 0) return null;
  const names = new Map<string, string[]>();
  for (const stage of stages) {
    const why = stageSentence(language, stage) ?? "";
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
