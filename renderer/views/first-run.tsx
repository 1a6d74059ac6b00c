/** No stream yet: paste an address and see at once whether it streams, or start the demo. Nothing is saved before the user says so. */
import { useState } from "react";
import type { FieldError, TestResult } from "../../preload/contract.ts";
import { ask, bridge } from "../bridge.ts";
import { Button } from "../components/button.tsx";
import { TextField } from "../components/field.tsx";
import { Icon } from "../components/icon.tsx";
import { newDraft, useDrafts } from "../drafts.ts";
import { draftOf, type EndpointForm, formFor } from "../endpoint-form.ts";
import { useNavigation } from "../navigation.tsx";
import { useSettled } from "../settled.ts";
import { useAttempt } from "../store.ts";
import { useLanguage } from "../text/language.tsx";
import css from "./first-run.module.css";
import { useFieldErrors } from "./settings/field-errors.ts";
import { TestReport } from "./settings/test-report.tsx";

type Seen = { form: EndpointForm; result: TestResult };

/** The whole place while there is nothing else to show. */
export function FirstRun() {
  const { say } = useLanguage();
  useSettled(true);
  return (
    <div className={css["page"]}>
      <div className={css["columns"]}>
        <section>
          <h1 className={css["title"]}>{say("first.title")}</h1>
          <p className={css["lead"]}>{say("first.lead")}</p>
          <Paste />
        </section>
        <Aside />
      </div>
    </div>
  );
}

function Paste() {
  const { say } = useLanguage();
  const { showSettings, showStream } = useNavigation();
  const [, changeDraft] = useDrafts();
  const attempt = useAttempt();
  const [url, setUrl] = useState("");
  const [name, setName] = useState("");
  const [testing, setTesting] = useState(false);
  const [seen, setSeen] = useState<Seen | null>(null);
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  const error = useFieldErrors(errors);

  const check = (): void => {
    if (url.trim() === "") {
      setErrors([{ field: "url", code: "required", params: {} }]);
      return;
    }
    const form = formFor(url.trim(), nameFor(url));
    const draft = draftOf(form);
    if (!("draft" in draft)) return;
    setTesting(true);
    setSeen(null);
    attempt(async () => {
      try {
        const result = await ask(bridge().settings.testEndpoint(draft.draft));
        setErrors(result.errors);
        if (result.errors.length > 0) return;
        setSeen({ form, result });
        setName(form.name);
      } finally {
        setTesting(false);
      }
    });
  };
  const keep = ({ form }: Seen): void => {
    const draft = draftOf({ ...form, name });
    if (!("draft" in draft)) return;
    attempt(async () => {
      const { errors: refused } = await ask(bridge().settings.saveEndpoint(draft.draft));
      setErrors(refused);
      if (refused.length === 0) showStream(form.id);
    });
  };
  const details = ({ form }: Seen): void => {
    changeDraft(newDraft, { ...form, name });
    showSettings({ page: "new" });
  };

  return (
    <>
      <form
        className={css["paste"]}
        onSubmit={(event) => {
          event.preventDefault();
          check();
        }}
      >
        <TextField
          label={say("form.url")}
          value={url}
          onChange={(next) => {
            setUrl(next);
            setErrors([]);
          }}
          placeholder="https://example.com/events"
          mono
          autoFocus
          max={4096}
          inputMode="url"
          error={error("url")}
        />
        <Button kind={seen === null ? "primary" : "plain"} type="submit" isDisabled={testing}>
          {say(testing ? "form.testing" : "first.check")}
        </Button>
      </form>
      {seen === null && !testing ? null : (
        <div className={css["card"]}>
          <div className={css["report"]}>
            <TestReport result={seen?.result ?? null} testing={testing} url={url} />
          </div>
          {seen === null ? null : (
            <div className={css["keep"]}>
              <TextField label={say("form.name")} value={name} onChange={setName} max={120} error={error("name")} />
              <span className={css["verbs"]}>
                <Button kind="quiet" onPress={() => details(seen)}>
                  {say("first.details")}
                </Button>
                <Button kind="primary" icon="check" onPress={() => keep(seen)}>
                  {say("first.keep")}
                </Button>
              </span>
            </div>
          )}
        </div>
      )}
    </>
  );
}

/** A first name for a stream: its host. */
function nameFor(url: string): string {
  try {
    return new URL(url.trim()).host;
  } catch {
    return "";
  }
}

function Aside() {
  const { say } = useLanguage();
  const { showSettings, showStream } = useNavigation();
  const attempt = useAttempt();
  return (
    <aside className={css["aside"]}>
      <h2 className={css["subtitle"]}>{say("first.else")}</h2>
      <div className={css["way"]}>
        <Icon name="play" />
        <div>
          <p className={css["wayName"]}>{say("first.demo")}</p>
          <p className={css["wayText"]}>{say("first.demo.text")}</p>
        </div>
        <Button small onPress={() => attempt(async () => showStream(await ask(bridge().streams.startDemo())))}>
          {say("first.demo.verb")}
        </Button>
      </div>
      <div className={css["way"]}>
        <Icon name="settings" />
        <div>
          <p className={css["wayName"]}>{say("first.form")}</p>
          <p className={css["wayText"]}>{say("first.form.text")}</p>
        </div>
        <Button small onPress={() => showSettings({ page: "new" })}>
          {say("first.form.verb")}
        </Button>
      </div>
      <p className={css["privacy"]}>
        <Icon name="lock" size={14} />
        {say("general.privacy")}
      </p>
    </aside>
  );
}
