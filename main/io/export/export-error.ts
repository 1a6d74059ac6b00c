/** Why a file of events could not be written: a code that words.ts knows, with its parameters. */
import type { Params } from "../../../preload/contract.ts";

/** "export-disk" { reason }: the system's code, as ENOSPC; "export-not-a-file": the place is a folder, a device or a pipe. */
export class ExportError extends Error {
  readonly code: "export-disk" | "export-not-a-file";
  readonly params: Params;
  constructor(code: ExportError["code"], params: Params = {}) {
    super(code);
    this.name = "ExportError";
    this.code = code;
    this.params = params;
  }
}
