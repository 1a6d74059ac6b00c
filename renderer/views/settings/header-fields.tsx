/** Request headers: name, value, and whether the value is a secret. Of the stream's own address, or of one of its others. */
import { ToggleButton as AriaToggle } from "react-aria-components";
import { cx } from "../../class-names.ts";
import { Button } from "../../components/button.tsx";
import { LabelsHidden, TextField } from "../../components/field.tsx";
import { Icon } from "../../components/icon.tsx";
import { alwaysSecret, emptyHeader, type HeaderForm, headerPart } from "../../endpoint-form.ts";
import { useLanguage } from "../../text/language.tsx";
import { type FieldsProps, useFieldErrors } from "./field-errors.ts";
import css from "./header-fields.module.css";
import { SecretHome } from "./secret-home.tsx";

/** The section. */
export function HeaderFields(props: FieldsProps) {
  const { form, edit } = props;
  const { say } = useLanguage();
  return (
    <section className={css["section"]}>
      <h2 className={css["title"]}>{say("form.headers")}</h2>
      <HeaderRows
        {...props}
        list={form.headers}
        change={(headers) => edit({ headers })}
        path="headers"
        partOf={(name) => headerPart("", form.url, name)}
      />
    </section>
  );
}

type RowsProps = Pick<FieldsProps, "form" | "errors" | "known" | "secrets" | "locked"> & {
  list: readonly HeaderForm[];
  change: (list: readonly HeaderForm[]) => void;
  /** Of their field errors. */
  path: string;
  /** The part under which the secret of a header is known. */
  partOf: (name: string) => string;
  /** Whose they are, for a reader; none for the stream's own. */
  place?: string;
};

/** Header names are the same in upper and lower case; main writes its keys in lower case. */
function isKnown(known: readonly string[], key: string): boolean {
  return known.some((each) => each.toLowerCase() === key.toLowerCase());
}

/** The rows, and how to add one. */
export function HeaderRows({ form, list, change, path, partOf, place, errors, known, secrets, locked }: RowsProps) {
  const { say } = useLanguage();
  const error = useFieldErrors(errors);
  const alter = (key: string, with_: Partial<HeaderForm>): void =>
    change(list.map((header) => (header.key === key ? { ...header, ...with_ } : header)));
  const anySecret = list.some(({ name, secret }) => secret || alwaysSecret.test(name.trim()));
  const label = (what: "name" | "value" | "secret" | "remove", number: number): string =>
    place === undefined ? say(`header.${what}`, { number }) : say(`header.${what}.of`, { number, place });
  return (
    <>
      <LabelsHidden value={true}>
        {list.map((header, at) => {
          const forced = alwaysSecret.test(header.name.trim());
          const secret = header.secret || forced;
          const stored = isKnown(known, `${form.id}/${partOf(header.name)}`);
          return (
            <div key={header.key} className={css["row"]}>
              <TextField
                label={label("name", at + 1)}
                value={header.name}
                onChange={(name) => alter(header.key, { name })}
                placeholder="X-Region"
                max={256}
                mono
                error={error(`${path}.${at}.name`) ?? error(`${path}.${at}`)}
                locked={locked}
              />
              <TextField
                label={label("value", at + 1)}
                type={secret ? "password" : "text"}
                value={header.value}
                onChange={(value) => alter(header.key, { value })}
                placeholder={secret && stored ? say("secret.stored") : ""}
                max={8192}
                mono
                error={error(`${path}.${at}.value`) ?? error(`${path}.${at}.secret`)}
                locked={locked}
              />
              <AriaToggle
                className={cx(css["secret"])}
                isSelected={secret}
                isDisabled={forced || locked}
                onChange={(on) => alter(header.key, { secret: on })}
                aria-label={label("secret", at + 1)}
              >
                <Icon name={secret ? "lock" : "unlock"} size={14} />
                {say("header.secret.short")}
              </AriaToggle>
              {locked ? null : (
                <Button
                  kind="quiet"
                  icon="close"
                  label={label("remove", at + 1)}
                  onPress={() => change(list.filter(({ key }) => key !== header.key))}
                />
              )}
            </div>
          );
        })}
      </LabelsHidden>
      {anySecret ? <SecretHome secrets={secrets} /> : null}
      {locked || list.length >= 64 ? null : (
        <div>
          <Button small icon="plus" onPress={() => change([...list, emptyHeader()])}>
            {say("header.add")}
          </Button>
        </div>
      )}
    </>
  );
}
