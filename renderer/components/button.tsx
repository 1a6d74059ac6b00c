/** Our buttons: one primary a screen, plain ones, quiet ones. A disabled button says why in its title. */
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
  ToggleButton as AriaToggleButton,
} from "react-aria-components";
import { cx } from "../class-names.ts";
import css from "./button.module.css";
import { Icon, type IconName } from "./icon.tsx";

export type ButtonKind = "primary" | "plain" | "quiet" | "danger";

type Look = { kind?: ButtonKind; icon?: IconName; small?: boolean; label?: string; hint?: string };
type Props = Omit<AriaButtonProps, "children" | "className" | "style"> & Look & { children?: ReactNode };

function classOf(kind: ButtonKind, small: boolean, square: boolean): string {
  return cx(css["button"], css[kind], small && css["small"], square && css["square"]);
}

/** A button with words, or with only an icon and a `label`. */
export function Button({ kind = "plain", icon, small = false, label, hint, children, ...rest }: Props) {
  const square = children === undefined;
  const made = (
    <AriaButton
      {...rest}
      {...(label === undefined ? {} : { "aria-label": label })}
      className={classOf(kind, small, square)}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </AriaButton>
  );
  const title = hint ?? (square ? label : undefined);
  return title === undefined ? (
    made
  ) : (
    <span className={css["titled"]} title={title}>
      {made}
    </span>
  );
}

type ToggleProps = Look & { isSelected: boolean; onChange: (on: boolean) => void; children?: ReactNode };

/** A button that stays down. */
export function ToggleButton({
  kind = "plain",
  icon,
  small = false,
  label,
  children,
  isSelected,
  onChange,
}: ToggleProps) {
  const made = (
    <AriaToggleButton
      isSelected={isSelected}
      onChange={onChange}
      {...(label === undefined ? {} : { "aria-label": label })}
      className={classOf(kind, small, children === undefined)}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </AriaToggleButton>
  );
  if (children !== undefined || label === undefined) return made;
  return (
    <span className={css["titled"]} title={label}>
      {made}
    </span>
  );
}
