/** A choice that takes effect with the form it stands in; what takes effect at once is a Switch. */
import { Checkbox as AriaCheckbox } from "react-aria-components";
import { cx } from "../class-names.ts";
import css from "./checkbox.module.css";
import { Icon } from "./icon.tsx";

type Props = { on: boolean; onChange: (on: boolean) => void; children: string };

/** On or off. */
export function Checkbox({ on, onChange, children }: Props) {
  return (
    <AriaCheckbox className={cx(css["checkbox"])} isSelected={on} onChange={onChange}>
      <span className={css["box"]}>
        <Icon name="check" size={12} />
      </span>
      {children}
    </AriaCheckbox>
  );
}
