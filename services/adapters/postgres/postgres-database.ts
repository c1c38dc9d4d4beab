/** The seam SqlDatabase over Postgres: pipelined connections, one for flights, a few for loads, few for long queries. */
import type { Duplex } from 'node:stream';
import { Client, type ClientConfig, DatabaseError, Pool, type PoolClient, types } from 'pg';
import type { Address } from '../../platform/addresses.ts';
import { watchFiles } from '../../platform/files.ts';
import {
  connectionLost,
  type SqlCall,
  type SqlDatabase,
  SqlError,
  type SqlLane,
  type SqlResult,
  type SqlSession,
} from '../../ports/sql-database.ts';
import { type PostgresSource, postgresSource } from './address.ts';
import { type LaneSettings, laneScript, lanes } from './lanes.ts';

/** For errors of connections that nobody uses at the moment; the next use opens another. */
export interface PostgresHooks {
  connectionFailed?(lane: SqlLane, error: Error): void;
  /** Secrets or certificates were replaced: connections are made anew, or (with an error) stay as they are since that failed. */
  renewed?(error?: Error): void;
  /** The pools are there: `usage` tells at any time what becomes of their connections. */
  opened?(usage: () => PoolUsage[]): void;
}

export interface PoolUsage {
  lane: SqlLane;
  /** Connections. */
  used: number;
  idle: number;
  /** Calls that wait for a connection. */
  waiting: number;
}

const int8 = 20;

/** int8 as a number: everything kept in one is a count or a time far below 2^53. */
const customTypes = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : types.getTypeParser(oid, format)) as typeof types.getTypeParser,
};

export class PostgresDatabase implements SqlDatabase {
  readonly #pools: Record<SqlLane, LanePool>;
  readonly #source: PostgresSource;
  readonly #hooks: PostgresHooks;
  readonly #stopWatching: () => void;

