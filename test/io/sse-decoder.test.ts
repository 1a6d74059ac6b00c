/** The grammar: line ends, byte-order marks, ids, retry, comments; whole, cut at every byte, and held against the book. */
import { array, assert, constantFrom, nat, oneof, property, string, tuple, uint8Array } from "fast-check";
import { expect, it } from "vitest";
import { isSendable, SseDecoder } from "../../main/io/sse/sse-decoder.ts";
import { byTheBook, decode, events, settledTimes } from "./decoded.ts";

const script = ": hb\nid: 1\nevent: a\ndata: one\n\ndata: zwei €\ndata\ndata: 😀\n\nid: 7\n\nretry: 900\ndata:x\n\n";
const wanted = [
  ["a", "1", "1", "one"],
  ["message", null, "1", "zwei €\n\n😀"],
  ["message", null, "7", "x"],
];
const framings = { LF: "\n", CR: "\r", CRLF: "\r\n" };

it.each(Object.entries(framings))("reads %s streams cut in two at every byte, and into single bytes", (_, end) => {
  const bytes = Buffer.from(script.replaceAll("\n", end));
  const whole = decode(bytes).told;
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(events(bytes, [cut])).toEqual(wanted);
    expect(decode(bytes, [cut]).told.filter((one) => !("cursor" in one))).toEqual(
      whole.filter((one) => !("cursor" in one)),
    );
  }
  expect(events(bytes, [...bytes.keys()])).toEqual(wanted);
});
it("reads all line ends mixed", () => {
  expect(events("data: a\r\ndata: b\rdata: c\n\r\ndata: d\r\rdata: e\n\n")).toEqual([
    ["message", null, "", "a\nb\nc"],
    ["message", null, "", "d"],
    ["message", null, "", "e"],
  ]);
});
it("gives an event out at CR CR, without waiting for what follows", () => {
  expect(events("data: a\r\r", [8])).toEqual([["message", null, "", "a"]]);
});

const bom = "\ufeff";
it.each([
  ["one byte-order mark is taken off", `${bom}data: a\n\n`, ["a"]],
  ["a second one makes the first line an unknown field", `${bom}${bom}data: a\n\ndata: b\n\n`, ["b"]],
  ["one inside the stream is text", `data: ${bom}a\n\n${bom}data: b\n\ndata: c\n\n`, [`${bom}a`, "c"]],
  ["a mark that was encoded twice is no mark", "\u00ef\u00bb\u00bfdata: a\n\ndata: b\n\n", ["b"]],
])("%s, wherever the bytes are cut", (_, text, data) => {
  for (let cut = 0; cut <= Buffer.byteLength(text); cut++) {
    expect(events(text, [cut]).map(([, , , value]) => value)).toEqual(data);
    expect(events(text, [1, 2, cut]).map(([, , , value]) => value)).toEqual(data);
  }
});

it.each([
  ["an id stays for the events after it", "id: 1\ndata: a\n\ndata: b\n\n", ["1", "1"]],
  ["an empty id takes it back", "id: 1\ndata: a\n\nid\ndata: b\n\nid:\ndata: c\n\n", ["1", "", ""]],
  ["an id with NUL is ignored", "id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n", ["1", "1"]],
  ["an id counts from its own event on", "data: a\nid: 5\n\n", ["5"]],
  ["an id of an unfinished block does not count", "id: 1\ndata: a\n\nid: 2\n", ["1"]],
  ["one space after the colon goes, no more", "id:  1 \ndata: a\n\n", [" 1 "]],
])("%s", (_, text, lastIds) => expect(events(text).map(([, , lastId]) => lastId)).toEqual(lastIds));

