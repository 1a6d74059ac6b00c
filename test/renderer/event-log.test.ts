/** What the list shows while rows come: following, held, paused, and rows that moved. */
import { expect, it } from "vitest";
import type { Row, Tail } from "../../preload/contract.ts";
import { Refusal } from "../../renderer/bridge.ts";
import { EventLog } from "../../renderer/events/event-log.ts";

const rowAt = (seq: number): Row => ({
  kind: "event",
  seq,
  at: seq,
  gapMs: 1,
  type: "message",
  id: null,
  preview: String(seq),
  bytes: 1,
  generation: 1,
  flags: [],
});

/** A log over rows that the test adds; questions are answered at once, `tail` when there is news. */
function logOver(count: number, first = 1, exact = true) {
  const rows = Array.from({ length: count }, (_, index) => rowAt(index + first));
  let whole = exact;
  let version = 1;
  let wake = (): void => {};
  const windows: { from: number; limit: number }[] = [];
  const asks = {
    tail: async ({ ack, limit }: { ack: number; limit: number }): Promise<Tail> => {
      if (ack === version) await new Promise<void>((resolve) => (wake = resolve));
      return {
        version,
        total: rows.length,
        matching: rows.length,
        exact: whole,
        behind: 0,
        types: [],
        rows: rows.slice(-limit),
      };
    },
    window: async ({ from, limit }: { from: number; limit: number }) => {
      windows.push({ from, limit });
      if (windows.length > 200) throw new Error("asks for ever");
      return { from, exact: whole, rows: rows.slice(from, from + limit) };
    },
    placeOf: async ({ at }: { at: number }) => {
      const place = rows.findIndex((row) => row.at >= at);
      return { place: place === -1 ? rows.length : place, matching: rows.length, exact: whole };
    },
  };
  const now = (): Promise<void> => Promise.resolve();
  const log = new EventLog("orders", { types: [], text: "", path: "", from: null, to: null }, asks, {
    ask: asks.tail,
    frame: now,
    drawn: now,
    visible: now,
    pause: turn,
  });
  log.start();
  const change = async (how: () => void): Promise<void> => {
    how();
    version++;
    wake();
    await turn();
  };
  const newer = (count: number): Row[] => {
    const last = rows.at(-1)?.seq ?? 0;
    return Array.from({ length: count }, (_, at) => rowAt(last + 1 + at));
  };
  const older = (count: number): Row[] => {
    const next = rows[0]?.seq ?? 1;
    return Array.from({ length: count }, (_, at) => rowAt(next - count + at));
  };
  return {
    log,
    windows,
    add: (count: number) => change(() => rows.push(...newer(count))),
    drop: (count: number) => change(() => rows.splice(0, count)),
    replace: (first: number, count: number) =>
      change(() => rows.splice(0, rows.length, ...Array.from({ length: count }, (_, at) => rowAt(first + at)))),
    /** The search comes further: older rows, and whatever arrived meanwhile. */
    find: (count: number, and = 0, done = false) =>
      change(() => {
        rows.unshift(...older(count));
        rows.push(...newer(and));
        whole = done;
      }),
  };
}
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

it("follows the newest until it is held, and counts what came since", async () => {
  const { log, add } = logOver(1000);
  await turn();
  expect(log.read()).toMatchObject({ loaded: true, count: 1000, fresh: 0, held: false });
  await add(2);
  expect(log.read()).toMatchObject({ count: 1002, fresh: 0 });
  log.hold(true);
  await add(3);
  expect(log.read()).toMatchObject({ count: 1002, fresh: 3, matching: 1005 });
  log.hold(false);
  expect(log.read()).toMatchObject({ count: 1005, fresh: 0, held: false });
});

it("stays paused when one scrolls to the end, until one says so", async () => {
  const { log, add } = logOver(100);
  await turn();
  log.pause(true);
  await add(5);
  log.hold(false);
  expect(log.read()).toMatchObject({ paused: true, held: true, count: 100, fresh: 5 });
  log.pause(false);
  expect(log.read()).toMatchObject({ paused: false, held: false, count: 105 });
});

it("knows the newest rows without asking, and fetches the others by their place", async () => {
  const { log, windows } = logOver(1000);
  await turn();
  expect(log.row(999)?.seq).toBe(1000);
  log.want(960, 1000);
  await turn();
  expect(windows).toEqual([]);
  expect(log.row(500)).toBeUndefined();
  log.want(500, 530);
  await turn();
  expect(log.row(500)?.seq).toBe(501);
  expect(log.row(529)?.seq).toBe(530);
  expect(windows).toHaveLength(1);
});

/** Place and number of the row that one looks at, where it is now. */
const seen = (log: EventLog, place: number) => log.row(place + log.read().moved)?.seq;

it("stays at the row one looks at when the journal lets go of old ones", async () => {
  const { log, drop } = logOver(1000);
  await turn();
  log.want(500, 530);
  await turn();
  log.hold(true);
  await drop(100);
  expect(log.read()).toMatchObject({ count: 900, fresh: 0, held: true, moved: -100 });
  expect(seen(log, 500)).toBe(501);
  expect(log.row(400)?.seq).toBe(501);
});

it("lets go of a view that is no more", async () => {
  const { log, drop, add } = logOver(1000);
  await turn();
  log.want(100, 130);
  await turn();
  log.hold(true);
  await add(2000);
  await drop(1000);
  expect(log.read()).toMatchObject({ matching: 2000, count: 2000, fresh: 0 });
  expect(log.row(1999)?.seq).toBe(3000);
});

