/** What is known about the coming of one event. */
import type { EventDetail } from "../../../preload/contract.ts";
import type { EventRow } from "../../events/row-kinds.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import css from "./event-facts.module.css";

/** A list of terms; without a detail only what the row knows. */
export function EventFacts({ row, detail }: { row: EventRow; detail: EventDetail | null }) {
  const { say, format } = useLanguage();
  const transport = detail?.transport === "websocket" ? "WebSocket" : "SSE";
  const facts: [term: string, value: string][] = [
    [say("fact.seq"), format.number(row.seq)],
    [say("fact.cameAt"), `${format.monthDay(row.at)} ${format.time(row.at)}`],
    [say("fact.connection"), say("fact.connection.value", { number: row.generation, transport })],
    [say("fact.bytes"), format.number(detail?.bytes ?? row.bytes)],
    [say("fact.id"), row.id === null ? say("fact.none") : visibleLine(row.id)],
  ];
  if (detail !== null && detail.lastEventId !== "") facts.push(["Last-Event-ID", visibleLine(detail.lastEventId)]);
  return (
    <section className={css["facts"]} aria-label={say("fact.label")}>
      <dl className={css["list"]}>
        {facts.map(([term, value]) => (
          <div key={term} className={css["pair"]}>
            <dt className={css["term"]}>{term}</dt>
            <dd className={css["value"]} title={value}>
              <bdi>{value}</bdi>
            </dd>
          </div>
        ))}
      </dl>
      {row.flags.map((flag) => (
        <p key={flag} className={css["flag"]}>
          {say(`flag.${flag}.why`)}
        </p>
      ))}
    </section>
  );
}
