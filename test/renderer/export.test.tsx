/** Exporting from the window: what is asked of main, how far it is, and how it ended; by hand and by key, in both languages. */
import { act } from "react";
import { afterEach, expect, it } from "vitest";
import { drawWindow, eraseWindows, settle } from "./draw.tsx";

afterEach(eraseWindows);

type Drawn = Awaited<ReturnType<typeof drawWindow>>;
const wanted = ({ fake }: Drawn): unknown => fake.calls.filter(({ name }) => name === "events.export").at(-1)?.argument;
const soon = async (what: () => void): Promise<void> => {
  await act(async () => what());
  await settle();
};

it("exports all that is kept, says how far it is, and where it went", async () => {
  const drawn = await drawWindow();
  await drawn.click("button", "Export or import");
  expect(drawn.text()).not.toContain("As filtered");
  await drawn.click("[role=dialog] button", "Choose file");
  expect(wanted(drawn)).toEqual({ stream: "orders", choice: { what: "all" }, format: "ndjson" });
  await soon(() => drawn.fake.exporting({ written: 1200, total: 3000 }));
  expect(drawn.text()).toContain("1,200 of 3,000 events written");
  expect(drawn.one("progress").getAttribute("value")).toBe("1200");
  const value = { path: "/home/user/Orders.ndjson", written: 3000, cancelled: false };
  await soon(() => drawn.fake.endExport({ ok: true, value }));
  expect(drawn.one("[role=dialog] [role=status]", "3,000 events are in").textContent).toContain("/home/user/Orders");
  expect(drawn.all("progress")).toEqual([]);
  await drawn.click("[role=dialog] button", "Close");
  expect(drawn.all("[role=dialog]")).toEqual([]);
});

it("opens by key, takes the open event alone, and another form", async () => {
  const drawn = await drawWindow();
  await drawn.press("k");
  await drawn.press("Enter");
  await drawn.press("e", { ctrlKey: true });
  await drawn.click("[role=dialog] label", "The open one");
  await drawn.click("[role=dialog] label", "CSV");
  expect(drawn.text()).toContain("What would be run as a formula gets an apostrophe in front.");
  await drawn.click("[role=dialog] button", "Choose file");
  expect(wanted(drawn)).toMatchObject({ choice: { what: "seqs", seqs: [expect.any(Number)] }, format: "csv" });
});

it("does not end by Escape while it writes, only by its button, and then says that nothing was left behind", async () => {
  const drawn = await drawWindow();
  await drawn.press("e", { ctrlKey: true });
  await drawn.click("[role=dialog] button", "Choose file");
  await soon(() => drawn.fake.exporting({ written: 7, total: null }));
  expect(drawn.text()).toContain("7 events written");
  expect(drawn.one("progress").hasAttribute("value")).toBe(false);
  await drawn.press("Escape");
  expect(drawn.fake.calls.some(({ name }) => name === "events.cancelExport")).toBe(false);
  await drawn.click("[role=dialog] button", "Cancel export");
  expect(drawn.text()).toContain("Cancelled. No file was left behind.");
  expect(drawn.text()).toContain("Choose file");
});

it("goes back to the choice when the user changed his mind, and says why it failed", async () => {
  const drawn = await drawWindow({ locale: "zh-CN" });
  await drawn.click("button", "导出或导入事件");
  await drawn.click("[role=dialog] button", "选择文件");
  await soon(() => drawn.fake.endExport({ ok: true, value: null }));
  expect(drawn.all("[role=dialog] [role=status]").filter(({ textContent }) => textContent !== "")).toEqual([]);
  await drawn.click("[role=dialog] button", "选择文件");
  const error = { code: "export-disk", params: { reason: "ENOSPC" } };
  await soon(() => drawn.fake.endExport({ ok: false, error }));
  expect(drawn.one("[role=alert]").textContent).toBe("无法写入文件（ENOSPC），没有留下任何内容。");
});

it("shows the curl command as text, and says where a secret is missing", async () => {
  const drawn = await drawWindow();
  drawn.fake.answers.curl = "curl -N -H 'Authorization: Bearer YOUR-SECRET' 'https://x/?<b>'";
  await drawn.press("e", { ctrlKey: true });
  expect(drawn.one("[role=dialog] pre").textContent).toBe(drawn.fake.answers.curl);
  expect(drawn.text()).toContain("Put your own secrets where YOUR-SECRET stands.");
});

it("imports into the stream, says how many came, and which line was none", async () => {
  const drawn = await drawWindow();
  await drawn.press("e", { ctrlKey: true });
  await drawn.click("[role=dialog] button", "Import NDJSON");
  expect(drawn.fake.calls.at(-1)).toEqual({ name: "events.import", argument: "orders" });
  expect(
    drawn.one("[role=dialog] [role=status]", "1,200 events were added from /home/user/Orders.ndjson"),
  ).toBeDefined();
  await drawn.click("[role=dialog] button", "Close");
  await drawn.press("e", { ctrlKey: true });
  const error = { code: "import-field", params: { line: 12, field: "data" } };
  drawn.fake.answers.import = { ok: false, error };
  await drawn.click("[role=dialog] button", "Import NDJSON");
  expect(drawn.one("[role=alert]").textContent).toMatch(/^Line 12: “data” is missing .* Nothing was imported\.$/);
});

it("says how far an import is, cancels it, and says what it has left", async () => {
  const drawn = await drawWindow();
  drawn.fake.answers.import = null;
  await drawn.press("e", { ctrlKey: true });
  await drawn.click("[role=dialog] button", "Import NDJSON");
  expect(drawn.text()).toContain("Waiting for a file to be chosen");
  await soon(() => drawn.fake.importing({ phase: "checking", done: 2_000_000, total: 8_000_000 }));
  expect(drawn.text()).toContain("2 MB of 8 MB checked; nothing is added yet");
  await soon(() => drawn.fake.importing({ phase: "adding", done: 400, total: 1600 }));
  expect(drawn.text()).toContain("400 of 1,600 events added");
  expect(drawn.one("progress").getAttribute("value")).toBe("400");
  expect(drawn.one("[role=dialog] h2").textContent).toContain("Import events into “");
  await drawn.click("[role=dialog] button", "Cancel import");
  expect(drawn.fake.calls.at(-1)?.name).toBe("events.cancelImport");
  const value = { path: "/x", written: 600, total: 1600, unsaved: false, cancelled: true };
  await soon(() => drawn.fake.endImport({ ok: true, value }));
  expect(drawn.one("[role=dialog] [role=status]", "600 of 1,600 events were added and stay.")).toBeDefined();
});
