/** How patiently each family of failures is met: a table of numbers that is saved as a whole, and the way back to the defaults. */
import { useState } from "react";
import type { FieldError, PolicySettings } from "../../../preload/contract.ts";
import { Button } from "../../components/button.tsx";
import { LabelsHidden, Switch, TextField } from "../../components/field.tsx";
import {
  type Column,
  columns,
  families,
  isDelay,
  type PolicyForm,
  policyFormOf,
  policyOf,
  resetPolicy,
  shown,
} from "../../policy-form.ts";
import { useLanguage } from "../../text/language.tsx";
import { useFieldErrors } from "./field-errors.ts";
import css from "./policy-fields.module.css";

type Props = {
  policy: PolicySettings;
  defaults: PolicySettings;
  /** What main refused. */
  errors: readonly FieldError[];
  /** @param path below "policy." */
  isLocked: (path: string) => boolean;
  save: (policy: PolicySettings) => void;
};

/** The table, and what goes with it. */
export function PolicyFields({ policy, defaults, errors, isLocked, save }: Props) {
  const { say } = useLanguage();
  const stored = policyFormOf(policy);
  const [form, setForm] = useState<PolicyForm>(stored);
  const [strict, setStrict] = useState(policy.strict);
  const [wrong, setWrong] = useState<readonly FieldError[]>([]);
  const error = useFieldErrors([...wrong, ...errors]);
  const changed = strict !== policy.strict || Object.entries(stored).some(([path, text]) => form[path] !== text);
  const normal = resetPolicy(policy, defaults, isLocked);
  const normalForm = policyFormOf(normal);
  const asDefault = strict === normal.strict && Object.entries(normalForm).every(([path, text]) => form[path] === text);
  const edit = (path: string, text: string): void => {
    setForm({ ...form, [path]: text });
    setWrong((all) => all.filter(({ field }) => field !== `policy.${path}`));
  };
  const submit = (): void => {
    const read = policyOf(form, { ...policy, strict }, defaults);
    setWrong("errors" in read ? read.errors : []);
    if ("policy" in read) save(read.policy);
  };
  // Fills in only: what was typed for months is not thrown away by one press, and Save stands beside it.
  const reset = (): void => {
    setWrong([]);
    setForm(normalForm);
    setStrict(normal.strict);
  };
  const withUnit = (column: Column | "resetAfterMs", value: number): string =>
    isDelay(column) ? say("policy.seconds", { n: value / 1000 }) : shown(column, value);
  const field = (path: string, column: Column | "resetAfterMs", label: string, normal: number) => (
    <TextField
      label={label}
      value={form[path] ?? ""}
      onChange={(text) => edit(path, text)}
      placeholder={shown(column, normal)}
      hint={
        form[path] === shown(column, normal) ? undefined : say("policy.default", { value: withUnit(column, normal) })
      }
      inputMode={column === "attempts" ? "numeric" : "decimal"}
      {...(isDelay(column) ? { unit: say("form.seconds") } : {})}
      error={error(`policy.${path}`)}
      locked={isLocked(path)}
    />
  );
  return (
    <form
      className={css["form"]}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p className={css["hint"]}>{say("general.policy.hint")}</p>
      <Switch
        label={say("policy.strict")}
        hint={say("policy.strict.hint")}
        on={strict}
        onChange={setStrict}
        error={error("policy.strict")}
        locked={isLocked("strict")}
      />
      <table className={css["table"]}>
        <thead>
          <tr>
            <th scope="col">{say("policy.family")}</th>
            {columns.map((column) => (
              <th key={column} scope="col">
                {say(`policy.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {families.map((family) => (
            <tr key={family}>
              <th scope="row">
                {say(`policy.${family}`)}
                <span className={css["what"]}>{say(`policy.${family}.what`)}</span>
              </th>
              {columns.map((column) => (
                <td key={column}>
                  <LabelsHidden value={true}>
                    {field(
                      `${family}.${column}`,
                      column,
                      say("policy.cell", { family: say(`policy.${family}`), column: say(`policy.${column}`) }),
                      defaults[family][column],
                    )}
                  </LabelsHidden>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      <p className={css["hint"]}>{say("policy.attempts.hint")}</p>
      <div className={css["reset"]}>
        {field("resetAfterMs", "resetAfterMs", say("policy.resetAfterMs"), defaults.resetAfterMs)}
      </div>
      <div className={css["verbs"]}>
        <Button type="submit" kind="primary" isDisabled={!changed} hint={changed ? "" : say("form.nothing")}>
          {say("save")}
        </Button>
        {changed ? (
          <Button
            kind="quiet"
            onPress={() => {
              setForm(stored);
              setStrict(policy.strict);
              setWrong([]);
            }}
          >
            {say("form.discard")}
          </Button>
        ) : null}
        <Button kind="quiet" icon="replay" onPress={reset} isDisabled={asDefault}>
          {say("policy.reset")}
        </Button>
      </div>
    </form>
  );
}
