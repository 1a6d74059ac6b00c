/**
 * Marks the words of a filter in a text that is already drawn, with ranges of the browser's own (CSS Custom Highlight): a tree of ten
 * thousand nodes or a MiB of text gets no further elements. Where a browser has none of it, nothing is marked.
 */
import { type RefObject, useEffect } from "react";

/** Marks that are made at most: more of them is a coloured page. */
const mostRanges = 1000;
/** Text that is looked through at most, UTF-16 units. */
const mostText = 1024 * 1024;
const name = "found";

/** Marks what the pattern finds below the element, and again when what is below it changes. */
export function useFoundRanges(root: RefObject<HTMLElement | null>, pattern: RegExp | null, shown: unknown): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: another text is drawn into the same element
  useEffect(() => {
    const box = root.current;
    if (box === null || pattern === null || typeof CSS === "undefined" || !("highlights" in CSS)) return;
    const mark = (): void => {
      CSS.highlights.set(name, new Highlight(...rangesIn(box, pattern)));
    };
    mark();
    const observer = new MutationObserver(mark);
    observer.observe(box, { childList: true, subtree: true, characterData: true });
    return () => {
      observer.disconnect();
      CSS.highlights.delete(name);
    };
  }, [root, pattern, shown]);
}

/** Where the pattern is found, in the order of the text. */
export function rangesIn(box: HTMLElement, pattern: RegExp): Range[] {
  const ranges: Range[] = [];
  const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
  let seen = 0;
  for (let node = walk.nextNode(); node !== null && seen < mostText; node = walk.nextNode()) {
    const text = node.nodeValue ?? "";
    seen += text.length;
    for (const { index, 0: found } of text.matchAll(pattern)) {
      const range = document.createRange();
      range.setStart(node, index);
      range.setEnd(node, index + found.length);
      if (ranges.push(range) === mostRanges) return ranges;
    }
  }
  return ranges;
}
