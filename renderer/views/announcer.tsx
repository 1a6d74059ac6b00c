/**
 * Tells a screen reader when a stream's state changed: once, politely, and only after it held for two seconds.
 * Countdowns and events are never announced.
 */
import { useEffect, useRef, useState } from "react";
import { useSource, useStore } from "../store.ts";
import { type StreamState, stateOf } from "../stream-state.ts";
import { useLanguage } from "../text/language.tsx";
import { visibleLine } from "../text/visible-text.ts";

const settleMs = 2000;

/** An unseen status line. */
export function Announcer() {
  const { say } = useLanguage();
  const streams = useSource(useStore().streams);
  const told = useRef<Map<string, StreamState> | null>(null);
  const [text, setText] = useState("");
  const states = JSON.stringify(streams?.map((stream) => [stream.id, stateOf(stream)]) ?? null);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `states` is what matters of `streams`
  useEffect(() => {
    if (streams === null) return;
    const before = told.current;
    const now = new Map(streams.map((stream) => [stream.id, stateOf(stream)]));
    if (before === null) {
      told.current = now;
      return;
    }
    const timer = setTimeout(() => {
      const changed = streams.filter(({ id }) => before.has(id) && before.get(id) !== now.get(id));
      told.current = now;
      if (changed.length === 0) return;
      setText(
        changed
          .map((stream) =>
            say("announce.state", { name: visibleLine(stream.name), state: say(`state.${stateOf(stream)}`) }),
          )
          .join(" "),
      );
    }, settleMs);
    return () => clearTimeout(timer);
  }, [states, say]);

  return (
    <div className="unseen" role="status">
      {text}
    </div>
  );
}
