import type { DescendantQuery, Need, QueryPage } from '../../core/decision.ts';
import type { Fact } from '../../ports/resource-store.ts';
import { type SqlDatabase, SqlError, type SqlSession, type SqlStatement } from '../../ports/sql-database.ts';
import { questionsOf } from './load.ts';
import { type WalkTerms, walkDescendants } from './walk-descendants.ts';

const beginSnapshot: SqlStatement = { name: '', text: 'begin isolation level repeatable read read only' };
const end: SqlStatement = { name: '', text: 'commit' };
const beginWalk: SqlStatement = { name: '', text: 'savepoint walk' };
const leaveWalk: SqlStatement = { name: '', text: 'rollback to savepoint walk' };

/** SQLSTATE of a statement that took longer than it may. */
const timedOut = '57014';

/** Facts in the order of the needs, from one snapshot. Queries go to a lane of their own, and take the others along (R13). */
export async function loadNeeds(database: SqlDatabase, needs: readonly Need[], terms: WalkTerms): Promise<Fact[]> {
  if (needs.length === 0) return [];
  const facts: Fact[] = new Array(needs.length);
  const questions = questionsOf(needs, facts);
  const calls = questions.map(({ call }) => call);
  const hasQuery = needs.some(({ kind }) => kind === 'query');
  await database.session(hasQuery ? 'query' : 'read', async (session) => {
    const [only] = calls;
    if (!hasQuery && calls.length === 1 && only !== undefined) {
      const [result] = await session.run([only]);
      if (result !== undefined) questions[0]?.answer(result, facts);
      return;
    }
    // Alone in its transaction a query closes it behind its last statement.
    const closes = hasQuery ? [] : [{ statement: end }];
    const results = await session.run([{ statement: beginSnapshot }, ...calls, ...closes]);
    questions.forEach((question, index) => {
      const result = results[index + 1];
      if (result !== undefined) question.answer(result, facts);
    });
    if (!hasQuery) return;
    for (const [index, need] of needs.entries()) {
      if (need.kind === 'query') facts[index] = { kind: 'query', page: await walk(session, need.query, terms) };
    }
    await session.run([{ statement: end }]);
  });
  return facts;
}

/** A query that is too much for the database gives an empty page that says there is more: its asker gives up by itself. */
async function walk(session: SqlSession, query: DescendantQuery, terms: WalkTerms): Promise<QueryPage> {
  await session.run([{ statement: beginWalk }]);
  try {
    return await walkDescendants(session, query, terms);
  } catch (error) {
    if (!(error instanceof SqlError) || error.code !== timedOut) throw error;
    await session.run([{ statement: leaveWalk }]);
    return { resources: [], counters: new Map(), more: true, lastPath: query.afterPath ?? '' };
  }
}
