/** The pane of events in the window: filters, counts that are not whole, jumping, marks and comparing, by hand and by key. */
import { act } from "react";
import { afterEach, expect, it } from "vitest";
import type { Row } from "../../preload/contract.ts";
import { writeMoment } from "../../renderer/text/moment.ts";
import { drawWindow, eraseWindows, settle } from "./draw.tsx";

afterEach(eraseWindows);

const now = new Date(2026, 10, 26, 15, 0).getTime();

type Drawn = Awaited<ReturnType<typeof drawWindow>>;

/** Waits until it is so: what one types settles after a moment. */
async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !holds(); turn++) {
    await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 10))));
  }
  expect(holds()).toBe(true);
}

const asked = ({ fake }: Drawn): unknown =>
  (fake.calls.filter(({ name }) => name === "events.tail").at(-1)?.argument as { filter: unknown } | undefined)?.filter;

async function search(drawn: Drawn, text: string): Promise<void> {
  const field = drawn.one("input[type=search]");
  await act(async () => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(field, text);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await settle();
}

it("looks by words, path and time together, whichever of them settles first", async () => {
  const drawn = await drawWindow({ now });
  await search(drawn, "order");
  await drawn.click("button", "Filter by path and time");
  await drawn.type("JSONPath", "$.customer.name");
  await drawn.type("From", "12:00");
  await drawn.type("Until", "2026-11-26 14:30");
  const from = new Date(2026, 10, 26, 12, 0).getTime();
  const to = new Date(2026, 10, 26, 14, 30).getTime();
  await until(() => JSON.stringify(asked(drawn)).includes(String(to)) && JSON.stringify(asked(drawn)).includes("$.c"));
  expect(asked(drawn)).toEqual({ types: [], text: "order", path: "$.customer.name", from, to });
  await drawn.click("button", "Clear path and time");
  await until(() => JSON.stringify(asked(drawn)).includes('"path":""'));
  expect(asked(drawn)).toEqual({ types: [], text: "order", path: "", from: null, to: null });
});

it("says at the field what is wrong with a path, and keeps the rows of the last good filter", async () => {
  const drawn = await drawWindow({ now });
  await drawn.click("button", "Filter by path and time");
  await drawn.type("JSONPath", "$..[");
  await until(() => drawn.text().includes("This is not a JSONPath: it stops making sense at character 3."));
  expect(drawn.field("JSONPath").getAttribute("aria-invalid")).toBe("true");
  expect(drawn.one("[role=grid]").getAttribute("aria-rowcount")).toBe("301");
  await drawn.type("JSONPath", "$.customer.name");
  expect(drawn.text()).not.toContain("This is not a JSONPath");
  await until(() => drawn.text().includes("298 of 300 rows"));
});

it("refuses a time that is none, and an end before the beginning", async () => {
  const drawn = await drawWindow({ now });
  await drawn.click("button", "Filter by path and time");
  await drawn.type("From", "25:00");
  const words = /Write a time such as 14:22:05, or a date and a time such as \d{4}-\d\d-\d\d \d\d:/;
  await until(() => words.test(drawn.text()));
  await drawn.type("From", "14:00");
  await drawn.type("Until", "13:00");
  const from = new Date(2026, 10, 26, 14, 0).getTime();
  await until(() => JSON.stringify(asked(drawn)).includes(String(from)));
  await until(() => drawn.text().includes("This is not after the beginning."));
  expect(asked(drawn)).toMatchObject({ from, to: null });
});

it("refuses an end before the beginning also when both settle at the same moment", async () => {
  const drawn = await drawWindow({ now });
  await drawn.click("button", "Filter by path and time");
  const from = new Date(2026, 10, 26, 14, 0).getTime();
  await drawn.type("From", "14:00");
  await drawn.type("Until", "13:00");
  // A busy machine: nothing is drawn between the two.
  await act(async () => void (await new Promise((resolve) => setTimeout(resolve, 1000))));
  await until(() => JSON.stringify(asked(drawn)).includes(String(from)));
  expect(asked(drawn)).toMatchObject({ from, to: null });
});

it.each([
  ["en", "At least 1,000 of 3,000 rows", "12 rows being indexed", "2,998 of 3,000 rows"],
  ["zh-CN", "3,000 行中至少匹配 1,000 行", "12 行正在建立索引", "3,000 行中匹配 2,998 行"],
] as const)("counts as far as it knows, in %s", async (locale, atLeast, indexed, whole) => {
  const drawn = await drawWindow({ now, locale, rows: 3000, searching: true, behind: 12 });
  await search(drawn, "o-2026");
  await until(() => drawn.text().includes(atLeast));
  expect(drawn.text()).toContain(indexed);
  expect(drawn.one("[role=grid]").getAttribute("aria-rowcount")).toBe("-1");
  await act(async () => drawn.fake.search({ searching: false }));
  await until(() => drawn.text().includes(whole));
  // Rows that are not indexed yet were looked through too: the count is whole, and nothing is to be said of them.
  expect(drawn.text()).not.toContain(indexed);
  expect(drawn.one("[role=grid]").getAttribute("aria-rowcount")).toBe("2999");
});

it("does not say that nothing matches before all was looked through", async () => {
  const drawn = await drawWindow({ now, searching: true });
  await search(drawn, "nowhere");
  await until(() => drawn.text().includes("Nothing found so far"));
  expect(drawn.text()).toContain("Older rows are still being looked through.");
  expect(drawn.text()).not.toContain("Nothing matches this filter");
  await act(async () => drawn.fake.search({ searching: false }));
  await until(() => drawn.text().includes("Nothing matches this filter"));
});

it("says that nothing matches once all was looked through, indexed or not", async () => {
  const drawn = await drawWindow({ now, searching: true, behind: 12 });
  await search(drawn, "nowhere");
  await until(() => drawn.text().includes("Nothing found so far"));
  expect(drawn.text()).toContain("The newest rows are being indexed; searches are slower until then.");
  await act(async () => drawn.fake.search({ searching: false }));
  await until(() => drawn.text().includes("Nothing matches this filter"));
  expect(drawn.text()).not.toContain("indexed");
});

it("counts nothing and follows nothing where nothing was found yet", async () => {
  const drawn = await drawWindow({ now, searching: true });
  const said = (): (string | null)[] =>
    drawn.all("section[aria-label=Events] footer > span:not(:has(*))").map(({ textContent }) => textContent);
  await until(() => said().includes("Following the newest"));
  await search(drawn, "nowhere");
  await until(() => said().includes("Searching…") && drawn.text().includes("Nothing found so far"));
  // What follows and what fills the line stay, both empty; no dot stands before a count that is none.
  expect(said()).toEqual(["", "", "Searching…"]);
});

it("names the columns as one writes them", async () => {
  const drawn = await drawWindow({ now });
  const heads = drawn.all("[role=columnheader]").map(({ textContent }) => textContent);
  expect(heads).toEqual(["Time", "Gap", "Type", "ID", "Data", "Size"]);
});

it("stays at the rows one looks at while older ones are found and dropped", async () => {
  const drawn = await drawWindow({ now, rows: 5000, searching: true });
  const ids = () => drawn.all("[role=row] [role=gridcell]:nth-child(4)").map((cell) => cell.textContent);
  await search(drawn, "o-2026");
  await until(() => drawn.text().includes("At least"));
  await drawn.press("k");
  await drawn.press("k");
  const before = ids();
  expect(before.length).toBeGreaterThan(5);
  const row = drawn.one("[role=grid]").getAttribute("aria-activedescendant");
  const counted = (): string => /At least [\d,]+/.exec(drawn.text())?.[0] ?? "";
  const few = counted();
  await act(async () => drawn.fake.search({}));
  await until(() => counted() !== few);
  expect(ids()).toEqual(before);
  await act(async () => drawn.fake.search({ searching: false }));
  await until(() => drawn.text().includes("4,998 of 5,000 rows"));
  await act(async () => drawn.fake.dropRows("orders", 1000));
  await until(() => drawn.text().includes("of 4,000 rows"));
  expect(ids()).toEqual(before);
  expect(drawn.one("[role=grid]").getAttribute("aria-activedescendant")).not.toBe(row);
  expect(drawn.text()).toContain("View held where you are");
});

it("jumps to a time by keys alone, and says so when there is nothing from then on", async () => {
  const drawn = await drawWindow({ now });
  await drawn.press("g", { ctrlKey: true });
  const field = (): HTMLInputElement => drawn.field("Go to");
  await until(() => document.activeElement?.closest("[role=dialog]") !== null);
  expect(drawn.text()).toContain("Thu, Nov 26, 2026, ");
  await drawn.type("Go to", "2099-01-01");
  await act(async () => field().form?.requestSubmit());
  await settle();
  expect(drawn.text()).toContain("Nothing was received then or later; the newest row is of Thu, Nov 26, 2026");
  const { rows } = await drawn.fake.bridge.events
    .window({ stream: "orders", filter: { types: [], text: "", path: "", from: null, to: null }, from: 100, limit: 1 })
    .then((outcome) => (outcome.ok ? outcome.value : { rows: [] }));
  await drawn.type("Go to", writeMoment(rows[0]?.at ?? 0));
  await act(async () => field().form?.requestSubmit());
  await until(() => drawn.one("[role=grid]").getAttribute("aria-activedescendant") === "row-100");
  expect(drawn.text()).toContain("View held where you are");
  await until(() => document.activeElement === drawn.one("[role=grid]"));
});

it("marks found words in rows, as text", async () => {
  const drawn = await drawWindow({ now });
  const row: Row = {
    kind: "event",
    seq: 70_000,
    at: now,
    gapMs: null,
    type: "message",
    id: "1",
    preview: "<mark onclick=x>发货失败</mark> <b>Shipped</b> unshipped",
    bytes: 1,
    generation: 1,
    flags: [],
  };
  await act(async () => drawn.fake.addRows("orders", [row]));
  await search(drawn, "失败 ship");
  await until(() => drawn.all("[role=grid] mark").length > 0);
  expect(drawn.all("[role=grid] mark").map(({ textContent }) => textContent)).toEqual(["失败", "Ship"]);
  expect(drawn.one("[role=grid]").textContent).toContain("<mark onclick=x>");
  expect(drawn.all("[role=grid] b")).toEqual([]);
});

it("goes from the search field to the list by key", async () => {
  const drawn = await drawWindow({ now });
  await drawn.press("f", { ctrlKey: true });
  const field = drawn.one("input[type=search]");
  await act(async () => field.focus());
  await act(async () => {
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true }));
  });
  await settle();
  expect(document.activeElement).toBe(drawn.one("[role=grid]"));
});

