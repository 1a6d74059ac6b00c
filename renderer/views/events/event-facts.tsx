/** What is known about the coming of one event. */
import type { EventDetail } from "../../../preload/contract.ts";
import type { EventRow } from "../../events/row-kinds.ts";
import { type Language, useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import { transportName } from "../../text/way-words.ts";
import css from "./event-facts.module.css";

/** A list of terms; without a detail only what the row knows. */
export function EventFacts({ row, detail }: { row: EventRow; detail: EventDetail | null }) {
  const language = useLanguage();
  const { say, format } = language;
  const facts: [term: string, value: string][] = [
    [say("fact.seq"), format.number(row.seq)],
    [say("fact.cameAt"), `${format.monthDay(row.at)} ${format.time(row.at)}`],
    ...connectionFacts(language, row, detail),
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

/** Which connection brought it, by which transport and from where: the row alone knows only its number. */
function connectionFacts({ say }: Language, row: EventRow, detail: EventDetail | null): [string, string][] {
  const term = say("fact.connection");
  if (detail === null) return [[term, say("fact.connection.number", { number: row.generation })]];
  const value = say("fact.connection.value", { number: row.generation, transport: transportName(detail.transport) });
  return [
    [term, value],
    [say("fact.endpoint"), visibleLine(detail.endpoint)],
  ];
}
