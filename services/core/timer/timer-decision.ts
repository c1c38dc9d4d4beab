import type { CseDescription } from '../cse.ts';
import type { WorkingSet } from '../decision.ts';
import type { Effects, Situation } from '../operations/situation.ts';

/** What timer work brings about (R21). What is missing is thrown as MissingFact. */
export type TimerDecision = Effects;

/**
 * In timer work the CSE itself acts. Which shards the partition owns does not matter: subscriptions of the CSEBase are told by
 * internal records, also where one goes to the own partition (R22).
 */
export function timerSituation(known: WorkingSet, cse: CseDescription, now: number): Situation {
  return { cse, known, now, logTime: now, owns: () => false, originator: cse.id };
}
