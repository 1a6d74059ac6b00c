/** The journal against a plain list: whatever is appended, merged, cleared and opened anew, every question has the same answer. */
import * as fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import type { Mark, ReceivedEvent } from "../../main/core/events/record.ts";
import { JournalStore } from "../../main/io/journal/journal-store.ts";
import type { Filter } from "../../preload/contract.ts";
import { appendTo, storeStart, upkeep } from "./a-store.ts";
import { aMark, anEvent, everything } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

type Kept = { readonly seq: number; readonly record: ReceivedEvent | Mark };
const streams = ["orders", "others"];
const types = ["message", "price", "trade"];
const base = 1_800_000_000_000;

const record = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(fc.constantFrom(...types), fc.constantFrom("yes", "no", "发货"), fc.nat(50)) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constantFrom("append"), fc.nat(1), fc.array(record, { maxLength: 12 })) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom("many"), fc.nat(1), fc.array(record, { minLength: 300, maxLength: 600 })),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("upkeep", "reopen", "clear"), fc.nat(1), fc.constant([])) },
);
const filter = fc.oneof(
  fc.constant(everything),
  fc.record({
    types: fc.subarray(types),
    text: fc.constantFrom("", "", "YES", "发"),
    path: fc.constant(""),
    from: fc.option(fc.nat(40).map((ms) => base + ms)),
    to: fc.option(fc.nat(60).map((ms) => base + ms)),
  }),
);
/** As shares: where in the list, and how much of it. */
const look = fc.tuple(fc.nat(1), filter, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(60));

function matches({ record }: Kept, { types, text, from, to }: Filter): boolean {
  if (types.length === 0 && text === "" && from === null && to === null) return true;
  if (!("type" in record)) return false;
  const isOfType = types.length === 0 || types.includes(record.type);
  const isWithin = (from === null || record.receivedAt >= from) && (to === null || record.receivedAt < to);
  return isOfType && isWithin && record.data.toLowerCase().includes(text.toLowerCase());
}
const atOf = ({ record }: Kept) => ("type" in record ? record.receivedAt : record.at);

it("answers as a plain list would", { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), fc.array(look, { minLength: 4, maxLength: 12 }), play),
    { numRuns: 25 },
  );
});

function play(
  steps: readonly (readonly [string, number, readonly unknown[]])[],
  looks: readonly (readonly [number, Filter, number, number])[],
) {
  const dir = temporaryFolder();
  let store = new JournalStore(storeStart(dir));
  onTestFinished(() => store.close());
  const model: Kept[][] = [[], []];
  for (const [what, which, given] of steps) {
    const stream = streams[which] ?? "";
    if (what === "upkeep") upkeep(store);
    else if (what === "clear") {
      expect(store.clear(stream, false)).toBe(true);
      model[which] = [];
    } else if (what === "reopen") {
      store.close();
      store = new JournalStore(storeStart(dir));
    } else {
      const records = (given as ([string, string, number] | null)[]).map((one, i) =>
        one === null
          ? aMark({ stream, at: base + i })
          : anEvent({ stream, type: one[0], data: one[1], receivedAt: base + one[2], id: String(i) }),
      );
      const first = appendTo(store, stream, records);
      model[which]?.push(...records.map((record, i) => ({ seq: first + i, record })));
    }
    // Also between the steps: what is kept of earlier answers must not grow stale.
    compare(store, model, [which, looks[0]?.[1] ?? everything, 0.5, 9]);
  }
  for (const one of looks) compare(store, model, one);
}

function compare(
  store: JournalStore,
  model: readonly Kept[][],
  [which, wanted, share, limit]: readonly [number, Filter, number, number],
) {
  const stream = streams[which] ?? "";
  const all = model[which] ?? [];
  const found = all.filter((kept) => matches(kept, wanted));
  const seqs = (kept: readonly { readonly seq: number }[]) => kept.map(({ seq }) => seq);
  const from = Math.floor(share * found.length);
  const window = store.view.window(stream, wanted, from, limit);
  expect([window.matching, seqs(window.rows)]).toEqual([found.length, seqs(found.slice(from, from + limit))]);
  const tail = store.view.tail(stream, wanted, limit);
  expect([tail.total, tail.matching, seqs(tail.rows)]).toEqual([
    all.length,
    found.length,
    seqs(limit === 0 ? [] : found.slice(-limit)),
  ]);
  for (const { type, count } of tail.types)
    expect(count).toBe(all.filter(({ record }) => "type" in record && record.type === type).length);
  const at = base + Math.floor(share * 60);
  const place = found.findIndex((kept) => atOf(kept) >= at);
  expect(store.view.placeOf(stream, wanted, at)).toMatchObject({
    place: place < 0 ? found.length : place,
    matching: found.length,
  });
  const after = found[from]?.seq ?? 0;
  const events = found.filter(({ seq, record }) => seq > after && "type" in record).slice(0, limit + 1);
  expect(store.view.read(stream, wanted, after, limit + 1)).toEqual(
    events.map(({ seq, record }) => ({ seq, ...record })),
  );
  const one = all[Math.floor(share * all.length)];
  if (one !== undefined && "type" in one.record)
    expect(store.view.get(one.seq)).toMatchObject({ seq: one.seq, stream, data: one.record.data });
  expect(store.view.rows(stream, seqs(found.slice(0, 3)))).toMatchObject(found.slice(0, 3).map(({ seq }) => ({ seq })));
}
