/** `export` as a program, over a journal that a real journal left. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openJournal } from "../../main/io/journal/event-journal.ts";
import { blankEndpoint } from "../../main/io/stores/settings-schema.ts";
import { openSettings } from "../../main/io/stores/settings-store.ts";
import { systemClock } from "../../main/io/system-clock.ts";
import { aMark, anEvent, realWorker } from "../io/journal-samples.ts";
import { temporaryFolder } from "../io/temporary-folder.ts";
import { cli } from "./program.ts";

/** A data folder with 1,200 events of the stream "orders", which is called "Shop", and its journal, still open. */
async function dataFolder() {
  const dir = temporaryFolder();
  const settings = openSettings({ dir, policyFile: null, clock: systemClock });
  const url = "https://example.org/orders";
  expect(settings.saveEndpoint({ ...blankEndpoint, id: "orders", name: "Shop", url })).toEqual([]);
  const journal = await openJournal({ dir: join(dir, "journal"), worker: realWorker });
  const events = Array.from({ length: 1200 }, (_, n) =>
    anEvent({
      id: String(n),
      type: n % 2 === 0 ? "shipped" : "failed",
      data: JSON.stringify({ n, text: n === 7 ? "=发货失败" : "ok" }),
      receivedAt: Date.UTC(2026, 10, 26) + n * 1000,
    }),
  );
  await journal.append("orders", [aMark(), ...events], "1199");
  return { dir, journal };
}

const run = (dir: string, stream: string, ...args: string[]) =>
  cli(["export", "--data-dir", dir, "--stream", stream, ...args], { LC_ALL: "en_US.UTF-8" });

it("prints what it is asked for, by id and by name, and nothing else on stdout", { timeout: 120_000 }, async () => {
  const { dir, journal } = await dataFolder();
  await journal.close();
  const all = run(dir, "orders");
  expect(await all.exited, all.stderr).toBe(0);
  expect(all.out.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
    Array.from({ length: 1200 }, (_, n) => String(n)),
  );
  const ids = async (...args: string[]) => {
    const some = run(dir, "Shop", ...args);
    expect(await some.exited, some.stderr).toBe(0);
    expect(some.stderr).toBe("");
    return (JSON.parse(some.out.join("\n")) as { id: string }[]).map(({ id }) => Number(id));
  };
  expect(await ids("--format", "json", "--text", "失败")).toEqual([7]);
  expect(await ids("--format", "json", "--path", "$[?@ > 1197]")).toEqual([1198, 1199]);
  const times = ["--from", "2026-11-26T00:00:10Z", "--to", "2026-11-26T00:00:14Z"];
  expect(await ids("--format", "json", "--type", "shipped", ...times)).toEqual([10, 12]);
  expect(await ids("--format", "json", "--type", "unheard-of")).toEqual([]);
});

it("writes a file, whole, and says what stands in its way", { timeout: 120_000 }, async () => {
  const { dir, journal } = await dataFolder();
  await journal.close();
  const out = join(temporaryFolder(), "orders.csv");
  const written = run(dir, "orders", "--format", "csv", "--out", out);
  expect([await written.exited, written.out, written.stderr]).toEqual([0, [], ""]);
  const lines = readFileSync(out, "utf8").split("\r\n");
  expect([lines.length, lines[0]?.startsWith("\ufeffseq,receivedAt,")]).toEqual([1202, true]);
  const refused = run(dir, "orders", "--out", join(dir, "none", "x"));
  expect([await refused.exited, refused.out]).toEqual([2, []]);
  expect(refused.stderr).toBe(`export: --out ${join(dir, "none", "x")}: the file cannot be written (ENOENT).\n`);
});

it("says that the app runs, which has the journal, in both languages", { timeout: 120_000 }, async () => {
  const { dir, journal } = await dataFolder();
  const locked = run(dir, "orders");
  expect([await locked.exited, locked.stderr]).toEqual([
    2,
    "export: Holdfast is running and uses this journal. Quit it first, or export from its window.\n",
  ]);
  const args = ["export", "--data-dir", dir, "--stream", "orders"];
  const inChinese = cli(args, { LC_ALL: "zh_CN.UTF-8" });
  expect(await inChinese.exited).toBe(2);
  expect(inChinese.stderr).toContain("Holdfast 正在运行");
  // It was in nobody's way.
  expect((await journal.append("orders", [anEvent()], null)).unsaved).toBe(false);
  await journal.close();
});

it("says what it does not find, and makes nothing", { timeout: 120_000 }, async () => {
  const empty = temporaryFolder();
  const none = run(empty, "orders");
  expect([await none.exited, none.stderr]).toEqual([
    2,
    `export: There is no journal in ${empty}. Give the data folder of Holdfast with --data-dir.\n`,
  ]);
  expect(existsSync(join(empty, "journal"))).toBe(false);
  const { dir, journal } = await dataFolder();
  await journal.close();
  const unknown = run(dir, "Shap");
  expect([await unknown.exited, unknown.stderr]).toEqual([
    2,
    "export: No stream has the id or name “Shap”. Known: orders (Shop).\n",
  ]);
  const bad = run(dir, "Shop", "--path", "$[");
  expect(await bad.exited).toBe(2);
  expect(bad.stderr).toMatch(/^export: --path is not a JSONPath: it stops making sense at character \d+\.\n$/);
  const help = cli(["export", "--help"]);
  expect(await help.exited).toBe(0);
  expect(help.out.join("\n")).toContain("export --data-dir DIR");
});

it("ends when its reader has gone, and by a signal with 1", { timeout: 120_000 }, async () => {
  const { dir, journal } = await dataFolder();
  const big = Array.from({ length: 200 }, () => anEvent({ data: "x".repeat(100_000) }));
  await journal.append("orders", big, null);
  await journal.close();
  const piped = run(dir, "orders");
  await expect.poll(() => piped.out.length, { timeout: 30_000 }).toBeGreaterThan(0);
  piped.child.stdout?.destroy();
  expect(await piped.exited).toBe(1);
  expect(piped.stderr).toBe("");
});