it("goes on from the id that the connection was asked from", () => {
  expect(events("data: a\n\n", [], undefined, "42")).toEqual([["message", null, "42", "a"]]);
});
it("moves the cursor for a block that has an id and no data, and only when it is finished", () => {
  expect(decode("id: 9\n\n").told).toEqual([{ cursor: "9" }]);
  expect(decode("data: a\n\nid: 9\n\n").told.at(-1)).toEqual({ cursor: "9" });
  expect(decode("id: 9\n").told).toEqual([]);
});
it.each([
  ["0", 0],
  ["3000", 3000],
  ["007", 7],
  ["9".repeat(400), Number.POSITIVE_INFINITY],
  ["-1", null],
  ["1e3", null],
  ["10.5", null],
  ["٣", null],
  ["", null],
  ["10 ", null],
])("reads retry: %s as %s", (value, ms) => {
  expect(decode(`retry: ${value}\n\n`).told).toEqual(ms === null ? [] : [{ retry: ms }]);
});
it("drops the event that the end of the stream cuts off, wherever it cuts", () => {
  const event = "data: done\n\nid: 2\nevent: x\ndata: half\n\n";
  for (let length = 12; length < event.length - 1; length++) expect(events(event.slice(0, length))).toHaveLength(1);
  expect(events(event)).toHaveLength(2);
});
it("tells comments, cut to 4096 characters", () => {
  expect(decode(": hb\n:\n:no space\n").told).toEqual([{ comment: "hb" }, { comment: "" }, { comment: "no space" }]);
  expect(decode(`:${"x".repeat(9000)}\n`).told).toEqual([{ comment: "x".repeat(4096) }]);
});
it.each([
  ["no event without data", "event: a\nid: 1\n\n", []],
  ["an event of empty data", "data\n\n", [["message", null, "", ""]]],
  ["an event of two empty lines", "data\ndata\n\n", [["message", null, "", "\n"]]],
  ["a type taken back by an empty one", "event: a\nevent\ndata: x\n\n", [["message", null, "", "x"]]],
  ["fields by their exact names", "Data: a\ndata : b\n data: c\ndata: d\n\n", [["message", null, "", "d"]]],
  ["a type of __proto__ as any other", "event: __proto__\ndata: x\n\n", [["__proto__", null, "", "x"]]],
  ["NUL and line separators in data", "data: a\0\u2028b\n\n", [["message", null, "", "a\0\u2028b"]]],
])("reads %s", (_, text, found) => expect(events(text)).toEqual(found));

it("makes U+FFFD of invalid UTF-8, also of a character cut off by a line end", () => {
  const bytes = Buffer.concat([
    Buffer.from("data: a"),
    Buffer.from([0xff, 0xe2, 0x82]),
    Buffer.from("\n\ndata: b\n\n"),
  ]);
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(events(bytes, [cut]).map(([, , , data]) => data)).toEqual(["a\ufffd\ufffd", "b"]);
  }
});
it("counts an event's bytes in UTF-8", () => {
  expect(decode("id: 1\nevent: é\ndata: €😀\n\n").told).toMatchObject([{ event: { bytes: 1 + 2 + 3 + 4 } }]);
});

const piece = constantFrom(
  "data",
  "data:",
  "data: ",
  "id: ",
  "id",
  "event: ",
  "retry: 5",
  ": c",
  "\n",
  "\r",
  "\r\n",
  "\n\n",
  "\ufeff",
  "\0",
  "x",
  "€",
  "😀",
  "1",
);
const bytesOf = oneof(
  array(piece, { maxLength: 40 }).map((all) => Buffer.from(all.join(""))),
  uint8Array({ maxLength: 60 }),
  string({ unit: "binary" }).map((s) => Buffer.from(s)),
);

it("does what the book says, for any bytes in any chunks", () => {
  assert(
    property(tuple(bytesOf, array(nat(200), { maxLength: 8 })), ([bytes, cuts]) => {
      const found = events(bytes, cuts);
      const book = byTheBook(bytes);
      // An id with a control character is ours to refuse; the book keeps it.
      const allSendable = book.every(([, id, lastId]) => isSendable(`${id}${lastId}`));
      if (allSendable) expect(found).toEqual(book);
      else expect(found.map(([, , , data]) => data)).toEqual(book.map(([, , , data]) => data));
    }),
    { numRuns: 3000 },
  );
});

it.each([
  ["a retry field", "retry: 3000\n\n", []],
  ["a retry field whose blank line has not come", "retry: 3000\n", []],
  ["an event without data", "event: ping\n\n", []],
  ["a bare line break", "\n", []],
  ["a comment whose blank line comes later", ": hb\n\n", [5]],
  ["the second half of a line break", "event: x\r\n\r\n", [11]],
] as const)("says that nothing is left open after %s", (_what, input, cuts) => {
  expect(settledTimes(input, cuts)).toBeGreaterThan(0);
});
it.each(["event: x\n", "data", "data: 1\n", "id: 4\r\n", "data: 1\nretry: 5\n", "retry: 5\ndata: 1\n"])(
  "does not say so in the middle of a block: %j",
  (input) => {
    expect(settledTimes(input)).toBe(0);
  },
);
it.each([
  [": hb\n\n", false],
  ["data: 1\n\n: hb\n", false],
  ["data: 1\n: hb\n", true],
] as const)("says of a comment whether a block goes on after what it came with: %j", (input, isOpen) => {
  const told: boolean[] = [];
  const nothing = { events() {}, retry() {}, cursor() {}, skipped() {}, settled() {} };
  const decoder = new SseDecoder("", { ...nothing, comment: (_text, goesOn) => void told.push(goesOn) });
  decoder.feed(Buffer.from(input));
  expect(told).toEqual([isOpen]);
});
