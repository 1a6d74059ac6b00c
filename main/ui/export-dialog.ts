/** The native dialog in which the user says where events are written: no page can choose a path. */
import type { BrowserWindow, Dialog } from "electron/main";
import type { Words } from "../../preload/words.ts";

const names = { ndjson: "NDJSON", json: "JSON", csv: "CSV" } as const;

/**
 * @param dialog Electron's, or a test's
 * @param name of the stream, for the file's
 * @returns the path, or null when the user changed his mind
 */
export async function chooseExportFile(
  dialog: Pick<Dialog, "showSaveDialog">,
  window: BrowserWindow,
  { say }: Words,
  format: keyof typeof names,
  name: string,
): Promise<string | null> {
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: say("export.save"),
    defaultPath: `${fileName(name)}.${format}`,
    filters: [{ name: names[format], extensions: [format] }],
    properties: ["createDirectory", "showOverwriteConfirmation", "dontAddToRecent"],
  });
  return canceled || filePath === "" ? null : filePath;
}

/** A stream's name without what a file's must not have on some system, and no longer than all of them take. */
function fileName(name: string): string {
  const plain = name.replace(/[^\p{L}\p{N}._ -]+/gu, "-").replace(/^[. -]+|[. -]+$/g, "");
  return plain === "" ? "holdfast-events" : [...plain].slice(0, 60).join("");
}

/** @returns the path of a file with events, or null when the user changed his mind */
export async function chooseImportFile(
  dialog: Pick<Dialog, "showOpenDialog">,
  window: BrowserWindow,
  { say }: Words,
): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog(window, {
    title: say("import.choose"),
    message: say("import.choose"),
    filters: [{ name: "NDJSON", extensions: ["ndjson", "jsonl"] }],
    properties: ["openFile", "dontAddToRecent"],
  });
  return canceled ? null : (filePaths[0] ?? null);
}
