import { decodeForeignEvent, type EventHead } from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import { decideForeignEvent } from '../../core/subscriptions/foreign-event.ts';
import type { Batch } from '../batch/batch.ts';
import { prepareNotifications, queueNotification } from '../deliveries/queue.ts';
import type { FlowContext } from '../flow-context.ts';
import { isSeen } from './take-request.ts';

/** An event of another shard for a subscription of this one (R22): decided here, once (R5). */
export function takeEvent(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  head: EventHead,
  payload: Buffer,
): void {
  if (isSeen(batch, head.source)) return;
  const { subscription: key, event } = decodeForeignEvent(payload);
  const subscription = batch.working.resource(key.cse, key.shard, key.id);
  const intents = subscription === null ? [] : decideForeignEvent(event, subscription, cse);
  const notifications = prepareNotifications(batch, cse, intents);
  for (const notification of notifications) queueNotification(flow, batch, cse, notification);
  batch.see(head.source.partition, head.source.version, head.source.index);
}
