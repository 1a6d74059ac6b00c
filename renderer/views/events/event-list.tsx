/**
 * The list of events: fixed rows, drawn only where one looks, however many there are (windowing.ts). The rows stand in a layer that
 * sticks to the viewport, so the browser's own scrolling moves nothing until we know what to draw, and no row has an offset of millions.
 */
import { type Ref, useImperativeHandle, useLayoutEffect, useRef, useState } from "react";
import type { Row, StreamView } from "../../../preload/contract.ts";
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
import { useSame } from "../../use-same.ts";
import css from "./event-list.module.css";
import { EventListRow } from "./event-row.tsx";
import { charsIn, rowPx, useBar, useExactWheel, useOrigin, useViewport } from "./list-geometry.ts";

/** A picture of the window is worth taking with this many rows: fewer do not show that events flow. */
const picturedRows = 8;

/** What the pane's keys do to the list. */
export type ListHandle = {
  /** True when the key meant something. */
  key(key: string): boolean;
  /** Shows a row a third from the top and makes it the active one. */
  goTo(index: number): void;
  focus(): void;
  /** The row one is at: the active one, or the first in sight. */
  here(): Row | undefined;
};

/** Which events one looks at, and the other one of a comparison. */
export type Looked = {
  readonly inspected: EventRow | null;
  readonly pinned: EventRow | null;
  inspect(row: EventRow | null): void;
  pin(row: EventRow | null): void;
};

type Props = {
  ref: Ref<ListHandle>;
  log: EventLog;
  view: LogView;
  stream: StreamView;
  found: RegExp | null;
  looked: Looked;
};

