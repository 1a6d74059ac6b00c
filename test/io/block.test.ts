import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EventFlag, Mark, ReceivedEvent } from "../../main/core/events/record.ts";
import { BlockError, cut, isSound, openBlock } from "../../main/io/journal/block.ts";
import { blockRecords, longChars, numberBlock, packBlock, packBlocks } from "../../main/io/journal/block-pack.ts";
import { aMark, anEvent } from "./journal-samples.ts";

/** Also what is no valid UTF-16: a WebSocket's JSON can say it. */
const anyText = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.constantFrom("", "\0", "发货失败", "\ud83d", "\ude00", "😀".repeat(300), "x".repeat(700)),
);
const whole = fc.oneof(
  fc.nat(),
  fc.bigInt({ min: 0n, max: 1n << 52n }).map(Number),
  fc.constantFrom(0, 1, 255, 256, 65_535, 65_536),
);
const flags = fc.subarray<EventFlag>(["replayed", "id-ignored", "type-cut", "id-reused"]);
const event: fc.Arbitrary<ReceivedEvent> = fc.record({
  stream: fc.constant("orders"),
  endpoint: fc.constantFrom("https://a.example/", "wss://b.example/ü"),
  transport: fc.constantFrom("sse", "websocket"),
  generation: whole,
  id: fc.option(anyText),
  lastEventId: anyText,
  type: anyText,
  data: anyText,
  bytes: whole,
  receivedAt: whole,
  mono: fc.oneof(whole, fc.double({ noNaN: true, min: 0, max: 1e12 })),
  flags,
});
const mark: fc.Arbitrary<Mark> = fc.record({
  stream: fc.constant("orders"),
  at: whole,
  mark: fc.constantFrom("opened", "lost", "gap"),
  failure: fc.constant(null),
  params: fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.nat())).map((given) => ({ ...given })),
});
/** The same event again and again is what streams mostly send. */
const records = fc.array(fc.oneof({ weight: 4, arbitrary: event }, mark), { minLength: 1, maxLength: 40 });

function back(block: ReturnType<typeof openBlock>): (ReceivedEvent | Mark)[] {
  return Array.from({ length: block.count }, (_unused, i) => {
    if (block.isMark(i)) return block.mark(i, "orders");
    const { seq: _seq, ...rest } = block.event(i, "orders");
    return rest;
  });
}

it("gives back what was packed, whatever the strings and numbers", () => {
  fc.assert(
    fc.property(records, whole, (given, first) => {
      const bytes = packBlock(given);
      numberBlock(bytes, first, 5);
      const block = openBlock(bytes);
      expect(isSound(bytes)).toBe(true);
      expect(back(block)).toEqual(given);
      for (const [i, record] of given.entries()) {
        expect(block.seq(i)).toBe(first + i);
        const row = block.row(i, true);
        if (!("type" in record)) expect(row).toMatchObject({ kind: "mark", mark: record.mark, params: record.params });
        else {
          const { type, id, bytes, generation } = record;
          const shown = { kind: "event", type, id, bytes, generation, flags: [...record.flags, "unsaved"] };
          expect(row).toMatchObject({ ...shown, at: record.receivedAt, preview: cut(record.data, 240) });
        }
      }
    }),
  );
});

it("packs the same records to the same bytes, and packs again what it read", () => {
  fc.assert(
    fc.property(records, (given) => {
      const bytes = packBlock(given);
      expect(packBlock(back(openBlock(bytes)))).toEqual(bytes);
    }),
  );
});

it("measures the pause before each event, and takes the first one's from where it is kept", () => {
  const given = [aMark(), anEvent({ mono: 10 }), aMark(), anEvent({ mono: 25.4 }), anEvent({ mono: 20 })];
  const bytes = packBlock(given);
  const gaps = () => given.map((_, i) => openBlock(bytes).gapMs(i));
  expect(gaps()).toEqual([null, null, null, 15, 0]);
  numberBlock(bytes, 7, 300);
  expect(gaps()).toEqual([null, 300, null, 15, 0]);
});

it("keeps numbers with holes and the pauses when blocks are merged", () => {
  fc.assert(
    fc.property(records, fc.infiniteStream(fc.integer({ min: 1, max: 90_000 })), whole, (given, steps, start) => {
      let seq = start;
      const seqs = given.map(() => {
        seq += steps.next().value ?? 1;
        return seq;
      });
      const gaps = given.map((record, i) => ("mark" in record || i % 3 === 0 ? null : i * 1000));
      const bytes = packBlock(given, { seqs, gaps });
      const block = openBlock(bytes);
      expect(isSound(bytes)).toBe(true);
      expect([block.first, block.last]).toEqual([seqs[0], seqs.at(-1)]);
      expect(given.map((_, i) => [block.seq(i), block.gapMs(i)])).toEqual(seqs.map((n, i) => [n, gaps[i]]));
    }),
  );
});

it("is small: about 13 bytes a record beside its text", () => {
  const given = Array.from({ length: 200 }, (_, i) =>
    anEvent({ id: String(100_000 + i), lastEventId: String(100_000 + i), mono: i * 3, receivedAt: 1.8e12 + i * 3 }),
  );
  expect(packBlock(given).byteLength / 200 - "100000hello".length).toBeLessThan(14);
});

it("has a buffer of its own: what goes to another thread carries nothing else with it", () => {
  const bytes = packBlock([anEvent()]);
  expect(bytes.buffer.byteLength).toBe(bytes.byteLength);
});

describe("bytes that are not what was written", () => {
  it("end in a code or in other records, never in anything else, and are never sound", { timeout: 20_000 }, () => {
    fc.assert(
      fc.property(
        records,
        fc.array(fc.tuple(fc.nat(), fc.nat(7)), { minLength: 1 }),
        fc.nat(),
        (given, flips, cutAt) => {
          const good = packBlock(given);
          numberBlock(good, 1, null);
          let bytes = Uint8Array.from(good);
          for (const [at, bit] of flips) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
          if (cutAt % 3 === 0) bytes = bytes.slice(0, cutAt % bytes.length);
          fc.pre(!Buffer.from(bytes).equals(good));
          expect(isSound(bytes)).toBe(false);
          try {
            const block = openBlock(bytes);
            for (let i = 0; i < Math.min(block.count, 300); i++) {
              block.row(i);
              if (!block.isMark(i)) block.event(i, "orders");
            }
          } catch (error) {
            expect(error).toBeInstanceOf(BlockError);
          }
        },
      ),
    );
  });

  it("of a later version are told from damaged ones", () => {
    const bytes = packBlock([anEvent()]);
    bytes[1] = 99;
    expect(() => openBlock(bytes)).toThrow("block-newer");
    expect(() => openBlock(new Uint8Array(10))).toThrow("block-damaged");
  });
});

it("parts many records, and leaves a long event alone", () => {
  const long = anEvent({ data: "x".repeat(longChars + 1) });
  const short = anEvent();
  const counts = (given: readonly ReceivedEvent[]) => packBlocks(given).map((bytes) => openBlock(bytes).count);
  expect(counts([])).toEqual([]);
  expect(counts([short, short])).toEqual([2]);
  expect(counts(new Array(2 * blockRecords + 1).fill(short))).toEqual([blockRecords, blockRecords, 1]);
  expect(counts([long, short, short, long, long, short])).toEqual([1, 2, 1, 1, 1]);
  expect(counts(new Array(40).fill(anEvent({ data: "x".repeat(longChars) })))).toEqual([16, 16, 8]);
});
