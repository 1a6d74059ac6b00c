/** The native dialogs of a token command: all of it is shown, and only a chosen yes is one. */
import type { BrowserWindow, Dialog, MessageBoxOptions } from "electron/main";
import { expect, it } from "vitest";
import { commandLines, createDialogs } from "../../main/ui/command-dialog.ts";
import { words } from "../../preload/words.ts";

const window = {} as BrowserWindow;

function asked(response: number, filePaths: string[] = []) {
  const shown: MessageBoxOptions[] = [];
  const dialog = {
    showOpenDialog: async () => ({ canceled: filePaths.length === 0, filePaths }),
    showMessageBox: async (_window: unknown, options: MessageBoxOptions) => {
      shown.push(options);
      return { response, checkboxChecked: false };
    },
  } as unknown as Dialog;
  return {
    shown,
    dialogs: createDialogs(
      dialog,
      () => window,
      () => words("en"),
    ),
  };
}

it("shows every word of the command on a line of its own", async () => {
  const { shown, dialogs } = asked(1);
  expect(await dialogs.confirmCommand(["/opt/my token", "--for", "a b"])).toBe(true);
  expect(shown[0]?.detail).toContain('"/opt/my token"\n"--for"\n"a b"\n');
});

it("hides nothing of it: neither line breaks nor signs that reorder or vanish", () => {
  expect(commandLines(["/a\nb", "x\u202ey", "\u200b", "\u00a0"])).toBe(
    ['"/a\\nb"', '"x\\u202ey"', '"\\u200b"', '"\\u00a0"'].join("\n"),
  );
});

it.each([
  [0, false],
  [1, true],
  [-1, false],
])("the answer %s means %s, and Enter and Escape both mean no", async (response, agreed) => {
  const { shown, dialogs } = asked(response);
  expect(await dialogs.confirmCommand(["/bin/a"])).toBe(agreed);
  expect(shown[0]).toMatchObject({ defaultId: 0, cancelId: 0 });
  expect(shown[0]?.buttons?.[0]).toBe("Do not run");
});

it("gives the chosen file, or none", async () => {
  expect(await asked(0, ["/bin/a"]).dialogs.chooseCommand()).toBe("/bin/a");
  expect(await asked(0).dialogs.chooseCommand()).toBeNull();
});
