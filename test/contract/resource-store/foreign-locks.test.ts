/**
 * What only a database with several connections can show: a decision that rests on another shard's row holds that row until it
 * has committed (R12). The raw connection stands for the flight of a second worker, stopped in the middle.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../../services/adapters/postgres/migrate.ts';
import { openPostgresStore } from '../../../services/adapters/postgres/open-postgres.ts';
import type { CseDescription } from '../../../services/core/cse.ts';
import type { StoredResource } from '../../../services/core/resource.ts';
import { createSystemClock } from '../../../services/platform/system-clock.ts';
import type { FlightOutcome, ResourceStore } from '../../../services/ports/resource-store.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { createDatabase, type TestDatabase } from '../../parts/postgres-database.ts';
import { withParts } from '../../parts/with-parts.ts';
import { describeCse } from './context.ts';
import { Owner } from './owner.ts';
import { childOf, firstLevel, types } from './rows.ts';

const parts = withParts({ postgres: true });
const generation = 1;

describe('rows of other shards in flights that overlap', { skip: parts.skip }, () => {
  reportContract('resource-store', 'postgres');
  let database: TestDatabase;
  let store: ResourceStore;
  let other: pg.Client;
  let cse: CseDescription;

  before(async () => {
    database = await createDatabase((await parts.postgres()).url);
    await migrate(database.url);
    store = await openPostgresStore(database.url, { clock: createSystemClock() });
    other = new pg.Client({ connectionString: database.url });
    await other.connect();
    cse = await store.putCse(describeCse('/locks'));
  });

  after(async () => {
    await other.end();
    await store.close();
    await database.drop();
  });

  /** An AE with a policy below it, in a shard of partition 0, and the owner of that. */
  async function aeWithPolicy(name: string): Promise<{ owner: Owner; ae: StoredResource; policy: StoredResource }> {
    const owner = await new Owner(store, generation, 0).takeOver();
    const ae = firstLevel(cse, types.ae, name);
    const policy = childOf(ae, types.policy, 'acp');
    await owner.insert(ae, policy);
    return { owner, ae, policy };
  }

  /** The guard of a flight of partition 1 that relies on a row; its transaction stays open. */
  async function beginReliance({ shard, cse: number, id, version }: StoredResource): Promise<Owner> {
    const reader = await new Owner(store, generation, 1).takeOver();
    await other.query('begin');
    await other.query(
      `select guard($1, array[1], array[$2::bigint], array[$3::bigint], array[$3::bigint], array['b'], array[0::bigint],
        array[0::bigint], array[0::bigint], array[1], array[$4::int], array[$5::int], array[$6::text], array[$7::bigint],
        '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')`,
      [generation, reader.version, reader.next, shard, number, id, version],
    );
    return reader;
  }

  async function isPending(outcome: Promise<FlightOutcome>): Promise<boolean> {
    return Promise.race([outcome.then(() => false), sleep(300, true)]);
  }

  it('lets nobody change the row before the decision has committed (R12)', async () => {
    const { owner, policy } = await aeWithPolicy('changed');
    await beginReliance(policy);
    const change = owner.attempt({ changes: [{ kind: 'update', resource: { ...policy, size: 1 } }] });
    assert.equal(await isPending(change), true);
    await other.query('commit');
    assert.equal((await change).kind, 'committed');
  });

  it('lets nobody hide the row by a mark on what it is below, before the decision has committed (R12, R13)', async () => {
    const { owner, ae, policy } = await aeWithPolicy('marked');
    await beginReliance(policy);
    const change = owner.attempt({ changes: [{ kind: 'removeSubtree', resource: ae }] });
    assert.equal(await isPending(change), true);
    await other.query('commit');
    assert.equal((await change).kind, 'committed');
  });

  it('waits for a mark that is being set, and is stale then (R12, R13)', async () => {
    const { ae, policy } = await aeWithPolicy('being-marked');
    await other.query('begin');
    await other.query('delete from resource where shard = $1 and cse = $2 and ri = $3', [ae.shard, ae.cse, ae.id]);
    await other.query(
      `insert into dead (shard, cse, ri, until, pi, rn, ty, anc, path, ver, seq, size, cr, body)
        values ($1, $2, $3, $4, $5, $6, 2, '', $6, $4, 0, 0, '', '{}')`,
      [ae.shard, ae.cse, ae.id, ae.version, ae.parentId, ae.name],
    );
    const reader = await new Owner(store, generation, 1).takeOver();
    const { shard, cse: number, id, version } = policy;
    const decision = reader.attempt({ relied: [{ cse: number, shard, id, version }] });
    assert.equal(await isPending(decision), true);
    await other.query('commit');
    const outcome = await decision;
    assert.deepEqual([outcome.kind, outcome.kind === 'stale' && outcome.partitions], ['stale', [1]]);
  });
});
