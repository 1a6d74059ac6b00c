/** What the frames of a connection mean, form by form, and what `auto` makes of those that nobody announced. */
import { expect, it, vi } from "vitest";
import type { ParsedEvent } from "../../main/core/connection/connection-state.ts";
import { defaultLimits } from "../../main/io/sse/sse-decoder.ts";
import { type FrameForm, FrameReader } from "../../main/io/websocket/frame-reader.ts";

type Options = { nchan?: boolean; from?: string; limits?: Partial<typeof defaultLimits> };

/** Everything that is told of these frames: events as [type, id, last event id, data, …flags], the rest by name. */
function read(form: FrameForm, frames: readonly (string | ArrayBuffer)[], options: Options = {}): unknown[] {
  const told: unknown[] = [];
  const sink = {
    events: (events: readonly ParsedEvent[]) => {
      for (const { type, id, lastEventId, data, flags } of events) told.push([type, id, lastEventId, data, ...flags]);
    },
    comment: (text: string) => void told.push({ comment: text }),
    retry: (retryMs: number) => void told.push({ retryMs }),
    cursor: (cursor: string) => void told.push({ cursor }),
    skipped: (skipped: number) => void told.push({ skipped }),
    settled: () => void told.push("settled"),
  };
  const limits = { ...defaultLimits, ...options.limits };
  const reader = new FrameReader(form, options.nchan ?? false, options.from ?? "", sink as never, limits);
  for (const frame of frames) reader.take(frame);
  return told;
}

it.each<[string, unknown]>([
  ['{"id":"7","event":"tick","data":"x"}', ["tick", "7", "7", "x"]],
  ['{"id":7,"type":"tick","data":{"a": [1, "}"]}}', ["tick", "7", "7", '{"a": [1, "}"]}']],
  [
    '{"id":18446744073709551615,"data":18446744073709551615}',
    ["message", "18446744073709551615", "18446744073709551615", "18446744073709551615"],
  ],
  ['{"data":null,"event":"e"}', ["e", null, "0", "null"]],
  ['{ "data" : "a\\"b\\\\" , "id" : "\\u00e9" }', ["message", "é", "é", 'a"b\\']],
  ['{"data":1,"id":null}', ["message", null, "0", "1"]],
  ['{"data":1,"id":""}', ["message", "", "", "1"]],
  ['{"id":"1","data":"old","data":"new"}', ["message", "1", "1", "new"]],
  ['{"a":{"id":"inner"},"id":"1","data":[{"data":2}]}', ["message", "1", "1", '[{"data":2}]']],
  [
    '{"event":"e", "list":[{"a":[1,{"b":","}]},"]"] , "id" : 5 ,"data" :\t[{"c":"}"},":"] }',
    ["e", "5", "5", '[{"c":"}"},":"]'],
  ],
  ['{"id":"1","user":5}', ["message", "1", "1", '{"id":"1","user":5}']],
  ['{"event":"e","type":"t","data":"x"}', ["e", null, "0", "x"]],
  ['{"id":{},"data":"x"}', ["message", null, "0", "x", "id-ignored"]],
  ['{"id":"a\\u0001b","data":"x"}', ["message", null, "0", "x", "id-ignored"]],
  ["{}", ["message", null, "0", "{}"]],
  ["[1]", ["message", null, "0", "[1]"]],
  ['{"id":"1"', ["message", null, "0", '{"id":"1"']],
])("as json takes %s", (frame, event) => {
  expect(read("json", [frame], { from: "0" })).toEqual([event]);
});

it.each<[string, boolean]>([
  ['{"id":"7","data":"x"}', true],
  [' {"id":7,"data":{}} ', true],
  ['{"event":"e","data":null}', true],
  ['{"type":"e","data":1}', true],
  ['{"event":"e","type":"e","data":1}', true],
  ['{"event":"e","type":"t","data":1}', false],
  ['{"type":5,"data":1}', false],
  ['{"data":1}', false],
  ['{"id":"7"}', false],
  ['{"id":"7","data":1,"user":5}', false],
  ['{"id":[7],"data":1}', false],
  ['[{"id":"7","data":1}]', false],
  ['{"id":"7","data":1', false],
  ['{"type":"welcome"}', false],
  ["5", false],
])("by itself takes %s for JSON with named fields: %s", (frame, is) => {
  const [event] = read("auto", [frame]) as [string[]];
  expect(event[3] !== frame).toBe(is);
});

