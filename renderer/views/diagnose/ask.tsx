/** What to diagnose: one of the streams or an address, with what it is compared and whether the cut of a silent stream is waited for. */
import type { DiagnosisView } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { Button } from "../../components/button.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { LabelsHidden, Select, TextField } from "../../components/field.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Icon } from "../../components/icon.tsx";
import { idleMeasureMs, useDiagnoseForm } from "../../diagnose-form.ts";
import { useNavigation } from "../../navigation.tsx";
import { useAttempt, useSource, useStore } from "../../store.ts";
import { stateOf } from "../../stream-state.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import { useFieldErrors } from "../settings/field-errors.ts";
import css from "./ask.module.css";
import { useStart } from "./start.ts";

/** No stream has this id. */
const anAddress = "";

/** The form. `same`: what is shown below is of what is chosen here. */
export function Ask({ view, same }: { view: DiagnosisView | null; same: boolean }) {
  const { say, format } = useLanguage();
  const [form, edit] = useDiagnoseForm();
  const error = useFieldErrors(form.errors);
  const start = useStart();
  const { stream: chosen } = useNavigation();
  const running = view?.running === true;
  const whole = error("") ?? error("measureIdle");
  return (
    <form
      className={css["form"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <div className={css["row"]}>
        <h1 className={css["title"]}>{say("place.diagnose")}</h1>
        <LabelsHidden value={true}>
          <Target />
        </LabelsHidden>
        <div className={css["options"]} data-below={form.typed || chosen === null}>
          <Checkbox on={form.comparing} onChange={(comparing) => edit({ comparing, compare: form.compare })}>
            {say("diagnose.compare")}
          </Checkbox>
          <Checkbox on={form.measureIdle} onChange={(measureIdle) => edit({ measureIdle })}>
            {say("diagnose.measureIdle", { time: format.duration(idleMeasureMs) })}
          </Checkbox>
        </div>
        <Verbs running={running} same={same} view={view} />
      </div>
      {form.comparing ? <Comparison error={error("compare")} /> : null}
      {whole === undefined ? null : (
        <p className={css["bad"]} role="alert">
          <Icon name="error" size={13} />
          {whole}
        </p>
      )}
    </form>
  );
}

/** With what the way is compared; it stands below, where there is room to say what is sent there. */
function Comparison({ error }: { error: string | undefined }) {
  const { say } = useLanguage();
  const [form, edit] = useDiagnoseForm();
  return (
    <div className={css["row"]}>
      <div className={css["address"]}>
        <TextField
          label={say("diagnose.compare.url")}
          value={form.compare}
          onChange={(compare) => edit({ compare })}
          placeholder="http://10.0.0.5:8080/events"
          mono
          autoFocus
          max={4096}
          inputMode="url"
          error={error}
          hint={say("diagnose.compare.hint")}
        />
      </div>
    </div>
  );
}

function Target() {
  const { say } = useLanguage();
  const streams = useSource(useStore().streams) ?? [];
  const { stream: chosen, showStream } = useNavigation();
  const [form, edit] = useDiagnoseForm();
  const error = useFieldErrors(form.errors);
  const typed = form.typed || chosen === null;
  return (
    <>
      <div className={css["select"]}>
        <Select
          label={say("diagnose.target")}
          value={typed ? anAddress : chosen}
          onChange={(id) => (id === anAddress ? edit({ typed: true }) : showStream(id))}
          error={typed ? undefined : (error("stream") ?? error("url"))}
          choices={[
            ...streams.map((each) => ({
              id: each.id,
              text: visibleLine(each.name),
              before: <Glyph state={stateOf(each)} />,
            })),
            { id: anAddress, text: say("diagnose.target.typed"), before: <Icon name="search" size={12} /> },
          ]}
        />
      </div>
      {typed ? (
        <div className={css["address"]}>
          <TextField
            label={say("form.url")}
            value={form.url}
            onChange={(url) => edit({ url })}
            placeholder="https://example.com/events"
            mono
            autoFocus
            max={4096}
            inputMode="url"
            error={error("url")}
          />
        </div>
      ) : null}
    </>
  );
}

/** Of one colour with the next thing to do: where lines are to be changed, that is copying them. */
function Verbs({ running, same, view }: { running: boolean; same: boolean; view: DiagnosisView | null }) {
  const { say } = useLanguage();
  const attempt = useAttempt();
  const again = view !== null && same;
  return (
    <div className={css["verbs"]}>
      {running ? (
        <Button icon="stop" onPress={() => attempt(() => ask(bridge().diagnosis.cancel()))}>
          {say("cancel")}
        </Button>
      ) : null}
      {running && same ? null : (
        <Button
          kind={again && view.findings.length > 0 ? "plain" : "primary"}
          icon={again ? "retry" : "diagnose"}
          type="submit"
        >
          {say(again ? "diagnose.again" : "diagnose.run")}
        </Button>
      )}
    </div>
  );
}
