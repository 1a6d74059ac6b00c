/** Which events go into a file, and in which form; then how far it is. The file itself is chosen in a dialog of the system's. */
import { useEffect, useState } from "react";
import type {
  Code,
  ExportChoice,
  Exported,
  Exporting,
  Filter,
  Imported,
  Importing,
  StreamView,
} from "../../../preload/contract.ts";
import { ask, bridge, codeOf } from "../../bridge.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { Segmented } from "../../components/field.tsx";
import { Notice } from "../../components/notice.tsx";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import css from "./export-dialog.module.css";

type What = ExportChoice["what"];
type Format = "ndjson" | "json" | "csv";
const formats = [
  { id: "ndjson", text: "NDJSON" },
  { id: "json", text: "JSON" },
  { id: "csv", text: "CSV" },
] as const;

/** `ended`: null before the first; a Code is why it failed. */
type Course = { readonly running: Exporting | Importing | null; readonly ended: Exported | Imported | Code | null };

type Props = {
  stream: StreamView;
  filter: Filter;
  filtered: boolean;
  /** Numbers of the events that are open beside the list, rising. */
  open: readonly number[];
  close: () => void;
};

/** Drawn while it is mounted. */
export function ExportDialog({ stream, filter, filtered, open, close }: Props) {
  const { say } = useLanguage();
  const [what, setWhat] = useState<What>(filtered ? "filter" : "all");
  const [format, setFormat] = useState<Format>("ndjson");
  const { running, ended, start, take } = useExport();
  const imports = running !== null && "phase" in running;
  const isDone = ended !== null && "path" in ended && !("cancelled" in ended && ended.cancelled);
  const choice: ExportChoice =
    what === "all" ? { what } : what === "filter" ? { what, filter } : { what, seqs: [...open] };
  const choices: { id: What; text: string }[] = [{ id: "all", text: say("export.what.all") }];
  if (filtered) choices.push({ id: "filter", text: say("export.what.filter") });
  if (open.length > 0) choices.push({ id: "seqs", text: say("export.what.seqs", { count: open.length }) });
  return (
    <Dialog
      role="dialog"
      title={say(imports ? "import.title" : "export.title", { name: stream.name })}
      // While it writes, Escape must not throw away what took minutes.
      onDismiss={() => (running === null ? close() : undefined)}
      actions={
        running !== null ? (
          <Button
            kind="plain"
            autoFocus
            onPress={() => void (imports ? bridge().events.cancelImport() : bridge().events.cancelExport())}
          >
            {say(imports ? "import.stop" : "export.stop")}
          </Button>
        ) : (
          <>
            {isDone ? null : (
              <>
                <Button kind="quiet" hint={say("import.hint")} onPress={() => take(stream.id)}>
                  {say("import.verb")}
                </Button>
                <span className={css["grow"]} />
              </>
            )}
            <Button kind="quiet" autoFocus={isDone} onPress={close}>
              {say(isDone ? "export.done.close" : "cancel")}
            </Button>
            {isDone ? null : (
              <Button kind="primary" onPress={() => start({ stream: stream.id, choice, format })}>
                {say("export.verb")}
              </Button>
            )}
          </>
        )
      }
    >
      {running !== null ? (
        "phase" in running ? (
          <ImportProgress {...running} />
        ) : (
          <Progress {...running} />
        )
      ) : isDone ? null : (
        <>
          <Segmented label={say("export.what")} value={what} onChange={setWhat} choices={choices} />
          <Segmented
            label={say("export.format")}
            value={format}
            onChange={setFormat}
            choices={formats}
            hint={say(`export.format.${format}.hint`)}
          />
          <Curl stream={stream.id} />
        </>
      )}
      <Ended ended={ended} />
    </Dialog>
  );
}

