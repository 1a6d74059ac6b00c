/** What the list shows while rows come: following, held, paused, and rows that moved. */
import { expect, it } from "vitest";
import type { Row, Tail } from "../../preload/contract.ts";
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
function logOver(count: number) {
  const rows = Array.from({ length: count }, (_, index) => rowAt(index + 1));
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
        exact: true,
        behind: 0,
        types: [],
        rows: rows.slice(-limit),
      };
    },
    window: async ({ from, limit }: { from: number; limit: number }) => {
      windows.push({ from, limit });
      return { from, exact: true, rows: rows.slice(from, from + limit) };
    },
    placeOf: async ({ at }: { at: number }) => ({
      place: rows.filter((row) => row.at < at).length,
      matching: rows.length,
      exact: true,
    }),
  };
  const now = (): Promise<void> => Promise.resolve();
  const log = new EventLog("orders", { types: [], text: "", path: "", from: null, to: null }, asks, {
    ask: asks.tail,
    painted: now,
    visible: now,
    pause: now,
  });
  log.start();
  return {
    log,
    windows,
    async add(count: number) {
      for (let left = count; left > 0; left--) rows.push(rowAt((rows.at(-1)?.seq ?? 0) + 1));
      version++;
      wake();
      await turn();
    },
    async drop(count: number) {
      rows.splice(0, count);
      version++;
      wake();
      await turn();
    },
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

it("forgets its places when old rows were dropped, and lets go of a view that is no more", async () => {
  const { log, drop } = logOver(1000);
  await turn();
  log.want(500, 530);
  await turn();
  log.hold(true);
  await drop(100);
  expect(log.read()).toMatchObject({ count: 900, fresh: 0 });
  expect(log.row(500)).toBeUndefined();
  log.want(500, 530);
  await turn();
  expect(log.row(500)?.seq).toBe(601);
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
