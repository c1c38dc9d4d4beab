import { readCanonical } from '../../codecs/json.ts';
import { decodeRecord, type RequestHead } from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import { Status } from '../../core/status-codes.ts';
import type { Exchange } from '../../ports/resource-store.ts';
import type { Batch } from '../batch/batch.ts';
import type { FlowContext } from '../flow-context.ts';
import { factsOfRequest } from '../records/record-facts.ts';
import { applyDecision, decideRequest } from '../records/take-request.ts';
import type { TakenRequest } from '../records/taken-request.ts';

/** One question of an exchange is answered. With the last answer the request is decided afresh (R19). */
export function questionAnswered(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  exchange: Exchange,
  question: number,
  responseStatusCode: number,
): void {
  const questions = exchange.questions.map((each, index) =>
    index === question ? { ...each, responseStatusCode } : each,
  );
  const answered = { ...exchange, questions };
  const isComplete = questions.every((each) => each.responseStatusCode !== undefined);
  if (isComplete) resumeExchange(flow, batch, cse, answered);
  else batch.putExchange(answered);
}

/** Decides the waiting request with the answers that came; who did not answer counts as timed out (TS-0004 7.3.1.3). */
export function resumeExchange(flow: FlowContext, batch: Batch, cse: CseDescription, exchange: Exchange): void {
  const { head, payload } = decodeRecord<RequestHead>(exchange.record, ['request']);
  const taken: TakenRequest = {
    head: { ...head, firstAppended: exchange.receivedAt },
    payload,
    request: readCanonical(payload),
    cse,
    frame: exchange.record,
    appendedAt: exchange.receivedAt,
  };
  const answers = exchange.questions.map(({ target, responseStatusCode = Status.requestTimeout }) => ({
    target,
    responseStatusCode,
  }));
  const decision = decideRequest(batch, taken, answers);
  const interrupted = batch.spans.resume(head.traceparent);
  applyDecision(flow, batch, taken, decision);
  if (batch.spans.isOpen) batch.spans.keep(factsOfRequest('resume', taken));
  batch.spans.resumed(interrupted);
  batch.removeExchange(exchange);
  const { cse: number, shard, id, deadline } = exchange;
  batch.addChanges([{ kind: 'due', action: 'drop', due: { shard, cse: number, kind: 'exchange', id, at: deadline } }]);
}
