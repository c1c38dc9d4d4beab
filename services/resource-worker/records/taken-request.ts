import type { RequestHead } from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import type { RequestPrimitive } from '../../core/primitives.ts';

/** A request of the log, read. */
export interface TakenRequest {
  head: RequestHead;
  payload: Buffer;
  request: RequestPrimitive;
  cse: CseDescription;
  /** The record as it stands in the log. */
  frame: Buffer;
  appendedAt: number;
}
