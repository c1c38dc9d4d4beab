/** A node of a clustered broker, Artemis × 3, is killed (R30; semantics, promises 1 to 3). */
import { after, before, describe, it } from 'node:test';
import { type Cluster, startCluster } from '../../infra/local/cluster.ts';
import { withParts } from '../parts/with-parts.ts';
import { killUnderTraffic, settings } from './run.ts';

const parts = withParts({ artemis: 3, kafka: { quickFailover: true }, postgres: true, redis: true }, { own: true });

describe('kills on Artemis × 3', { skip: parts.skip }, () => {
  let cluster: Cluster;

  before(async () => {
    const [broker, kafka, postgres, redis] = await Promise.all([
      parts.artemis(),
      parts.kafka(),
      parts.postgres(),
      parts.redis(),
    ]);
    cluster = await startCluster({ parts: { broker, kafka, postgres, redis }, environment: settings });
  });
  after(() => cluster?.stop());

  // The members of the cluster pass messages on by ways of their own: it does not keep the order between devices.
  it('promises 1 to 3 but for the order: one node dies by kill -9', async (t) => {
    const { broker } = cluster.parts;
    await killUnderTraffic(
      t,
      'artemis',
      cluster,
      async (traffic) => {
        const begun = performance.now();
        await broker.kill(1);
        await traffic.flows(100);
        t.diagnostic(`without node 1: 100 requests in ${Math.round(performance.now() - begun)} ms`);
        await broker.start(1);
        await traffic.flows(100);
        t.diagnostic(`with node 1 again: ${Math.round(performance.now() - begun)} ms`);
      },
      { order: false },
    );
  });
});
