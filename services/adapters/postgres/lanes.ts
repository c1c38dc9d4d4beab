/** Connections by what they are for, and what Postgres is told about each. Times in ms. */
import type { SqlLane } from '../../ports/sql-database.ts';

export interface LaneSettings {
  connections: number;
  connectLimit: number;
  /** When an answer is this late, the connection counts as lost. */
  answerLimit: number;
  /** Limit of one statement at the server; 0 for none. */
  statementLimit: number;
}

/**
 * Flights have no statement limit: one that ends the wait for a synchronous standby makes COMMIT succeed without it (R3). Their
 * locks are limited, and so is our patience; what became of them then shows the fence.
 */
export const lanes: Record<SqlLane, LaneSettings> = {
  flight: { connections: 1, connectLimit: 5000, answerLimit: 15_000, statementLimit: 0 },
  read: { connections: 4, connectLimit: 5000, answerLimit: 15_000, statementLimit: 10_000 },
  query: { connections: 2, connectLimit: 5000, answerLimit: 15_000, statementLimit: 3000 },
};

/**
 * Sent on every new connection rather than in its start-up message, which poolers refuse. R11: a worker that is stopped gives
 * its locks back. Plans are made once and for large tables, whatever a table holds at that moment: every access has an index.
 */
export function laneScript({ statementLimit }: LaneSettings): string {
  return [
    `set statement_timeout = ${statementLimit}`,
    'set lock_timeout = 3000',
    'set idle_in_transaction_session_timeout = 5000',
    'set tcp_user_timeout = 8000',
    'set tcp_keepalives_idle = 5',
    'set tcp_keepalives_interval = 2',
    'set tcp_keepalives_count = 3',
    ...planning,
  ].join('; ');
}

export const planning: readonly string[] = [
  'set plan_cache_mode = force_generic_plan',
  'set enable_seqscan = off',
  'set jit = off',
  'set max_parallel_workers_per_gather = 0',
];
