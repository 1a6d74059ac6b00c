/** Request headers: name, value, and whether the value is a secret. */
import { ToggleButton as AriaToggle } from "react-aria-components";
import { cx } from "../../class-names.ts";
import { Button } from "../../components/button.tsx";
import { LabelsHidden, TextField } from "../../components/field.tsx";
import { Icon } from "../../components/icon.tsx";
import { alwaysSecret, emptyHeader, type HeaderForm } from "../../endpoint-form.ts";
import { useLanguage } from "../../text/language.tsx";
import { type FieldsProps, useFieldErrors } from "./field-errors.ts";
import css from "./header-fields.module.css";
import { SecretHome } from "./secret-home.tsx";

/** Header names are the same in upper and lower case; main writes its keys in lower case. */
function isKnown(known: readonly string[], id: string, name: string): boolean {
  const key = `${id}/header:${name.trim()}`.toLowerCase();
  return known.some((each) => each.toLowerCase() === key);
}

/** The section. */
export function HeaderFields({ form, edit, errors, known, secrets, locked }: FieldsProps) {
  const { say } = useLanguage();
  const error = useFieldErrors(errors);
  const change = (key: string, with_: Partial<HeaderForm>): void =>
    edit({ headers: form.headers.map((header) => (header.key === key ? { ...header, ...with_ } : header)) });
  const anySecret = form.headers.some(({ name, secret }) => secret || alwaysSecret.test(name.trim()));
  return (
    <section className={css["section"]}>
      <h2 className={css["title"]}>{say("form.headers")}</h2>
      <LabelsHidden value={true}>
        {form.headers.map((header, at) => {
          const forced = alwaysSecret.test(header.name.trim());
          const secret = header.secret || forced;
          const stored = isKnown(known, form.id, header.name);
          return (
            <div key={header.key} className={css["row"]}>
              <TextField
                label={say("header.name", { number: at + 1 })}
                value={header.name}
                onChange={(name) => change(header.key, { name })}
                placeholder="X-Region"
                max={256}
                mono
                error={error(`headers.${at}.name`) ?? error(`headers.${at}`)}
                locked={locked}
              />
              <TextField
                label={say("header.value", { number: at + 1 })}
                type={secret ? "password" : "text"}
                value={header.value}
                onChange={(value) => change(header.key, { value })}
                placeholder={secret && stored ? say("secret.stored") : ""}
                max={8192}
                mono
                error={error(`headers.${at}.value`) ?? error(`headers.${at}.secret`)}
                locked={locked}
              />
              <AriaToggle
                className={cx(css["secret"])}
                isSelected={secret}
                isDisabled={forced || locked}
                onChange={(on) => change(header.key, { secret: on })}
                aria-label={say("header.secret", { number: at + 1 })}
              >
                <Icon name={secret ? "lock" : "unlock"} size={14} />
                {say("header.secret.short")}
              </AriaToggle>
              {locked ? null : (
                <Button
                  kind="quiet"
                  icon="close"
                  label={say("header.remove", { number: at + 1 })}
                  onPress={() => edit({ headers: form.headers.filter(({ key }) => key !== header.key) })}
                />
              )}
            </div>
          );
        })}
      </LabelsHidden>
      {anySecret ? <SecretHome secrets={secrets} /> : null}
      {locked || form.headers.length >= 64 ? null : (
        <div>
          <Button small icon="plus" onPress={() => edit({ headers: [...form.headers, emptyHeader()] })}>
            {say("header.add")}
          </Button>
        </div>
      )}
    </section>
  );
}
