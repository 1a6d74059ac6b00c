/** Further addresses and fetched tokens in the real app: what goes to whom, and that only a native dialog sets a program. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eventOrigin } from "../fakes/event-origin.ts";
import { filesHolding } from "../io/temporary-folder.ts";
import { type App, launch, say, temporaryFolder } from "./app.ts";

/** Answers the system's dialogs as a person would: with this file, and with yes or no. */
async function answerDialogs(app: App, file: string, agreed: boolean): Promise<void> {
  await app.electron.evaluate(
    ({ dialog }, answer) => {
      const shown: string[] = [];
      Object.assign(globalThis, { shown });
      Object.assign(dialog, {
        showOpenDialog: async () => ({ canceled: false, filePaths: [answer.file] }),
        showMessageBox: async (_window: unknown, options: { detail?: string }) => {
          shown.push(options.detail ?? "");
          return { response: answer.agreed ? 1 : 0, checkboxChecked: false };
        },
      });
    },
    { file, agreed },
  );
}

const shownBy = (app: App) => app.electron.evaluate(() => (globalThis as unknown as { shown: string[] }).shown);

it("signs in with a token from a program that was agreed to in a native dialog, and sets none in another way", async () => {
  const origin = await eventOrigin();
  const folder = temporaryFolder("token");
  const program = join(folder, "token");
  writeFileSync(program, '#!/bin/sh\necho "canary-$1"\n', { mode: 0o755 });
  const list = join(folder, "token.json");
  writeFileSync(list, JSON.stringify([program, "7; echo no"]));
  const app = await launch();
  const { page } = app;
  const id = await app.addStream({ url: origin.url, name: "Orders" });
  await page.getByRole("button", { name: say("head.edit") }).click();
  await page.getByRole("button", { name: new RegExp(`${say("form.credential")}$`) }).click();
  await page.getByRole("option", { name: say("credential.command") }).click();
  const choose = page.getByRole("button", { name: say("command.verb") });

  await answerDialogs(app, list, false);
  await choose.click();
  await expect.poll(() => shownBy(app)).toHaveLength(1);
  await page.getByText(say("command.none")).waitFor();

  await answerDialogs(app, list, true);
  await choose.click();
  await page.getByText('"7; echo no"').waitFor();
  expect((await shownBy(app))[0]).toContain(`${JSON.stringify(program)}\n"7; echo no"`);
  await page.getByRole("button", { name: say("save"), exact: true }).click();
  await expect.poll(() => origin.asked.at(-1)?.headers.authorization).toBe("Bearer canary-7; echo no");
  await expect.poll(() => app.phase(id)).toBe("open");

  const refused = await page.evaluate(
    async ([stream, shell]) => {
      const settings = await window.bridge.settings.get();
      const endpoint = settings.ok ? settings.value.endpoints.find((each) => each.id === stream) : undefined;
      if (endpoint === undefined) return null;
      const credential = { kind: "command" as const, argv: [shell ?? "", "-c", "echo evil"] };
      return window.bridge.settings.saveEndpoint({ endpoint: { ...endpoint, credential }, secrets: {} });
    },
    [id, "/bin/sh"],
  );
  expect(refused).toEqual({
    ok: true,
    value: { errors: [{ field: "credential.argv", code: "command-not-chosen", params: {} }] },
  });
  expect(filesHolding(app.dataDir, "canary-7")).toEqual([]);
});

it("goes to a further address with nothing but that address's own headers, and takes the id along", async () => {
  const [first, second] = [await eventOrigin(), await eventOrigin()];
  const app = await launch();
  const { page } = app;
  await app.hurry();
  const headers = [{ name: "X-Region", value: "canary-first", secret: false }];
  const id = await app.addStream({ url: first.url, name: "Orders", headers });
  await page.getByRole("button", { name: say("head.edit") }).click();
  await page.getByRole("button", { name: say("group.add") }).click();
  const place = say("group.place", { number: 2 });
  await page.getByLabel(say("group.url", { number: 2 }), { exact: true }).fill(second.url);
  await page
    .getByRole("button", { name: say("header.add") })
    .nth(1)
    .click();
  await page.getByLabel(say("header.name.of", { number: 1, place })).fill("X-Api-Key");
  await page.getByLabel(say("header.value.of", { number: 1, place })).fill("canary-second");
  await page.getByRole("button", { name: say("save"), exact: true }).click();
  await expect.poll(() => app.phase(id)).toBe("open");
  first.publishMany(2);
  second.publishMany(3);
  await expect.poll(() => app.ids(id)).toEqual(["1", "2"]);

  await first.stop();
  await expect.poll(() => second.listeners, { timeout: 10_000 }).toBe(1);
  const asked = second.asked.at(-1)?.headers ?? {};
  expect(asked).toMatchObject({ "x-api-key": "canary-second", "last-event-id": "2" });
  expect(JSON.stringify(second.asked)).not.toContain("canary-first");
  expect(JSON.stringify(first.asked)).not.toContain("canary-second");
  await expect.poll(() => app.ids(id)).toEqual(["1", "2", "3"]);
  expect(filesHolding(app.dataDir, "canary-second")).toEqual([]);
});
