/**
 * What a busy stream changes in every frame, at the pace of somebody who reads it: numbers beside the list. Drawing them sixty times a
 * second costs as much as the rows do, and nobody can read them.
 */
import { useEffect, useLayoutEffect, useRef, useState } from "react";

/** Five numbers a second can be followed. */
const paceMs = 200;

/**
 * The newest value, or for a moment the one before it: the first change shows at once, and of those that follow it within the pace the last.
 * @param mayWait false: the newest shows at once. Pure
 */
export function useCalm<T>(newest: T, mayWait: (shown: T, newest: T) => boolean): T {
  const [shown, setShown] = useState(newest);
  const latest = useRef(newest);
  const shownAt = useRef(Number.NEGATIVE_INFINITY);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  useLayoutEffect(() => {
    latest.current = newest;
    if (shown === newest || timer.current !== null) return;
    const show = (): void => {
      timer.current = null;
      shownAt.current = performance.now();
      setShown(latest.current);
    };
    const restMs = shownAt.current + paceMs - performance.now();
    if (restMs <= 0) show();
    else timer.current = setTimeout(show, restMs);
  });
  useEffect(() => () => clearTimeout(timer.current ?? undefined), []);
  if (shown === newest || mayWait(shown, newest)) return shown;
  setShown(newest);
  return newest;
}
