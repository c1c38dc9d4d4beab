import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConflicts } from '../../../../services/adapters/postgres/find-conflicts.ts';
import { outcomeOf } from '../../../../services/adapters/postgres/flight-outcome.ts';
import { SqlResourceStore } from '../../../../services/adapters/postgres/sql-resource-store.ts';
import { NeedsRefused, type PartitionCommit } from '../../../../services/ports/resource-store.ts';
import { type SqlDatabase, SqlError } from '../../../../services/ports/sql-database.ts';

describe('outcome of a failed flight (R12)', () => {
  const kinds: Record<string, readonly string[]> = {
    busy: ['40001', '40P01', '55P03', '57014', '53100', '58030'],
    unknown: ['08006', '57P01', '57P03', '25006'],
    refused: ['22021', '23505', '42P01', '54000', '0A000', 'P0001', 'XX000'],
  };
  for (const [kind, codes] of Object.entries(kinds)) {
    it(`is ${kind} for ${codes.join(', ')}`, () => {
      for (const code of codes) assert.equal(outcomeOf(new SqlError('', code)).kind, kind, code);
    });
  }

  it('names the partitions that the guard has found', () => {
    assert.deepEqual(outcomeOf(new SqlError('fenced', 'ZA001', '[3,5]')), { kind: 'fenced', partitions: [3, 5] });
    for (const code of ['ZA002', 'ZA003']) {
      const outcome = outcomeOf(new SqlError('AE-ID 1/C7', code, '[3]'));
      assert.deepEqual(outcome, { kind: 'stale', partitions: [3], what: 'AE-ID 1/C7' });
    }
  });
});

describe('a load that fails (R12)', () => {
  async function reasonFor(code: string): Promise<unknown> {
    const database = { session: () => Promise.reject(new SqlError('', code)) } as unknown as SqlDatabase;
    const store = new SqlResourceStore(database, { clock: { now: () => 0, monotonic: () => 0 } });
    return store.load([{ kind: 'path', cse: 1, shard: 1, path: 'a' }]).then(
      () => undefined,
      (reason: unknown) => reason,
    );
  }

  it('blames what was asked for a number out of range and the like, and the database for everything else', async () => {
    for (const code of ['22003', '22021', '54000']) assert.ok((await reasonFor(code)) instanceof NeedsRefused, code);
    for (const code of ['08006', '57P01', '42P01', '53300', 'XX000']) {
      assert.ok((await reasonFor(code)) instanceof SqlError, code);
    }
  });
});

describe('parts of one flight that rest on each other', () => {
  const key = { cse: 1, shard: 1, id: 'acp' };
  const part = (partition: number, more: Partial<PartitionCommit>) =>
    ({ partition, changes: [], relied: [], reliedBaseSubscriptions: [], ...more }) as unknown as PartitionCommit;
  const relies = { relied: [{ ...key, version: 1 }] };
  const changes = {
    changes: [{ kind: 'update', resource: { ...key, type: 1 } }],
  } as unknown as Partial<PartitionCommit>;

  it('fly together if the one that relies comes first, else not: that one decides again (R12)', () => {
    assert.deepEqual(findConflicts([part(0, relies), part(1, changes)]), []);
    assert.deepEqual(findConflicts([part(0, changes), part(1, relies)]), [1]);
  });

  it('never name all: the flight gets on', () => {
    const both = (partition: number, other: string, own: string) =>
      part(partition, {
        relied: [{ ...key, id: other, version: 1 }],
        changes: [{ kind: 'update', resource: { ...key, id: own, type: 1 } }],
      } as unknown as Partial<PartitionCommit>);
    assert.deepEqual(findConflicts([both(0, 'b', 'a'), both(1, 'a', 'b')]), [1]);
  });

  it('cannot both take an AE-ID, nor create below a CSEBase whose subscriptions the other changes (R8, R22)', () => {
    const takes = { changes: [{ kind: 'aeHome', action: 'insert', cse: 1, aeId: 'Cx', home: 1 }] } as const;
    assert.deepEqual(
      findConflicts([part(0, { changes: [...takes.changes] }), part(1, { changes: [...takes.changes] })]),
      [1],
    );
    const subscribes = part(0, { changes: [{ kind: 'baseSubscriptions', action: 'change', cse: 1 }] });
    const creates = part(1, { reliedBaseSubscriptions: [{ cse: 1, version: 1 }] });
    assert.deepEqual(findConflicts([subscribes, creates]), [1]);
    assert.deepEqual(findConflicts([creates, subscribes]), []);
  });
});
