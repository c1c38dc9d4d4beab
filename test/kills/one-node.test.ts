/** Processes, database and cache are killed, on Mosquitto and one Kafka node (semantics, promises 1 to 3). */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Cluster, startCluster } from '../../infra/local/cluster.ts';
import { failpointNames } from '../../services/platform/failpoints.ts';
import { withParts } from '../parts/with-parts.ts';
import { until } from '../system/device.ts';
import { killUnderTraffic, settings } from './run.ts';

const parts = withParts(
  { mosquitto: true, kafka: { quickFailover: true }, postgres: true, redis: true },
  { own: true },
);

/** Passes until a failpoint kills: another number each time, so that it is not always the first batch after a start. */
const mostPasses = 9;

describe('kills on Mosquitto and one Kafka node', { skip: parts.skip }, () => {
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

  for (const kind of ['ingress', 'resource-worker', 'responder'] as const) {
    it(`promises 1 to 3: ${kind} dies at each of its failpoints`, async (t) => {
      const victim = cluster.process(kind);
      await killUnderTraffic(t, kind, cluster, async (traffic) => {
        await victim.kill();
        for (const name of failpointNames[kind]) {
          const failpoint = `${name}:${1 + Math.floor(Math.random() * mostPasses)}`;
          const begun = performance.now();
          await victim.spawn({ IN_CSE_FAILPOINTS: failpoint });
          await until(`${failpoint} kills ${victim.name}`, () => victim.pid === undefined, 120_000);
          assert.equal(await victim.exited(), 'SIGKILL', `${failpoint} has killed ${victim.name}`);
          t.diagnostic(`${failpoint} after ${((performance.now() - begun) / 1000).toFixed(1)} s`);
        }
        await victim.start();
        await traffic.flows(50);
      });
    });
  }

  it('promises 1 to 3: Postgres dies by kill -9', async (t) => {
    await killUnderTraffic(t, 'postgres', cluster, async (traffic) => {
      await cluster.parts.postgres.kill();
      await cluster.parts.postgres.start();
      await traffic.flows(100);
    });
  });

  it('promises 1 to 3, R24: Redis dies by kill -9', async (t) => {
    await killUnderTraffic(t, 'redis', cluster, async (traffic) => {
      await cluster.parts.redis.kill();
      await traffic.flows(100);
      await cluster.parts.redis.start();
      await traffic.flows(100);
    });
  });
});
