/**
 * The native dialogs in which a token command is chosen and agreed to. They are main's own on purpose: no page, link or
 * file can answer them.
 */
import type { BrowserWindow, Dialog } from "electron/main";
import type { Words } from "../../preload/words.ts";

/** What could hide or reorder the rest of a line; JSON leaves it as it is. */
const hidden = /[\u007f-\u00a0\u00ad\u061c\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb]/gu;

/** The whole command, a word a line, each in quotes and with every invisible sign written out. */
export function commandLines(argv: readonly string[]): string {
  const shown = (word: string) =>
    JSON.stringify(word).replace(hidden, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return argv.map(shown).join("\n");
}

/** Makes the port that handlers.ts asks. @param dialog Electron's, or a test's */
export function createDialogs(
  dialog: Pick<Dialog, "showOpenDialog" | "showMessageBox">,
  window: () => BrowserWindow,
  words: () => Words,
) {
  return {
    async chooseCommand(): Promise<string | null> {
      const { say } = words();
      const { filePaths } = await dialog.showOpenDialog(window(), {
        title: say("command.choose"),
        message: say("command.choose"),
        buttonLabel: say("command.choose.verb"),
        properties: ["openFile", "dontAddToRecent"],
      });
      return filePaths[0] ?? null;
    },
    async confirmCommand(argv: readonly string[]): Promise<boolean> {
      const { say } = words();
      const { response } = await dialog.showMessageBox(window(), {
        type: "warning",
        title: say("command.confirm"),
        message: say("command.confirm"),
        detail: `${commandLines(argv)}\n\n${say("command.confirm.text")}`,
        // Enter and Escape both mean no.
        buttons: [say("command.confirm.no"), say("command.confirm.verb")],
        defaultId: 0,
        cancelId: 0,
        noLink: true,
      });
      return response === 1;
    },
  };
}
