/** A request that waits for the answers of others is stored, and they are asked (R19). */
import { encodeOwnRequestIdentifier } from '../../contracts/request-identifiers.ts';
import type { DecisionInput, ExchangeIntent } from '../../core/decision.ts';
import { Status } from '../../core/status-codes.ts';
import type { Exchange } from '../../ports/resource-store.ts';
import type { Batch } from '../batch/batch.ts';
import { type Route, resolveRoute } from '../deliveries/route.ts';
import { sendOwnRequest } from '../deliveries/send.ts';
import type { FlowContext } from '../flow-context.ts';
import type { TakenRequest } from '../records/taken-request.ts';

/**
 * Throws what is missing before it changes anything. Where a target cannot be reached nobody is asked, and the answers with
 * which the request is to be decided at once come back (TS-0004 7.5.1.2.3).
 */
export function beginExchange(
  flow: FlowContext,
  batch: Batch,
  taken: TakenRequest,
  intent: ExchangeIntent,
): DecisionInput['answers'] {
  const { cse, head, request, frame, appendedAt } = taken;
  const routes = intent.questions.map(({ target }) =>
    batch.working.unbound(() => resolveRoute(batch.working, cse, target)),
  );
  if (routes.some((route) => 'unreachable' in route)) {
    return intent.questions.map(({ target }) => ({ target, responseStatusCode: Status.targetNotReachable }));
  }
  const deadline = batch.now + intent.timeLimit;
  const exchange: Exchange = {
    cse: cse.number,
    shard: intent.shard,
    id: batch.inventId('x', intent.shard),
    purpose: intent.purpose,
    key: head.key,
    originator: head.originator,
    requestIdentifier: request.requestIdentifier,
    record: frame,
    receivedAt: head.firstAppended ?? appendedAt,
    deadline,
    questions: intent.questions.map(({ target }, index) => ({
      target,
      responder: (routes[index] as Route).responder ?? '',
      random: flow.chance.token(64),
    })),
  };
  batch.putExchange(exchange);
  batch.addChanges([
    {
      kind: 'due',
      action: 'put',
      due: { shard: exchange.shard, cse: cse.number, kind: 'exchange', id: exchange.id, at: deadline },
    },
  ]);
  exchange.questions.forEach(({ random }, question) => {
    const requestIdentifier = encodeOwnRequestIdentifier({
      kind: 'exchange',
      shard: exchange.shard,
      exchange: exchange.id,
      question,
      random,
    });
    sendOwnRequest(batch, flow.deployment.outboundPartitions, routes[question] as Route, {
      cse,
      requestIdentifier,
      content: intent.questions[question]?.content ?? {},
      shard: exchange.shard,
      expires: deadline,
      traceparent: batch.spans.cause,
    });
  });
  return undefined;
}