  /** See {@link postgresSource}. `watchInterval`: ms between looks at the files. Connects when it is used. */
  constructor(address: string | Address, hooks: PostgresHooks = {}, watchInterval?: number) {
    this.#source = postgresSource(address);
    this.#hooks = hooks;
    const open = (lane: SqlLane) => new LanePool(this.#source, lane, lanes[lane], hooks);
    this.#pools = { flight: open('flight'), read: open('read'), query: open('query') };
    hooks.opened?.(() => Object.entries(this.#pools).map(([lane, pool]) => ({ lane: lane as SqlLane, ...pool.usage })));
    this.#stopWatching = watchFiles(this.#source.files, () => void this.#renew(), watchInterval);
  }

  /** Connections that are there are only given up for others that can be had. */
  async #renew(): Promise<void> {
    const trial = new Client({ ...this.#source.current(), connectionTimeoutMillis: lanes.flight.connectLimit });
    trial.on('error', () => {});
    try {
      await trial.connect();
      await trial.end();
    } catch (error) {
      this.#hooks.renewed?.(error as Error);
      return;
    }
    for (const pool of Object.values(this.#pools)) pool.renew();
    this.#hooks.renewed?.();
  }

  session<Result>(lane: SqlLane, work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    return this.#pools[lane].session(work);
  }

  async close(): Promise<void> {
    this.#stopWatching();
    await Promise.all(Object.values(this.#pools).map((pool) => pool.close()));
  }
}

/** The pool makes each of its clients by one set of options; this one looks where and who it is now. */
function clientOf(source: PostgresSource): typeof Client {
  return class extends Client {
    constructor(config?: string | ClientConfig) {
      super({ ...(config as ClientConfig), ...source.current() });
    }
  };
}

class LanePool {
  readonly #pool: Pool;
  readonly #script: string;
  /** Clients that were told how to work, by the renewal after which they were made. */
  readonly #prepared = new WeakMap<PoolClient, number>();
  #renewals = 0;

  constructor(source: PostgresSource, lane: SqlLane, settings: LaneSettings, hooks: PostgresHooks) {
    this.#script = laneScript(settings);
    this.#pool = new Pool({
      Client: clientOf(source),
      max: settings.connections,
      connectionTimeoutMillis: settings.connectLimit,
      query_timeout: settings.answerLimit,
      idleTimeoutMillis: 0,
      pipeline: true,
      keepAlive: true,
      keepAliveInitialDelayMillis: 5000,
      application_name: `in-cse ${lane}`,
      types: customTypes,
    });
    this.#pool.on('error', (error) => hooks.connectionFailed?.(lane, error));
  }

  async session<Result>(work: (session: SqlSession) => Promise<Result>): Promise<Result> {
    const client = await this.#client();
    const session = new PostgresSession(client);
    try {
      const result = await work(session);
      client.release(session.isBroken);
      return result;
    } catch (error) {
      client.release(session.isBroken || !(await session.leaveTransaction()));
      throw error;
    }
  }

  async #client(): Promise<PoolClient> {
    try {
      const client = await this.#pool.connect();
      const made = this.#prepared.get(client);
      if (made === this.#renewals) return client;
      if (made !== undefined) {
        client.release(true);
        return this.#client();
      }
      try {
        await client.query(this.#script);
      } catch (error) {
        client.release(true);
        throw error;
      }
      // Without a listener the end of a connection in use would end the process; its queries tell.
      client.on('error', () => {});
      this.#prepared.set(client, this.#renewals);
      return client;
    } catch (error) {
      throw toSqlError(error);
    }
  }

  /** Each connection that is there is replaced when it is next asked for. */
  renew(): void {
    this.#renewals += 1;
  }

  get usage(): Omit<PoolUsage, 'lane'> {
    const { totalCount, idleCount, waitingCount } = this.#pool;
    return { used: totalCount - idleCount, idle: idleCount, waiting: waitingCount };
  }

  close(): Promise<void> {
    return this.#pool.end();
  }
}

class PostgresSession implements SqlSession {
  /** The connection is lost, or in a state that nobody knows. */
  isBroken = false;
  readonly #client: PoolClient;

  constructor(client: PoolClient) {
    this.#client = client;
  }

  async run(calls: readonly SqlCall[]): Promise<SqlResult[]> {
    const answers = await Promise.allSettled(this.#sendAll(calls));
    const results: SqlResult[] = [];
    let failure: SqlError | undefined;
    for (const answer of answers) {
      if (answer.status === 'fulfilled') results.push(answer.value);
      else {
        const error = toSqlError(answer.reason);
        if (error.code === connectionLost || error.code.startsWith('57P')) this.isBroken = true;
        // A replaced plan or a statement that a pooler has forgotten: another connection prepares it anew.
        if (error.code === '26000' || error.code === '0A000') this.isBroken = true;
        if (failure === undefined || error.code === connectionLost) failure = error;
      }
    }
    if (failure !== undefined) throw failure;
    return results;
  }

  /** In one write: the client alone would make one for each call. */
  #sendAll(calls: readonly SqlCall[]): Promise<SqlResult>[] {
    const { stream } = (this.#client as PoolClient & { connection?: { stream: Duplex } }).connection ?? {};
    stream?.cork();
    const sent = calls.map((call) => this.#send(call));
    stream?.uncork();
    return sent;
  }

  async #send({ statement: { name, text }, values }: SqlCall): Promise<SqlResult> {
    const { rows, command } = await (values === undefined && name === ''
      ? this.#client.query({ text, rowMode: 'array' as const })
      : this.#client.query({ name, text, values: values as unknown[], rowMode: 'array' as const }));
    return { rows, command };
  }

  async script(text: string): Promise<void> {
    try {
      await this.#client.query(text);
    } catch (error) {
      throw toSqlError(error);
    }
  }

  /** False if the connection is of no use any more. */
  async leaveTransaction(): Promise<boolean> {
    if (this.isBroken) return false;
    if (this.#client.getTransactionStatus() === 'I') return true;
    try {
      await this.#client.query('rollback');
      return true;
    } catch {
      return false;
    }
  }
}

/** Whatever has no SQLSTATE came from the connection: refused, reset, too slow. */
function toSqlError(error: unknown): SqlError {
  if (error instanceof DatabaseError && error.code !== undefined) {
    return new SqlError(error.message, error.code, error.detail);
  }
  return new SqlError(error instanceof Error ? error.message : String(error), connectionLost);
}
