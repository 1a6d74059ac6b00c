/** Events as text: the three forms of a file, and the way back from NDJSON. */
import fc from "fast-check";
import { expect, it } from "vitest";
import type { EventFlag, EventRecord } from "../../../main/core/events/record.ts";
import { cell, csvHeader, csvRecord } from "../../../main/core/export/csv.ts";
import { exportedEvent } from "../../../main/core/export/exported-event.ts";
import { type ExportFormat, exportFormats, forms, ndjsonLine } from "../../../main/core/export/formats.ts";
import { isoTime } from "../../../main/core/export/iso-time.ts";
import { readNdjsonLine } from "../../../main/core/export/ndjson-line.ts";

const known: EventRecord = {
  seq: 7,
  stream: "orders",
  endpoint: "https://example.org/orders",
  transport: "sse",
  generation: 3,
  id: "o-1",
  lastEventId: "o-1",
  type: "shipped",
  data: '{"city":"上海",\n"n":1}',
  bytes: 40,
  receivedAt: 1_800_000_000_123,
  mono: 12.5,
  flags: ["replayed", "id-reused"],
};

const text = fc.string({ unit: "binary" });
const anyEvent: fc.Arbitrary<EventRecord> = fc.record({
  seq: fc.nat(),
  stream: fc.constant("orders"),
  endpoint: text,
  transport: fc.constantFrom("sse" as const, "websocket" as const),
  generation: fc.nat(),
  id: fc.option(text),
  lastEventId: text,
  type: text,
  data: fc.oneof(text, fc.string({ unit: fc.constantFrom("\ud800", "\udc00", "\n", "\u2028", '"', "x") })),
  bytes: fc.nat(),
  receivedAt: fc.nat({ max: 253_402_300_799_999 }),
  mono: fc.nat(),
  flags: fc.uniqueArray(fc.constantFrom<EventFlag>("replayed", "unsaved", "id-ignored", "type-cut", "id-reused")),
});

const whole = (format: ExportFormat, events: readonly EventRecord[]): string =>
  forms[format].begin +
  events.map((event, n) => forms[format].event(event, n)).join("") +
  forms[format].end(events.length);

it("writes an event as a line with everything that is known of it", () => {
  expect(ndjsonLine(known)).toBe(
    '{"seq":7,"receivedAt":"2027-01-15T08:00:00.123Z","receivedAtMs":1800000000123,"stream":"orders","endpoint":"https://example.org/orders","transport":"sse","type":"shipped","id":"o-1","lastEventId":"o-1","data":"{\\"city\\":\\"上海\\",\\n\\"n\\":1}","bytes":40,"flags":["replayed","id-reused"]}\n',
  );
});

it("reads back from NDJSON whatever event was written, and a line is one event", () => {
  fc.assert(
    fc.property(anyEvent, (event) => {
      const line = ndjsonLine(event);
      expect(line.indexOf("\n")).toBe(line.length - 1);
      const { seq, ...received } = event;
      expect(readNdjsonLine(line, 1, "orders")).toEqual({
        event: { ...received, generation: 0, mono: event.receivedAt },
      });
    }),
  );
});

it("says the time as Date does, in any year that it can be written in", () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_000, max: 253_402_300_799_999 }), (at) => {
      expect(isoTime(at)).toBe(new Date(at).toISOString());
    }),
    { examples: [[0], [-1], [920_246_400_000], [951_782_400_000], [4_107_542_399_999]] },
  );
});

it.each([0, 1, 3])("makes a JSON array of %s events that parses", (count) => {
  const events = Array.from({ length: count }, (_, n) => ({ ...known, seq: n }));
  expect((JSON.parse(whole("json", events)) as { seq: number }[]).map(({ seq }) => seq)).toEqual(
    events.map(({ seq }) => seq),
  );
});

const json = JSON.stringify(exportedEvent(known));
it.each([
  ["ndjson", 0, ""],
  ["ndjson", 2, `${json}\n${json}\n`],
  ["json", 0, "[]\n"],
  ["json", 1, `[\n${json}\n]\n`],
  ["json", 2, `[\n${json},\n${json}\n]\n`],
  ["csv", 0, csvHeader],
] as const)("writes as %s, of %s events, exactly %j", (format, count, expected) => {
  expect(
    whole(
      format,
      Array.from({ length: count }, () => known),
    ),
  ).toBe(expected);
});

it("offers every form there is", () => {
  expect([...exportFormats].sort()).toEqual(Object.keys(forms).sort());
});

it.each<[string, Partial<EventRecord>, string]>([
  ["flags parted by a space", {}, "replayed id-reused"],
  ["no flag as an empty cell", { flags: [] }, ""],
])("writes in CSV %s", (_, change, flags) => {
  const record = csvRecord(exportedEvent({ ...known, data: "paid", ...change }));
  expect(record).toBe(
    `7,2027-01-15T08:00:00.123Z,1800000000123,orders,https://example.org/orders,sse,shipped,o-1,o-1,paid,40,${flags}\r\n`,
  );
});

