/** Form fields on React Aria: label above, hint or error below, and a lock where policy or the command line decides. */
import { createContext, type ReactNode, use } from "react";
import {
  Button as AriaButton,
  Select as AriaSelect,
  Switch as AriaSwitch,
  TextField as AriaTextField,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  SelectValue,
  Text,
  TextArea,
} from "react-aria-components";
import { cx } from "../class-names.ts";
import { useLanguage } from "../text/language.tsx";
import css from "./field.module.css";
import { Icon } from "./icon.tsx";

type Common = { label: string; hint?: ReactNode; error?: string | undefined; locked?: boolean };

/** Controls below the rows of a table hide their label: the head of the column says it. */
export const LabelsHidden = createContext(false);

function FieldLabel({ children, locked }: { children: string; locked: boolean }) {
  const hidden = use(LabelsHidden);
  return (
    <Label className={hidden ? "unseen" : cx(css["label"])}>
      {children}
      {locked ? <LockSign /> : null}
    </Label>
  );
}

/** Says that a value comes from policy or the command line. */
export function LockSign() {
  const { say } = useLanguage();
  return (
    <span className={css["lock"]} title={say("field.locked")}>
      <Icon name="lock" size={12} />
      <span className="unseen">{say("field.locked")}</span>
    </span>
  );
}

function Below({ hint, error }: { hint: ReactNode; error: string | undefined }) {
  return (
    <>
      {hint === undefined || error !== undefined ? null : (
        <Text slot="description" className={cx(css["hint"])}>
          {hint}
        </Text>
      )}
      <FieldError className={cx(css["error"])}>
        <Icon name="error" size={13} />
        <span>{error}</span>
      </FieldError>
    </>
  );
}

type TextProps = Common & {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "password" | "url";
  placeholder?: string;
  mono?: boolean;
  rows?: number;
  max?: number;
  unit?: string;
  autoFocus?: boolean;
  /** What stands there is selected when the field gets the focus: typing replaces it. */
  selected?: boolean;
  inputMode?: "numeric" | "decimal" | "url";
};

/** A line of text, or several with `rows`. */
export function TextField(props: TextProps) {
  const {
    label,
    hint,
    error,
    locked = false,
    value,
    onChange,
    type = "text",
    placeholder,
    mono,
    rows,
    max,
    unit,
  } = props;
  const input = cx(css["input"], mono === true && css["mono"]);
  const common = {
    ...(placeholder === undefined ? {} : { placeholder }),
    ...(max === undefined ? {} : { maxLength: max }),
    ...(props.selected === true ? { onFocus: selectAll } : {}),
  };
  return (
    <AriaTextField
      className={cx(css["field"])}
      value={value}
      onChange={onChange}
      type={type}
      isInvalid={error !== undefined}
      isReadOnly={locked}
      autoComplete="off"
      spellCheck="false"
      autoFocus={props.autoFocus === true}
      {...(props.inputMode === undefined ? {} : { inputMode: props.inputMode })}
    >
      <FieldLabel locked={locked}>{label}</FieldLabel>
      {rows === undefined ? (
        <span className={css["box"]}>
          <Input className={input} {...common} />
          {unit === undefined ? null : <span className={css["unit"]}>{unit}</span>}
        </span>
      ) : (
        <TextArea className={cx(input, css["area"])} rows={rows} {...common} />
      )}
      <Below hint={hint} error={error} />
    </AriaTextField>
  );
}

function selectAll({ currentTarget }: { currentTarget: HTMLInputElement | HTMLTextAreaElement }): void {
  currentTarget.select();
}

export type Choice<T extends string> = { id: T; text: string; before?: ReactNode };
type ChoiceProps<T extends string> = Common & { value: T; onChange: (value: T) => void; choices: readonly Choice<T>[] };

/** One of a list, in a pop-up. */
export function Select<T extends string>({
  label,
  hint,
  error,
  locked = false,
  value,
  onChange,
  choices,
}: ChoiceProps<T>) {
  return (
    <AriaSelect
      className={cx(css["field"])}
      selectedKey={value}
      onSelectionChange={(key) => {
        const chosen = choices.find(({ id }) => id === key);
        if (chosen !== undefined) onChange(chosen.id);
      }}
      isInvalid={error !== undefined}
      isDisabled={locked}
    >
      <FieldLabel locked={locked}>{label}</FieldLabel>
      <AriaButton className={cx(css["input"], css["select"])}>
        <SelectValue className={cx(css["value"])} />
        <Icon name="down" />
      </AriaButton>
      <Below hint={hint} error={error} />
      <Popover className={cx(css["popover"])}>
        <ListBox className={cx(css["list"])}>
          {choices.map(({ id, text, before }) => (
            <ListBoxItem key={id} id={id} textValue={text} className={cx(css["choice"])}>
              {before}
              <span className={css["choiceText"]}>{text}</span>
              <Icon name="check" size={14} />
            </ListBoxItem>
          ))}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

/** One of few, all in sight. */
export function Segmented<T extends string>({
  label,
  hint,
  error,
  locked = false,
  value,
  onChange,
  choices,
}: ChoiceProps<T>) {
  return (
    <RadioGroup
      className={cx(css["field"])}
      value={value}
      onChange={(key) => {
        const chosen = choices.find(({ id }) => id === key);
        if (chosen !== undefined) onChange(chosen.id);
      }}
      isDisabled={locked}
      isInvalid={error !== undefined}
      orientation="horizontal"
    >
      <FieldLabel locked={locked}>{label}</FieldLabel>
      <div className={css["segments"]}>
        {choices.map(({ id, text }) => (
          <Radio key={id} value={id} className={cx(css["segment"])}>
            {text}
          </Radio>
        ))}
      </div>
      <Below hint={hint} error={error} />
    </RadioGroup>
  );
}

type SwitchProps = Common & { on: boolean; onChange: (on: boolean) => void };

/** On or off, with effect at once. */
export function Switch({ label, hint, error, locked = false, on, onChange }: SwitchProps) {
  return (
    <div className={css["switchRow"]}>
      <AriaSwitch className={cx(css["switch"])} isSelected={on} onChange={onChange} isDisabled={locked}>
        <span className={css["track"]} />
        <span>{label}</span>
        {locked ? <LockSign /> : null}
      </AriaSwitch>
      {hint === undefined ? null : <div className={css["switchHint"]}>{hint}</div>}
      {error === undefined ? null : (
        <div className={css["error"]} role="alert">
          <Icon name="error" size={13} />
          <span>{error}</span>
        </div>
      )}
    </div>
  );
}
