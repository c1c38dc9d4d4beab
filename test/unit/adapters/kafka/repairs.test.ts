import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, it } from 'node:test';
import { repairRequestQueue } from '../../../../services/adapters/kafka/repairs.ts';

interface RequestQueue {
  pending: unknown[];
  throttledUntil: number;
  throttleCheckTimeoutId: NodeJS.Timeout | null;
  scheduleCheckPendingRequests(): void;
  destroy(): void;
}

describe('the repaired request queue of KafkaJS', () => {
  it('arms its timer only while requests wait', () => {
    repairRequestQueue();
    repairRequestQueue();
    const Queue = createRequire(import.meta.url)('kafkajs/src/network/requestQueue/index.js') as new (
      options: object,
    ) => RequestQueue;
    const queue = new Queue({ clientId: 'c', broker: 'b' });
    queue.scheduleCheckPendingRequests();
    assert.equal(queue.throttleCheckTimeoutId, null);
    queue.pending.push({});
    queue.throttledUntil = Date.now() + 10_000;
    queue.scheduleCheckPendingRequests();
    assert.notEqual(queue.throttleCheckTimeoutId, null);
    queue.destroy();
  });
});
