/** What a request would be answered if it came now, and why. Changes nothing: the real decision, of which nothing is committed. */
import type { RequestHead } from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import { decide } from '../../core/decide.ts';
import type { Decision, DecisionInput, Need } from '../../core/decision.ts';
import { explainRequest } from '../../core/explain.ts';
import type { RequestPrimitive } from '../../core/primitives.ts';
import { boundsContent } from '../../core/quotas.ts';
import { inventedId } from '../../core/sharding.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import { CommittedState } from './committed-state.ts';

export type AskedBy = Pick<RequestHead, 'originator' | 'credential' | 'topicLevel' | 'key'> & { broker: string };

export interface DecidedNow {
  /** An answer; that others would have to be asked first (R19); or, where there is no content, that nothing is in its way. */
  outcome: { kind: 'answer'; code: number; debug?: string } | { kind: 'wait' } | { kind: 'permitted' };
  /** The access decision, a sentence each. */
  steps: string[];
  permitted: boolean;
}

/** Rounds of loading until a decision is made; a few suffice. */
const mostRounds = 100;

/** `receivedAt`: when it came, ms since 1970; relative times and expiry of the request count from there. */
export async function decideNow(
  store: ResourceStore,
  cse: CseDescription,
  request: RequestPrimitive,
  by: AskedBy,
  at: { now: number; receivedAt: number },
): Promise<DecidedNow> {
  const { generation } = await store.deployment();
  const usage = boundsContent(cse.quotas)
    ? (await store.usage(generation)).find((each) => each.cse === cse.number)
    : undefined;
  let invented = 0;
  const input: DecisionInput = {
    cse,
    request,
    originator: by.originator,
    ...(by.credential === undefined ? {} : { credential: by.credential }),
    topicLevel: by.topicLevel,
    broker: by.broker,
    receivedAt: at.receivedAt,
    now: at.now,
    logTime: at.now,
    duplicateKey: by.key,
    // The whole deployment is looked at, not the shards of one worker.
    owns: () => true,
    inventId: (letter, shard) => inventedId(letter, shard, { generation, partition: 0, version: 0 }, invented++),
    ...(usage === undefined ? {} : { usage }),
  };
  const known = new CommittedState(at.now);
  const decision = await settle(store, known, () => decide(input, known));
  const { steps, permitted } = await settle(store, known, () => explainRequest(input, known));
  return { outcome: outcomeOf(decision), steps, permitted };
}

/** Asks, loads what is missing, and asks again. */
async function settle<Result extends { kind: string }>(
  store: ResourceStore,
  known: CommittedState,
  ask: () => Result | { kind: 'needs'; needs: Need[] },
): Promise<Exclude<Result, { kind: 'needs' }>> {
  for (let round = 0; round < mostRounds; round++) {
    const result = ask();
    if (!hasNeeds(result)) return result as Exclude<Result, { kind: 'needs' }>;
    known.learn(result.needs, await store.load(result.needs));
  }
  throw new Error(`no decision after ${mostRounds} rounds of loading`);
}

function hasNeeds(result: { kind: string }): result is { kind: 'needs'; needs: Need[] } {
  return result.kind === 'needs';
}

function outcomeOf(decision: Exclude<Decision, { kind: 'needs' }>): DecidedNow['outcome'] {
  if (decision.kind !== 'answer') return { kind: 'wait' };
  const { responseStatusCode: code, content } = decision.response;
  const debug = content?.['m2m:dbg'];
  return { kind: 'answer', code, ...(debug === undefined ? {} : { debug: String(debug) }) };
}
