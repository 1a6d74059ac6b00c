/** What the user should know of the app itself: bands above every place until dismissed, and calls that failed, at the foot. */
import { useState } from "react";
import type { Code } from "../../preload/contract.ts";
import { Button } from "../components/button.tsx";
import { Notice } from "../components/notice.tsx";
import { toneOfProblem } from "../problem-tones.ts";
import { useSource, useStore } from "../store.ts";
import { useLanguage } from "../text/language.tsx";
import { visibleLine } from "../text/visible-text.ts";
import css from "./problems.module.css";

/** What sentences with a reason are given when main knew none; some leave it out then. */
const unknownReason = { reason: "unknown" };

/** Problems of the app and its files, each once. */
export function Problems() {
  const { say, sayCode } = useLanguage();
  const store = useStore();
  const app = useSource(store.app);
  const settings = useSource(store.settings);
  const [dismissed, setDismissed] = useState<ReadonlySet<string>>(new Set());
  const byKey = new Map<string, Code>();
  for (const problem of [...(app?.problems ?? []), ...(settings?.problems ?? [])])
    byKey.set(JSON.stringify(problem), problem);
  return [...byKey]
    .filter(([key]) => !dismissed.has(key))
    .map(([key, { code, params }]) => (
      <Notice
        key={key}
        flat
        tone={toneOfProblem(code)}
        action={
          <Button
            kind="quiet"
            small
            icon="close"
            label={say("problem.dismiss")}
            onPress={() => setDismissed(new Set([...dismissed, key]))}
          />
        }
      >
        {visibleLine(sayCode("problem", code, { ...unknownReason, ...params }, "problem.unknown"))}
      </Notice>
    ));
}

/** The last call that main refused. */
export function Refused() {
  const { say, sayCode } = useLanguage();
  const { refused: source } = useStore();
  const refused = useSource(source);
  if (refused === null) return null;
  return (
    <div className={css["refused"]}>
      <Notice
        tone="bad"
        role="alert"
        action={
          <Button kind="quiet" small icon="close" label={say("problem.dismiss")} onPress={() => source.set(null)} />
        }
      >
        {visibleLine(sayCode("error", refused.code, { ...unknownReason, ...refused.params }, "error.unknown"))}
      </Notice>
    </div>
  );
}
