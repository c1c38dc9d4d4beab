/**
 * The seam below the SQL form of the ResourceStore: Postgres over the network, or PGlite in this process. Values go in as text,
 * numbers or bytes, arrays as Postgres writes them (`{1,2}`); int8 comes out as a number, bytea as a Buffer.
 */
export type SqlValue = string | number | boolean | null | Buffer;

/** `name`: an engine may prepare the statement once under it, so no two texts have the same. */
export interface SqlStatement {
  readonly name: string;
  readonly text: string;
}

export interface SqlCall {
  statement: SqlStatement;
  values?: readonly SqlValue[];
}

export interface SqlResult {
  /** Each row an array of its columns. */
  rows: unknown[][];
  /** First word of the command tag: after a failed statement COMMIT answers `ROLLBACK`. */
  command: string;
}

/** SQLSTATE 08006: the connection is lost, and what was sent may have happened or not. */
export const connectionLost = '08006';

/** A statement failed, or the database cannot be reached. */
export class SqlError extends Error {
  override name = 'SqlError';
  /** SQLSTATE. */
  readonly code: string;
  readonly detail: string | undefined;

  constructor(message: string, code: string, detail?: string) {
    super(message);
    this.code = code;
    this.detail = detail;
  }
}

/** flight: commits, one at a time · read: loads · query: what may take long, bounded by a time limit of its own (R13). */
export type SqlLane = 'flight' | 'read' | 'query';

export interface SqlSession {
  /**
   * Sends all calls without waiting between them where the engine can. Rejects with the SqlError of the first that failed,
   * when nothing is under way any more; the calls behind it have no effect if all are in one transaction.
   */
  run(calls: readonly SqlCall[]): Promise<SqlResult[]>;
  /** Several statements without values. */
  script(text: string): Promise<void>;
}

export interface SqlDatabase {
  /**
   * Lends a session that nobody else uses until `work` is done. Where `work` rejects, a transaction it has left open is rolled
   * back; a session whose connection is lost is thrown away.
   */
  session<Result>(lane: SqlLane, work: (session: SqlSession) => Promise<Result>): Promise<Result>;
  /** Gives room of removed rows back, where the engine does not by itself. */
  tidy?(): Promise<void>;
  close(): Promise<void>;
}