it.each<[string, boolean]>([
  ["id: 5\ndata: x", true],
  ["event: e\r\ndata: x\r\n\r\n", true],
  ["data: x\n\n", true],
  [": hi\nid:5\rdata:x", true],
  ["data: x", false],
  ["data: x\ndata: y", false],
  ["id: 5", false],
  [": ping", false],
  ["id: 5\nname: n\ndata: x", false],
  ["Dear data: x\n\n", false],
  ["database: x\ndata: y\n\n", false],
])("by itself takes %j for SSE text: %s", (frame, is) => {
  const [event] = read("auto", [frame]).filter((one) => Array.isArray(one)) as [string[]];
  expect(event[3]).toBe(is ? "x" : frame);
});

it("reads SSE text by its own rules: ids, types, comments, times and blocks of one frame", () => {
  const told = read("sse", [
    "id: 1\nevent: e\ndata: a\ndata: b",
    ": beat",
    "retry: 9\n\n",
    "id: 2",
    "data: c\n\ndata: d\n\n",
  ]);
  expect(told.filter((one) => one !== "settled")).toEqual([
    ["e", "1", "1", "a\nb"],
    { comment: "beat" },
    { retryMs: 9 },
    { cursor: "2" },
    ["message", null, "2", "c"],
    ["message", null, "2", "d"],
  ]);
});

it("keeps what is no SSE text raw, even where SSE was agreed on, and its id goes on", () => {
  expect(read("sse", ["id: 1\ndata: a", "hello", "data: b\n\n"]).filter((one) => one !== "settled")).toEqual([
    ["message", "1", "1", "a"],
    ["message", null, "1", "hello"],
    ["message", null, "1", "b"],
  ]);
});

it.each<[string, unknown]>([
  [
    "id: 1700000000:0\ncontent-type: text/plain\n\nhello\n\nid: 5",
    ["message", "1700000000:0", "1700000000:0", "hello\n\nid: 5"],
  ],
  ["id: 1:2\n\n", ["message", "1:2", "1:2", ""]],
  ["hello", ["message", null, "0", "hello"]],
  ["id: 1:2\nhello", ["message", null, "0", "id: 1:2\nhello"]],
])("as nchan takes %j", (frame, event) => {
  expect(read("nchan", [frame], { from: "0" })).toEqual([event]);
});

it("takes nchan's head for one only where the server agreed to it", () => {
  const frame = "id: 1:2\n\nhello";
  expect(read("auto", [frame], { nchan: true })).toEqual([["message", "1:2", "1:2", "hello"]]);
  expect(read("auto", [frame])).toEqual([["message", null, "", frame]]);
});

it.each<[string, string[], string[]]>([
  ["JSON", ["hi", '{"id":"1","data":"a"}', "id: 2\ndata: b", "c"], ["hi", "a", "id: 2\ndata: b", "c"]],
  ["SSE", ["hi", "id: 2\ndata: b", '{"id":"1","data":"a"}'], ["hi", "b", '{"id":"1","data":"a"}']],
])("once it is %s a connection stays that, and what does not fit is raw", (_form, frames, data) => {
  const events = read("auto", frames).filter((one) => Array.isArray(one)) as string[][];
  expect(events.map((event) => event[3])).toEqual(data);
});

const plain = ['{"user":5}', "hi", '{"type":"welcome"}', '{"data":[1]}', "data: x"];
const envelope = '{"id":"7","event":"e","data":"x"}';

