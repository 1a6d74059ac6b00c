/** Whether anything of a stream is lost: what is kept, and each bound that something could run into beside how near it came. */
import { useEffect, useState } from "react";
import type { Keeping } from "../../../preload/contract.ts";
import { ask, bridge } from "../../bridge.ts";
import { cx } from "../../class-names.ts";
import { useStore } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import css from "./quality.module.css";

type Id = "kept" | "waiting" | "pauses" | "unsaved" | "oversized" | "types";
type Figure = { id: Id; value: string; remark: string; tone: "ok" | "bad" | "idle" };

const refreshMs = 5000;

/** The row, asked again now and then while it is seen. */
export function KeepingOf({ stream }: { stream: string }) {
  const { refused } = useStore();
  const [found, setFound] = useState<{ stream: string; keeping: Keeping | null } | null>(null);
  useEffect(() => {
    let current = true;
    const look = (): void => {
      ask(bridge().history.keeping(stream)).then(
        (keeping) => current && setFound({ stream, keeping }),
        () => current && refused.set({ code: "internal", params: {} }),
      );
    };
    look();
    const timer = setInterval(look, refreshMs);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [stream, refused]);
  return found?.stream === stream && found.keeping !== null ? <KeepingRow keeping={found.keeping} /> : null;
}

/** The row. */
export function KeepingRow({ keeping }: { keeping: Keeping }) {
  const { say, format } = useLanguage();
  const { waiting, oversized, unsaved, types } = keeping;
  const figures: Figure[] = [
    { id: "kept", value: format.number(keeping.kept.records), remark: useKeptRemark(keeping), tone: "idle" },
    {
      id: "waiting",
      value: format.bytes(waiting.bytes),
      remark: say("keeping.waiting.why", {
        most: format.bytes(waiting.mostBytes),
        limit: format.bytes(waiting.limitBytes),
      }),
      tone: "idle",
    },
    { id: "pauses", value: format.number(waiting.pauses), remark: say("keeping.pauses.why"), tone: "idle" },
    {
      id: "unsaved",
      value: format.number(unsaved),
      remark: say("keeping.unsaved.why"),
      tone: unsaved === 0 ? "ok" : "bad",
    },
    {
      id: "oversized",
      value: format.number(oversized.events),
      remark: say("keeping.oversized.why", { limit: format.bytes(oversized.limitBytes) }),
      tone: oversized.events === 0 ? "ok" : "bad",
    },
    {
      id: "types",
      value: format.number(types.named),
      remark:
        types.beyond === 0
          ? say("keeping.types.why", { limit: types.limit })
          : say("keeping.types.beyond", { limit: types.limit, events: types.beyond }),
      tone: "idle",
    },
  ];
  return (
    <section aria-label={say("keeping")}>
      <header className={css["about"]}>
        <h2>{say("keeping")}</h2>
        <p>{say("keeping.since")}</p>
      </header>
      <dl className={cx(css["figures"], css["six"])}>
        {figures.map(({ id, value, remark, tone }) => (
          <div key={id} className={css["figure"]} data-bound={id} data-tone={tone}>
            <dt>{say(`keeping.${id}`)}</dt>
            <dd className={css["value"]}>{value}</dd>
            <dd className={css["remark"]}>{remark}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** How much that is, since when, and how much it may be. */
function useKeptRemark({ kept, retention }: Keeping): string {
  const { say, format } = useLanguage();
  const size = format.bytes(kept.bytes);
  const { oldestAt } = kept;
  return [
    oldestAt === null ? null : say("keeping.kept.since", { size, date: format.dayTime(oldestAt) }),
    retention === null ? say("keeping.kept.memory") : say("keeping.kept.most", { ...retention }),
  ]
    .filter((part) => part !== null)
    .join(say("separator"));
}
