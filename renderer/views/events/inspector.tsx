/** One event, whole: as a tree when it is JSON, as it came, and what is known about its coming. */
import { useMemo, useRef, useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { cx } from "../../class-names.ts";
import { Button, ToggleButton } from "../../components/button.tsx";
import { TypeChip } from "../../components/chip.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { JsonTree } from "../../components/json-tree.tsx";
import { Notice } from "../../components/notice.tsx";
import { useDetail } from "../../event-detail.ts";
import type { EventRow } from "../../events/row-kinds.ts";
import { useFoundRanges } from "../../found-ranges.ts";
import { treeOf } from "../../text/json-tree.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleBlock, visibleLine } from "../../text/visible-text.ts";
import { EventFacts } from "./event-facts.tsx";
import css from "./inspector.module.css";

type Props = {
  row: EventRow;
  /** What the filter's words are found by. */
  found: RegExp | null;
  /** This one waits for another to be compared with. */
  comparing: boolean;
  compare: (on: boolean) => void;
  close: () => void;
};

/** The pane at the right. */
export function Inspector({ row, found, comparing, compare, close }: Props) {
  const { say } = useLanguage();
  const loaded = useDetail(row.seq);
  const detail = loaded?.detail ?? null;
  const data = detail?.data ?? (loaded === null ? null : row.preview);
  return (
    <aside className={css["pane"]} aria-label={say("inspector.label")}>
      <header className={css["head"]}>
        <TypeChip type={row.type} />
        <bdi className={css["id"]}>{row.id === null ? "" : visibleLine(row.id)}</bdi>
        <span className={css["grow"]} />
        {data === null ? null : <CopyButton text={data} label={say("inspector.copy")} />}
        <ToggleButton
          kind="quiet"
          small
          icon="compare"
          label={say("inspector.compare")}
          isSelected={comparing}
          onChange={compare}
        />
        <Button kind="quiet" small icon="close" label={say("inspector.close")} onPress={close} />
      </header>
      {comparing ? (
        <Notice tone="info" role="status">
          {say("inspector.compare.choose")}
        </Notice>
      ) : null}
      {loaded === null ? null : (
        <>
          {detail === null ? (
            <Notice tone="warn">{say(loaded.failed === null ? "inspector.notKept" : "inspector.failed")}</Notice>
          ) : null}
          {detail?.cut === true ? <Notice tone="idle">{say("inspector.cut")}</Notice> : null}
          <Content key={row.seq} data={data ?? ""} found={found} />
          <EventFacts row={row} detail={detail} />
        </>
      )}
    </aside>
  );
}

function Content({ data, found }: { data: string; found: RegExp | null }) {
  const { say } = useLanguage();
  const panels = useRef<HTMLDivElement>(null);
  useFoundRanges(panels, found, data);
  const tree = useMemo(() => treeOf(data), [data]);
  const raw = useMemo(() => visibleBlock(data), [data]);
  return (
    <Tabs ref={panels} className={cx(css["tabs"])} defaultSelectedKey={tree.kind === "tree" ? "tree" : "raw"}>
      <TabList className={cx(css["tabList"])} aria-label={say("inspector.views")}>
        <Tab id="tree" className={cx(css["tab"])}>
          {say("inspector.tree")}
        </Tab>
        <Tab id="raw" className={cx(css["tab"])}>
          {say("inspector.raw")}
        </Tab>
      </TabList>
      <TabPanel id="tree" className={cx(css["panel"])}>
        {tree.kind === "tree" ? (
          <>
            <JsonTree value={tree.value} />
            {tree.left > 0 ? <p className={css["note"]}>{say("inspector.left", { count: tree.left })}</p> : null}
          </>
        ) : (
          <p className={css["note"]}>{say(`inspector.${tree.kind}`)}</p>
        )}
      </TabPanel>
      <TabPanel id="raw" className={cx(css["panel"])}>
        <Raw text={raw} />
      </TabPanel>
    </Tabs>
  );
}

/** Characters that are laid out at once: a MiB without a space takes a browser ten seconds. */
const rawStep = 64 * 1024;

function Raw({ text }: { text: string }) {
  const { say, format } = useLanguage();
  const [shown, setShown] = useState(rawStep);
  if (text === "") return <p className={css["note"]}>{say("inspector.empty")}</p>;
  return (
    <>
      <pre className={css["raw"]}>{text.slice(0, shown)}</pre>
      {text.length > shown ? (
        <p className={css["more"]}>
          <span className={css["note"]}>{say("inspector.rawLeft", { left: format.number(text.length - shown) })}</span>
          <Button small onPress={() => setShown(shown + rawStep)}>
            {say("inspector.rawMore")}
          </Button>
        </p>
      ) : null}
    </>
  );
}
