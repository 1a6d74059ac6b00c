/** The page of one stream: form, test and their verbs. The draft lives above (drafts.ts), so leaving the page loses nothing. */
import { useMemo, useState } from "react";
import type { Endpoint, FieldError, TestResult } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Notice } from "../../components/notice.tsx";
import { newDraft, useDrafts } from "../../drafts.ts";
import { type Draft, draftOf, type EndpointForm, formFor, formOf } from "../../endpoint-form.ts";
import { useNavigation } from "../../navigation.tsx";
import { useAttempt, useSource, useStore } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import { EndpointFields } from "./endpoint-fields.tsx";
import css from "./settings-endpoint.module.css";
import { TestReport } from "./test-report.tsx";

type Busy = "no" | "saving" | "testing";

/** The page; `stored` is null for a stream that does not exist yet. */
export function EndpointPage({ stored }: { stored: Endpoint | null }) {
  const { say, sayCode } = useLanguage();
  const settings = useSource(useStore().settings);
  const { showSettings } = useNavigation();
  const attempt = useAttempt();
  const key = stored?.id ?? newDraft;
  const [drafts, changeDraft, readDraft] = useDrafts();
  const blank = useMemo(() => (stored === null ? formFor("") : formOf(stored)), [stored]);
  const form = drafts.get(key) ?? blank;
  const [errors, setErrors] = useState<readonly FieldError[]>([]);
  const [result, setResult] = useState<TestResult | null>(null);
  const [busy, setBusy] = useState<Busy>("no");
  const [removing, setRemoving] = useState(false);
  const changed = drafts.has(key);
  const locked = isLocked(settings?.sources ?? {}, stored?.id);

  const whole = errors.find(({ field }) => field === "" || field === "id");
  const general = whole === undefined ? null : sayCode("field", whole.code, whole.params, "field.unknown");

  const edit = (change: Partial<EndpointForm>): void => {
    changeDraft(key, { ...(readDraft(key) ?? blank), ...change });
    // An error belongs to what was there; what one types now was not judged yet.
    const touched = Object.keys(change);
    setErrors((all) => all.filter(({ field }) => !touched.some((name) => belongs(field, name))));
  };
  const perform = (doing: Busy, action: (draft: Draft) => Promise<void>): void => {
    const made = draftOf(form);
    if ("errors" in made) {
      setErrors(made.errors);
      return;
    }
    setBusy(doing);
    attempt(() => action(made.draft).finally(() => setBusy("no")));
  };
  const save = (): void =>
    perform("saving", async (draft) => {
      const { errors: refused } = await ask(bridge().settings.saveEndpoint(draft));
      setErrors(refused);
      if (refused.length > 0) return;
      changeDraft(key, null);
      showSettings({ page: "stream", id: draft.endpoint.id });
    });
  const test = (): void =>
    perform("testing", async (draft) => {
      setResult(null);
      const tested = await ask(bridge().settings.testEndpoint(draft));
      setErrors(tested.errors);
      setResult(tested);
    });
  const discard = (): void => {
    changeDraft(key, null);
    setErrors([]);
    if (stored === null) showSettings({ page: "general" });
  };

  return (
    <form
      className={css["page"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <div className={css["columns"]}>
        <EndpointFields
          form={form}
          edit={edit}
          errors={errors}
          refuse={(refused) => setErrors((all) => [...all, ...refused])}
          known={settings?.known ?? []}
          secrets={settings?.secrets ?? null}
          locked={locked}
        />
        <aside className={css["side"]}>
          <TestReport result={result} testing={busy === "testing"} url={form.url} />
        </aside>
      </div>
      <footer className={css["foot"]}>
        <p className={css["status"]} role="status">
          {errors.length > 0 ? (
            <span className={css["bad"]}>{general ?? say("form.errors", { count: errors.length })}</span>
          ) : locked ? (
            say("field.locked")
          ) : changed ? (
            say("form.unsaved")
          ) : (
            ""
          )}
        </p>
        {stored === null || locked ? null : (
          <Button kind="danger" onPress={() => setRemoving(true)}>
            {say("form.remove")}
          </Button>
        )}
        <Button icon="play" onPress={test} isDisabled={busy !== "no"}>
          {say(busy === "testing" ? "form.testing" : "form.test")}
        </Button>
        {changed ? <Button onPress={discard}>{say(stored === null ? "cancel" : "form.discard")}</Button> : null}
        {locked ? null : (
          <Button
            kind="primary"
            type="submit"
            isDisabled={busy !== "no" || !changed}
            hint={changed ? "" : say("form.nothing")}
          >
            {say("save")}
          </Button>
        )}
      </footer>
      {removing && stored !== null ? <RemoveDialog endpoint={stored} close={() => setRemoving(false)} /> : null}
    </form>
  );
}

/** What is judged together with a field: another address makes a list right that was wrong. */
const together: Readonly<Record<string, readonly string[]>> = {
  url: ["group", "websocket", "discover", "credential"],
  method: ["group", "websocket", "discover", "body"],
  group: ["discover"],
};

/** "headers.1.name" belongs to `headers`, "connectTimeoutMs" to `connectTimeout`. */
function belongs(field: string, name: string): boolean {
  const first = field.split(".")[0] ?? "";
  if (name === "secret") return first === "credential";
  if (name === "proxySecret") return first === "proxy";
  if (name.startsWith("notify")) return first === "notify";
  return first === name || first === `${name}Ms` || (together[name]?.includes(first) ?? false);
}

function isLocked(sources: Record<string, string>, id: string | undefined): boolean {
  return ["endpoints", `endpoints.${id}`].some((path) => ["policy", "flag"].includes(sources[path] ?? ""));
}

function RemoveDialog({ endpoint, close }: { endpoint: Endpoint; close: () => void }) {
  const { say, sayCode } = useLanguage();
  const { showSettings } = useNavigation();
  const [, changeDraft] = useDrafts();
  const attempt = useAttempt();
  const [error, setError] = useState<FieldError | null>(null);
  const remove = (): void => {
    attempt(async () => {
      const { errors } = await ask(bridge().settings.removeEndpoint(endpoint.id)).catch((refusal: unknown) => {
        close();
        throw refusal;
      });
      setError(errors[0] ?? null);
      if (errors.length > 0) return;
      close();
      changeDraft(endpoint.id, null);
      showSettings({ page: "general" });
    });
  };
  return (
    <Dialog
      title={say("remove.title", { name: visibleLine(endpoint.name) })}
      onDismiss={close}
      actions={
        <>
          <Button kind="quiet" autoFocus onPress={close}>
            {say("cancel")}
          </Button>
          <Button kind="danger" onPress={remove}>
            {say("remove.verb")}
          </Button>
        </>
      }
    >
      <p>{say("remove.text")}</p>
      {error === null ? null : (
        <Notice tone="bad" role="alert">
          {sayCode("field", error.code, error.params, "field.unknown")}
        </Notice>
      )}
    </Dialog>
  );
}
