/** Which events to show: types to press, text to type, more below where it is wanted, and the button that holds the view still. */
import { type KeyboardEvent, memo, type ReactNode, type RefObject, useEffect, useState } from "react";
import {
  Button as AriaButton,
  ToggleButton as AriaToggle,
  Input,
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  SearchField,
} from "react-aria-components";
import type { Code, Filter, Tail } from "../../../preload/contract.ts";
import { cx } from "../../class-names.ts";
import { Button, ToggleButton } from "../../components/button.tsx";
import { TypeChip } from "../../components/chip.tsx";
import { Icon } from "../../components/icon.tsx";
import { useHue } from "../../hue.ts";
import { useLanguage } from "../../text/language.tsx";
import { visibleLine } from "../../text/visible-text.ts";
import { useWidth } from "../../use-width.ts";
import css from "./event-filter.module.css";
import { FilterPanel } from "./filter-panel.tsx";

const inSight = 3;
const chipMaxPx = 200;
const gapPx = 6;
/** "+12" and the button that clears, with the gap before it. */
const morePx = 44;
const clearPx = 34;
const settleMs = 150;

type Props = {
  types: Tail["types"];
  filter: Filter;
  /** Changes a part of it: what another field settles in the meantime stays. */
  change: (part: Partial<Filter>) => void;
  /** Why main does not look by this filter. */
  problem: Code | null;
  /** Any moment of the day that a time alone belongs to. */
  day: () => number;
  paused: boolean;
  pause: (paused: boolean) => void;
  search: RefObject<HTMLInputElement | null>;
  /** Gives the keys to the list. */
  leave: () => void;
  jump: ReactNode;
};

/** The row above the list, and the second one where it is open. Drawn when something of it changes: a stream's rows are drawn more often. */
export const EventFilter = memo(function EventFilter(props: Props) {
  const { filter, change, problem, day, paused, pause, search, leave, jump } = props;
  const { say } = useLanguage();
  const [open, setOpen] = useState(false);
  const more = filter.path !== "" || filter.from !== null || filter.to !== null;
  return (
    <>
      <div className={css["bar"]}>
        <TypeFilter types={props.types} filter={filter} change={change} />
        <TextFilter text={filter.text} change={(text) => change({ text })} search={search} leave={leave} />
        <span className={cx(css["tools"])}>
          <span className={cx(css["toggle"], more && css["toggleOn"])}>
            <ToggleButton kind="quiet" icon="braces" label={say("filter.panel")} isSelected={open} onChange={setOpen} />
          </span>
          {jump}
        </span>
        <ToggleButton icon={paused ? "play" : "pause"} isSelected={paused} onChange={pause}>
          {say(paused ? "events.unpause" : "events.pause")}
          <kbd className={css["key"]}>{say("key.space")}</kbd>
        </ToggleButton>
      </div>
      {open || problem !== null ? <FilterPanel filter={filter} change={change} problem={problem} day={day} /> : null}
    </>
  );
});

type TypesProps = Pick<Props, "types" | "filter" | "change">;

function TypeFilter({ types, filter, change }: TypesProps) {
  const { say, format } = useLanguage();
  const [typesBox, room] = useWidth<HTMLDivElement>();
  // The count without a name is of the types beyond the five hundred that are told apart: there is nothing to choose by.
  const named = types.filter(({ type }) => type !== "");
  const byCount = named.sort((a, b) => b.count - a.count || a.type.localeCompare(b.type));
  const chosen = new Set(filter.types);
  const widths = byCount
    .slice(0, inSight)
    .map(({ type, count }) => chipPx(type, format.number(count), chosen.has(type)));
  const fits = fitting(widths, byCount.length > inSight, room - (chosen.size > 0 ? clearPx : 0));
  const shown = byCount.slice(0, room === 0 ? inSight : fits);
  const rest = byCount.slice(shown.length);
  const choose = (type: string, on: boolean): void => {
    const next = new Set(chosen);
    if (on) next.add(type);
    else next.delete(type);
    change({ types: [...next].slice(0, 64) });
  };
  return (
    <div ref={typesBox} className={css["types"]}>
      {shown.map(({ type, count }) => (
        <TypeToggle
          key={type}
          type={type}
          count={count}
          on={chosen.has(type)}
          dim={chosen.size > 0}
          change={(on) => choose(type, on)}
        />
      ))}
      {rest.length > 0 ? (
        <More types={rest} chosen={chosen} change={(next) => change({ types: [...next].slice(0, 64) })} kept={shown} />
      ) : null}
      {chosen.size > 0 ? (
        <Button kind="quiet" small icon="close" label={say("filter.clear")} onPress={() => change({ types: [] })} />
      ) : null}
    </div>
  );
}

