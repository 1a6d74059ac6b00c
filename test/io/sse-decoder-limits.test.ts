/** What a hostile server may send: events without measure, ids that poison every later request, types without end. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { isSendable, SseDecoder } from "../../main/io/sse/sse-decoder.ts";
import { decode, events } from "./decoded.ts";
import { seeded } from "./seeded.ts";

const limits = { eventBytes: 64, idBytes: 8, typeChars: 5 };
const framings = { LF: "\n", CR: "\r", CRLF: "\r\n" };
const large = {
  "one long line": `data: ${"x".repeat(150)}\n`,
  "many lines": "data: 0123456789\n".repeat(12),
  "many short lines": "data: a\n".repeat(60),
  "a long line with id and type": `id: 9\nevent: e\ndata: ${"é".repeat(70)}\n`,
};
const cases = Object.entries(framings).flatMap(([framing, end]) =>
  Object.entries(large).map(([name, text]) => ({ framing, name, text, end })),
);

it.each(cases)(
  "passes over an event of $name ($framing) and takes the next one whole, wherever it is cut",
  ({ text, end }) => {
    const stream = `data: a\n\n${text}\ndata: b\nid: 2\n\ndata: c\n\n`.replaceAll("\n", end);
    const bytes = Buffer.from(stream);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { told, alive } = decode(bytes, [cut], limits);
      expect(alive).toBe(true);
      const seen = told.flatMap((one) => ("event" in one ? [one.event.data] : "skipped" in one ? ["skipped"] : []));
      expect(seen, `cut at ${cut}`).toEqual(["a", "skipped", "b", "c"]);
    }
    const single = decode(bytes, [...bytes.keys()], limits).told;
    expect(single.flatMap((one) => ("event" in one ? [one.event.data] : "skipped" in one ? ["skipped"] : []))).toEqual([
      "a",
      "skipped",
      "b",
      "c",
    ]);
  },
);

it("takes no byte-order mark off the event after one that was passed over", () => {
  expect(
    events(`data: ${"x".repeat(200)}\n\n\ufeffdata: a\n\ndata: b\n\n`, [], limits).map(([, , , data]) => data),
  ).toEqual(["b"]);
});
it("takes an event of just the limit, and not one byte more", () => {
  expect(events(`data: ${"x".repeat(64)}\n\n`, [], limits)).toHaveLength(1);
  expect(decode(`data: ${"x".repeat(65)}\n\n`, [], limits).told).toEqual([{ skipped: true }]);
  expect(decode(`data: ${"é".repeat(33)}\n\n`, [], limits).told).toEqual([{ skipped: true }]);
});
it.each(["data: ", ": ", "id: ", "event: "])(
  "gives up a line of %s that does not end within 16 times the limit",
  (start) => {
    expect(decode(start + "x".repeat(64 * 15), [], limits).alive).toBe(true);
    expect(decode(start + "x".repeat(64 * 18), [], limits).alive).toBe(false);
  },
);
it("gives up an event of lines that does not end", () => {
  expect(decode("data: x\n".repeat(300), [], limits).alive).toBe(false);
});

it.each([
  ["too long", "123456789"],
  ["too long in UTF-8", "€€€"],
  ["with ESC", "a\u001bb"],
  ["with DEL", "a\u007f"],
  ["with a tab", "a\tb"],
])("ignores an id that is %s, says so, and keeps the one before", (_, id) => {
  const { told } = decode(`id: ok\ndata: a\n\nid: ${id}\ndata: b\n\nid: ${id}\n\n`, [], limits);
  expect(told.slice(1)).toEqual([
    {
      event: {
        id: null,
        lastEventId: "ok",
        type: "message",
        data: "b",
        bytes: 1 + Buffer.byteLength(id),
        flags: ["id-ignored"],
        stampedAt: null,
      },
    },
  ]);
});
it.each(["€", "😀", "陈晓", "a b", "é", "x".repeat(1024)])("takes %s for an id that can be sent", (id) =>
  expect(isSendable(id)).toBe(true),
);
it("cuts a type that is too long, and says so", () => {
  expect(decode("event: 1234567\ndata: a\n\n", [], limits).told).toMatchObject([
    { event: { type: "12345", flags: ["type-cut"] } },
  ]);
});

it("counts an event's bytes as UTF-8 has them, wherever the text was cut and whatever stands around it", () => {
  const random = seeded(7);
  const below = (n: number) => Math.floor(random() * n);
  const words = ["plain", "é", "发货", "🙂", "\ufffd", ""];
  const word = () => words[below(words.length)] ?? "";
  const text = Array.from({ length: 400 }, (_, n) => {
    const about = below(3) === 0 ? `: ${word()}\n` : "";
    return `${about}id: ${n}${word()}\nevent: t${word()}\ndata: ${word()}${word()}\ndata: x\n\n`;
  }).join("");
  const bytes = Buffer.from(text);
  for (let round = 0; round < 30; round++) {
    const cuts = Array.from({ length: 1 + below(300) }, () => below(bytes.length));
    const found = decode(bytes, cuts).told.flatMap((one) => ("event" in one ? [one.event] : []));
    expect(found).toHaveLength(400);
    const size = (...texts: (string | null)[]) => Buffer.byteLength(texts.join(""));
    expect(found.filter(({ id, type, data, bytes: told }) => told !== size(id, type, data))).toEqual([]);
  }
});

const collect = () => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
};
const heapGrowth = (work: () => unknown): number => {
  const gc = collect();
  gc();
  const before = process.memoryUsage();
  const kept = work();
  gc();
  const after = process.memoryUsage();
  expect(kept).toBeDefined();
  return (after.heapUsed + after.external - before.heapUsed - before.external) / 1024 / 1024;
};
const nothing = { events() {}, comment() {}, retry() {}, cursor() {}, skipped() {}, settled() {} };

it("keeps no chunk alive for the ids, types and comments that were cut from it", () => {
  const kept: string[] = [];
  const padding = "x".repeat(65_000);
  const grown = heapGrowth(() => {
    const decoder = new SseDecoder("", {
      ...nothing,
      events: (events) => void kept.push(...events.flatMap(({ id, type }) => [id ?? "", type])),
      comment: (text) => void kept.push(text),
    });
    for (let n = 0; n < 2000; n++) {
      decoder.feed(
        Buffer.from(
          `: a comment of some length ${n}\nid: identity-number-${n}\nevent: some-type-name\ndata: ${padding}\n\n`,
        ),
      );
    }
    return kept;
  });
  expect(kept).toHaveLength(6000);
  // Kept chunks would be 2,000 × 65 kB = 130 MB; what is cut off is under 1. Between them lies what a busy process leaves uncollected.
  expect(grown).toBeLessThan(60);
});
it.each([
  [
    "behind a long comment",
    (n: number) => `: ${"x".repeat(65_000)}\nid: identity-number-${n}\ndata: some data of event ${n}\n\n`,
  ],
  [
    "before a long comment",
    (n: number) => `id: identity-number-${n}\ndata: some data of event ${n}\n\n: ${"x".repeat(65_000)}\n`,
  ],
  [
    "behind one that came in pieces",
    (n: number) => `: ${"x".repeat(130_000)}\nid: identity-number-${n}\ndata: some data of event ${n}\n\n`,
  ],
])("keeps no chunk alive for a small event %s", (_, block) => {
  const kept: unknown[] = [];
  const grown = heapGrowth(() => {
    const decoder = new SseDecoder("", { ...nothing, events: (events) => void kept.push(...events) });
    for (let n = 0; n < 2000; n++) decoder.feed(Buffer.from(block(n)));
    return kept;
  });
  expect(kept).toHaveLength(2000);
  expect(grown).toBeLessThan(60);
});
it("keeps no chunk alive for the last id of what came together, and none for long for the others", () => {
  const kept: string[] = [];
  const grown = heapGrowth(() => {
    const decoder = new SseDecoder("", {
      ...nothing,
      events: (events) => void kept.push(events.at(-1)?.lastEventId ?? ""),
    });
    for (let n = 0; n < 2000; n++) {
      decoder.feed(Buffer.from(`id: identity-number-${n}\ndata: ${"x".repeat(600)}\n\n`.repeat(100)));
    }
    return kept;
  });
  expect(kept).toHaveLength(2000);
  expect(grown).toBeLessThan(60);
});
it("holds less than 100 MiB for ten million empty data lines, and goes on after them", () => {
  const told: string[] = [];
  const decoder = new SseDecoder("", {
    ...nothing,
    events: (events) => void told.push(...events.map(({ data }) => data)),
    skipped: () => void told.push("skipped"),
  });
  const lines = Buffer.from("data:\n".repeat(100_000));
  let most = 0;
  const start = process.memoryUsage().heapUsed;
  for (let n = 0; n < 100; n++) {
    expect(decoder.feed(lines)).toBe(true);
    most = Math.max(most, process.memoryUsage().heapUsed - start);
  }
  decoder.feed(Buffer.from("\ndata: next\n\n"));
  expect(told).toEqual(["skipped", "next"]);
  expect(most / 1024 / 1024).toBeLessThan(100);
});
