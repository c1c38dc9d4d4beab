/** The seam SqlDatabase over PGlite: Postgres inside this process, one connection, one statement after the other (R33). */
import { PGlite } from '@electric-sql/pglite';
import {
  connectionLost,
  type SqlCall,
  type SqlDatabase,
  SqlError,
  type SqlLane,
  type SqlResult,
  type SqlSession,
} from '../../ports/sql-database.ts';
import { CallEncoder, decode } from './wire.ts';

/** Between two runs of `vacuum`, which nothing else does here. */
const tidyEvery = 10;

export class PgliteDatabase implements SqlDatabase {
  readonly #engine: PGlite;
  readonly #session: PgliteSession;
  /** Resolves when the session is free. */
  #free: Promise<unknown> = Promise.resolve();
  #tidied = 0;

  private constructor(engine: PGlite) {
    this.#engine = engine;
    this.#session = new PgliteSession(engine);
  }

  /**
   * `folder`: where the data is kept; without it, in memory. `planning`: statements that tell the planner what it must know. What
   * is committed survives the end of the process, but not a loss of power: the engine does not sync (R33).
   */
  static async open(folder: string | undefined, planning: readonly string[] = []): Promise<PgliteDatabase> {
    const engine = await PGlite.create(folder === undefined ? {} : { dataDir: folder });
    if (planning.length > 0) await engine.exec(planning.join('; '));
    return new PgliteDatabase(engine);
  }

  session<Result>(_lane: SqlLane, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    const turn = this.#free.then(() => this.#lend(work));
    this.#free = turn.catch(() => {});
    return turn;
  }

  async #lend<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    try {
      return await work(this.#session);
    } catch (error) {
      if (!this.#engine.closed && this.#engine.isInTransaction()) await this.#engine.exec('rollback');
      throw error;
    }
  }

  /** Without `analyze`, which takes a second: plans do not hang on what a table holds (see `planning`). */
  async tidy(): Promise<void> {
    if (this.#tidied++ % tidyEvery !== 0) return;
    await this.session('read', (session) => session.script('vacuum'));
  }

  /** Waits for whoever has the session. */
  async close(): Promise<void> {
    await this.#free;
    await this.#engine.close();
  }
}

class PgliteSession implements SqlSession {
  readonly #engine: PGlite;
  readonly #encoder = new CallEncoder();

  constructor(engine: PGlite) {
    this.#engine = engine;
  }

  /** All calls are one pass through the engine. */
  async run(calls: readonly SqlCall[]): Promise<SqlResult[]> {
    const bytes = await this.#send(this.#encoder.encode(calls));
    const answers = decode(bytes, calls, (name) => this.#encoder.learn(name));
    if (answers.length !== calls.length) {
      throw new SqlError(`${answers.length} of ${calls.length} statements were answered`, connectionLost);
    }
    return answers.map((answer) => {
      if (answer instanceof SqlError) throw answer;
      return answer;
    });
  }

  async #send(message: Uint8Array): Promise<Uint8Array> {
    try {
      return await this.#engine.execProtocolRaw(message);
    } catch (error) {
      throw toSqlError(error);
    }
  }

  async script(text: string): Promise<void> {
    try {
      await this.#engine.exec(text);
    } catch (error) {
      throw toSqlError(error);
    }
  }
}

function toSqlError(error: unknown): SqlError {
  const { message, code, detail } = error as { message?: string; code?: string; detail?: string };
  return new SqlError(message ?? String(error), typeof code === 'string' ? code : connectionLost, detail);
}
