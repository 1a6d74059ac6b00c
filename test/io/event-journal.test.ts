import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Row } from "../../preload/contract.ts";
import { aJournal } from "./a-journal.ts";
import { aMark, anEvent, everything } from "./journal-samples.ts";
import { filesHolding, temporaryFolder } from "./temporary-folder.ts";

const previews = (rows: readonly Row[]) => rows.map((row) => (row.kind === "event" ? row.preview : `(${row.mark})`));
const seqsOf = (rows: readonly Row[]) => rows.map((row) => row.seq);
const named = (names: readonly string[]) => names.map((data, index) => anEvent({ data, mono: 1000 * index }));

it("gives back an event as it came", async () => {
  const journal = await aJournal(temporaryFolder());
  const event = anEvent({
    id: "é-7",
    lastEventId: "é-7",
    type: "price\0up",
    data: "line 1\nNUL \0 after ✓",
    flags: ["replayed", "type-cut"],
  });
  const { seqs, unsaved } = await journal.append("orders", [event], "é-7");
  expect({ seqs, unsaved }).toEqual({ seqs: [1], unsaved: false });
  const { mono: _, ...rest } = event;
  expect(await journal.get(1)).toEqual({ ...rest, seq: 1, cut: false });
  expect(await journal.get(2)).toBeNull();
});

it("shows the newest rows, oldest first, with the pause before each event", async () => {
  const journal = await aJournal(temporaryFolder());
  const failure = { family: "NETWORK", kind: "reset", status: null, final: false, params: { after: 3 } } as const;
  const lost = aMark({ mark: "lost", failure, params: { openMs: 5 } });
  await journal.append(
    "orders",
    [anEvent({ mono: 10 }), lost, anEvent({ mono: 25, data: "b" }), anEvent({ mono: 25.4, data: "c" })],
    null,
  );
  await journal.append("others", [anEvent({ stream: "others", data: "elsewhere" })], null);
  const { rows, ...counts } = await journal.tail("orders", everything, 3);
  expect(counts).toEqual({ total: 4, matching: 4, exact: true, behind: 0, types: [{ type: "message", count: 3 }] });
  expect(rows[0]).toEqual({ kind: "mark", seq: 2, at: lost.at, mark: "lost", failure, params: { openMs: 5 } });
  expect(rows.slice(1)).toMatchObject([
    { seq: 3, gapMs: 15, preview: "b" },
    { seq: 4, gapMs: 0, preview: "c" },
  ]);
  expect((await journal.tail("orders", everything, 9)).rows[0]).toMatchObject({ seq: 1, gapMs: null });
});

it("measures the pause over a restart by the wall clock, and never below zero", async () => {
  const dir = temporaryFolder();
  const first = await aJournal(dir);
  await first.append("orders", [anEvent({ mono: 900_000, receivedAt: 5000 })], null);
  await first.close();
  const second = await aJournal(dir);
  await second.append("orders", [anEvent({ mono: 7, receivedAt: 6500 }), anEvent({ mono: 3, receivedAt: 6400 })], null);
  expect((await second.tail("orders", everything, 2)).rows).toMatchObject([{ gapMs: 1500 }, { gapMs: 0 }]);
});

it("finds events by type and by text in type, id or data, whatever the case, and leaves marks out", async () => {
  const journal = await aJournal(temporaryFolder());
  const events = [
    anEvent({ type: "price", data: "100% sure" }),
    anEvent({ type: "price", data: "100 and sure" }),
    anEvent({ type: "trade", data: "x", id: "ORDER_1" }),
    anEvent({ type: "trade", data: "x", id: "orderX1" }),
    anEvent({ type: "Sure", data: "y" }),
  ];
  await journal.append("orders", [aMark(), ...events], null);
  const find = async (types: string[], text: string) => {
    const { total, matching, rows } = await journal.tail("orders", { ...everything, types, text }, 50);
    expect(total).toBe(6);
    expect(matching).toBe(rows.length);
    return seqsOf(rows);
  };
  expect(await find(["price"], "")).toEqual([2, 3]);
  expect(await find(["price", "Sure"], "")).toEqual([2, 3, 6]);
  expect(await find([], "SURE")).toEqual([2, 3, 6]);
  expect(await find([], "100%")).toEqual([2, 3]);
  expect(await find([], "order_1")).toEqual([4]);
  expect(await find([], "rder")).toEqual([]);
  expect(await find(["trade"], "sure")).toEqual([]);
  // Nothing in it could be found, so nothing is asked for.
  expect(await find([], "\\")).toEqual([2, 3, 4, 5, 6]);
});

