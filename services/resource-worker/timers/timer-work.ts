/** Timer work: a pseudo-batch of the partition under the same fence (R21). */
import type { Due } from '../../core/decision.ts';
import { decideAge } from '../../core/timer/age.ts';
import { decideExpiry } from '../../core/timer/expiry.ts';
import { decideSweep } from '../../core/timer/sweep.ts';
import type { TimerDecision } from '../../core/timer/timer-decision.ts';
import type { SweepPortion } from '../../ports/resource-store.ts';
import { addChanges } from '../batch/add-changes.ts';
import type { Batch } from '../batch/batch.ts';
import { Wanted } from '../batch/load.ts';
import { BatchMustClose } from '../batch/working-set.ts';
import { deliveryIsDue, prepareNotifications, queueNotification } from '../deliveries/queue.ts';
import { resumeExchange } from '../exchanges/resume-exchange.ts';
import type { FlowContext } from '../flow-context.ts';
import type { WorkerParts } from '../parts.ts';
import { sendForeignEvents } from '../records/foreign-events.ts';

/** Due items, and rows of a sweep, that one pseudo-batch takes. */
const itemsAtOnce = 200;
const rowsAtOnce = 500;
const patience = 24;

/** Puts into the batch what is due up to `until`. Returns whether more may be due. Rejects when the store is away. */
export async function doTimerWork(
  parts: WorkerParts,
  flow: FlowContext,
  batch: Batch,
  until: number,
): Promise<{ more: boolean }> {
  const { partition } = batch.state;
  const { requestPartitions } = flow.deployment;
  const items = await parts.store.due(partition, requestPartitions, until, itemsAtOnce);
  batch.advanceLogTime(until);
  batch.spans.beginTimerWork();
  for (const due of items) {
    if (!(await doItem(parts, flow, batch, due))) return { more: true };
  }
  return { more: items.length === itemsAtOnce };
}

/** False: this item must wait for the next pseudo-batch. */
async function doItem(parts: WorkerParts, flow: FlowContext, batch: Batch, due: Due): Promise<boolean> {
  const portion = due.kind === 'sweep' ? await parts.store.sweep(due, rowsAtOnce) : undefined;
  for (let lacked = 0; lacked < patience; lacked++) {
    const wanted = new Wanted();
    batch.beginRecord();
    batch.spans.beginDueItem();
    try {
      takeItem(flow, batch, due, portion);
      return true;
    } catch (thrown) {
      if (thrown instanceof BatchMustClose && batch.needsCommit()) return false;
      if (!wanted.takes(thrown)) throw thrown;
      await wanted.load(batch, parts.store, parts.clock, parts.settings);
    }
  }
  flow.log.error({ due: due.kind, id: due.id }, 'a due item could not be decided; it is dropped');
  dropItem(batch, due);
  return true;
}

function dropItem(batch: Batch, due: Due): void {
  batch.addChanges([{ kind: 'due', action: 'drop', due }]);
}

/** Throws what is missing before it changes anything. The item itself is dropped; what goes on plans itself anew. */
function takeItem(flow: FlowContext, batch: Batch, due: Due, portion: SweepPortion | undefined): void {
  const cse = flow.cses.get(due.cse);
  if (cse === undefined) return;
  switch (due.kind) {
    case 'exchange': {
      const exchange = batch.exchange(due.id);
      if (exchange === undefined) return dropItem(batch, due);
      // It drops its own due item.
      return resumeExchange(flow, batch, cse, exchange);
    }
    case 'delivery': {
      const [subscription = '', target = '0'] = due.id.split('/');
      const known = batch.delivery(due.cse, due.shard, subscription, Number(target));
      if (known === null) return dropItem(batch, due);
      return deliveryIsDue(flow, batch, cse, known, () => dropItem(batch, due));
    }
    case 'expiry': {
      const resource = batch.working.expired(due.cse, due.shard, due.id);
      const isPast = resource !== null && resource.expiresAt !== null && resource.expiresAt <= batch.working.logTime;
      if (isPast) applyTimerDecision(flow, batch, due.cse, decideExpiry(resource, batch.working, cse, batch.now));
      return dropItem(batch, due);
    }
    case 'age': {
      const container = batch.working.resource(due.cse, due.shard, due.id);
      // Dropped first: the next age of the container may be planned for the same moment.
      if (container === null) return dropItem(batch, due);
      const decision = decideAge(container, batch.working, cse, batch.working.logTime);
      dropItem(batch, due);
      return applyTimerDecision(flow, batch, due.cse, decision);
    }
    case 'sweep': {
      if (portion === undefined) return;
      applyTimerDecision(flow, batch, due.cse, decideSweep(portion, cse, batch.now));
      if (!portion.more) dropItem(batch, due);
      return;
    }
  }
}

function applyTimerDecision(flow: FlowContext, batch: Batch, cseNumber: number, decision: TimerDecision): void {
  const cse = flow.cses.get(cseNumber);
  if (cse === undefined) return;
  const notifications = prepareNotifications(batch, cse, decision.notifications);
  addChanges(batch, decision.changes);
  for (const notification of notifications) queueNotification(flow, batch, cse, notification);
  sendForeignEvents(batch, decision.foreignEvents);
}
