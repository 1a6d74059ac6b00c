/** The arguments of `export`, checked and made into a plan. It opens nothing; export.ts carries the plan out. */
import type { Filter } from "../../preload/contract.ts";
import { filter as filterSchema } from "../../preload/contract.ts";
import { type ExportFormat, exportFormats } from "../core/export/formats.ts";
import { CliError, parse } from "./arguments.ts";

export const exportUsage = `export --data-dir DIR --stream ID|NAME [--format ndjson|json|csv] [--type T]… [--text WORDS] [--path JSONPATH]
      [--from ISO] [--to ISO] [--out FILE]`;

const options = {
  "data-dir": { type: "string" },
  stream: { type: "string" },
  format: { type: "string" },
  type: { type: "string", multiple: true },
  text: { type: "string" },
  path: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  out: { type: "string" },
} as const;

export type ExportPlan = {
  readonly dataDir: string;
  /** Id or name, as it was given. */
  readonly stream: string;
  readonly format: ExportFormat;
  readonly filter: Filter;
  /** null: stdout. */
  readonly out: string | null;
};

/** Checks the arguments. @throws CliError naming the argument that is wrong */
export function planExport(args: readonly string[]): ExportPlan {
  const { values, positionals } = parse(args, options, exportUsage);
  const [other] = positionals;
  if (other !== undefined) throw new CliError(`export: "${other}" is too many`, exportUsage);
  const format = exportFormats.find((one) => one === (values.format ?? "ndjson"));
  if (format === undefined) {
    throw new CliError(`export: --format "${values.format}": wants one of ${exportFormats.join(", ")}`);
  }
  return {
    dataDir: needed("--data-dir", values["data-dir"]),
    stream: needed("--stream", values.stream),
    format,
    filter: filterOf(values),
    out: values.out === undefined ? null : needed("--out", values.out),
  };
}

function needed(flag: string, value: string | undefined): string {
  if (value === undefined || value === "") throw new CliError(`export: ${flag} is missing`, exportUsage);
  return value;
}

type Given = { type?: string[]; text?: string; path?: string; from?: string; to?: string };

function filterOf({ type = [], text = "", path = "", from, to }: Given): Filter {
  const given: Filter = { types: type, text, path, from: moment("--from", from), to: moment("--to", to) };
  if (given.from !== null && given.to !== null && given.from >= given.to) {
    throw new CliError("export: --to is not after --from");
  }
  // The window's own bounds: what it may not ask, the journal is not asked.
  const checked = filterSchema.safeParse(given);
  if (checked.success) return given;
  const field = String(checked.error.issues[0]?.path[0]);
  throw new CliError(`export: --${field === "types" ? "type" : field}: it is too long, or there are too many`);
}

/** A date, or a date and a time with its zone: without one it would mean something else on another computer. */
const iso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/;

function moment(flag: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const at = iso.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(at)) {
    throw new CliError(`export: ${flag} "${value}": wants a time such as 2026-11-26T14:30:00Z, or a date (UTC)`);
  }
  return at;
}