it("keeps counting a filter as events arrive and after they are cleared", async () => {
  const journal = await aJournal(temporaryFolder());
  const filter = { ...everything, text: "yes" };
  const matching = async () => (await journal.tail("orders", filter, 1)).matching;
  await journal.append("orders", named(["yes", "no", "yes"]), null);
  expect(await matching()).toBe(2);
  await journal.append("orders", named(["yes", "no"]), null);
  expect(await matching()).toBe(3);
  await journal.clear("orders");
  expect(await matching()).toBe(0);
  await journal.append("orders", named(["yes"]), null);
  expect(await matching()).toBe(1);
});

it("gives rows by their place, counted from either end", async () => {
  const journal = await aJournal(temporaryFolder());
  await journal.append(
    "orders",
    named(Array.from({ length: 100 }, (_, index) => `${index % 2 === 0 ? "even" : "odd"} ${index}`)),
    null,
  );
  for (const from of [0, 1, 49, 50, 51, 95, 99]) {
    const { rows, matching } = await journal.window("orders", everything, from, 7);
    expect(matching).toBe(100);
    expect(seqsOf(rows)).toEqual(Array.from({ length: Math.min(7, 100 - from) }, (_, index) => from + index + 1));
  }
  expect(await journal.window("orders", everything, 100, 7)).toEqual({
    matching: 100,
    exact: true,
    from: 100,
    rows: [],
  });
  const odd = await journal.window("orders", { ...everything, text: "odd" }, 40, 3);
  expect([odd.matching, seqsOf(odd.rows)]).toEqual([50, [82, 84, 86]]);
});

it("shows 240 characters of long data, whole characters only, and its first MiB in detail", async () => {
  const journal = await aJournal(temporaryFolder());
  const faces = "😀".repeat(700_000);
  await journal.append(
    "orders",
    [anEvent({ data: `a${faces}` }), anEvent({ data: "é".repeat(300) }), anEvent({ data: `\0${"z".repeat(300)}` })],
    null,
  );
  const { rows } = await journal.tail("orders", everything, 3);
  expect(previews(rows)).toEqual([`a${"😀".repeat(119)}`, "é".repeat(240), `\0${"z".repeat(239)}`]);
  const detail = await journal.get(1);
  expect([detail?.cut, detail?.data.length]).toEqual([true, 1024 * 1024 - 1]);
});

it("names at most 500 types and counts the rest together", async () => {
  const journal = await aJournal(temporaryFolder());
  const types = Array.from({ length: 700 }, (_, index) => anEvent({ type: `t${index}` }));
  await journal.append("orders", [...types, anEvent({ type: "t0" })], null);
  const live = await journal.tail("orders", everything, 1);
  expect(live.types).toHaveLength(501);
  expect(live.types[0]).toEqual({ type: "t0", count: 2 });
  expect(live.types.at(-1)).toEqual({ type: "", count: 200 });
  await journal.append("orders", [anEvent({ type: "t699" })], null);
  expect((await journal.tail("orders", everything, 1)).types.at(-1)).toEqual({ type: "", count: 201 });
});

describe("cursor", () => {
  it("stands with the records of its append, and alone", async () => {
    const dir = temporaryFolder();
    const journal = await aJournal(dir);
    expect(await journal.cursor("orders")).toBeNull();
    await journal.append("orders", [anEvent()], "7");
    await journal.append("orders", [anEvent()], null);
    expect(await journal.cursor("orders")).toBe("7");
    await journal.append("orders", [], "8");
    expect(await journal.cursor("orders")).toBe("8");
    await journal.setCursor("orders", "3");
    await journal.close();
    expect(await (await aJournal(dir)).cursor("orders")).toBe("3");
  });

  it("stays when the events are cleared, and goes when the stream is forgotten", async () => {
    const journal = await aJournal(temporaryFolder());
    await journal.append("orders", [anEvent()], "7");
    await journal.clear("orders");
    expect(await journal.cursor("orders")).toBe("7");
    await journal.forget("orders");
    expect(await journal.cursor("orders")).toBeNull();
  });
});

