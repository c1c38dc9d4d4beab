/** The hosted CSEs (R32): their rows, and the resources that each begins with. */
import type { CseDescription } from '../../core/cse.ts';
import { cseBaseId, renewedBase, seedOf } from '../../core/seed.ts';
import { CseCollision } from '../../ports/resource-store.ts';
import type { SqlSession } from '../../ports/sql-database.ts';
import { textArray } from './array-literals.ts';
import { bodyOf, insertValues } from './build-flight.ts';
import { begin, commit, insertResources } from './flight-statements.ts';
import { readResource } from './rows.ts';
import * as sql from './store-statements.ts';

type Settings = Omit<CseDescription, 'number' | 'baseId' | 'id'>;

export async function readCses(session: SqlSession): Promise<CseDescription[]> {
  const [found] = await session.run([{ statement: sql.readCses }]);
  return (found?.rows ?? []).map((row) => {
    const [number, id, settings] = row as [number, string, string];
    return { number, id, baseId: cseBaseId, ...(JSON.parse(settings) as Settings) };
  });
}

/** In one transaction, one after the other over all processes. */
export async function putCse(
  session: SqlSession,
  cse: Omit<CseDescription, 'number' | 'baseId'>,
  now: number,
): Promise<CseDescription> {
  await session.run([{ statement: begin }, { statement: sql.lockCses }]);
  const all = await readCses(session);
  const known = all.find(({ id }) => id === cse.id);
  if (known !== undefined && known.serviceProvider !== cse.serviceProvider) {
    throw new CseCollision(`${cse.id} is a CSE of ${known.serviceProvider} already`);
  }
  const number = known?.number ?? Math.max(0, ...all.map((each) => each.number)) + 1;
  const { id, ...settings } = cse;
  const description: CseDescription = { ...(JSON.parse(JSON.stringify(cse)) as typeof cse), number, baseId: cseBaseId };
  await session.run([{ statement: sql.putCse, values: [number, id, JSON.stringify(settings)] }]);
  if (known === undefined) await seed(session, description, now);
  else await renew(session, description, now);
  await session.run([{ statement: commit }]);
  return description;
}

async function seed(session: SqlSession, cse: CseDescription, now: number): Promise<void> {
  const { base, policy } = seedOf(cse, now);
  const rows = [base, policy];
  await session.run([{ statement: insertResources, values: insertValues(rows, rows.map(bodyOf)) }]);
}

async function renew(session: SqlSession, cse: CseDescription, now: number): Promise<void> {
  const { shard, id } = seedOf(cse, now).base;
  const [found] = await session.run([{ statement: sql.readRow, values: [shard, cse.number, id] }]);
  const row = found?.rows[0];
  const renewed = row === undefined ? undefined : renewedBase(readResource(row, 0), cse, now);
  if (renewed === undefined) return;
  const { version, policyIds = [] } = renewed;
  const values = [shard, cse.number, id, version, textArray(policyIds), bodyOf(renewed)];
  await session.run([{ statement: sql.renewBase, values }]);
}