/** About the width of a chip, rather too much than too little; a name that is longer is cut, its count never. */
function chipPx(type: string, count: string, on: boolean): number {
  const name = [...visibleLine(type)].reduce((sum, character) => sum + (character > "\u2e7f" ? 13 : 7.3), 0);
  return Math.min(chipMaxPx, Math.ceil(name + count.length * 7.3 + 25 + (on ? 17 : 0)));
}

/** How many of the chips stand whole in the room, beside "+n" where some do not; one stands always. */
function fitting(widths: readonly number[], more: boolean, room: number): number {
  const ends = widths.map((_, at) => widths.slice(0, at + 1).reduce((sum, px) => sum + px + gapPx, -gapPx));
  if (!more && (ends.at(-1) ?? 0) <= room) return widths.length;
  return Math.max(1, ends.filter((end) => end + gapPx + morePx <= room).length);
}

type TypeProps = { type: string; count: number; on: boolean; dim: boolean; change: (on: boolean) => void };

function TypeToggle({ type, count, on, dim, change }: TypeProps) {
  const { format } = useLanguage();
  return (
    <AriaToggle
      className={cx(css["type"], dim && !on && css["dim"])}
      data-hue={useHue(type)}
      isSelected={on}
      onChange={change}
    >
      {on ? <Icon name="check" size={12} /> : null}
      <bdi>{visibleLine(type)}</bdi>
      <span className={css["count"]}>{format.number(count)}</span>
    </AriaToggle>
  );
}

type MoreProps = {
  types: Tail["types"];
  chosen: ReadonlySet<string>;
  change: (next: Set<string>) => void;
  kept: Tail["types"];
};

function More({ types, chosen, change, kept }: MoreProps) {
  const { say, format } = useLanguage();
  const here = new Set(types.map(({ type }) => type));
  return (
    <MenuTrigger>
      <AriaButton className={cx(css["more"], types.some(({ type }) => chosen.has(type)) && css["moreOn"])}>
        {say("filter.more", { count: types.length })}
      </AriaButton>
      <Popover className={cx(css["popover"])} placement="bottom start">
        <Menu
          className={cx(css["menu"])}
          aria-label={say("filter.types")}
          selectionMode="multiple"
          selectedKeys={[...chosen].filter((type) => here.has(type))}
          onSelectionChange={(keys) => {
            const next = new Set(kept.map(({ type }) => type).filter((type) => chosen.has(type)));
            for (const { type } of types) if (keys === "all" || keys.has(type)) next.add(type);
            change(next);
          }}
        >
          {types.map(({ type, count }) => (
            <MenuItem key={type} id={type} textValue={visibleLine(type)} className={cx(css["item"])}>
              <span className={css["tick"]}>
                <Icon name="check" size={14} />
              </span>
              <TypeChip type={type} />
              <span className={css["itemCount"]}>{format.number(count)}</span>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}

type TextProps = {
  text: string;
  change: (text: string) => void;
  search: RefObject<HTMLInputElement | null>;
  leave: () => void;
};

function TextFilter({ text, change, search, leave }: TextProps) {
  const { say } = useLanguage();
  const [typed, setTyped] = useState(text);
  useEffect(() => setTyped(text), [text]);
  useEffect(() => {
    if (typed === text) return;
    const timer = setTimeout(() => change(typed), settleMs);
    return () => clearTimeout(timer);
  }, [typed, text, change]);
  const press = (event: KeyboardEvent): void => {
    // While an input method composes, these keys are its own.
    if (event.nativeEvent.isComposing || (event.key !== "Enter" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    if (typed !== text) change(typed);
    leave();
  };
  return (
    <SearchField className={cx(css["search"])} aria-label={say("filter.text")} value={typed} onChange={setTyped}>
      <Icon name="filter" />
      <Input
        ref={search}
        className={cx(css["input"])}
        placeholder={say("filter.text")}
        title={say("filter.text.hint")}
        onKeyDown={press}
        maxLength={256}
        spellCheck={false}
      />
      <AriaButton className={cx(css["clear"])}>
        <Icon name="close" size={12} />
      </AriaButton>
    </SearchField>
  );
}
