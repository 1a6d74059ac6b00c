/** Takes away what the page showed before there was anything to draw (index.html, shell.css). */
import { useLayoutEffect } from "react";

/** @param drawn something else is drawn in its place */
export function useShellGone(drawn: boolean): void {
  useLayoutEffect(() => {
    if (drawn) document.getElementById("shell")?.remove();
  }, [drawn]);
}