describe("numbers", () => {
  it("go on without a hole after an ordinary restart", async () => {
    const dir = temporaryFolder();
    const first = await aJournal(dir);
    await first.append("orders", named(["a", "b"]), null);
    await first.close();
    expect((await (await aJournal(dir)).append("orders", [anEvent()], null)).seqs).toEqual([3]);
  });

  it("are never given twice, not even after everything was deleted or when nothing is kept", async () => {
    const dir = temporaryFolder();
    const given: number[] = [];
    for (let run = 0; run < 3; run++) {
      const journal = await aJournal(dir);
      await journal.keepNothing("quiet", true);
      given.push(...(await journal.append("orders", named(["a", "b"]), null)).seqs);
      given.push(...(await journal.append("quiet", [anEvent({ stream: "quiet" })], null)).seqs);
      await journal.forget("orders");
      await journal.close();
    }
    expect(given).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe("a stream that keeps nothing", () => {
  const canary = "canary-4711";

  it("is shown, and leaves nothing on the disk", async () => {
    const dir = temporaryFolder();
    const journal = await aJournal(dir);
    await journal.keepNothing("quiet", true);
    const event = anEvent({
      stream: "quiet",
      type: canary,
      id: canary,
      lastEventId: canary,
      data: canary,
      endpoint: canary,
    });
    const { unsaved } = await journal.append("quiet", [event, aMark({ stream: "quiet", params: { canary } })], canary);
    expect(unsaved).toBe(false);
    await journal.append("orders", [anEvent()], "1");
    expect(await journal.cursor("quiet")).toBe(canary);
    expect((await journal.tail("quiet", everything, 5)).rows).toMatchObject([
      { preview: canary, flags: [] },
      { mark: "opened" },
    ]);
    expect(filesHolding(dir, canary)).toEqual([]);
    await journal.close();
    expect(filesHolding(dir, canary)).toEqual([]);
    const next = await aJournal(dir);
    expect(await next.cursor("quiet")).toBeNull();
    expect((await next.tail("quiet", everything, 5)).total).toBe(0);
  });

  it("holds the last 2,000 records, and counts what it holds", async () => {
    const journal = await aJournal(temporaryFolder());
    await journal.keepNothing("quiet", true);
    await journal.append(
      "quiet",
      named(["x"]).map((event) => ({ ...event, type: "old" })),
      null,
    );
    for (let batch = 0; batch < 21; batch++) await journal.append("quiet", named(new Array(100).fill("y")), null);
    const { total, matching, types, rows } = await journal.tail("quiet", everything, 1);
    expect({ total, matching, types }).toEqual({
      total: 2000,
      matching: 2000,
      types: [{ type: "message", count: 2000 }],
    });
    expect(seqsOf(rows)).toEqual([2101]);
    expect(seqsOf((await journal.window("quiet", everything, 0, 1)).rows)).toEqual([102]);
  });

  it("takes its cursor off the disk when it is switched on, and keeps it in memory", async () => {
    const dir = temporaryFolder();
    const journal = await aJournal(dir);
    await journal.append("orders", [anEvent()], canary);
    await journal.keepNothing("orders", true);
    expect(await journal.cursor("orders")).toBe(canary);
    expect(filesHolding(dir, canary)).toEqual([]);
  });
});

it("really deletes: not a byte of the data is left in any file", async () => {
  const dir = temporaryFolder();
  const journal = await aJournal(dir);
  const canary = "canary-0815";
  const event = anEvent({ data: `${canary} ${"x".repeat(20_000)} ${canary}`, type: canary });
  await journal.append("orders", [event, event, event], "kept-cursor");
  await journal.append("others", [anEvent({ stream: "others", data: "stays" })], null);
  expect(filesHolding(dir, canary)).not.toEqual([]);
  await journal.clear("orders");
  expect(filesHolding(dir, canary)).toEqual([]);
  expect((await journal.tail("orders", everything, 5)).total).toBe(0);
  expect(previews((await journal.tail("others", everything, 5)).rows)).toEqual(["stays"]);
});

describe("the folder", () => {
  it("and its files are for the user alone", async () => {
    const dir = join(temporaryFolder(), "journal");
    const journal = await aJournal(dir);
    await journal.append("orders", [anEvent()], null);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
    expect(readdirSync(dir)).toContain("events.sqlite-wal");
    for (const name of readdirSync(dir)) expect([name, statSync(join(dir, name)).mode & 0o777]).toEqual([name, 0o600]);
  });

  it("is refused to a second journal, with a code", async () => {
    const dir = temporaryFolder();
    const journal = await aJournal(dir);
    await expect(aJournal(dir)).rejects.toMatchObject({ code: "journal-locked" });
    await journal.close();
    await expect(aJournal(dir)).resolves.toBeDefined();
  });

  it.each([
    ["a file in its place", "ENOTDIR|EEXIST", (dir: string) => writeFileSync(dir, "")],
    ["a link to it", "symlink", (dir: string) => symlinkSync(temporaryFolder(), dir)],
    [
      "a link in place of the file",
      "symlink",
      (dir: string) => {
        mkdirSync(dir);
        symlinkSync("/etc/passwd", join(dir, "events.sqlite"));
      },
    ],
  ])("is refused when there is %s", async (_, reason, spoil) => {
    const dir = join(temporaryFolder(), "journal");
    spoil(dir);
    await expect(aJournal(dir)).rejects.toMatchObject({
      code: "journal-unavailable",
      params: { reason: expect.stringMatching(reason) },
    });
  });

  it("may have quotes, spaces and question marks in its name", async () => {
    const dir = join(temporaryFolder(), "it's a?b #1 %20 ü");
    const journal = await aJournal(dir);
    await journal.append("orders", [anEvent()], null);
    expect(existsSync(join(dir, "events.sqlite"))).toBe(true);
  });
});

describe("a file it cannot trust", () => {
  it.each([
    ["garbage", (path: string) => writeFileSync(path, Buffer.alloc(9000, 0x41))],
    ["a broken page", (path: string) => writeFileSync(path, readFileSync(path).fill(0x55, 100, 2000))],
    [
      "somebody else's tables",
      (path: string) => writeFileSync(path, readFileSync(new URL("golden/foreign.sqlite", import.meta.url))),
    ],
  ])("is set aside and reported when it is %s", async (_, spoil) => {
    const dir = temporaryFolder();
    const first = await aJournal(dir);
    await first.append("orders", [anEvent()], "1");
    await first.close();
    const path = join(dir, "events.sqlite");
    spoil(path);
    const bytes = readFileSync(path);
    const journal = await aJournal(dir);
    const aside = readdirSync(dir).find((name) => name.includes("corrupt")) ?? "";
    expect(journal.problems).toEqual([{ code: "journal-set-aside", params: { path: aside } }]);
    expect(readFileSync(join(dir, aside)).equals(bytes)).toBe(true);
    expect(journal.state).toBe("ok");
    expect((await journal.append("orders", [anEvent()], null)).unsaved).toBe(false);
  });

  it("of a newer version is read and never written", async () => {
    const dir = temporaryFolder();
    const path = join(dir, "events.sqlite");
    writeFileSync(path, readFileSync(new URL("golden/newer.sqlite", import.meta.url)));
    chmodSync(path, 0o600);
    const before = readFileSync(path);
    const journal = await aJournal(dir);
    expect([journal.state, journal.problems]).toEqual([
      "read-only",
      [{ code: "journal-newer", params: { path: "events.sqlite" } }],
    ]);
    const { seqs, unsaved } = await journal.append("orders", [anEvent({ data: "new" })], "9");
    expect([seqs, unsaved]).toEqual([[4], true]);
    expect((await journal.tail("orders", everything, 9)).rows.at(-1)).toMatchObject({
      preview: "new",
      flags: ["unsaved"],
    });
    expect((await journal.tail("orders", everything, 9)).total).toBe(4);
    await expect(journal.clear("orders")).rejects.toMatchObject({ code: "journal-not-cleared" });
    await journal.close();
    expect(readFileSync(path).equals(before)).toBe(true);
  });
});

it("shows only what comes when a newer file has tables it does not know", async () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, "events.sqlite"), readFileSync(new URL("golden/newer-strange.sqlite", import.meta.url)));
  const journal = await aJournal(dir);
  const { seqs, unsaved } = await journal.append("orders", [anEvent({ data: "new" })], "9");
  expect([unsaved, journal.state]).toEqual([true, "read-only"]);
  expect((await journal.tail("orders", everything, 9)).rows).toMatchObject([{ preview: "new", flags: ["unsaved"] }]);
  expect(await journal.get(seqs[0] ?? 0)).toMatchObject({ data: "new" });
});

it("answers questions that were asked before it was closed, and refuses later ones", async () => {
  const journal = await aJournal(temporaryFolder());
  const appended = journal.append("orders", [anEvent()], null);
  const closed = journal.close();
  await expect(appended).resolves.toEqual({ seqs: [1], unsaved: false });
  await closed;
  await expect(journal.append("orders", [anEvent()], null)).rejects.toMatchObject({ code: "journal-closed" });
});

it("says what it keeps of a stream, also of what an earlier run wrote, and how many types it counts by name", async () => {
  const dir = temporaryFolder();
  const journal = await aJournal(dir);
  const nothing = { records: 0, bytes: 0, oldestAt: null, types: { named: 0, limit: 500, beyond: 0 } };
  expect(await journal.kept("orders")).toEqual(nothing);
  const typed = Array.from({ length: 510 }, (_, n) => anEvent({ type: `t${n}`, receivedAt: 1_800_000_000_000 + n }));
  await journal.append("orders", [aMark({ at: 1_799_999_999_000 }), ...typed], "1");
  const kept = { records: 511, bytes: expect.any(Number), oldestAt: 1_799_999_999_000 };
  const now = await journal.kept("orders");
  expect(now).toEqual({ ...kept, types: { named: 500, limit: 500, beyond: 10 } });
  expect(now.bytes).toBeGreaterThan(511);
  await journal.close();
  expect(await (await aJournal(dir)).kept("orders")).toEqual(now);
});