it("is raw for good after three frames that nobody can tell apart from plain data", () => {
  const dataOf = (frames: string[]) => (read("auto", frames) as string[][]).map((event) => event[3] ?? "");
  expect(dataOf([...plain.slice(0, 2), envelope]).at(-1)).toBe("x");
  expect(dataOf([...plain.slice(2), envelope, "id: 5\ndata: x"])).toEqual([
    ...plain.slice(2),
    envelope,
    "id: 5\ndata: x",
  ]);
});

it("counts no heartbeat as plain data: neither an empty frame nor a comment of SSE", () => {
  const told = read("auto", ["", ": ping", "", ": ping", "", ": ping", ": ping", envelope]);
  expect(told.at(-1)).toEqual(["e", "7", "7", "x"]);
});

it("where JSON was only found, takes a later frame as strictly as the first; where it was said, as it is", () => {
  const loose = ['{"id":"8","data":"y","user":5}', '{"data":"z"}', '{"type":"welcome"}'];
  const events = (form: FrameForm) => read(form, [envelope, ...loose, '{"id":9,"data":{"a": 1}}']).slice(1);
  expect(events("auto")).toEqual([
    ...loose.map((frame) => ["message", null, "7", frame]),
    ["message", "9", "9", '{"a": 1}'],
  ]);
  expect(events("json").slice(0, 2)).toEqual([
    ["message", "8", "8", "y"],
    ["message", null, "8", "z"],
  ]);
});

it("costs next to nothing once a connection is raw", () => {
  const parse = vi.spyOn(JSON, "parse");
  read("auto", [...plain, ...plain, envelope]);
  expect(parse).toHaveBeenCalledTimes(2);
  parse.mockRestore();
});

it("takes nothing apart where frames are raw", () => {
  const frames = ['{"id":"1","data":"a"}', "id: 1\ndata: x\n\n", "id: 1:2\n\nhello"];
  expect(read("raw", frames, { nchan: true, from: "9" })).toEqual(frames.map((frame) => ["message", null, "9", frame]));
});

it("takes an empty frame for a heartbeat", () => {
  for (const form of ["auto", "raw", "json", "sse", "nchan"] as const)
    expect(read(form, [""])).toEqual([{ comment: "" }]);
});

it("cuts long types and leaves long ids out", () => {
  const limits = { idBytes: 4, typeChars: 3 };
  const frames = ['{"id":"12345","type":"abcd","data":"x"}', '{"id":"ééé","data":"x"}', '{"id":"1234","data":"x"}'];
  expect(read("json", frames, { limits, from: "0" })).toEqual([
    ["abc", null, "0", "x", "id-ignored", "type-cut"],
    ["message", null, "0", "x", "id-ignored"],
    ["message", "1234", "1234", "x"],
  ]);
});

it.each<[FrameForm, string]>([
  ["json", '{"id":"7","data":"0123456789"}'],
  ["nchan", "id: 7\n\n0123456789"],
  ["sse", "id: 7\ndata: 0123456789"],
])("passes over an event that is too large in %s, and asks from behind it", (form, frame) => {
  const told = read(form, [frame, frame.replace("7", "8").replace("0123456789", "x")], { limits: { eventBytes: 10 } });
  expect(told.filter((one) => one !== "settled")).toEqual([
    { skipped: expect.any(Number) },
    ...(form === "sse" ? [] : [{ cursor: "7" }]),
    ["message", "8", "8", "x"],
  ]);
});

it("reads a stamp where the server gives one", () => {
  const seen: (number | null)[] = [];
  const nothing = { comment() {}, retry() {}, cursor() {}, skipped() {}, settled() {} };
  const sink = { ...nothing, events: ([event]: readonly ParsedEvent[]) => void seen.push(event?.stampedAt ?? null) };
  const reader = new FrameReader("json", false, "", sink);
  reader.arrived();
  reader.take('{"id":"1","data":{"ts":1700000000123}}');
  reader.take('{"id":"1700000000456-0","data":"x"}');
  reader.take('{"id":"2","data":"x"}');
  expect(seen).toEqual([1_700_000_000_123, 1_700_000_000_456, null]);
});