it("compares two events by keys alone: values, lines and raw", async () => {
  const drawn = await drawWindow({ now });
  await act(async () => {
    drawn.fake.setData(299, '{"a":1,"b":[1,2]}');
    drawn.fake.setData(300, '{"a":2,"b":[1,2],"c":"<i>x</i>"}');
  });
  await drawn.press("k");
  await drawn.press("c");
  expect(drawn.text()).toContain("Choose another event in the list to compare it with this one.");
  expect(document.activeElement).toBe(drawn.one("[role=grid]"));
  await drawn.press("k");
  await until(() => drawn.all("aside[aria-label=Comparison] li").length === 2);
  const changes = drawn.all("aside[aria-label=Comparison] li").map(({ textContent }) => textContent);
  expect(changes[0]).toContain("$.a");
  expect(changes[1]).toContain("not there");
  expect(changes[1]).toContain('"<i>x</i>"');
  expect(drawn.all("aside i i, aside bdi i")).toEqual([]);
  const seen = async (tab: string): Promise<(string | null)[]> => {
    await drawn.click("[role=tab]", tab);
    return drawn.all("aside [role=tabpanel] [data-kind=more]").map(({ textContent }) => textContent);
  };
  expect((await seen("Lines")).join()).toContain('"a": 2,');
  expect((await seen("Raw")).join()).toContain('{"a":2,"b":[1,2],"c":');
  expect(drawn.all("[role=row][aria-selected=true]")).toHaveLength(2);
  await drawn.press("Escape");
  expect(drawn.all("aside[aria-label=Comparison]")).toEqual([]);
  expect(drawn.text()).toContain("Journal no.");
});

