/** "Go to time": a small pop-up that reads a moment as one types it, says how it reads it, and shows the first row from then on. */
import { type FormEvent, useState } from "react";
import { Dialog, DialogTrigger, Popover } from "react-aria-components";
import type { Row } from "../../../preload/contract.ts";
import { cx } from "../../class-names.ts";
import { Button } from "../../components/button.tsx";
import { TextField } from "../../components/field.tsx";
import { useAttempt } from "../../store.ts";
import { useLanguage } from "../../text/language.tsx";
import { exampleOf, readMoment, writeMoment } from "../../text/moment.ts";
import css from "./jump.module.css";

type Props = {
  open: boolean;
  setOpen: (open: boolean) => void;
  /** The row one looks at: a time alone is of its day. */
  here: () => Row | undefined;
  newest: () => Row | undefined;
  /** False: there is nothing from then on. */
  jump: (at: number) => Promise<boolean>;
  /** It has gone there; the keys belong to the list now. */
  done: () => void;
};

/** The button and what it opens. */
export function Jump({ open, setOpen, here, newest, jump, done }: Props) {
  const { say } = useLanguage();
  return (
    <DialogTrigger isOpen={open} onOpenChange={setOpen}>
      <Button kind="quiet" icon="clock" label={say("jump.open")} hint={`${say("jump.open")} (Ctrl+G)`} />
      <Popover className={cx(css["popover"])} placement="bottom end">
        <Dialog className={cx(css["dialog"])} aria-label={say("jump.open")}>
          <JumpForm
            day={here()?.at ?? Date.now()}
            newest={newest}
            jump={jump}
            done={() => {
              setOpen(false);
              // After the pop-up has given the focus back to its button.
              setTimeout(done);
            }}
          />
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}

type FormProps = { day: number; newest: Props["newest"]; jump: Props["jump"]; done: () => void };

function JumpForm({ day, newest, jump, done }: FormProps) {
  const { say, format } = useLanguage();
  const attempt = useAttempt();
  const [typed, setTyped] = useState(() => writeMoment(day));
  const [error, setError] = useState<string | undefined>(undefined);
  const at = readMoment(typed, day);
  const go = (event: FormEvent): void => {
    event.preventDefault();
    if (at === null) {
      setError(say("filter.moment.invalid", { example: exampleOf(day) }));
      return;
    }
    attempt(async () => {
      if (await jump(at)) return done();
      const last = newest();
      const moment = last === undefined ? null : format.fullMoment(last.at);
      setError(moment === null ? say("jump.none") : say("jump.noneBefore", { moment }));
    });
  };
  return (
    <form className={css["form"]} onSubmit={go} noValidate>
      <div className={css["line"]}>
        <TextField
          label={say("jump.field")}
          hint={at === null ? say("jump.alone") : format.fullMoment(at)}
          error={error}
          value={typed}
          onChange={(next) => {
            setTyped(next);
            setError(undefined);
          }}
          mono
          max={40}
          autoFocus
          selected
        />
        <Button kind="primary" type="submit">
          {say("jump.go")}
        </Button>
      </div>
    </form>
  );
}
