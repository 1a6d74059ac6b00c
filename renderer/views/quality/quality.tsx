/** The place "Quality": how one stream did over a span of time, as pictures with a sentence each, or as a table. */
import { useEffect, useState } from "react";
import type { Bucket, HistorySummary, StreamView } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { ToggleButton } from "../../components/button.tsx";
import { GradeChip } from "../../components/chip.tsx";
import { LabelsHidden, Segmented, Select } from "../../components/field.tsx";
import { Glyph } from "../../components/glyph.tsx";
import { type Span, summaryOf, timeShares } from "../../history.ts";
import { useNavigation } from "../../navigation.tsx";
import { whileSeen } from "../../seen.ts";
import { useSource, useStore } from "../../store.ts";
import { stateOf } from "../../stream-state.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import { HeadersChart } from "./headers-chart.tsx";
import { HistoryTable } from "./history-table.tsx";
import { KeepingOf } from "./keeping.tsx";
import css from "./quality.module.css";
import { Targets } from "./targets.tsx";
import { Timeline } from "./timeline.tsx";

const spans: readonly Span[] = ["1h", "24h", "7d", "90d"];
const refreshMs = 30_000;

/** The place. */
export function QualityView() {
  const { say } = useLanguage();
  const streams = useSource(useStore().streams) ?? [];
  const { stream: chosen, showStream } = useNavigation();
  const [span, setSpan] = useState<Span>("24h");
  const [asTable, setAsTable] = useState(false);
  const stream = streams.find(({ id }) => id === chosen);
  const history = useHistory(stream?.id ?? null, span);
  return (
    <>
      <header className={css["head"]}>
        <h1 className={css["title"]}>{say("place.quality")}</h1>
        {stream === undefined ? null : (
          <LabelsHidden value={true}>
            <div className={css["select"]}>
              <Select
                label={say("quality.stream")}
                value={stream.id}
                onChange={showStream}
                choices={streams.map((each) => ({
                  id: each.id,
                  text: visibleLine(each.name),
                  before: <Glyph state={stateOf(each)} />,
                }))}
              />
            </div>
            <Segmented
              label={say("quality.span")}
              value={span}
              onChange={setSpan}
              choices={spans.map((id) => ({ id, text: say(`span.${id}`) }))}
            />
            <span className={css["grow"]} />
            <ToggleButton icon="table" isSelected={asTable} onChange={setAsTable}>
              {say("quality.asTable")}
            </ToggleButton>
          </LabelsHidden>
        )}
      </header>
      {stream === undefined ? <p className={css["none"]}>{say("quality.none")}</p> : null}
      {stream === undefined || history === null ? null : (
        <Findings stream={stream} span={span} history={history} asTable={asTable} />
      )}
    </>
  );
}

type History = { buckets: readonly Bucket[]; facts: HistorySummary };
type FindingsProps = { stream: StreamView; span: Span; history: History; asTable: boolean };

function Findings({ stream, span, history: { buckets, facts }, asTable }: FindingsProps) {
  const { say } = useLanguage();
  const summary = summaryOf(buckets);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys
    <section className={css["body"]} aria-label={say("place.quality")} tabIndex={0}>
      <Figures stream={stream} facts={facts} />
      <Targets facts={facts} summary={summary} />
      <KeepingOf stream={stream.id} />
      {asTable ? (
        <HistoryTable buckets={buckets} span={span} />
      ) : (
        <>
          <Timeline key={`${stream.id} ${span}`} buckets={buckets} span={span} summary={summary} />
          <HeadersChart buckets={buckets} span={span} summary={summary} />
        </>
      )}
    </section>
  );
}

type FiguresProps = { stream: StreamView; facts: HistorySummary };

function Figures({ stream, facts }: FiguresProps) {
  const { say, format } = useLanguage();
  const shares = timeShares(facts);
  const past = stream.phase !== "open" && stream.grade !== "UNKNOWN";
  const kinds = [
    { id: "open", tone: "ok" },
    { id: "down", tone: "bad" },
    { id: "paused", tone: "idle" },
    { id: "away", tone: "idle" },
  ] as const;
  const away = (): string =>
    shares === null || shares.away === 0
      ? say("quality.away.why")
      : say("quality.away.parts", {
          asleep: format.percent(shares.asleep),
          offline: format.percent(shares.offline),
          notRunning: format.percent(shares.notRunning),
        });
  return (
    <dl className={css["figures"]}>
      <div className={css["figure"]}>
        <dt>{say(past ? "quality.grade.past" : "quality.grade")}</dt>
        <dd>
          <GradeChip grade={stream.grade} past={past} />
        </dd>
        <dd className={css["remark"]}>{say(past ? "quality.grade.past.why" : "quality.grade.why")}</dd>
      </div>
      {kinds.map(({ id, tone }) => (
        <div key={id} className={css["figure"]} data-share={id} data-tone={tone}>
          <dt>{say(`quality.${id}`)}</dt>
          <dd className={css["value"]}>{shares === null ? "–" : format.percent(shares[id])}</dd>
          <dd className={css["remark"]}>{id === "away" ? away() : say(`quality.${id}.why`)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The history of a stream, asked again now and then; null until the first answer. */
function useHistory(stream: string | null, span: Span): History | null {
  const { refused } = useStore();
  const [found, setFound] = useState<(History & { key: string }) | null>(null);
  const key = `${stream} ${span}`;
  useEffect(() => {
    if (stream === null) return;
    let current = true;
    const look = (): void => {
      const question = { stream, span };
      Promise.all([ask(bridge().history.query(question)), ask(bridge().history.summary(question))]).then(
        ([buckets, facts]) => current && setFound({ key: `${stream} ${span}`, buckets, facts }),
        () => current && refused.set({ code: "internal", params: {} }),
      );
    };
    const end = whileSeen(() => {
      look();
      const timer = setInterval(look, refreshMs);
      return () => clearInterval(timer);
    });
    return () => {
      current = false;
      end();
    };
  }, [stream, span, refused]);
  return found?.key === key ? found : null;
}