/** The grid itself. */
export function EventList({ ref, log, view, stream, found, looked }: Props) {
  const { say } = useLanguage();
  const { inspected, pinned, inspect, pin } = looked;
  const scroller = useRef<HTMLDivElement>(null);
  const [viewportPx, setViewportPx] = useState(0);
  // Both are less what rows have moved: so they stay at the same row when older ones are found or dropped.
  const [place, setPlace] = useState<{ log: EventLog; topPx: number; cursor: number | null }>({
    log,
    topPx: 0,
    cursor: null,
  });
  const { topPx, cursor: anchored } = place.log === log ? place : { topPx: 0, cursor: null };
  const movedPx = view.moved * rowPx;
  const cursor = anchored === null ? null : anchored + view.moved;
  const setTop = (px: number): void => setPlace({ log, topPx: px - movedPx, cursor: anchored });
  const extent: Extent = { count: view.count, rowPx, viewportPx };
  const shownTop = view.held ? Math.min(Math.max(0, topPx + movedPx), lastTop(extent)) : lastTop(extent);
  const { first, end } = rowsAt(extent, shownTop);

  const [dataChars, setDataChars] = useState(240);
  useViewport(scroller, setViewportPx, (widthPx) => setDataChars(charsIn(widthPx)));
  useSettled(end - first >= picturedRows && log.row(end - 1)?.kind === "event");
  // At once and not after painting: what is missing should be on its way before anybody sees that it is.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new revision may have taken rows away
  useLayoutEffect(() => log.want(first, end), [log, first, end, view.revision, view.held]);

  // The scroll bar follows the list, not the other way round: what we write here comes back as the scroll event below, and changes nothing.
  const written = useRef(-1);
  const bar = useBar(extent, shownTop, view.held);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const wish = scrollTopOf(bar.extent, bar.topPx);
    if (Math.abs(box.scrollTop - wish) < 1) return;
    box.scrollTop = wish;
    written.current = box.scrollTop;
  }, [bar]);

  const moveTo = (next: number): void => {
    const bounded = Math.min(lastTop(extent), Math.max(0, next));
    setTop(bounded);
    log.hold(bounded < lastTop(extent) - 1);
  };
  const scrolled = (): void => {
    const box = scroller.current;
    if (box === null || Math.abs(box.scrollTop - written.current) < 1) return;
    written.current = -1;
    if (Math.abs(box.scrollTop - scrollTopOf(bar.extent, bar.topPx)) >= 1) moveTo(topOf(bar.extent, box.scrollTop));
  };
  useExactWheel(scroller, isScaled(extent), (deltaPx) => moveTo(shownTop + deltaPx));

  const show = (index: number, px: number, follow: boolean): void => {
    setPlace({ log, topPx: px - movedPx, cursor: index - view.moved });
    log.hold(!follow);
    const row = log.row(index);
    if (inspected !== null && row?.kind === "event") inspect(row);
  };
  const select = (index: number): void => {
    const bounded = Math.min(view.count - 1, Math.max(0, index));
    if (bounded < 0) return;
    const newest = bounded === view.count - 1 && !view.paused;
    show(bounded, newest ? lastTop(extent) : topToShow(extent, shownTop, bounded), newest);
  };
  const choose = useSame((index: number, both: boolean) => {
    setPlace({ log, topPx: shownTop - movedPx, cursor: index - view.moved });
    const row = log.row(index);
    if (row?.kind !== "event") return;
    if (both && inspected !== null && pinned === null && inspected.seq !== row.seq) pin(inspected);
    inspect(row);
  });
  const keys: Record<string, () => boolean> = {
    Enter: () => {
      const row = cursor === null ? undefined : log.row(cursor);
      if (row?.kind === "event") inspect(row);
      return cursor !== null;
    },
    c: () => {
      const row = inspected ?? (cursor === null ? undefined : log.row(cursor));
      if (row?.kind !== "event") return false;
      pin(pinned === null ? row : null);
      inspect(row);
      return true;
    },
    Escape: () => {
      if (pinned !== null) pin(null);
      else if (inspected !== null) inspect(null);
      else return false;
      return true;
    },
  };
  useImperativeHandle(ref, () => ({
    key: (pressed) => {
      const key = pressed.length === 1 ? pressed.toLowerCase() : pressed;
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
      const target = steps[key];
      if (target === undefined) return keys[key]?.() ?? false;
      select(target);
      return true;
    },
    goTo: (index) => show(index, Math.max(0, index * rowPx - Math.floor(viewportPx / 3)), false),
    focus: () => scroller.current?.focus(),
    // A window too low for a row looks at the last one.
    here: () => log.row(cursor ?? Math.min(view.count - 1, Math.ceil(shownTop / rowPx))),
  }));

  const origin = useOrigin(first - view.moved, end - view.moved) + view.moved;
  const rows = [];
  for (let index = first; index < end; index++) {
    const row = log.row(index);
    rows.push(
      <EventListRow
        key={index - origin}
        row={row}
        index={index}
        offsetPx={(index - origin) * rowPx}
        current={cursor === index}
        inspected={inspected !== null && row?.seq === inspected.seq}
        pinned={pinned !== null && row?.seq === pinned.seq}
        arrived={view.arrived !== null && row?.seq === view.arrived}
        slowMs={stream.idleTimeoutMs}
        found={found}
        dataChars={dataChars}
        choose={choose}
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
      aria-rowcount={view.exact ? view.count + 1 : -1}
      aria-multiselectable={true}
      aria-activedescendant={cursor !== null && cursor >= first && cursor < end ? `row-${cursor}` : undefined}
      onScroll={scrolled}
    >
      <Head />
      <div className={css["spacer"]} style={{ height: spacerPx(bar.extent) }} role="presentation">
        <div
          className={css["layer"]}
          style={{ height: Math.min(viewportPx, spacerPx(bar.extent)) }}
          role="presentation"
        >
          {/* biome-ignore lint/a11y/useSemanticElements: a table element cannot hold a million virtual rows */}
          <div
            className={css["rows"]}
            style={{ translate: `0 ${Math.round(origin * rowPx - shownTop)}px` }}
            role="rowgroup"
          >
            {rows}
          </div>
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
