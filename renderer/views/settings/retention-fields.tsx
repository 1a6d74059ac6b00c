/** How much is kept of a stream: three bounds, of which the first that is reached counts. For the app, saved as a whole; for a stream, part of its form. */
import { useState } from "react";
import type { FieldError, Retention } from "../../../preload/contract.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import {
  type Bound,
  bounds,
  filledIn,
  type RetentionForm,
  retentionFormOf,
  retentionOf,
} from "../../retention-form.ts";
import { useLanguage } from "../../text/language.tsx";
import { useFieldErrors } from "./field-errors.ts";
import css from "./retention-fields.module.css";

type FieldsProps = {
  form: RetentionForm;
  edit: (bound: Bound, text: string) => void;
  /** What counts where a field is empty, and how that is said. */
  otherwise: Retention;
  hint: "retention.default" | "retention.asApp";
  error: (field: string) => string | undefined;
  isLocked: (bound: Bound) => boolean;
};

/** The three fields. */
export function RetentionFields({ form, edit, otherwise, hint, error, isLocked }: FieldsProps) {
  const { say } = useLanguage();
  return (
    <div className={css["three"]}>
      {bounds.map((bound) => (
        <TextField
          key={bound}
          label={say(`retention.${bound}`)}
          value={form[bound]}
          onChange={(text) => edit(bound, text)}
          placeholder={String(otherwise[bound])}
          hint={form[bound].trim() === String(otherwise[bound]) ? undefined : say(hint, { n: otherwise[bound] })}
          inputMode="numeric"
          {...(bound === "events" ? {} : { unit: say(`retention.${bound}.unit`) })}
          error={error(`retention.${bound}`)}
          locked={isLocked(bound)}
        />
      ))}
    </div>
  );
}

type Props = {
  retention: Retention;
  defaults: Retention;
  /** What main refused. */
  errors: readonly FieldError[];
  isLocked: (bound: Bound) => boolean;
  save: (retention: Retention) => void;
};

/** The app's, with the button that saves them. */
export function AppRetention({ retention, defaults, errors, isLocked, save }: Props) {
  const { say } = useLanguage();
  const stored = retentionFormOf(retention);
  const [form, setForm] = useState(stored);
  const [wrong, setWrong] = useState<readonly FieldError[]>([]);
  const error = useFieldErrors([...wrong, ...errors]);
  const changed = bounds.some((bound) => form[bound] !== stored[bound]);
  const submit = (): void => {
    const read = retentionOf(form);
    setWrong(read.errors);
    if (read.errors.length === 0) save(filledIn(read.retention, defaults));
  };
  return (
    <form
      className={css["form"]}
      aria-label={say("general.retention")}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <p className={css["hint"]}>{say("general.retention.hint")}</p>
      <RetentionFields
        form={form}
        edit={(bound, text) => {
          setForm({ ...form, [bound]: text });
          setWrong((all) => all.filter(({ field }) => field !== `retention.${bound}`));
        }}
        otherwise={defaults}
        hint="retention.default"
        error={error}
        isLocked={isLocked}
      />
      <div className={css["verbs"]}>
        <Button type="submit" kind="primary" isDisabled={!changed} hint={changed ? "" : say("form.nothing")}>
          {say("save")}
        </Button>
        {changed ? (
          <Button
            kind="quiet"
            onPress={() => {
              setForm(stored);
              setWrong([]);
            }}
          >
            {say("form.discard")}
          </Button>
        ) : null}
      </div>
    </form>
  );
}
