/**
 * How the list of events sits in its box: the scroll bar, the size of what is in sight, the wheel, and the row from which the places of
 * the drawn ones are reckoned. The arithmetic is windowing.ts's, and what the rows show is event-list.tsx's.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { Extent } from "../../events/windowing.ts";
import { useSame } from "../../use-same.ts";

export const rowPx = 26;
const headPx = 26;
/** As in event-list.module.css: above this width all columns are there, and those beside the data are at least so wide. */
const wideListPx = 620;
const otherColumnsPx = 340;
/** A row of the narrowest letters is seldom narrower on the whole. */
const narrowCharPx = 4.5;
const charSteps = 32;
/** How long the scroll bar may be behind a list that runs on by itself, ms. */
const barMs = 150;
/** So far from the row from which their places are reckoned rows may be. */
const farRows = 1000;

type Bar = { readonly extent: Extent; readonly topPx: number };

/**
 * What the scroll bar is made for. While the list runs on by itself it comes after a while: each change of its height has the browser lay
 * out everything at once, and nobody sees a thumb move by a hair.
 */
export function useBar(extent: Extent, topPx: number, held: boolean): Bar {
  const newest: Bar = { extent, topPx };
  const latest = useRef(newest);
  const [bar, setBar] = useState(newest);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useLayoutEffect(() => {
    latest.current = newest;
    if (sameBar(bar, newest) || timer.current !== null) return;
    timer.current = setTimeout(() => {
      timer.current = null;
      setBar(latest.current);
    }, barMs);
  });
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  // Who scrolls, or fills the first screen, sees it at once.
  const isShort = bar.extent.count * rowPx <= bar.extent.viewportPx * 2;
  if ((held || isShort || bar.extent.viewportPx !== extent.viewportPx) && !sameBar(bar, newest)) {
    setBar(newest);
    return newest;
  }
  return bar;
}

function sameBar(one: Bar, other: Bar): boolean {
  const [a, b] = [one.extent, other.extent];
  return one.topPx === other.topPx && a.count === b.count && a.viewportPx === b.viewportPx;
}

/**
 * The row from which the places and keys of the rows from `first` to `end` are reckoned. As long as some of them stay it stays as well:
 * scrolling moves them together, and none is drawn anew. Where all are others they take the elements and places of those before them, and
 * what is painted is their text and nothing else.
 */
export function useOrigin(first: number, end: number): number {
  const drawn = useRef({ first, end, origin: first });
  const before = drawn.current;
  const isApart = first >= before.end || end <= before.first;
  const kept = isApart ? before.origin + first - before.first : before.origin;
  const origin = Math.abs(first - kept) > farRows ? first : kept;
  useLayoutEffect(() => {
    drawn.current = { first, end, origin };
  });
  return origin;
}

/** Upper bound of the data's characters in a list so wide, in steps, so that a window that is drawn wider does not draw all rows anew. */
export function charsIn(widthPx: number): number {
  const dataPx = widthPx - (widthPx > wideListPx ? otherColumnsPx : otherColumnsPx / 2);
  return Math.max(charSteps, Math.ceil(dataPx / narrowCharPx / charSteps) * charSteps);
}

/** Size of the part that shows rows. */
export function useViewport(
  scroller: { current: HTMLDivElement | null },
  setHeight: (px: number) => void,
  setWidth: (px: number) => void,
): void {
  const width = useSame(setWidth);
  useLayoutEffect(() => {
    const box = scroller.current;
    if (box === null) return;
    const measure = (): void => {
      setHeight(Math.max(0, box.clientHeight - headPx));
      if (box.clientWidth > 0) width(box.clientWidth);
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(box);
    return () => observer.disconnect();
  }, [scroller, setHeight, width]);
}

/** A wheel turns by pixels of the list, even where a pixel of the scroll bar is many of them. */
export function useExactWheel(
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