it("shows the newest when what was held went between two answers", async () => {
  const { log, replace } = logOver(1000);
  await turn();
  log.want(100, 130);
  await turn();
  log.hold(true);
  await replace(5001, 300);
  expect(log.read()).toMatchObject({ matching: 300, count: 300, fresh: 0 });
  expect(log.row(299)?.seq).toBe(5300);
});

it("stays at the row one looks at while a search finds older ones", async () => {
  const { log, find } = logOver(1000, 100_001, false);
  await turn();
  expect(log.read()).toMatchObject({ exact: false, count: 1000 });
  log.want(500, 530);
  await turn();
  log.hold(true);
  await find(700);
  expect(log.read()).toMatchObject({ count: 1700, fresh: 0, moved: 700, held: true });
  expect(seen(log, 500)).toBe(100_501);
  await find(300, 5);
  expect(log.read()).toMatchObject({ count: 2000, fresh: 5, moved: 1000 });
  expect(seen(log, 529)).toBe(100_530);
});

it("finds that row again when so much came at once that nothing joins old and new", async () => {
  const { log, find, windows } = logOver(1000, 100_001, false);
  await turn();
  log.want(500, 530);
  await turn();
  log.hold(true);
  await find(700, 300);
  expect(log.read()).toMatchObject({ count: 1700, fresh: 300, moved: 700 });
  expect(seen(log, 500)).toBe(100_501);
  // Exact now: what is looked at is still where it was, and one question shows it.
  await find(0, 300, true);
  const before = windows.length;
  await find(0, 300, true);
  expect(log.read()).toMatchObject({ count: 1700, fresh: 900, exact: true });
  expect(windows.length - before).toBe(1);
  log.hold(false);
  expect(log.row(log.read().count - 1)?.seq).toBe(101_900);
});

it("follows the newest through a search, without asking for what it was given", async () => {
  const { log, find, windows } = logOver(1000, 100_001, false);
  await turn();
  for (const and of [0, 3, 300]) {
    await find(500, and);
    const { count } = log.read();
    log.want(count - 40, count);
    await turn();
    const [first, last] = [log.row(count - 40)?.seq ?? 0, log.row(count - 1)?.seq ?? 0];
    expect(last - first).toBe(39);
  }
  expect(windows).toEqual([]);
});

it("jumps to the first row of a moment and holds there", async () => {
  const { log, add } = logOver(5000);
  await turn();
  await expect(log.jump(1234)).resolves.toBe(1233);
  expect(log.read()).toMatchObject({ held: true, count: 5000 });
  log.want(1233, 1250);
  await turn();
  expect(log.row(1233)?.seq).toBe(1234);
  await add(10);
  expect(log.read()).toMatchObject({ held: true, count: 5000, fresh: 10 });
  await expect(log.jump(9999)).resolves.toBeNull();
});

it("has the rows around there before one scrolls to them, but none while it follows", async () => {
  const { log, windows } = logOver(5000);
  await turn();
  log.want(4960, 5000);
  await turn();
  expect(windows).toEqual([]);
  log.hold(true);
  log.want(2000, 2040);
  await turn();
  for (const place of [1900, 1999, 2040, 2139]) expect(log.row(place)?.seq, String(place)).toBe(place + 1);
  const asked = windows.length;
  log.want(2015, 2055);
  await turn();
  expect(windows.length - asked).toBeLessThanOrEqual(1);
  log.want(0, 40);
  await turn();
  expect(windows.every(({ from, limit }) => from >= 0 && limit > 0 && limit <= 200)).toBe(true);
});

it("comes to rest while places still move: rows around there join those in sight", async () => {
  const { log, windows } = logOver(5000, 100_001, false);
  await turn();
  log.hold(true);
  log.want(2000, 2040);
  for (let times = 0; times < 3 && windows.length < 20; times++) await turn();
  expect(windows.length).toBeLessThan(5);
  for (const place of [1900, 2000, 2139]) expect(log.row(place)?.seq, String(place)).toBe(place + 100_001);
});

it("asks no more for rows of a path that takes too long, and says so", async () => {
  const { log, windows, add } = logOver(1000);
  await turn();
  let asked = 0;
  windows.push = () => {
    asked++;
    throw new Refusal({ code: "search-too-slow", params: {} });
  };
  log.want(500, 530);
  for (let times = 0; times < 4; times++) await turn();
  await add(1);
  log.want(400, 430);
  await turn();
  expect(asked).toBe(1);
  expect(log.read()).toMatchObject({ matching: 1001, problem: { code: "search-too-slow" } });
});

it("asks again after a while for rows that could not be had", async () => {
  const { log, windows } = logOver(1000);
  await turn();
  windows.push = (() => {
    windows.push = Array.prototype.push;
    throw new Error("busy");
  }) as typeof windows.push;
  log.want(500, 530);
  await turn();
  await turn();
  expect(log.row(500)?.seq).toBe(501);
});

it("asks anew for what it knew when so much came at once that nothing joins old and new", async () => {
  const { log, add, drop } = logOver(1000);
  await turn();
  log.want(500, 530);
  await turn();
  expect(log.row(500)?.seq).toBe(501);
  await drop(0);
  expect(log.row(500)?.seq).toBe(501);
  await add(500);
  expect(log.row(500)).toBeUndefined();
});