it("shows a MiB of brackets without laying it all out, and a list of a hundred thousand", async () => {
  const drawn = await drawWindow({ now });
  await act(async () => {
    drawn.fake.setData(299, "[".repeat(1024 * 1024));
    drawn.fake.setData(300, JSON.stringify(Array.from({ length: 100_000 }, (_, at) => at)));
  });
  await drawn.press("k");
  await drawn.press("Enter");
  await until(() => drawn.text().includes("99,500 more items are not drawn here"));
  expect(drawn.all("aside [role=treeitem]").length).toBeLessThan(1000);
  await drawn.press("k");
  await until(() => drawn.text().includes("983,040 more characters"));
  expect(drawn.one("aside pre").textContent).toHaveLength(65_536);
  await drawn.click("button", "Show more");
  expect(drawn.one("aside pre").textContent).toHaveLength(131_072);
});

it("shows calm signs where rows are not here yet, and draws a row anew only when it changes", async () => {
  const drawn = await drawWindow({ now, rows: 5000 });
  const kept = drawn.all("[role=grid] [role=row]").slice(1, -1);
  await act(async () => drawn.fake.search({ behind: 1 }));
  await settle();
  const after = drawn.all("[role=grid] [role=row]").slice(1, -1);
  expect(after.every((row, at) => row === kept[at])).toBe(true);
  const never = new Promise<never>(() => {});
  Object.assign(drawn.fake.bridge.events, { window: () => never });
  await drawn.press("Home");
  const first = drawn.one("#row-0");
  expect(first.textContent).toBe("Loading");
  expect(first.getAttribute("aria-rowindex")).toBe("2");
});
