/** A function that stays the same, so that what it is given to need not be drawn again. */
import { useCallback, useLayoutEffect, useRef } from "react";

/** The same function at every draw, that does what the newest one would. Not to be called while drawing. */
export function useSame<A extends readonly unknown[], R>(action: (...args: A) => R): (...args: A) => R {
  const latest = useRef(action);
  useLayoutEffect(() => {
    latest.current = action;
  });
  return useCallback((...args: A) => latest.current(...args), []);
}
