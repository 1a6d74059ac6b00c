/** Long events, and what a journal of version 1 had of them. */
import { join } from "node:path";
import Database from "libsql";
import { expect, it } from "vitest";
import { steps } from "../../main/io/journal/journal-schema.ts";
import { appendTo, aStore } from "./a-store.ts";
import { aMark, anEvent, everything } from "./journal-samples.ts";
import { temporaryFolder } from "./temporary-folder.ts";

it("lists long events without reading them", () => {
  const dir = temporaryFolder();
  const store = aStore(dir);
  const long = "é".repeat(1_000_000);
  for (let n = 0; n < 5; n++)
    appendTo(store, "orders", [anEvent({ data: `${n} ${long}`, bytes: 2_000_002, id: `i${n}` }), anEvent()]);
  store.close();
  const again = aStore(dir);
  const before = process.memoryUsage().arrayBuffers;
  const { rows } = again.view.tail("orders", everything, 10);
  expect(rows).toMatchObject(
    Array.from({ length: 10 }, (_, i) => ({ seq: i + 1, bytes: i % 2 === 0 ? 2_000_002 : 12 })),
  );
  expect(rows[2]).toMatchObject({ id: "i1", preview: `1 ${long.slice(0, 238)}` });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1_000_000);
  expect(again.view.read("orders", everything, 2, 1)[0]?.data).toBe(`1 ${long}`);
});

it("makes blocks of the rows of version 1, of all lengths", () => {
  const dir = temporaryFolder();
  const db = new Database(":memory:");
  db.exec(`ATTACH '${join(dir, "events.sqlite")}' AS disk`);
  db.exec(steps[0] as string);
  db.exec("BEGIN");
  const insert = db.prepare(
    `INSERT INTO disk.entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'https://a.example/', 'websocket', 3, 9, 'replayed', ?, NULL, ?, NULL, ?)`,
  );
  const data = (seq: number) => (seq % 90 === 0 ? "x".repeat(40_000) : `says \0 ${seq}`);
  for (let seq = 1; seq <= 700; seq++) {
    const stream = seq % 3 === 0 ? "others" : "orders";
    if (seq % 100 === 1) insert.run(seq, stream, 1, seq, null, null, null, null, null, "lost", `{"n":${seq}}`, null);
    else
      insert.run(
        seq,
        stream,
        0,
        seq,
        seq * 10,
        seq % 7 === 0 ? null : 20,
        "price",
        String(seq),
        "",
        null,
        null,
        Buffer.from(data(seq)),
      );
  }
  db.exec("PRAGMA disk.user_version = 1");
  db.exec("COMMIT");
  db.exec("DETACH disk");
  const store = aStore(dir);
  expect([store.state, store.problems]).toEqual(["ok", []]);
  for (const [stream, rest] of [
    ["orders", [1, 2]],
    ["others", [0]],
  ] as const) {
    const seqs = Array.from({ length: 700 }, (_, i) => i + 1).filter((seq) => rest.some((one) => one === seq % 3));
    const { rows, total } = store.view.tail(stream, everything, 1000);
    expect([total, rows.map(({ seq }) => seq)]).toEqual([seqs.length, seqs]);
    for (const row of rows) {
      if (row.seq % 100 === 1) expect(row).toMatchObject({ kind: "mark", mark: "lost", params: { n: row.seq } });
      else
        expect(row).toMatchObject({
          gapMs: row.seq % 7 === 0 ? null : 20,
          preview: data(row.seq).slice(0, 240),
          flags: ["replayed"],
        });
    }
    for (const event of store.view.read(stream, everything, 0, 1000)) {
      expect(event).toMatchObject({
        data: data(event.seq),
        mono: event.seq * 10,
        transport: "websocket",
        generation: 3,
      });
    }
  }
  expect(appendTo(store, "orders", [aMark()])).toBe(701);
});
