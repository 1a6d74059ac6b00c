/** What stands in the list's place while there is nothing to list: which of the reasons it is, and what to do about it. */
import type { StreamView } from "../../../preload/contract.ts";
import { Button } from "../../components/button.tsx";
import { Glyph } from "../../components/glyph.tsx";
import type { LogView } from "../../events/event-log.ts";
import { stateOf } from "../../stream-state.ts";
import { type Language, useLanguage } from "../../text/language.tsx";
import css from "./empty-events.module.css";

type Props = { stream: StreamView; view: LogView; filtered: boolean; unfilter: () => void };

/** Centred in the pane. */
export function EmptyEvents({ stream, view, filtered, unfilter }: Props) {
  const language = useLanguage();
  const { say } = language;
  const open = stream.phase === "open";
  // An exact answer is the whole truth: rows that are not indexed yet are looked through too, only more slowly.
  const title = filtered ? (view.exact ? "empty.filtered" : "empty.searching") : open ? "empty.open" : "empty.closed";
  return (
    <div className={css["empty"]}>
      {filtered ? null : <Glyph state={stateOf(stream)} size={28} />}
      <h2 className={css["title"]}>{say(title)}</h2>
      {filtered && !view.exact ? (
        <p className={css["text"]}>{say(view.behind > 0 ? "empty.behind.text" : "empty.searching.text")}</p>
      ) : null}
      {filtered ? (
        <Button small onPress={unfilter}>
          {say("filter.clear")}
        </Button>
      ) : (
        <p className={css["text"]}>{explain(language, stream)}</p>
      )}
    </div>
  );
}

function explain({ say, format }: Language, { phase, health, rhythmMs }: StreamView): string {
  if (phase !== "open") return say("empty.closed.text");
  if (health === "held") return say("empty.open.held");
  return rhythmMs === null ? say("empty.open.text") : say("empty.open.rhythm", { rhythm: format.duration(rhythmMs) });
}
