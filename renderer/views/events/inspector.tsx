/** One event, whole: as a tree when it is JSON, as it came, and what is known about its coming. */
import { useEffect, useMemo, useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import type { EventDetail } from "../../../preload/contract.ts";
import { ask, bridge, codeOf } from "../../bridge.ts";
import { cx } from "../../class-names.ts";
import { Button } from "../../components/button.tsx";
import { TypeChip } from "../../components/chip.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { JsonTree } from "../../components/json-tree.tsx";
import { Notice } from "../../components/notice.tsx";
import type { EventRow } from "../../events/row-kinds.ts";
import { treeOf } from "../../text/json-tree.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleBlock, visibleLine } from "../../text/visible-text.ts";
import { EventFacts } from "./event-facts.tsx";
import css from "./inspector.module.css";

type Loaded = { seq: number; detail: EventDetail | null; failed: string | null };

/** The pane at the right. */
export function Inspector({ row, close }: { row: EventRow; close: () => void }) {
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
        <Button kind="quiet" small icon="close" label={say("inspector.close")} onPress={close} />
      </header>
      {loaded === null ? null : (
        <>
          {detail === null ? (
            <Notice tone="warn">{say(loaded.failed === null ? "inspector.notKept" : "inspector.failed")}</Notice>
          ) : null}
          {detail?.cut === true ? <Notice tone="idle">{say("inspector.cut")}</Notice> : null}
          <Content key={row.seq} data={data ?? ""} />
          <EventFacts row={row} detail={detail} />
        </>
      )}
    </aside>
  );
}

function useDetail(seq: number): Loaded | null {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    let current = true;
    ask(bridge().events.get(seq)).then(
      (detail) => current && setLoaded({ seq, detail, failed: null }),
      (error: unknown) => current && setLoaded({ seq, detail: null, failed: codeOf(error).code }),
    );
    return () => {
      current = false;
    };
  }, [seq]);
  return loaded?.seq === seq ? loaded : null;
}

function Content({ data }: { data: string }) {
  const { say } = useLanguage();
  const tree = useMemo(() => treeOf(data), [data]);
  const raw = useMemo(() => visibleBlock(data), [data]);
  return (
    <Tabs className={cx(css["tabs"])} defaultSelectedKey={tree.kind === "tree" ? "tree" : "raw"}>
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
        {raw === "" ? <p className={css["note"]}>{say("inspector.empty")}</p> : <pre className={css["raw"]}>{raw}</pre>}
      </TabPanel>
    </Tabs>
  );
}
