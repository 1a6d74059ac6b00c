import { expect, it } from "vitest";
import { createStamps, stampOf } from "../../main/io/sse/stamp.ts";
import { decode } from "./decoded.ts";

const at = Date.UTC(2026, 2, 4, 5, 6, 7, 89);

it.each([
  ["a number of milliseconds", `{"timestamp":${at}}`, at],
  ["a number of seconds", `{"ts":${Math.floor(at / 1000)}}`, at - 89],
  ["seconds with a fraction", `{"time": ${at / 1000} }`, at],
  ["milliseconds with a fraction", `{"time":${at}.4}`, at],
  ["a date with a Z", `{ "sentAt" : "2026-03-04T05:06:07.089Z" }`, at],
  ["a date with an offset", `{"sent_at":"2026-03-04T07:36:07.089+02:30"}`, at],
  ["a date of lower case", `{"createdAt":"2026-03-04t05:06:07.089z"}`, at],
  ["a date with a space and microseconds", `{"created_at":"2026-03-04 05:06:07.089123Z"}`, at],
  ["a number in quotes", `{"emittedAt":"${at}"}`, at],
  ["a member after others", `{"a":[{"b":"}"}],"quoted \\"ts\\":1":2,\n "ts":${at}}`, at],
])("finds %s", (_, data, stamp) => {
  expect(stampOf(data, null)).toBe(stamp);
});

it.each([
  ["another name", `{"updated":${at}}`],
  ["a name that ends like one", `{"lifetime":${at}}`],
  ["what is inside of something else", `{"user":{"createdAt":${at}}}`],
  ["what is in a list", `[{"ts":${at}}]`],
  ["what stands in a text", `{"text":"say \\"ts\\":${at},"}`],
  ["what stands in a text as it is", `"ts":${at}}`],
  ["a small number", `{"ts":1700000}`],
  ["a number of nanoseconds", `{"ts":${at}000000}`],
  ["a time before 2001", `{"ts":978307199999}`],
  ["a time after 2100", `{"ts":"2100-01-01T00:00:00Z"}`],
  ["a date without offset, which says no moment", `{"ts":"2026-03-04T05:06:07"}`],
  ["a day", `{"ts":"2026-03-04"}`],
  ["a date that is none", `{"ts":"2026-13-44T05:06:07Z"}`],
  ["plain text", `the ts: ${at}`],
  ["what is beyond the first 512 characters", `{"x":"${"x".repeat(512)}","ts":${at}}`],
  ["a number that is cut there", `{"x":"${"x".repeat(489)}","ts":${at}}`],
])("does not take for a time %s", (_, data) => {
  expect(stampOf(data, null)).toBeNull();
});

it("goes on to the next name when the first says no time", () => {
  expect(stampOf(`{"time":"noon","user":{"ts":1},"ts":${at}}`, null)).toBe(at);
});

it.each([
  [`${at}-0`, at],
  [String(at), at],
  [`${at}-12`, at],
  [`x${at}`, null],
  [`${at}-`, null],
  ["1234567890", null],
  [`${at}000`, null],
  ["4102444800000", null],
  ["978307200000", 978_307_200_000],
])("says of the id %s: %s", (id, stamp) => {
  expect(stampOf("x", id)).toBe(stamp);
});

it("believes the id rather than the data", () => {
  expect(stampOf(`{"createdAt":${at - 60_000}}`, `${at}-0`)).toBe(at);
});

it("is looked for anew in everything that arrives", () => {
  const one = `data: {"ts":${at}}\n\n`;
  const cuts = Array.from({ length: 20 }, (_, n) => n * one.length);
  const { told } = decode(one.repeat(20), cuts);
  expect(told.filter((each) => "event" in each && each.event.stampedAt === at)).toHaveLength(20);
});

it("is in every event of a connection that is stamped", () => {
  const { told } = decode(`data: {"ts":${at}}\n\nid: ${at + 1}-0\ndata: x\n\ndata: y\n\n`);
  expect(told).toMatchObject([
    { event: { stampedAt: at } },
    { event: { stampedAt: at + 1 } },
    { event: { stampedAt: null } },
  ]);
});

const looks = (stamps: ReturnType<typeof createStamps>, count: number, together: boolean) =>
  Array.from({ length: count }, (_, n) => {
    if (!together || n === 0) stamps.arrived();
    return stamps.of("x", `${at}-0`) === null ? [] : [n + 1];
  }).flat();

it("looks at the first four and each 64th of what arrives together", () => {
  expect(looks(createStamps(), 200, true)).toEqual([1, 2, 3, 4, 64, 128, 192]);
  expect(looks(createStamps(), 200, false)).toHaveLength(200);
});

it("looks only at each 64th after 200 without, and at all again once there is one", () => {
  const stamps = createStamps();
  for (let n = 0; n < 200; n++) {
    stamps.arrived();
    expect(stamps.of("x", null)).toBeNull();
  }
  expect(looks(stamps, 66, false)).toEqual([64, 65, 66]);
});
