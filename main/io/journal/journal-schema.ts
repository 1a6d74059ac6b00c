/**
 * The journal's tables, by version. Each version that was ever released has a golden file in test/io/golden, which
 * must open and read the same for ever: a step here is never edited, only followed by another.
 */

import { rowsToBlocks } from "./journal-rows.ts";
import type { Connection } from "./journal-statements.ts";

export const journalVersion = 2;

/** A step is SQL, or what has to be done in the same transaction. */
type Step = string | ((db: Connection) => void);

/** steps[n] makes version n + 1 of version n. Run in one transaction with the new number. */
export const steps: readonly Step[] = [
  // A row an event (kind 0) or mark (kind 1). `preview` was set where the data was long or held a NUL.
  `CREATE TABLE disk.entries (
    seq INTEGER PRIMARY KEY,
    stream TEXT NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    mono INTEGER,
    gap INTEGER,
    type TEXT,
    id TEXT,
    last_id TEXT,
    endpoint TEXT,
    transport TEXT,
    generation INTEGER,
    bytes INTEGER,
    flags TEXT,
    mark TEXT,
    failure TEXT,
    params TEXT,
    preview TEXT,
    data TEXT
  );
  CREATE INDEX disk.entries_stream ON entries (stream, seq);
  CREATE TABLE disk.cursors (stream TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE disk.sequence (only INTEGER PRIMARY KEY CHECK (only = 1), reserved INTEGER NOT NULL);
  INSERT INTO disk.sequence VALUES (1, 1);
  CREATE TABLE disk.recent (ticket INTEGER PRIMARY KEY, session TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL);`,
  // Blocks (block-layout.ts) and what is asked of them most beside them, so that a start reads no bodies. `types`: JSON of all
  // types and how many events each has. `short`: of a long event, the block as a list needs it.
  (db) => {
    db.exec(`CREATE TABLE disk.blocks (
      first INTEGER PRIMARY KEY,
      stream TEXT NOT NULL,
      last INTEGER NOT NULL,
      count INTEGER NOT NULL,
      events INTEGER NOT NULL,
      from_at INTEGER NOT NULL,
      to_at INTEGER NOT NULL,
      size INTEGER NOT NULL,
      types BLOB NOT NULL
    );
    CREATE INDEX disk.blocks_stream ON blocks (stream, first);
    CREATE TABLE disk.bodies (first INTEGER PRIMARY KEY, short BLOB, body BLOB NOT NULL);`);
    rowsToBlocks(db);
    db.exec("DROP TABLE disk.entries");
  },
];
