/** What every step of a decision is given, and where it puts what it brings about. */
import type { CseDescription } from '../cse.ts';
import type { Change, DecisionInput, ForeignEvent, NotificationIntent, WorkingSet } from '../decision.ts';
import type { RequestPrimitive } from '../primitives.ts';
import type { Usage } from '../quotas.ts';

/** Who acts, when, and what is known. In timer work (R21) there is no request: the CSE itself acts. */
export interface Situation {
  cse: CseDescription;
  known: WorkingSet;
  /** Canonical. */
  originator: string;
  /** The worker's clock, ms: `ct` and `lt`. */
  now: number;
  /** Consumed log time, ms: what has expired is judged by it. */
  logTime: number;
  owns: (shard: number) => boolean;
}

/** The same for the request in hand. */
export interface RequestSituation extends Situation {
  request: RequestPrimitive;
  input: DecisionInput;
  /** Type of what is to be created, else of the target once that is found. */
  type: number | undefined;
  /** What the request adds to what its CSE has; set where there are quotas. */
  growth: Usage | undefined;
}

/** Grows while a decision is made; of a decision that ends in an error nothing is kept. */
export interface Effects {
  changes: Change[];
  notifications: NotificationIntent[];
  foreignEvents: ForeignEvent[];
}

export function noEffects(): Effects {
  return { changes: [], notifications: [], foreignEvents: [] };
}

export function situationOf(input: DecisionInput, known: WorkingSet): RequestSituation {
  const { cse, originator, now, logTime, owns, request } = input;
  return { cse, known, originator, now, logTime, owns, request, input, type: request.resourceType, growth: undefined };
}
