/** A node of Kafka × 3 (RF 3, min ISR 2) is killed (R4, R28; semantics, promises 1 to 3). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { type Cluster, startCluster } from '../../infra/local/cluster.ts';
import type { Part } from '../../infra/local/part.ts';
import { withParts } from '../parts/with-parts.ts';
import { killUnderTraffic, settings } from './run.ts';

const kafkaOptions = { nodes: 3, quickFailover: true } as const;
const parts = withParts({ mosquitto: true, kafka: kafkaOptions, postgres: true, redis: true }, { own: true });

describe('kills on Kafka × 3', { skip: parts.skip }, () => {
  let cluster: Cluster;

  before(async () => {
    const [broker, kafka, postgres, redis] = await Promise.all([
      parts.mosquitto(),
      parts.kafka(),
      parts.postgres(),
      parts.redis(),
    ]);
    cluster = await startCluster({ parts: { broker, kafka, postgres, redis }, environment: settings });
  });
  after(() => cluster?.stop());

  it('promises 1 to 3: the active controller dies by kill -9, and with it the leader of a third of the partitions', async (t) => {
    const { kafka } = cluster.parts;
    await killUnderTraffic(t, 'kafka', cluster, async (traffic) => {
      const node = activeController(kafka);
      await kafka.kill(node);
      await traffic.flows(200);
      await kafka.start(node);
      await traffic.flows(200);
    });
  });
});

/** The node that leads the quorum, as the first node has written it down in its folder (all nodes have the same one). */
function activeController({ pids }: Part): number {
  const file = `/proc/${pids[0]}/cwd/node-1/__cluster_metadata-0/quorum-state`;
  const { leaderId } = JSON.parse(readFileSync(file, 'utf8')) as { leaderId: number };
  assert.ok([1, 2, 3].includes(leaderId), `the active controller is ${leaderId}`);
  return leaderId;
}
