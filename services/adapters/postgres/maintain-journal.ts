/** The journal is a ring of hours; a part is emptied as a whole when its time is over (R17). */
import { type SqlDatabase, SqlError, type SqlSession } from '../../ports/sql-database.ts';
import { journalSlots, slotLength } from './build-journal.ts';
import { begin, commit } from './flight-statements.ts';
import { countKept } from './store-statements.ts';

/** Somebody else empties the same part, or a flight writes into it. */
const lockNotAvailable = '55P03';

/** ms that the ring can hold for sure. */
export const longestKeep = (journalSlots - 2) * slotLength;

/** Empties the parts in which everything is older than `keep` ms and emitted. */
export async function emptyJournal(database: SqlDatabase, now: number, keep: number): Promise<void> {
  if (keep > longestKeep) throw new RangeError(`the journal keeps rows for ${longestKeep} ms at most`);
  const before = now - keep;
  for (let slot = 0; slot < journalSlots; slot++) {
    await database.session('read', async (session) => {
      if (await isOver(session, slot, before)) await emptySlot(session, slot, before);
    });
  }
}

async function isOver(session: SqlSession, slot: number, before: number): Promise<boolean> {
  const [counted] = await session.run([{ statement: countKept, values: [slot, before] }]);
  const [rows, kept] = (counted?.rows[0] ?? [0, 0]) as [number, number];
  return rows > 0 && kept === 0;
}

async function emptySlot(session: SqlSession, slot: number, before: number): Promise<void> {
  const table = `journal_${String(slot).padStart(2, '0')}`;
  try {
    await session.run([
      { statement: begin },
      { statement: { name: '', text: `lock table ${table} in access exclusive mode nowait` } },
    ]);
    // Asked again under the lock: nobody can write into it now.
    if (await isOver(session, slot, before)) {
      await session.run([{ statement: { name: '', text: `truncate ${table}` } }]);
    }
    await session.run([{ statement: commit }]);
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== lockNotAvailable) throw error;
    await session.run([{ statement: { name: '', text: 'rollback' } }]);
  }
}
