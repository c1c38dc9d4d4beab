/** Deciding a batch (R9): load what all its records name, decide one after the other, load again where something lacks. */
import { needsOfRequest } from '../../core/needs.ts';
import type { LogRecord } from '../../ports/request-log.ts';
import type { FlowContext } from '../flow-context.ts';
import type { WorkerParts } from '../parts.ts';
import { type FirstAnswer, findFirstAnswers, isRemembered } from '../records/duplicates.ts';
import { giveUp } from '../records/give-up.ts';
import { factsOfRecord, traceparentOf } from '../records/record-facts.ts';
import { takeAnswer } from '../records/take-answer.ts';
import { takeEvent } from '../records/take-event.ts';
import { decideRequest, takeRequest } from '../records/take-request.ts';
import type { Batch } from './batch.ts';
import { Wanted } from './load.ts';
import { type ReadRecord, readRecord } from './read-records.ts';
import { BatchMustClose } from './working-set.ts';

/** How often one record may lack something before it counts as undecidable. */
const patience = 24;

/** Decides as many records as the batch can take; `batch.count` says how many. Rejects when the store is away. */
export async function decideBatch(
  parts: WorkerParts,
  flow: FlowContext,
  batch: Batch,
  records: readonly LogRecord[],
): Promise<void> {
  const entries = await readRecords(flow, records);
  const firstAnswers = await firstPass(parts, flow, batch, entries);
  let lacked = 0;
  while (batch.count < entries.length && !isFull(batch, parts)) {
    const entry = entries[batch.count];
    if (entry === undefined) return;
    const wanted = new Wanted();
    const consumed = batch.working.logTime;
    try {
      takeRecord(flow, batch, entry, firstAnswers);
      batch.count++;
      lacked = 0;
    } catch (thrown) {
      if (thrown instanceof BatchMustClose && batch.count > 0) {
        batch.working.logTime = consumed;
        return;
      }
      if (!wanted.takes(thrown) || ++lacked > patience) {
        giveUp(flow, batch, entry, 'decide', thrown);
        batch.count++;
        lacked = 0;
      } else {
        lookAhead(batch, entries, wanted);
        await wanted.load(batch, parts.store, parts.clock, parts.settings);
      }
    }
  }
}

async function readRecords(flow: FlowContext, records: readonly LogRecord[]): Promise<ReadRecord[]> {
  const entries = records.map((record) => readRecord(record, flow.cses));
  if (entries.every(({ kind }) => kind !== 'unreadable')) return entries;
  // A CSE may have been added since the list was read (R32).
  await flow.cses.refresh();
  return entries.map((entry) => (entry.kind === 'unreadable' ? readRecord(entry.record, flow.cses) : entry));
}

/** Needs that every request obviously has, and the first answers of those that came before. */
async function firstPass(
  parts: WorkerParts,
  flow: FlowContext,
  batch: Batch,
  entries: readonly ReadRecord[],
): Promise<Map<string, FirstAnswer>> {
  const wanted = new Wanted();
  const remembered: { head: ReadRequestHead; cse: ReadRequestCse; appendedAt: number }[] = [];
  let named = 0;
  let unknown = 0;
  for (const entry of entries) {
    if (entry.kind !== 'request') continue;
    const { head, request, cse, appendedAt } = entry.taken;
    if (!batch.owns(head.shard)) continue;
    for (const need of needsOfRequest(request, cse)) {
      named++;
      if (batch.working.knows(need)) continue;
      unknown++;
      wanted.add(need);
    }
    if (isRemembered(head, request, cse)) remembered.push({ head, cse, appendedAt });
  }
  flow.metrics.cacheRequests.add(named - unknown, 'partition', 'hit');
  flow.metrics.cacheRequests.add(unknown, 'partition', 'miss');
  const [answers] = await Promise.all([
    findFirstAnswers(parts.store, flow.deployment.generation, batch.state, remembered),
    wanted.isEmpty ? undefined : wanted.load(batch, parts.store, parts.clock, parts.settings),
  ]);
  return answers;
}

type ReadRequest = Extract<ReadRecord, { kind: 'request' }>;
type ReadRequestHead = ReadRequest['taken']['head'];
type ReadRequestCse = ReadRequest['taken']['cse'];

/** The decision in hand waits for the store anyway: what the following ones lack comes along. Their outcome is discarded. */
function lookAhead(batch: Batch, entries: readonly ReadRecord[], wanted: Wanted): void {
  for (let index = batch.count + 1; index < entries.length; index++) {
    const entry = entries[index];
    if (entry?.kind !== 'request' || !batch.owns(entry.taken.head.shard)) continue;
    batch.beginRecord();
    try {
      decideRequest(batch, entry.taken);
    } catch (thrown) {
      wanted.takes(thrown);
    }
  }
}

function takeRecord(
  flow: FlowContext,
  batch: Batch,
  entry: ReadRecord,
  firstAnswers: ReadonlyMap<string, FirstAnswer>,
): void {
  batch.beginRecord();
  batch.advanceLogTime(entry.record.appendedAt);
  if (entry.kind === 'unreadable') return giveUp(flow, batch, entry, 'read', new Error(entry.reason));
  batch.spans.beginRecord(traceparentOf(entry));
  applyRecord(flow, batch, entry, firstAnswers);
  if (batch.spans.isOpen) batch.spans.keep(factsOfRecord(entry, batch.state.partition, flow.tracing.logSystem));
}

function applyRecord(
  flow: FlowContext,
  batch: Batch,
  entry: Exclude<ReadRecord, { kind: 'unreadable' }>,
  firstAnswers: ReadonlyMap<string, FirstAnswer>,
): void {
  switch (entry.kind) {
    case 'request':
      return takeRequest(flow, batch, entry.taken, firstAnswers);
    case 'answer':
      return takeAnswer(flow, batch, entry.cse, entry.answer);
    case 'event':
      return takeEvent(flow, batch, entry.cse, entry.head, entry.payload);
  }
}

/** R13: a batch has a budget. */
function isFull(batch: Batch, { settings }: WorkerParts): boolean {
  return batch.count >= settings.batchRecords || batch.bytes >= settings.batchBytes;
}
