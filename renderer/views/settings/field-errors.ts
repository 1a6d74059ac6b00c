/** What the parts of an endpoint's form are given, and how a refusal finds its field. */
import type { FieldError, SettingsView } from "../../../preload/contract.ts";
import type { EndpointForm } from "../../endpoint-form.ts";
import { useLanguage } from "../../text/language.tsx";

export type FieldsProps = {
  form: EndpointForm;
  edit: (change: Partial<EndpointForm>) => void;
  errors: readonly FieldError[];
  /** Says what main refused on the way, beside what was refused before. */
  refuse: (errors: readonly FieldError[]) => void;
  /** Keys for which a secret is stored. */
  known: readonly string[];
  secrets: SettingsView["secrets"] | null;
  locked: boolean;
};

/** The sentence for a field, when main or the form refused it. */
export function useFieldErrors(errors: readonly FieldError[]): (field: string) => string | undefined {
  const { sayCode } = useLanguage();
  return (field) => {
    const found = errors.find((each) => each.field === field || each.field === `endpoint.${field}`);
    return found === undefined ? undefined : sayCode("field", found.code, found.params, "field.unknown");
  };
}
