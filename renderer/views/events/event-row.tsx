/** One row of the list: an event, or something that happened to the connection. All text from the network is text, made visible. */
import { Fragment, memo, type ReactNode } from "react";
import type { Row } from "../../../preload/contract.ts";
import { cx } from "../../class-names.ts";
import { TypeChip } from "../../components/chip.tsx";
import { Found } from "../../components/found.tsx";
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
  /** From the top of the rows that are moved together. */
  offsetPx: number;
  current: boolean;
  inspected: boolean;
  /** The other one of a comparison. */
  pinned: boolean;
  arrived: boolean;
  /** A gap longer than this is marked: without heartbeats the stream would have been taken for dead. */
  slowMs: number;
  /** What the filter's words are found by. */
  found: RegExp | null;
  /** Characters of the data that may be in sight; laying out those that are not is most of what drawing a row costs. */
  dataChars: number;
  /** `both`: beside the one that is inspected. The same function always, so that a row is drawn only when it changes. */
  choose: (index: number, both: boolean) => void;
};

/** A row at its place; until its content is known, a calm sign that there is one. */
export const EventListRow = memo(function EventListRow({
  row,
  index,
  offsetPx,
  current,
  inspected,
  pinned,
  arrived,
  slowMs,
  found,
  dataChars,
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
        pinned && css["pinned"],
        arrived && css["arrived"],
      )}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={inspected || pinned || current}
      style={{ translate: `0 ${offsetPx}px` }}
      onClick={(event) => choose(index, event.ctrlKey || event.metaKey)}
    >
      {row === undefined ? (
        <Placeholder language={language} />
      ) : row.kind === "event" ? (
        <EventCells row={row} slowMs={slowMs} found={found} dataChars={dataChars} language={language} />
      ) : (
        <MarkCells row={row} language={language} />
      )}
    </div>
  );
});

/** Stands still, in the grey of lines: rows that come a moment later do not blink. */
function Placeholder({ language: { say } }: { language: Language }) {
  return (
    <>
      <Cell kind="time">
        <span className="unseen">{say("events.placeholder")}</span>
        <span className={css["bar"]} />
      </Cell>
      <Cell kind="gap" />
      <Cell kind="type">
        <span className={css["bar"]} />
      </Cell>
      <Cell kind="id" />
      <Cell kind="data">
        <span className={css["bar"]} />
      </Cell>
      <Cell kind="size" />
    </>
  );
}

type CellKind = "time" | "gap" | "type" | "id" | "data" | "size" | "words";

type CellLooks = { warn?: boolean; title?: string };

/** A function and no component: a flood draws some two hundred of them a frame. */
function cell(kind: CellKind, children: ReactNode, { warn = false, title }: CellLooks = {}) {
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

function Cell({ kind, title, children }: { kind: CellKind; title?: string; children?: ReactNode }) {
  return cell(kind, children, title === undefined ? {} : { title });
}

type EventCellsProps = { row: EventRow; slowMs: number; found: RegExp | null; dataChars: number; language: Language };

function EventCells({ row, slowMs, found, dataChars, language: { say, format } }: EventCellsProps) {
  const replayed = row.flags.includes("replayed");
  const slow = row.gapMs !== null && row.gapMs > slowMs;
  const gap = row.gapMs === null ? "" : `+${format.gap(row.gapMs)}`;
  return (
    <>
      {cell("time", format.time(row.at))}
      {cell("gap", [replayed ? <Replayed key="replayed" say={say} /> : null, gap], {
        warn: slow,
        ...(slow ? { title: say("gap.slow") } : {}),
      })}
      {cell("type", <TypeChip type={row.type} />)}
      {cell("id", row.id === null ? null : rowText(row.id, found))}
      {cell("data", [
        row.flags.includes("unsaved") ? <Remark key="unsaved" flag="unsaved" say={say} /> : null,
        row.flags.includes("imported") ? <Remark key="imported" flag="imported" say={say} /> : null,
        <Fragment key="data">{rowText(shortened(row.preview, dataChars), found)}</Fragment>,
      ])}
      {cell("size", format.bytes(row.bytes))}
    </>
  );
}

/** What is written from right to left, or may be: it must not turn around what stands beside it. */
const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** Text of the network. Most of it runs from left to right and has nothing marked in it: then it needs no element of its own. */
function rowText(text: string, found: RegExp | null): ReactNode {
  const shown = visibleLine(text);
  const words = found === null ? shown : <Found text={shown} pattern={found} />;
  return rightToLeft.test(text) ? <bdi>{words}</bdi> : words;
}

type Say = Language["say"];

function Replayed({ say }: { say: Say }) {
  return (
    <span className={css["replay"]} title={say("flag.replayed.why")}>
      <Icon name="replay" size={12} />
      <span className="unseen">{say("flag.replayed")}</span>
    </span>
  );
}

/** What is to be known of an event before what it says. */
function Remark({ flag, say }: { flag: "unsaved" | "imported"; say: Say }) {
  return (
    <span className={css[flag]} title={say(`flag.${flag}.why`)}>
      {say(`flag.${flag}`)}
    </span>
  );
}

/** No pair of units is parted. */
function shortened(text: string, chars: number): string {
  if (text.length <= chars) return text;
  return `${text.slice(0, chars).replace(/[\ud800-\udbff]$/, "")}…`;
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
