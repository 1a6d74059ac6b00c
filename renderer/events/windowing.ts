/**
 * Arithmetic of a list with fixed rows, however long. A browser stops at about 16.7 million pixels (device pixels, so half of that at 2×):
 * beyond `maxSpacerPx` the scroll bar is scaled, and the list keeps its own exact position. Pure.
 */

/** Tallest element we ever make: below Chromium's 2^24 device pixels even at 2×. */
export const maxSpacerPx = 8_000_000;

export type Extent = { readonly count: number; readonly rowPx: number; readonly viewportPx: number };

/** How far down the list can go, in true pixels. */
export function lastTop({ count, rowPx, viewportPx }: Extent): number {
  return Math.max(0, count * rowPx - viewportPx);
}

/** Height of the element that makes the scroll bar. */
export function spacerPx({ count, rowPx }: Extent): number {
  return Math.min(count * rowPx, maxSpacerPx);
}

/** The list is longer than a browser can scroll: a pixel of the scroll bar is more than a pixel of the list. */
export function isScaled({ count, rowPx }: Extent): boolean {
  return count * rowPx > maxSpacerPx;
}

/** True position for a scroll bar's position. */
export function topOf(extent: Extent, scrollTop: number): number {
  const travel = spacerPx(extent) - extent.viewportPx;
  if (travel <= 0) return 0;
  const share = Math.min(1, Math.max(0, scrollTop / travel));
  return isScaled(extent) ? share * lastTop(extent) : Math.min(lastTop(extent), Math.max(0, scrollTop));
}

/** The scroll bar's position for a true position. */
export function scrollTopOf(extent: Extent, top: number): number {
  const bounded = Math.min(lastTop(extent), Math.max(0, top));
  if (!isScaled(extent)) return bounded;
  return (bounded / lastTop(extent)) * (spacerPx(extent) - extent.viewportPx);
}

/** First and last row (exclusive) to draw. */
export function rowsAt(
  { count, rowPx, viewportPx }: Extent,
  top: number,
  overscan = 4,
): { first: number; end: number } {
  const first = Math.max(0, Math.floor(top / rowPx) - overscan);
  const end = Math.min(count, Math.ceil((top + viewportPx) / rowPx) + overscan);
  return { first: Math.min(first, Math.max(0, count - 1)), end: Math.max(end, 0) };
}

/** The nearest position at which a row is wholly in sight. */
export function topToShow(extent: Extent, top: number, index: number): number {
  const start = index * extent.rowPx;
  if (start < top) return start;
  const end = start + extent.rowPx;
  return end > top + extent.viewportPx ? Math.min(lastTop(extent), end - extent.viewportPx) : top;
}
