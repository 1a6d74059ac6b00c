/** Two events beside each other: what differs by values, by lines of their JSON laid out alike, and in the text as it came. */
import { type ReactNode, useMemo } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { cx } from "../../class-names.ts";
import { Button } from "../../components/button.tsx";
import { TypeChip } from "../../components/chip.tsx";
import { Notice } from "../../components/notice.tsx";
import { useDetail } from "../../event-detail.ts";
import type { EventRow } from "../../events/row-kinds.ts";
import { diffLines } from "../../text/diff-lines.ts";
import { diffPaths, type PathChange } from "../../text/diff-paths.ts";
import { layOut } from "../../text/json-lines.ts";
import { parseJson } from "../../text/json-tree.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleBlock, visibleLine } from "../../text/visible-text.ts";
import css from "./comparison.module.css";
import tabs from "./inspector.module.css";

type Props = { one: EventRow; other: EventRow; stop: () => void };

/** The pane at the right, in the inspector's place. */
export function Comparison({ one, other, stop }: Props) {
  const { say } = useLanguage();
  const [older, newer] = one.seq < other.seq ? [one, other] : [other, one];
  const before = useDetail(older.seq);
  const after = useDetail(newer.seq);
  const failed = before?.detail === null || after?.detail === null;
  return (
    <aside className={tabs["pane"]} aria-label={say("compare.label")}>
      <header className={css["head"]}>
        <dl className={css["two"]}>
          <Which term={say("compare.older")} row={older} />
          <Which term={say("compare.newer")} row={newer} />
        </dl>
        <Button kind="quiet" small icon="close" label={say("inspector.compare.stop")} onPress={stop} />
      </header>
      {before === null || after === null ? null : (
        <>
          {failed ? <Notice tone="warn">{say("compare.failed")}</Notice> : null}
          <Difference
            key={`${older.seq} ${newer.seq}`}
            before={before.detail?.data ?? older.preview}
            after={after.detail?.data ?? newer.preview}
          />
        </>
      )}
    </aside>
  );
}

function Which({ term, row }: { term: string; row: EventRow }) {
  const { format } = useLanguage();
  return (
    <div className={css["which"]}>
      <dt className={css["term"]}>{term}</dt>
      <dd className={css["event"]} title={format.fullMoment(row.at)}>
        <span className={css["time"]}>{format.time(row.at)}</span>
        <TypeChip type={row.type} />
        <bdi className={css["id"]}>{row.id === null ? "" : visibleLine(row.id)}</bdi>
      </dd>
    </div>
  );
}

type Texts = { before: string; after: string };

function Difference({ before, after }: Texts) {
  const { say } = useLanguage();
  const json = useMemo(() => {
    const [a, b] = [parseJson(before), parseJson(after)];
    return a.kind === "json" && b.kind === "json" ? { a: a.value, b: b.value } : null;
  }, [before, after]);
  const panel = (id: string, content: ReactNode) => (
    <TabPanel id={id} className={cx(tabs["panel"])}>
      {before === after ? <p className={tabs["note"]}>{say("compare.same")}</p> : content}
    </TabPanel>
  );
  const noJson = <p className={tabs["note"]}>{say("compare.noJson")}</p>;
  return (
    <Tabs className={cx(tabs["tabs"])} defaultSelectedKey={json === null ? "raw" : "paths"}>
      <TabList className={cx(tabs["tabList"])} aria-label={say("compare.views")}>
        {(["paths", "lines", "raw"] as const).map((id) => (
          <Tab key={id} id={id} className={cx(tabs["tab"])}>
            {say(`compare.${id}`)}
          </Tab>
        ))}
      </TabList>
      {panel("paths", json === null ? noJson : <Paths a={json.a} b={json.b} />)}
      {panel("lines", json === null ? noJson : <Lines before={layOut(before)} after={layOut(after)} values />)}
      {panel("raw", <Lines before={before} after={after} />)}
    </Tabs>
  );
}

function Paths({ a, b }: { a: object; b: object }) {
  const { say } = useLanguage();
  const { changes, left } = useMemo(() => diffPaths(a, b), [a, b]);
  if (changes.length === 0) return <p className={tabs["note"]}>{say("compare.sameValues")}</p>;
  return (
    <>
      <ul className={css["changes"]}>
        {changes.map((change) => (
          <Change key={change.path} change={change} />
        ))}
      </ul>
      {left > 0 ? <p className={tabs["note"]}>{say("compare.left", { count: left })}</p> : null}
    </>
  );
}

function Change({ change: { path, before, after } }: { change: PathChange }) {
  const { say } = useLanguage();
  const value = (kind: "less" | "more", text: string | null) => (
    <span className={css["value"]} data-kind={kind}>
      <Sign kind={kind} />
      {text === null ? <i className={css["absent"]}>{say("compare.absent")}</i> : <bdi>{visibleLine(text)}</bdi>}
    </span>
  );
  return (
    <li className={css["change"]}>
      <bdi className={css["path"]}>{visibleLine(path)}</bdi>
      {value("less", before)}
      {value("more", after)}
    </li>
  );
}

/** The sign of a patch, and what it means to who cannot see it. */
function Sign({ kind }: { kind: "less" | "more" }) {
  const { say } = useLanguage();
  return (
    <>
      <span className={css["sign"]} aria-hidden="true">
        {kind === "less" ? "−" : "+"}
      </span>
      <span className="unseen">{say(kind === "less" ? "compare.removed" : "compare.added")}: </span>
    </>
  );
}

/** `values`: equal lines mean equal values, written in another way. */
function Lines({ before, after, values = false }: Texts & { values?: boolean }) {
  const { say } = useLanguage();
  const diff = useMemo(() => diffLines(visibleBlock(before), visibleBlock(after)), [before, after]);
  if (diff === null) return <p className={tabs["note"]}>{say("compare.tooDifferent")}</p>;
  if (diff.less + diff.more === 0 && values) return <p className={tabs["note"]}>{say("compare.sameValues")}</p>;
  return (
    <>
      <p className="unseen">{say("compare.counts", { less: diff.less, more: diff.more })}</p>
      <div className={css["lines"]}>
        {diff.lines.map((line, at) =>
          line.kind === "fold" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names but their places, and change only all together
            <div key={at} className={css["fold"]}>
              {say("compare.fold", { count: line.count })}
            </div>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <div key={at} className={css["line"]} data-kind={line.kind}>
              {line.kind === "same" ? <span className={css["sign"]} /> : <Sign kind={line.kind} />}
              <bdi>{line.text}</bdi>
            </div>
          ),
        )}
      </div>
      {diff.left > 0 ? <p className={tabs["note"]}>{say("compare.linesLeft", { count: diff.left })}</p> : null}
    </>
  );
}
