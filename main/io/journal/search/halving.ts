/** Finding by halving. */

/** The last of `length` rising values that is not above `wanted`; -1: all are. */
export function lastUpTo(length: number, wanted: number, value: (i: number) => number): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (value(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
