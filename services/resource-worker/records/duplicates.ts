/** Requests that came before (R16, R17). */
import { splitFrame } from '../../contracts/frame.ts';
import type { RequestHead } from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import { Operation, type RequestPrimitive } from '../../core/primitives.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import type { Batch } from '../batch/batch.ts';
import { type Emission, unpackEmissions } from '../partition/journal.ts';
import type { PartitionState } from '../partition/partition-state.ts';

const aeType = 2;

/** A first answer found in the journal; no payload: the first one wanted none. */
export interface FirstAnswer {
  payload: Buffer | undefined;
}

/** What a request is to its predecessors. */
export type Repetition =
  | { kind: 'new' }
  /** The first one waits for somebody else: silence. */
  | { kind: 'pending' }
  /** Another content under an identifier that is still pending (TS-0001 7.1.7). */
  | { kind: 'conflict' }
  | { kind: 'answered'; answer: FirstAnswer };

/** Whether the answer to a request is remembered: reads are executed anew, and so is a registration that names nothing. */
export function isRemembered(head: RequestHead, request: RequestPrimitive, cse: CseDescription): boolean {
  if (request.operation === Operation.retrieve || cse.duplicateWindow === 0) return false;
  const leavesAllToTheCse =
    request.operation === Operation.create && request.resourceType === aeType && !namesItself(head, request);
  return !leavesAllToTheCse || (cse.credentialsPerDevice && head.credential !== undefined);
}

/** An AE that asks for an AE-ID or a name meets itself again (4117, 4105); others would become two. */
function namesItself(head: RequestHead, request: RequestPrimitive): boolean {
  if (head.originator !== '' && !/(^|\/)[CS]$/.test(head.originator)) return true;
  const content = request.content?.['m2m:ae'];
  return typeof content === 'object' && content !== null && 'rn' in content;
}

/** Compares with this batch, with waiting requests and with what was found in the journal. */
export function repetitionOf(
  batch: Batch,
  head: RequestHead,
  request: RequestPrimitive,
  found: ReadonlyMap<string, FirstAnswer>,
): Repetition {
  const answer = found.get(head.key);
  if (answer !== undefined) return { kind: 'answered', answer };
  const inBatch = batch.replyByKey.get(head.key);
  if (inBatch !== undefined) {
    const emission = inBatch < 0 ? undefined : batch.emissions[inBatch];
    return { kind: 'answered', answer: { payload: emission && splitFrame(emission.frame).payload } };
  }
  if (batch.exchangeByKey(head.key) !== undefined) return { kind: 'pending' };
  return batch.exchangeByRequest(head.cse, head.originator, request.requestIdentifier) === undefined
    ? { kind: 'new' }
    : { kind: 'conflict' };
}

/** Finds the first answers of all requests of a batch that have one; reads the journal only on a hit (R17). */
export async function findFirstAnswers(
  store: ResourceStore,
  generation: number,
  state: PartitionState,
  requests: readonly { head: RequestHead; cse: CseDescription; appendedAt: number }[],
): Promise<Map<string, FirstAnswer>> {
  const answers = new Map<string, FirstAnswer>();
  const rows = new Map<number, Emission[]>();
  for (const { head, cse, appendedAt } of requests) {
    const key = Buffer.from(head.key, 'base64url');
    const firstAppended = head.firstAppended ?? appendedAt;
    let hit: { version: number; reply: number } | undefined = state.window.find(
      key,
      firstAppended - cse.duplicateWindow,
    );
    if (hit === undefined && head.since !== undefined) {
      hit = await store.findKey(generation, state.partition, key, head.since - cse.duplicateWindow);
    }
    if (hit === undefined) continue;
    const row = rows.get(hit.version) ?? (await readRow(store, generation, state.partition, hit.version));
    rows.set(hit.version, row);
    const emission = hit.reply < 0 ? undefined : row[hit.reply];
    answers.set(head.key, { payload: emission && splitFrame(emission.frame).payload });
  }
  return answers;
}

async function readRow(
  store: ResourceStore,
  generation: number,
  partition: number,
  version: number,
): Promise<Emission[]> {
  const out = await store.readOut(generation, partition, version);
  return out === undefined ? [] : unpackEmissions(out);
}
