/** Tells whoever takes a picture of the window that there is something to see. Nothing in the page reads it. */
import { useEffect } from "react";

/** Marks the page as drawn once `drawn` holds; it stays so. */
export function useSettled(drawn: boolean): void {
  useEffect(() => {
    if (drawn) document.documentElement.dataset["settled"] = "true";
  }, [drawn]);
}