it("writes in CSV no id as an empty cell, and zero as zero", () => {
  const record = csvRecord(exportedEvent({ ...known, seq: 0, id: null, data: "0", bytes: 0, flags: [] }));
  expect(record).toMatch(/^0,.*,shipped,,o-1,0,0,\r\n$/);
});

/** RFC 4180 read strictly. */
function readCsv(csv: string): string[][] {
  const rows: string[][] = [];
  for (let at = 0; at < csv.length; ) {
    const row: string[] = [];
    for (let more = true; more; ) {
      const [whole, inQuotes, plain, end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(csv.slice(at)) ?? [];
      if (whole === undefined) throw new Error(`no CSV at ${at}`);
      row.push(inQuotes?.replaceAll('""', '"') ?? plain ?? "");
      at += whole.length;
      more = end === ",";
    }
    rows.push(row);
  }
  return rows;
}

it("writes CSV that a strict reader takes apart into the same texts, none of which begins a formula", () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 5 }), (events) => {
      const [head, ...rows] = readCsv(whole("csv", events));
      expect(head).toEqual(csvHeader.trimEnd().split(","));
      expect(rows.map((row) => row[9]?.replace(/^'(?=[=+\-@\t\r\n＝＋－＠])/, ""))).toEqual(
        events.map(({ data }) => data),
      );
      for (const one of rows.flat()) expect(one).not.toMatch(/^[=+\-@\t\r]/);
    }),
  );
});

it.each([
  ["=1+1", "'=1+1"],
  ['=HYPERLINK("http://x","y")', '"\'=HYPERLINK(""http://x"",""y"")"'],
  ["+49", "'+49"],
  ["-5", "'-5"],
  ["@SUM(1)", "'@SUM(1)"],
  ["\t=1", "'\t=1"],
  ["\r=1", '"\'\r=1"'],
  ["＝1+1", "'＝1+1"],
  ["a=1", "a=1"],
  ["'quoted'", "'quoted'"],
  ["a\n=1", '"a\n=1"'],
  ["\n", '"\'\n"'],
  [" =1", " =1"],
  ["a,b", '"a,b"'],
  ["", ""],
])("writes %j as the cell %j", (given, written) => {
  expect(cell(given)).toBe(written);
});

const lineWith = (change: object): string => JSON.stringify({ ...JSON.parse(ndjsonLine(known)), ...change });
it.each([
  ["", "import-not-json", undefined],
  ["[1]", "import-not-json", undefined],
  ["null", "import-not-json", undefined],
  ["7", "import-not-json", undefined],
  ["true", "import-not-json", undefined],
  ['"text"', "import-not-json", undefined],
  ['{"a":', "import-not-json", undefined],
  ["{}", "import-field", "receivedAtMs"],
  [lineWith({ receivedAtMs: -1 }), "import-field", "receivedAtMs"],
  [lineWith({ receivedAtMs: 253_402_300_800_000 }), "import-field", "receivedAtMs"],
  [lineWith({ receivedAtMs: 1e300 }), "import-field", "receivedAtMs"],
  [lineWith({ receivedAtMs: "1" }), "import-field", "receivedAtMs"],
  [lineWith({ transport: "carrier-pigeon" }), "import-field", "transport"],
  [lineWith({ id: 7 }), "import-field", "id"],
  [lineWith({ data: null }), "import-field", "data"],
  [lineWith({ bytes: 1.5 }), "import-field", "bytes"],
  [lineWith({ flags: "replayed" }), "import-field", "flags"],
  [lineWith({ flags: ["of-tomorrow"] }), "import-field", "flags"],
])("refuses the line %j with %s, naming line and field", (line, code, field) => {
  const params = field === undefined ? { line: 12 } : { line: 12, field };
  expect(readNdjsonLine(line, 12, "orders")).toEqual({ problem: { code, params } });
});

it.each([
  { receivedAtMs: 0 },
  { receivedAtMs: 253_402_300_799_999 },
  { transport: "websocket" },
  { id: null },
  { id: "" },
  { bytes: 0 },
  { flags: [] },
  { flags: ["imported", "unsaved", "id-ignored", "type-cut"] },
  { seq: "of another time", unknown: 1 },
])("takes a line with %j", (change) => {
  expect(readNdjsonLine(lineWith(change), 1, "orders")).toHaveProperty("event");
});

it("gives what is read to the stream that was asked for", () => {
  expect(readNdjsonLine(ndjsonLine(known), 1, "other")).toMatchObject({ event: { stream: "other" } });
});
