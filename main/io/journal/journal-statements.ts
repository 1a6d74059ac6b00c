/** The connection, and statements that are run on it again and again. */
import type Database from "libsql";

export type Connection = InstanceType<typeof Database>;
export type Statement = {
  run(...values: readonly unknown[]): unknown;
  all(...values: readonly unknown[]): unknown[];
  /** Rows as arrays from now on; blobs are then Buffers. */
  raw(): Statement;
};

const known = new WeakMap<Connection, Map<string, Statement>>();

/** Preparing costs as much as inserting a block; SQLite prepares again by itself when the file was replaced. */
export function prepared(db: Connection, sql: string): Statement {
  const statements = known.get(db) ?? new Map<string, Statement>();
  known.set(db, statements);
  const statement = statements.get(sql) ?? (db.prepare(sql) as Statement);
  statements.set(sql, statement);
  return statement;
}
