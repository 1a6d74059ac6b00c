/** The arithmetic of the long list. */
import { expect, it } from "vitest";
import {
  type Extent,
  isScaled,
  lastTop,
  maxSpacerPx,
  rowsAt,
  scrollTopOf,
  spacerPx,
  topOf,
  topToShow,
} from "../../renderer/events/windowing.ts";

const small: Extent = { count: 1000, rowPx: 26, viewportPx: 600 };
const million: Extent = { count: 1_000_000, rowPx: 26, viewportPx: 600 };

it("draws only what is in sight, and a few more", () => {
  expect(rowsAt(small, 0)).toEqual({ first: 0, end: 28 });
  expect(rowsAt(small, 26 * 500)).toEqual({ first: 496, end: 528 });
  expect(rowsAt(small, lastTop(small))).toEqual({ first: 972, end: 1000 });
  expect(rowsAt({ ...small, count: 0 }, 0)).toEqual({ first: 0, end: 0 });
});

it("lets the browser scroll a list that it can hold, pixel by pixel", () => {
  expect(isScaled(small)).toBe(false);
  expect(spacerPx(small)).toBe(26_000);
  expect(topOf(small, 1234)).toBe(1234);
  expect(scrollTopOf(small, 1234)).toBe(1234);
});

it.each([1_000_000, 10_000_000, 1_000_000_000])(
  "reaches the first and the last of %s rows by the scroll bar",
  (count) => {
    const extent = { ...million, count };
    expect(isScaled(extent)).toBe(true);
    expect(spacerPx(extent)).toBe(maxSpacerPx);
    // 2^24 device pixels, at two device pixels each.
    expect(spacerPx(extent) * 2).toBeLessThan(2 ** 24);
    expect(rowsAt(extent, topOf(extent, 0), 0).first).toBe(0);
    expect(rowsAt(extent, topOf(extent, spacerPx(extent) - extent.viewportPx), 0).end).toBe(count);
  },
);

it("finds every row of a million again from its place on the scroll bar", () => {
  for (const index of [0, 1, 499_999, 654_321, 999_000]) {
    const top = index * 26;
    const back = topOf(million, scrollTopOf(million, top));
    expect(Math.abs(back - top)).toBeLessThan(0.001);
  }
});

it("never scrolls beyond its ends", () => {
  expect(topOf(small, 99_999)).toBe(lastTop(small));
  expect(topOf(small, -5)).toBe(0);
  expect(topOf(million, maxSpacerPx * 2)).toBe(lastTop(million));
  expect(scrollTopOf(million, Number.MAX_SAFE_INTEGER)).toBe(maxSpacerPx - 600);
  expect(lastTop({ count: 3, rowPx: 26, viewportPx: 600 })).toBe(0);
});

it("moves as little as it must to show a row", () => {
  expect(topToShow(small, 1000, 10)).toBe(260);
  expect(topToShow(small, 1000, 45)).toBe(1000);
  expect(topToShow(small, 1000, 70)).toBe(71 * 26 - 600);
});
