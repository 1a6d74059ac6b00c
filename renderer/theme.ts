/** Writes the theme on `<html data-theme>`: the user's choice, or what the system prefers. Main sets nativeTheme; this is the page's half. */
import { useLayoutEffect, useSyncExternalStore } from "react";
import type { General } from "../preload/contract.ts";

const dark = (): MediaQueryList => window.matchMedia("(prefers-color-scheme: dark)");

function subscribe(listener: () => void): () => void {
  const query = dark();
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

/** The theme in effect; keeps the page in step with it. */
export function useTheme(choice: General["theme"]): "light" | "dark" {
  const systemIsDark = useSyncExternalStore(subscribe, () => dark().matches);
  const theme = choice === "system" ? (systemIsDark ? "dark" : "light") : choice;
  useLayoutEffect(() => {
    document.documentElement.dataset["theme"] = theme;
  }, [theme]);
  return theme;
}
