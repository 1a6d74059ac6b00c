/** From one filter to the next: what stays in sight meanwhile. */
import { expect, it } from "vitest";
import type { Filter, Row, Tail } from "../../preload/contract.ts";
import { Refusal } from "../../renderer/bridge.ts";
import { type Asks, EventLog } from "../../renderer/events/event-log.ts";
import { FilterSwitch } from "../../renderer/events/filter-switch.ts";

const all: Filter = { types: [], text: "", path: "", from: null, to: null };
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Filters whose first answers the test gives; `asked` are the texts and paths that main hears of, in their order. */
function switchOver() {
  const answers = new Map<string, { give: (tail: Tail) => void; refuse: (error: Error) => void }>();
  const asked: string[] = [];
  const make = (filter: Filter): EventLog => {
    const name = filter.text + filter.path;
    const tail = (): Promise<Tail> => {
      asked.push(name);
      return new Promise((give, refuse) => answers.set(name, { give, refuse }));
    };
    const none = { from: 0, rows: [], exact: true };
    const asks: Asks = {
      tail,
      window: async () => none,
      placeOf: async () => ({ place: 0, matching: 0, exact: true }),
    };
    const now = (): Promise<void> => Promise.resolve();
    return new EventLog("orders", filter, asks, { ask: tail, frame: now, drawn: now, visible: now, pause: turn });
  };
  const filters = new FilterSwitch("orders", all, make);
  let version = 1;
  return {
    filters,
    asked,
    stop: filters.start(),
    answer: async (name: string, matching: number) => {
      const rows: Row[] = [];
      await turn();
      answers.get(name)?.give({ version: version++, total: 9, matching, exact: true, behind: 0, types: [], rows });
      await turn();
    },
    refuse: async (name: string, code: string) => {
      await turn();
      answers.get(name)?.refuse(new Refusal({ code, params: {} }));
      await turn();
    },
  };
}

it("keeps the rows in sight until the next filter has answered, and lets them go on", async () => {
  const { filters, answer } = switchOver();
  await answer("", 9);
  const first = filters.read().log;
  filters.ask({ ...all, text: "paid" });
  expect(filters.read()).toMatchObject({ log: first, seeking: true });
  await answer("", 10);
  expect(filters.read().log.read().matching).toBe(10);
  await answer("paid", 3);
  expect(filters.read()).toMatchObject({ filter: { text: "paid" }, seeking: false });
  expect(filters.read().log.read().matching).toBe(3);
});

it("says what is wrong with a path, shows the last good rows, and asks main for it once", async () => {
  const { filters, answer, refuse, asked } = switchOver();
  await answer("", 9);
  filters.ask({ ...all, path: "$..[" });
  await refuse("$..[", "filter-path-invalid");
  expect(filters.read()).toMatchObject({ filter: all, seeking: false, problem: { code: "filter-path-invalid" } });
  await turn();
  await turn();
  expect(asked.filter((name) => name === "$..[")).toHaveLength(1);
  filters.ask({ ...all, path: "$.a" });
  expect(filters.read().problem).toBeNull();
  await answer("$.a", 2);
  expect(filters.read()).toMatchObject({ filter: { path: "$.a" }, problem: null });
});

it("says it too when a path that worked takes too long later", async () => {
  const { filters, refuse, answer } = switchOver();
  await answer("", 9);
  await refuse("", "search-too-slow");
  expect(filters.read()).toMatchObject({ problem: { code: "search-too-slow" } });
  expect(filters.read().log.read().matching).toBe(9);
});

it("asks again after any other refusal", async () => {
  const { filters, refuse, answer, asked } = switchOver();
  await refuse("", "internal");
  await turn();
  expect(asked).toEqual(["", ""]);
  await answer("", 9);
  expect(filters.read().log.read()).toMatchObject({ loaded: true, problem: null });
});

it("says that the search does not answer, goes on asking, and unsays it", async () => {
  const { filters, refuse, answer } = switchOver();
  await answer("", 9);
  filters.ask({ ...all, text: "paid" });
  await refuse("paid", "search-unavailable");
  expect(filters.read()).toMatchObject({ seeking: true, problem: { code: "search-unavailable" }, filter: all });
  await answer("paid", 3);
  expect(filters.read()).toMatchObject({ seeking: false, problem: null, filter: { text: "paid" } });
});

it("shows only the last of several filters, and goes back without asking", async () => {
  const { filters, answer } = switchOver();
  await answer("", 9);
  filters.ask({ ...all, text: "a" });
  filters.ask({ ...all, text: "ab" });
  await answer("a", 1);
  expect(filters.read().seeking).toBe(true);
  await answer("ab", 2);
  expect(filters.read().filter.text).toBe("ab");
  const { filter, log } = filters.read();
  filters.ask({ ...all, text: "abc" });
  filters.ask(filter);
  expect(filters.read()).toMatchObject({ log, seeking: false });
});

it("stays paused from one filter to the next", async () => {
  const { filters, answer } = switchOver();
  await answer("", 9);
  filters.read().log.pause(true);
  filters.ask({ ...all, text: "paid" });
  await answer("paid", 3);
  expect(filters.read().log.read()).toMatchObject({ paused: true, count: 3 });
});
