/** The second line of the filter: what the data must hold, by JSONPath, and between which moments it came. */
import { useEffect, useRef, useState } from "react";
import type { Code, Filter } from "../../../preload/contract.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { useLanguage } from "../../text/language.tsx";
import { exampleOf, readMoment, writeMoment } from "../../text/moment.ts";
import css from "./filter-panel.module.css";

const settleMs = 300;

type Props = {
  filter: Filter;
  change: (part: Partial<Filter>) => void;
  /** Why main does not look by this path. */
  problem: Code | null;
  /** Any moment of the day that a time alone belongs to. */
  day: () => number;
};

/** Three fields and a way to empty them. */
export function FilterPanel({ filter, change, problem, day }: Props) {
  const { say, sayCode } = useLanguage();
  const { path, from, to } = filter;
  const error = problem === null ? undefined : sayCode("error", problem.code, problem.params, "filter.path.refused");
  return (
    <fieldset className={css["panel"]} aria-label={say("filter.panel")}>
      <div className={css["path"]}>
        <PathField path={path} error={error} change={(next) => change({ path: next })} />
      </div>
      <div className={css["moment"]}>
        <MomentField label={say("filter.from")} at={from} day={day} change={(next) => change({ from: next })} />
      </div>
      <div className={css["moment"]}>
        <MomentField label={say("filter.to")} at={to} after={from} day={day} change={(next) => change({ to: next })} />
      </div>
      <div className={css["clear"]}>
        <Button
          kind="quiet"
          icon="close"
          label={say("filter.clearAll")}
          isDisabled={path === "" && from === null && to === null}
          onPress={() => change({ path: "", from: null, to: null })}
        />
      </div>
    </fieldset>
  );
}

type PathProps = { path: string; error: string | undefined; change: (path: string) => void };

function PathField({ path, error, change }: PathProps) {
  const { say } = useLanguage();
  const [typed, setTyped] = useSettling(path, (next) => change(next.trim()));
  return (
    <TextField
      label={say("filter.path")}
      // An error is about what was asked for, not about what is being typed just now.
      error={typed.trim() === path ? error : undefined}
      value={typed}
      onChange={setTyped}
      placeholder="$.items[?@.quantity > 3]"
      mono
      max={512}
    />
  );
}

type MomentProps = {
  label: string;
  at: number | null;
  /** It must lie after this one. */
  after?: number | null;
  day: () => number;
  change: (at: number | null) => void;
};

function MomentField({ label, at, after = null, day, change }: MomentProps) {
  const { say } = useLanguage();
  const read = (text: string): number | null => readMoment(text, day());
  const [typed, setTyped] = useSettling(at === null ? "" : writeMoment(at), (text) => {
    if (text.trim() === "") return change(null);
    const next = read(text);
    if (next !== null) change(next);
  });
  const now = typed.trim() === "" ? null : read(typed);
  const wrong =
    typed.trim() !== "" && now === null
      ? say("filter.moment.invalid", { example: exampleOf(day()) })
      : now !== null && after !== null && now <= after
        ? say("filter.moment.order")
        : undefined;
  return (
    <TextField
      label={label}
      error={useLate(wrong)}
      value={typed}
      onChange={setTyped}
      placeholder={say("filter.moment")}
      mono
      max={40}
    />
  );
}

/** What is being typed; handed on when the hand rests, and replaced when the value changes from elsewhere. */
function useSettling(value: string, settle: (typed: string) => void): [string, (typed: string) => void] {
  const [typed, setTyped] = useState(value);
  const [given, setGiven] = useState(value);
  if (given !== value) {
    setGiven(value);
    setTyped(value);
  }
  // What it settles with is what is known then: another field may have settled in the meantime.
  const latest = useRef(settle);
  useEffect(() => {
    latest.current = settle;
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the clock
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => latest.current(typed), settleMs);
    return () => clearTimeout(timer);
  }, [typed]);
  return [typed, setTyped];
}

/** A complaint that waits until the hand rests: half a time is no mistake. */
function useLate(message: string | undefined): string | undefined {
  const [said, setSaid] = useState<string | undefined>(undefined);
  useEffect(() => {
    const timer = setTimeout(() => setSaid(message), message === undefined ? 0 : settleMs * 2);
    return () => clearTimeout(timer);
  }, [message]);
  return message === undefined ? undefined : said;
}
