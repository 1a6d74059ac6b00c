/**
 * The journal's tables, by version. Each version that was ever released has a golden file in test/io/golden, which
 * must open and read the same for ever: a step here is never edited, only followed by another.
 */

export const journalVersion = 1;

/**
 * Events (kind 0) and marks (kind 1) in one sequence. `data` stands last, because what follows a long value is read
 * through all its pages. `preview` is set only where the data is long or holds a NUL (SQLite's text functions end there),
 * so that a list never loads long data.
 */
const entries = (schema: string, extra: string): string => `
  CREATE TABLE ${schema}.entries (
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
    ${extra}
    data TEXT
  );
  CREATE INDEX ${schema}.entries_stream ON entries (stream, seq);`;

/** steps[n] makes version n + 1 of version n. Run in one transaction with the new number. */
export const steps: readonly string[] = [
  `${entries("disk", "")}
  CREATE TABLE disk.cursors (stream TEXT PRIMARY KEY, cursor TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE disk.sequence (only INTEGER PRIMARY KEY CHECK (only = 1), reserved INTEGER NOT NULL);
  INSERT INTO disk.sequence VALUES (1, 1);
  CREATE TABLE disk.recent (ticket INTEGER PRIMARY KEY, session TEXT NOT NULL, first INTEGER NOT NULL, count INTEGER NOT NULL);`,
];

/** The same shape in memory: for streams that keep nothing, and for what could not be written (`unsaved` 1). */
export const memorySchema = entries("main", "unsaved INTEGER NOT NULL,");

/** Columns that both have. */
export const columns =
  "seq, stream, kind, at, mono, gap, type, id, last_id, endpoint, transport, generation, bytes, flags, mark, failure, params, preview, data";
