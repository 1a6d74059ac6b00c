/** The place "Diagnose": why a stream breaks. What to ask above; below it the verdict, the path, the causes with their lines to change, and the report. */
import type { DiagnosisView } from "../../../preload/contract.ts";
import { useDiagnoseForm } from "../../diagnose-form.ts";
import { isOf } from "../../diagnosis-path.ts";
import { useNavigation } from "../../navigation.tsx";
import { useSource, useStore } from "../../store.ts";
import { visibleLine } from "../../text/visible-text.ts";
import { Ask } from "./ask.tsx";
import { Causes } from "./causes.tsx";
import { Checked } from "./checked.tsx";
import css from "./diagnose.module.css";
import { Empty } from "./empty.tsx";
import { Path } from "./path.tsx";
import { Report } from "./report.tsx";
import { Verdict } from "./verdict.tsx";

/** The place. */
export function DiagnoseView() {
  const store = useStore();
  const view = useSource(store.diagnosis);
  const streams = useSource(store.streams) ?? [];
  const [form] = useDiagnoseForm();
  const { stream: chosen } = useNavigation();
  const stream = form.typed ? null : chosen;
  const same = view !== null && isOf(view, stream, form.url.trim());
  const name = streams.find(({ id }) => id === view?.stream)?.name ?? view?.target ?? "";
  return (
    <div className={css["place"]}>
      <Ask view={view} same={same} />
      <div className={css["body"]}>
        <Verdict view={view} of={same || view === null ? null : visibleLine(name)} />
        {view === null ? <Empty /> : <Result view={view} same={same} />}
      </div>
    </div>
  );
}

function Result({ view, same }: { view: DiagnosisView; same: boolean }) {
  const { running, findings } = view;
  const causes = findings.length > 0 && !running;
  return (
    <>
      <Path view={view} />
      <div className={css["panes"]} data-causes={causes} data-running={running}>
        {causes ? <Causes key={view.startedAt} view={view} same={same} /> : <Checked view={view} />}
        {running ? null : <Report view={view} />}
      </div>
    </>
  );
}
