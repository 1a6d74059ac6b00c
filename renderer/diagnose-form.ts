/** What the user wants diagnosed, as he writes it. It lives as long as the window, so that going away loses nothing. */
import { createContext, use } from "react";
import type { FieldError } from "../preload/contract.ts";
import { Source, useSource } from "./store.ts";

export type DiagnoseForm = {
  /** An address is typed instead of a stream being chosen; which stream is where the window is. */
  readonly typed: boolean;
  readonly url: string;
  readonly comparing: boolean;
  readonly compare: string;
  readonly measureIdle: boolean;
  /** What was refused, until the field is changed. */
  readonly errors: readonly FieldError[];
};

/** How long a silent stream is waited for, as the probes do, ms. */
export const idleMeasureMs = 100_000;

export type DiagnoseFormSource = Source<DiagnoseForm>;

/** Nothing typed yet. */
export function makeDiagnoseForm(): DiagnoseFormSource {
  return new Source<DiagnoseForm>({
    typed: false,
    url: "",
    comparing: false,
    compare: "",
    measureIdle: false,
    errors: [],
  });
}

export const DiagnoseFormContext = createContext<DiagnoseFormSource | null>(null);

/** The form, and how to change it. An error belongs to what was there, and goes with it. */
export function useDiagnoseForm(): [DiagnoseForm, (change: Partial<DiagnoseForm>) => void] {
  const source = use(DiagnoseFormContext);
  if (source === null) throw new Error("no DiagnoseFormContext above this component");
  const form = useSource(source);
  const edit = (change: Partial<DiagnoseForm>): void => {
    const before = source.read();
    const errors = before.errors.filter(
      ({ field }) => !(field in change) && !(field === "stream" && "typed" in change),
    );
    source.set({ ...before, errors, ...change });
  };
  return [form, edit];
}

/** What main is asked; `stream` is the one that is chosen in the window. Errors are those main need not be asked about. */
export function startOf(form: DiagnoseForm, stream: string | null) {
  const typed = form.typed || stream === null;
  const url = form.url.trim();
  const compare = form.compare.trim();
  const errors: FieldError[] = [];
  if (typed && url === "") errors.push({ field: "url", code: "required", params: {} });
  if (form.comparing && compare === "") errors.push({ field: "compare", code: "required", params: {} });
  const asked = {
    stream: typed ? null : stream,
    url: typed ? url : null,
    compare: form.comparing ? compare : null,
    measureIdle: form.measureIdle,
  };
  return { asked, errors };
}
