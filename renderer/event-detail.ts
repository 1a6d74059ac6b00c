/** One event in full, as the window asks for it when somebody looks at it. */
import { useEffect, useState } from "react";
import type { EventDetail } from "../preload/contract.ts";
import { ask, bridge, codeOf } from "./bridge.ts";

export type Loaded = { readonly seq: number; readonly detail: EventDetail | null; readonly failed: string | null };

/** The event of this number; null until the answer is there. */
export function useDetail(seq: number): Loaded | null {
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  useEffect(() => {
    let current = true;
    ask(bridge().events.get(seq)).then(
      (detail) => current && setLoaded({ seq, detail, failed: null }),
      (error: unknown) => current && setLoaded({ seq, detail: null, failed: codeOf(error).code }),
    );
    return () => {
      current = false;
    };
  }, [seq]);
  return loaded?.seq === seq ? loaded : null;
}
