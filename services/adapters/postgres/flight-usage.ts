/** What a flight changes of what CSEs have: counted here for what it inserts, by the database for all else. */
import type { ResourceKey, StoredResource } from '../../core/resource.ts';
import { shardCount } from '../../core/sharding.ts';
import type { CseUsage, FlightOutcome } from '../../ports/resource-store.ts';
import type { SqlCall, SqlResult } from '../../ports/sql-database.ts';
import { plainNumberArray as numbers } from './array-literals.ts';
import type { FoldedChanges } from './fold-changes.ts';
import { addUsage } from './usage-statements.ts';

const aeType = 2;

type Row = CseUsage & { partition: number };

export class FlightUsage {
  readonly #parts: ReadonlyMap<number, number>;
  readonly #rows = new Map<number, Row>();

  constructor({ partOfShard }: Pick<FoldedChanges, 'partOfShard'>) {
    this.#parts = partOfShard;
  }

  /** For each row the partition whose part changes it, as a column. */
  partsOf(keys: readonly ResourceKey[]): string {
    return numbers(keys.map(({ shard }) => this.#parts.get(shard) ?? 0));
  }

  /** Something of these CSEs is changed by the database. */
  touch(keys: readonly ResourceKey[]): void {
    for (const key of keys) this.#row(key);
  }

  /** `bodies`: the attributes of each as they are stored. */
  insert(resources: readonly StoredResource[], bodies: readonly string[]): void {
    for (let index = 0; index < resources.length; index++) {
      const resource = resources[index] as StoredResource;
      const row = this.#row(resource);
      row.resources++;
      row.bytes += Buffer.byteLength(bodies[index] ?? '');
      if (resource.type === aeType) row.applicationEntities++;
    }
  }

  #row({ shard, cse }: ResourceKey): Row {
    const partition = this.#parts.get(shard) ?? 0;
    // Partitions are at most as many as shards.
    const key = cse * shardCount + partition;
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { partition, cse, applicationEntities: 0, resources: 0, bytes: 0 };
      this.#rows.set(key, row);
    }
    return row;
  }

  /** Undefined where nothing has changed. Goes behind all that counts. */
  call(generation: number): SqlCall | undefined {
    if (this.#rows.size === 0) return undefined;
    const rows = [...this.#rows.values()];
    return {
      statement: addUsage,
      values: [
        generation,
        numbers(rows.map(({ partition }) => partition)),
        numbers(rows.map(({ cse }) => cse)),
        numbers(rows.map(({ applicationEntities }) => applicationEntities)),
        numbers(rows.map(({ resources }) => resources)),
        numbers(rows.map(({ bytes }) => bytes)),
      ],
    };
  }
}

/** The outcome of a flight that has committed. `results`: of its calls, in their order. */
export function committed(calls: readonly SqlCall[], results: readonly SqlResult[]): FlightOutcome {
  const at = calls.findIndex(({ statement }) => statement === addUsage);
  const rows = results[at]?.rows as [number, number, number, number, number][] | undefined;
  if (at < 0 || rows === undefined) return { kind: 'committed' };
  return {
    kind: 'committed',
    usage: rows.map(([partition, ...usage]) => ({ partition, ...readUsageRow(usage) })),
  };
}

export function readUsageRow([cse, applicationEntities, resources, bytes]: readonly unknown[]): CseUsage {
  return { cse, applicationEntities, resources, bytes } as CseUsage;
}
