/**
 * KafkaJS 2.2.4 re-arms a timer with a negative delay after every response and again whenever it fires: a 1 kHz loop per
 * connection for its whole life, about 2 % of a core each, and a TimeoutNegativeWarning. The timer is only of use while
 * requests wait, so it is only armed then.
 */
import { createRequire } from 'node:module';

interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

const repaired = Symbol.for('in-cse.kafkajs.request-queue-repaired');

/** Idempotent; touches the client library's class, so that every connection of the process profits. */
export function repairRequestQueue(): void {
  const load = createRequire(import.meta.url);
  const { prototype } = load('kafkajs/src/network/requestQueue/index.js') as {
    prototype: RequestQueue & { [repaired]?: true };
  };
  if (prototype[repaired]) return;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
  prototype[repaired] = true;
}