/** One export after the other; what main says of another window's would be the same. */
function useExport() {
  const [{ running, ended }, setCourse] = useState<Course>({ running: null, ended: null });
  useEffect(() => {
    const follow = (running: Exporting | Importing): void =>
      setCourse((before) => (before.running === null ? before : { running, ended: null }));
    const ends = [bridge().events.exporting(follow), bridge().events.importing(follow)];
    return () => {
      for (const end of ends) end();
    };
  }, []);
  const start = (wanted: { stream: string; choice: ExportChoice; format: Format }): void => {
    setCourse({ running: { written: 0, total: null }, ended: null });
    ask(bridge().events.export(wanted)).then(
      (ended) => setCourse({ running: null, ended }),
      (error: unknown) => setCourse({ running: null, ended: codeOf(error) }),
    );
  };
  const take = (stream: string): void => {
    setCourse({ running: { phase: "checking", done: 0, total: 0 }, ended: null });
    ask(bridge().events.import(stream)).then(
      (ended) => setCourse({ running: null, ended }),
      (error: unknown) => setCourse({ running: null, ended: codeOf(error) }),
    );
  };
  return { running, ended, start, take };
}

function Progress({ written, total }: Exporting) {
  const { say } = useLanguage();
  const known = total !== null && total > 0 ? { value: Math.min(written, total), max: total } : {};
  return (
    <>
      <progress className={css["bar"]} aria-label={say("export.progress")} {...known} />
      <p>{total === null ? say("export.running", { written }) : say("export.runningOf", { written, total })}</p>
    </>
  );
}

function ImportProgress({ phase, done, total }: Importing) {
  const { say, format } = useLanguage();
  const known = total > 0 ? { value: Math.min(done, total), max: total } : {};
  return (
    <>
      <progress className={css["bar"]} aria-label={say("import.progress")} {...known} />
      <p>
        {total === 0
          ? say("import.waiting")
          : phase === "checking"
            ? say("import.checking", { done: format.bytes(done), total: format.bytes(total) })
            : say("import.adding", { done, total })}
      </p>
    </>
  );
}

function Ended({ ended }: Pick<Course, "ended">) {
  const { say, sayCode } = useLanguage();
  if (ended === null) return null;
  if ("code" in ended) {
    return (
      <Notice tone="bad" role="alert">
        {sayCode("error", ended.code, ended.params, "error.unknown")}
      </Notice>
    );
  }
  if ("unsaved" in ended && ended.cancelled) {
    return (
      <Notice tone={ended.written === 0 ? "idle" : "warn"} role="status">
        {say("import.cancelled", { written: ended.written, total: ended.total })}
      </Notice>
    );
  }
  if ("unsaved" in ended) {
    return (
      <Notice tone={ended.unsaved ? "warn" : "ok"} role="status">
        <p>{say("import.done", { written: ended.written, path: visibleLine(ended.path) })}</p>
        {ended.unsaved ? <p>{say("import.unsaved")}</p> : null}
      </Notice>
    );
  }
  if (ended.cancelled) {
    return (
      <Notice tone="idle" role="status">
        {say("export.cancelled")}
      </Notice>
    );
  }
  return (
    <Notice tone="ok" role="status">
      {say("export.done", { written: ended.written, path: visibleLine(ended.path) })}
    </Notice>
  );
}

/** The command as it is pasted: it holds no secret. */
function Curl({ stream }: { stream: string }) {
  const { say } = useLanguage();
  const [command, setCommand] = useState<string | null>(null);
  useEffect(() => {
    let left = false;
    // Without it the rest of the dialog works as well.
    void ask(bridge().events.curl(stream)).then(
      (text) => (left ? undefined : setCommand(text)),
      () => undefined,
    );
    return () => {
      left = true;
    };
  }, [stream]);
  if (command === null) return null;
  return (
    <section className={css["curl"]}>
      <header className={css["head"]}>
        <h3 className={css["label"]}>{say("export.curl")}</h3>
        <CopyButton text={command} label={say("export.curl.copy")} />
      </header>
      <pre className={css["command"]}>{visibleLine(command)}</pre>
      {command.includes("YOUR-SECRET") ? <p className={css["note"]}>{say("export.curl.secret")}</p> : null}
    </section>
  );
}
