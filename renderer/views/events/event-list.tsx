/**
 * The list of events: fixed rows, drawn only where one looks, however many there are (windowing.ts). The rows stand in a layer that
 * sticks to the viewport, so the browser's own scrolling moves nothing until we know what to draw, and no row has an offset of millions.
 */
import { type Ref, useCallback, useEffect, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import type { StreamView } from "../../../preload/contract.ts";
import type { EventLog, LogView } from "../../events/event-log.ts";
import type { EventRow } from "../../events/row-kinds.ts";
import {
  type Extent,
  isScaled,
  lastTop,
  rowsAt,
  scrollTopOf,
  spacerPx,
  topOf,
  topToShow,
} from "../../events/windowing.ts";
import { useSettled } from "../../settled.ts";
import { useLanguage } from "../../text/language.tsx";
import css from "./event-list.module.css";
import { EventListRow } from "./event-row.tsx";

const rowPx = 26;
const headPx = 26;
/** A picture of the window is worth taking with this many rows: fewer do not show that events flow. */
const picturedRows = 8;

/** What the pane's keys do to the list. */
export type ListHandle = {
  /** True when the key meant something. */
  key(key: string): boolean;
};

type Props = {
  ref: Ref<ListHandle>;
  log: EventLog;
  view: LogView;
  stream: StreamView;
  inspected: EventRow | null;
  inspect: (row: EventRow | null) => void;
};

/** The grid itself. */
export function EventList({ ref, log, view, stream, inspected, inspect }: Props) {
  const { say } = useLanguage();
  const scroller = useRef<HTMLDivElement>(null);
  const [viewportPx, setViewportPx] = useState(0);
  const [top, setTop] = useState(0);
  const [cursor, setCursor] = useState<number | null>(null);
  const extent: Extent = { count: view.count, rowPx, viewportPx };
  const shownTop = view.held ? Math.min(top, lastTop(extent)) : lastTop(extent);
  const { first, end } = rowsAt(extent, shownTop);

  useViewport(scroller, setViewportPx);
  useSettled(end - first >= picturedRows && log.row(end - 1)?.kind === "event");
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision may have taken rows away
  useEffect(() => log.want(first, end), [log, first, end, view.revision]);

  // The scroll bar follows the list, not the other way round: what we write here comes back as the scroll event below, and changes nothing.
  const written = useRef(-1);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const wish = scrollTopOf(extent, shownTop);
    if (Math.abs(box.scrollTop - wish) < 1) return;
    box.scrollTop = wish;
    written.current = box.scrollTop;
  });

  const moveTo = useCallback(
    (next: number, at: Extent) => {
      const bounded = Math.min(lastTop(at), Math.max(0, next));
      const atEnd = bounded >= lastTop(at) - 1;
      setTop(bounded);
      log.hold(!atEnd);
    },
    [log],
  );

  const scrolled = (): void => {
    const box = scroller.current;
    if (box === null || Math.abs(box.scrollTop - written.current) < 1) return;
    written.current = -1;
    if (Math.abs(box.scrollTop - scrollTopOf(extent, shownTop)) >= 1) moveTo(topOf(extent, box.scrollTop), extent);
  };
  useExactWheel(scroller, isScaled(extent), (deltaPx) => moveTo(shownTop + deltaPx, extent));

  const select = (index: number): void => {
    const bounded = Math.min(view.count - 1, Math.max(0, index));
    if (bounded < 0) return;
    setCursor(bounded);
    const next = topToShow(extent, shownTop, bounded);
    if (bounded === view.count - 1 && !view.paused) moveTo(lastTop(extent), extent);
    else {
      setTop(next);
      log.hold(true);
    }
    const row = log.row(bounded);
    if (inspected !== null && row?.kind === "event") inspect(row);
  };
  useImperativeHandle(ref, () => ({
    key: (key) => {
      const page = Math.max(1, Math.floor(viewportPx / rowPx) - 1);
      const here = cursor ?? view.count;
      const steps: Record<string, number> = {
        j: here + 1,
        ArrowDown: here + 1,
        k: here - 1,
        ArrowUp: here - 1,
        PageDown: here + page,
        PageUp: here - page,
        Home: 0,
        End: view.count - 1,
      };
      const target = steps[key.length === 1 ? key.toLowerCase() : key];
      if (target !== undefined) {
        select(target);
        return true;
      }
      if (key === "Enter" && cursor !== null) {
        const row = log.row(cursor);
        if (row?.kind === "event") inspect(row);
        return true;
      }
      if (key !== "Escape" || inspected === null) return false;
      inspect(null);
      return true;
    },
  }));

  const rows = [];
  for (let index = first; index < end; index++) {
    rows.push(
      <EventListRow
        key={log.row(index)?.seq ?? `empty-${index}`}
        row={log.row(index)}
        index={index}
        offsetPx={index * rowPx - shownTop}
        current={cursor === index}
        inspected={inspected !== null && log.row(index)?.seq === inspected.seq}
        arrived={view.arrived !== null && log.row(index)?.seq === view.arrived}
        slowMs={stream.idleTimeoutMs}
        choose={(row) => {
          setCursor(index);
          if (row.kind === "event") inspect(row);
        }}
      />,
    );
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table element cannot hold a million virtual rows
    <div
      ref={scroller}
      className={css["scroller"]}
      role="grid"
      tabIndex={0}
      aria-label={say("events.grid")}
      aria-rowcount={view.count + 1}
      aria-activedescendant={cursor !== null && cursor >= first && cursor < end ? `row-${cursor}` : undefined}
      onScroll={scrolled}
    >
      <Head />
      <div className={css["spacer"]} style={{ height: spacerPx(extent) }} role="presentation">
        {/* biome-ignore lint/a11y/useSemanticElements: a table element cannot hold a million virtual rows */}
        <div className={css["layer"]} style={{ height: Math.min(viewportPx, spacerPx(extent)) }} role="rowgroup">
          {rows}
        </div>
      </div>
    </div>
  );
}

function Head() {
  const { say } = useLanguage();
  return (
    // biome-ignore lint/a11y/useSemanticElements: a row of the grid above
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus and names its active row
    <div className={css["head"]} role="row" aria-rowindex={1}>
      {(["time", "gap", "type", "id", "data", "size"] as const).map((column) => (
        // biome-ignore lint/a11y/useSemanticElements: as above
        // biome-ignore lint/a11y/useFocusableInteractive: as above
        <span key={column} className={css[column]} role="columnheader">
          {say(`column.${column}`)}
        </span>
      ))}
    </div>
  );
}

/** Height of the part that shows rows. */
function useViewport(scroller: { current: HTMLDivElement | null }, set: (px: number) => void): void {
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const measure = (): void => set(Math.max(0, box.clientHeight - headPx));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [scroller, set]);
}

/** A wheel turns by pixels of the list, even where a pixel of the scroll bar is many of them. */
function useExactWheel(
  scroller: { current: HTMLDivElement | null },
  scaled: boolean,
  move: (deltaPx: number) => void,
): void {
  const latest = useRef(move);
  useLayoutEffect(() => {
    latest.current = move;
  });
  useEffect(() => {
    const box = scroller.current;
    if (box === null || !scaled) return;
    const turn = (event: WheelEvent): void => {
      if (event.ctrlKey) return;
      event.preventDefault();
      latest.current(event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? rowPx : 1));
    };
    box.addEventListener("wheel", turn, { passive: false });
    return () => box.removeEventListener("wheel", turn);
  }, [scroller, scaled]);
}
