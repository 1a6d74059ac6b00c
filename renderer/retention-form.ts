/**
 * How much is kept, as a form holds it: the text somebody is typing. Pure. An empty field means the value that is kept otherwise: the
 * default for the app, the app's for a stream.
 */
import type { FieldError, Retention } from "../preload/contract.ts";

export const bounds = ["days", "events", "mebibytes"] as const;
export type Bound = (typeof bounds)[number];

export type RetentionForm = Readonly<Record<Bound, string>>;
export type OwnRetention = Readonly<Record<Bound, number | null>>;

/** The contract's. A copy: its values would bring the parser into the window; a test compares them. */
export const rangeOf: Readonly<Record<Bound, { readonly min: number; readonly max: number }>> = {
  days: { min: 1, max: 36_500 },
  events: { min: 100, max: 1_000_000_000 },
  mebibytes: { min: 1, max: 1_048_576 },
};

export const noBounds: OwnRetention = { days: null, events: null, mebibytes: null };

/** The form of stored values. */
export function retentionFormOf(retention: OwnRetention): RetentionForm {
  const text = (bound: Bound): string => String(retention[bound] ?? "");
  return { days: text("days"), events: text("events"), mebibytes: text("mebibytes") };
}

/** What a form says, and the fields that hold no number of theirs; these are null. */
export function retentionOf(form: RetentionForm): { retention: OwnRetention; errors: FieldError[] } {
  const errors: FieldError[] = [];
  const number = (bound: Bound): number | null => {
    // People group long numbers, each language with a sign of its own.
    const text = form[bound].replace(/[\s,_'’]/g, "");
    if (text === "") return null;
    const { min, max } = rangeOf[bound];
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    errors.push({ field: `retention.${bound}`, code: "whole-between", params: { min, max } });
    return null;
  };
  return { retention: { days: number("days"), events: number("events"), mebibytes: number("mebibytes") }, errors };
}

/** Each bound, or what is kept otherwise. */
export function filledIn(own: OwnRetention, otherwise: Retention): Retention {
  const value = (bound: Bound): number => own[bound] ?? otherwise[bound];
  return { days: value("days"), events: value("events"), mebibytes: value("mebibytes") };
}
