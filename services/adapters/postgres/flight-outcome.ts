/** What a failed flight means (R12): who is to decide again, or whether to send the same once more. */
import type { FlightOutcome } from '../../ports/resource-store.ts';
import { SqlError } from '../../ports/sql-database.ts';

/** Raised by the function `guard`, with the partitions as JSON in DETAIL. */
const fenced = 'ZA001';
const changed = 'ZA002';
const taken = 'ZA003';

/** Classes of SQLSTATE that blame the content: data, integrity, syntax, features and limits, the server's own faults. */
const contentClasses = new Set(['0A', '22', '23', '42', '54', 'P0', 'XX']);

/** Connection lost, server going down or coming up, a standby that was promoted away: whether it is written shows the fence. */
const unknownClasses = new Set(['08', '57']);
const readOnly = '25006';

/** A cancelled statement: nothing is written. */
const cancelled = '57014';

/** Of a question only these blame the content: with the others (schema, server) waiting may help, or an operator. */
const questionClasses = new Set(['22', '54']);

export function isRefusedForContent(error: unknown): error is SqlError {
  return error instanceof SqlError && questionClasses.has(error.code.slice(0, 2));
}

export function outcomeOf(error: unknown): FlightOutcome {
  if (!(error instanceof SqlError)) {
    return { kind: 'refused', reason: error instanceof Error ? error : new Error(String(error)) };
  }
  switch (error.code) {
    case fenced:
      return { kind: 'fenced', partitions: partitionsOf(error) };
    case changed:
    case taken:
      return { kind: 'stale', partitions: partitionsOf(error), what: error.message };
    case cancelled:
      return { kind: 'busy' };
  }
  const group = error.code.slice(0, 2);
  if (unknownClasses.has(group) || error.code === readOnly) return { kind: 'unknown', reason: error };
  // Everything else passes by itself: locks, serialization (40, 55), resources (53), an input or output error (58).
  return contentClasses.has(group) ? { kind: 'refused', reason: error } : { kind: 'busy' };
}

function partitionsOf({ detail }: SqlError): number[] {
  return detail === undefined ? [] : (JSON.parse(detail) as number[]);
}
