/** The native dialog in which the user says where a report is written: no page can choose a path. */
import type { BrowserWindow, Dialog } from "electron/main";
import type { Words } from "../../preload/words.ts";

const files = { markdown: { name: "Markdown", extension: "md" }, json: { name: "JSON", extension: "json" } } as const;

/** @param dialog Electron's, or a test's. @returns the path, or null when the user changed his mind */
export async function chooseReportFile(
  dialog: Pick<Dialog, "showSaveDialog">,
  window: BrowserWindow,
  { say }: Words,
  format: keyof typeof files,
): Promise<string | null> {
  const { name, extension } = files[format];
  const { canceled, filePath } = await dialog.showSaveDialog(window, {
    title: say("report.save"),
    defaultPath: `holdfast-diagnosis.${extension}`,
    filters: [{ name, extensions: [extension] }],
    properties: ["createDirectory", "showOverwriteConfirmation", "dontAddToRecent"],
  });
  return canceled || filePath === "" ? null : filePath;
}
