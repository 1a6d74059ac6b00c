/** The verdict in a sentence, or how far it has come. State, then cause, then what to do; what it took at the right. */
import { ProgressBar } from "react-aria-components";
import type { DiagnosisView, Verdict as VerdictName } from "../../../preload/contract.ts";
import { cx } from "../../class-names.ts";
import { useNow } from "../../clock.ts";
import { StageSign } from "../../components/stage-sign.tsx";
import type { Tone } from "../../stream-state.ts";
import { stageName, verdictWords } from "../../text/diagnosis-words.ts";
import { useLanguage } from "../../text/language.tsx";
import css from "./verdict.module.css";

/** As main keeps it; never more. */
const mostRequests = 20;

const looks: Readonly<Record<VerdictName, { tone: Tone; state: DiagnosisView["stages"][number]["state"] }>> = {
  healthy: { tone: "ok", state: "ok" },
  degraded: { tone: "warn", state: "warning" },
  broken: { tone: "bad", state: "failed" },
  undecided: { tone: "idle", state: "undecided" },
};

/** `of`: what this is the diagnosis of, where something else is chosen above. */
export function Verdict({ view, of }: { view: DiagnosisView | null; of: string | null }) {
  const { say } = useLanguage();
  const tone = view === null ? "idle" : view.running ? "info" : looks[view.verdict ?? "undecided"].tone;
  return (
    <section
      className={cx(css["band"], view === null && css["none"])}
      data-tone={tone}
      aria-label={say("diagnose.verdict")}
    >
      {/* There from the first moment: a status that appears together with its words is not read. */}
      <div className={css["status"]} role="status">
        {view === null ? null : view.running ? <Running view={view} of={of} /> : <Over view={view} of={of} />}
      </div>
      {view === null ? null : <Cost view={view} />}
      {view?.running === true ? <Progress view={view} /> : null}
    </section>
  );
}

function Running({ view, of }: { view: DiagnosisView; of: string | null }) {
  const { say } = useLanguage();
  return (
    <>
      <span className={css["disc"]}>
        <StageSign state="running" />
      </span>
      <div className={css["words"]}>
        <p className={css["say"]}>
          <b className={css["word"]}>{say("diagnose.running")}</b>
          <span className={css["cause"]}>
            <bdi>{of ?? view.target}</bdi>
          </span>
        </p>
        <p className={css["todo"]}>{say("diagnose.running.what")}</p>
      </div>
    </>
  );
}

function Over({ view, of }: { view: DiagnosisView; of: string | null }) {
  const language = useLanguage();
  const { word, cause, todo } = verdictWords(language, view);
  return (
    <>
      <span className={css["disc"]}>
        <StageSign {...looks[view.verdict ?? "undecided"]} />
      </span>
      <div className={css["words"]}>
        <p className={css["say"]}>
          <b className={css["word"]}>{word}</b>
          <span className={css["cause"]}>{cause}</span>
        </p>
        <p className={css["todo"]}>
          {of === null ? null : <b className={css["of"]}>{language.say("diagnose.of", { name: of })} </b>}
          {todo}
        </p>
      </div>
    </>
  );
}

/** Ticks while it runs, and is read by nobody who does not ask: a countdown is never announced. */
function Cost({ view }: { view: DiagnosisView }) {
  const { say, format } = useLanguage();
  const now = useNow();
  const ticking = Math.max(view.elapsedMs, now - view.startedAt);
  const time = view.running ? format.age(ticking) : format.duration(view.elapsedMs);
  return <p className={css["cost"]}>{say("diagnose.cost", { time, count: view.requests, most: mostRequests })}</p>;
}

function Progress({ view }: { view: DiagnosisView }) {
  const language = useLanguage();
  const { stages } = view;
  const done = stages.filter(({ state }) => state !== "pending" && state !== "running").length;
  const at = stages.find(({ state }) => state === "running");
  const value = stages.length === 0 ? 0 : done / stages.length;
  return (
    <ProgressBar
      className={cx(css["progress"])}
      value={done}
      maxValue={Math.max(1, stages.length)}
      aria-label={language.say("diagnose.progress")}
      valueLabel={language.say("diagnose.progress.value", {
        done,
        total: stages.length,
        stage: at === undefined ? "" : stageName(language, at.stage),
      })}
    >
      <span className={css["done"]} style={{ scale: `${value} 1` }} />
    </ProgressBar>
  );
}
