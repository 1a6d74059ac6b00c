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
        <span className={css["grow"]} />
        <Verbs running={running} same={same} again={view !== null && same} />
      </div>
      <div className={css["row"]}>
        <Checkbox on={form.comparing} onChange={(comparing) => edit({ comparing, compare: form.compare })}>
          {say("diagnose.compare")}
        </Checkbox>
        {form.comparing ? (
          <LabelsHidden value={true}>
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
                error={error("compare")}
              />
            </div>
          </LabelsHidden>
        ) : null}
        <Checkbox on={form.measureIdle} onChange={(measureIdle) => edit({ measureIdle })}>
          {say("diagnose.measureIdle", { time: format.duration(idleMeasureMs) })}
        </Checkbox>
        {form.comparing ? <p className={css["hint"]}>{say("diagnose.compare.hint")}</p> : null}
      </div>
      {whole === undefined ? null : (
        <p className={css["bad"]} role="alert">
          <Icon name="error" size={13} />
          {whole}
        </p>
      )}
    </form>
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

function Verbs({ running, same, again }: { running: boolean; same: boolean; again: boolean }) {
  const { say } = useLanguage();
  const attempt = useAttempt();
  return (
    <div className={css["verbs"]}>
      {running ? (
        <Button icon="stop" onPress={() => attempt(() => ask(bridge().diagnosis.cancel()))}>
          {say("cancel")}
        </Button>
      ) : null}
      {running && same ? null : (
        <Button kind="primary" icon={again ? "retry" : "diagnose"} type="submit">
          {say(again ? "diagnose.again" : "diagnose.run")}
        </Button>
      )}
    </div>
  );
}
