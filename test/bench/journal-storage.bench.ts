/**
 * How the journal could keep events, on the same events in the same run: a row each, a row of JSON a batch, a row with a
 * packed block a batch. Each append is a transaction with its cursor. Why blocks (2 × shared cores, Node 24, medians of 5, packing
 * on the same thread): see the last lines of this file's output in docs/performance.md.
 */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import type { ReceivedEvent } from "../../main/core/events/record.ts";
import { openBlock } from "../../main/io/journal/block.ts";
import { numberBlock, packBlock } from "../../main/io/journal/block-pack.ts";
import { machine, measure, report } from "./measure.ts";

const events = 100_000;
const batch = 200;
const batches = Array.from({ length: events / batch }, (_, b) =>
  Array.from({ length: batch }, (_, i) => one(b * batch + i)),
);

/** 180 bytes of type, id and data. */
function one(n: number): ReceivedEvent {
  const id = String(1_000_000 + n);
  const data = `{"order":${n},"note":"${"x".repeat(180)}`.slice(0, 161);
  const [mono, receivedAt] = [n / 10, 1_800_000_000_000 + Math.floor(n / 10)];
  const from = { stream: "orders", endpoint: "https://example.org/orders", transport: "sse", generation: 1 } as const;
  return { ...from, id, lastEventId: id, type: "order.paid  ", data, bytes: 180, receivedAt, mono, flags: [] };
}

type Db = InstanceType<typeof Database>;
type Way = {
  readonly name: string;
  readonly table: string;
  readonly insert: (db: Db) => (records: readonly ReceivedEvent[], first: number) => void;
  /** Forty rows from the middle, as a list shows them. */
  readonly page: (db: Db) => number;
};

const columns =
  "seq, stream, kind, at, mono, gap, type, id, last_id, endpoint, transport, generation, bytes, flags, data";
const rowsAtOnce = 8;
const middle = events / 2;

const ways: readonly Way[] = [
  {
    name: "a row each",
    table: `CREATE TABLE kept (seq INTEGER PRIMARY KEY, ${columns.slice(5)}); CREATE INDEX by_stream ON kept (stream, seq)`,
    insert: (db) => {
      const marks = `(${columns.replace(/\w+/g, "?")})`;
      const many = db.prepare(`INSERT INTO kept (${columns}) VALUES ${new Array(rowsAtOnce).fill(marks).join(", ")}`);
      return (records, first) => {
        for (let at = 0; at < records.length; at += rowsAtOnce) {
          const values = records.slice(at, at + rowsAtOnce).flatMap((record, i) => {
            const { type, id, lastEventId, endpoint, transport, generation, bytes, data, receivedAt, mono } = record;
            const head = [first + at + i, "orders", 0, receivedAt, mono, 0, type, id, lastEventId, endpoint];
            return [...head, transport, generation, bytes, "", data];
          });
          many.run(...values);
        }
      };
    },
    page: (db) => {
      const sql =
        "SELECT * FROM kept WHERE seq IN (SELECT seq FROM kept WHERE stream = ? ORDER BY seq LIMIT 40 OFFSET ?)";
      return db.prepare(sql).all("orders", middle).length;
    },
  },
  {
    name: "a row of JSON a batch",
    table: "CREATE TABLE kept (first INTEGER PRIMARY KEY, count, body)",
    insert: (db) => {
      const statement = db.prepare("INSERT INTO kept VALUES (?, ?, ?)");
      return (records, first) => statement.run(first, records.length, JSON.stringify(records));
    },
    page: (db) => {
      const [row] = db.prepare("SELECT body FROM kept WHERE first <= ? ORDER BY first DESC LIMIT 1").all(middle) as [
        { body: string },
      ];
      return JSON.parse(row.body).slice(0, 40).length;
    },
  },
  {
    name: "a packed block a batch",
    table: "CREATE TABLE kept (first INTEGER PRIMARY KEY, count, body)",
    insert: (db) => {
      const statement = db.prepare("INSERT INTO kept VALUES (?, ?, ?)");
      return (records, first) => {
        const bytes = packBlock(records);
        numberBlock(bytes, first, null);
        statement.run(first, records.length, bytes);
      };
    },
    page: (db) => {
      const [row] = db.prepare("SELECT body FROM kept WHERE first <= ? ORDER BY first DESC LIMIT 1").all(middle) as [
        { body: ArrayBuffer },
      ];
      const block = openBlock(new Uint8Array(row.body));
      return Array.from({ length: 40 }, (_, i) => block.row(i)).length;
    },
  },
];

process.stdout.write(`${machine()}\n`);
for (const { name, table, insert, page } of ways) {
  let [size, pageMs] = [0, 0];
  const rate = await measure(
    () => {
      const dir = mkdtempSync(join(tmpdir(), "holdfast-storage-"));
      const path = join(dir, "kept.sqlite");
      const db = new Database(path);
      db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA secure_delete = ON");
      db.exec(`${table}; CREATE TABLE cursors (stream TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID`);
      const add = insert(db);
      const cursor = db.prepare("INSERT INTO cursors VALUES (?, ?) ON CONFLICT DO UPDATE SET cursor = excluded.cursor");
      // Of the processor, not of the clock: what else runs on the machine is not the question.
      const before = process.cpuUsage();
      let first = 1;
      for (const records of batches) {
        db.exec("BEGIN IMMEDIATE");
        add(records, first);
        cursor.run("orders", String(first));
        db.exec("COMMIT");
        first += records.length;
      }
      const { user, system } = process.cpuUsage(before);
      const askedAt = performance.now();
      for (let n = 0; n < 20; n++) if (page(db) !== 40) throw new Error("a page is not whole");
      pageMs = (performance.now() - askedAt) / 20;
      db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").all();
      size = statSync(path).size;
      db.close();
      rmSync(dir, { recursive: true });
      return (events / (user + system)) * 1_000_000;
    },
    false,
    5,
  );
  report(name, rate, "events a second of processor");
  process.stdout.write(
    `  file: ${(size / events).toFixed(0)} bytes an event; a page from the middle: ${pageMs.toFixed(2)} ms\n`,
  );
}
