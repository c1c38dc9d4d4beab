import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { type Cluster, startCluster } from '../../infra/local/cluster.ts';
import { withParts } from '../parts/with-parts.ts';
import { firstCse } from '../system/settings.ts';
import { foreignSuite } from './foreign-suite.ts';

const parts = withParts({ mosquitto: true, kafka: 1, postgres: true, redis: true }, { own: true });

describe('foreign clients, a cluster on Mosquitto', { skip: parts.skip }, () => {
  let cluster: Cluster | undefined;
  before(async () => {
    const [broker, kafka, postgres, redis] = await Promise.all([
      parts.mosquitto(),
      parts.kafka(),
      parts.postgres(),
      parts.redis(),
    ]);
    const given = { broker, kafka, postgres, redis };
    cluster = await startCluster({ parts: given, ingress: 1, workers: 1, responders: 1 });
  });
  after(() => cluster?.stop());
  foreignSuite(() => {
    assert.ok(cluster !== undefined);
    return { url: cluster.mqttUrls[0] ?? '', cse: firstCse };
  }, ['311', '5']);
});
