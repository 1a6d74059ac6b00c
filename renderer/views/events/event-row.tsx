/** One row of the list: an event, or something that happened to the connection. All text from the network is text, made visible. */
import { memo } from "react";
import type { Row } from "../../../preload/contract.ts";
import { cx } from "../../class-names.ts";
import { TypeChip } from "../../components/chip.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { Icon } from "../../components/icon.tsx";
import type { EventRow, MarkRow } from "../../events/row-kinds.ts";
import { type Language, useLanguage } from "../../text/language.tsx";
import { markStates, markText, markTone } from "../../text/mark-words.ts";
import { visibleLine } from "../../text/visible-text.ts";
import css from "./event-row.module.css";

type Props = {
  row: Row | undefined;
  index: number;
  /** From the top of the layer. */
  offsetPx: number;
  current: boolean;
  inspected: boolean;
  arrived: boolean;
  /** A gap longer than this is marked: without heartbeats the stream would have been taken for dead. */
  slowMs: number;
  choose: (row: Row) => void;
};

/** A row at its place; empty until its content is known. */
export const EventListRow = memo(function EventListRow({
  row,
  index,
  offsetPx,
  current,
  inspected,
  arrived,
  slowMs,
  choose,
}: Props) {
  const language = useLanguage();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of a virtual grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are the pane's
    <div
      id={`row-${index}`}
      className={cx(
        css["row"],
        row?.kind === "mark" && css["mark"],
        current && css["current"],
        inspected && css["inspected"],
        arrived && css["arrived"],
      )}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={inspected || current}
      style={{ translate: `0 ${offsetPx}px` }}
      onClick={() => row !== undefined && choose(row)}
    >
      {row === undefined ? (
        <Cell kind="time">…</Cell>
      ) : row.kind === "event" ? (
        <EventCells row={row} slowMs={slowMs} language={language} />
      ) : (
        <MarkCells row={row} language={language} />
      )}
    </div>
  );
}, sameButForChoose);

/** `choose` is made anew at each draw and means the same. */
function sameButForChoose(before: Props, after: Props): boolean {
  return (Object.keys(after) as (keyof Props)[]).every((key) => key === "choose" || before[key] === after[key]);
}

type CellKind = "time" | "gap" | "type" | "id" | "data" | "size" | "words";

function Cell({
  kind,
  warn = false,
  title,
  children,
}: {
  kind: CellKind;
  warn?: boolean;
  title?: string;
  children?: React.ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a cell of a virtual grid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    <span
      className={cx(css[kind], warn && css["warn"])}
      role="gridcell"
      {...(kind === "words" ? { "aria-colspan": 4 } : {})}
      {...(title === undefined ? {} : { title })}
    >
      {children}
    </span>
  );
}

type EventCellsProps = { row: EventRow; slowMs: number; language: Language };

function EventCells({ row, slowMs, language: { say, format } }: EventCellsProps) {
  const replayed = row.flags.includes("replayed");
  const unsaved = row.flags.includes("unsaved");
  const slow = row.gapMs !== null && row.gapMs > slowMs;
  return (
    <>
      <Cell kind="time">{format.time(row.at)}</Cell>
      <Cell kind="gap" warn={slow} {...(slow ? { title: say("gap.slow") } : {})}>
        {replayed ? (
          <span className={css["replay"]} title={say("flag.replayed.why")}>
            <Icon name="replay" size={12} />
            <span className="unseen">{say("flag.replayed")}</span>
          </span>
        ) : null}
        {row.gapMs === null ? "" : `+${format.gap(row.gapMs)}`}
      </Cell>
      <Cell kind="type">
        <TypeChip type={row.type} />
      </Cell>
      <Cell kind="id">{row.id === null ? null : <bdi>{visibleLine(row.id)}</bdi>}</Cell>
      <Cell kind="data">
        {unsaved ? (
          <span className={css["unsaved"]} title={say("flag.unsaved.why")}>
            {say("flag.unsaved")}
          </span>
        ) : null}
        <bdi>{visibleLine(row.preview)}</bdi>
      </Cell>
      <Cell kind="size">{format.bytes(row.bytes)}</Cell>
    </>
  );
}

function MarkCells({ row, language }: { row: MarkRow; language: Language }) {
  const tone = markTone(row);
  const { head, rest } = markText(language, row);
  const text = visibleLine(rest);
  return (
    <>
      <Cell kind="time">{language.format.time(row.at)}</Cell>
      <Cell kind="gap">
        <Glyph state={markStates[row.mark]} tone={tone} />
      </Cell>
      <Cell kind="words" title={text}>
        <b className={css["head"]} data-tone={tone}>
          {head}
        </b>
        {text === "" ? null : <span>{text}</span>}
      </Cell>
    </>
  );
}
