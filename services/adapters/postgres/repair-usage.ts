import { shardCount } from '../../core/sharding.ts';
import type { SqlDatabase } from '../../ports/sql-database.ts';
import { begin, commit } from './flight-statements.ts';
import { forgetUsageOfPartition, lockFence, recountPartition } from './usage-statements.ts';

/** See the port. A partition's owner waits while its rows are counted, no longer. */
export async function repairUsage(database: SqlDatabase, generation: number, partitions: number): Promise<void> {
  for (let partition = 0; partition < partitions; partition++) {
    const values = [generation, partition];
    await database.session('read', (session) =>
      session.run([
        { statement: begin },
        { statement: lockFence, values },
        { statement: forgetUsageOfPartition, values },
        { statement: recountPartition, values: [...values, partitions, shardCount] },
        { statement: commit },
      ]),
    );
  }
}
