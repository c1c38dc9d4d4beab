/** The same on a cluster: two processes of each kind on Mosquitto, Kafka, Postgres and Redis. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startCluster } from '../../infra/local/cluster.ts';
import { withParts } from '../parts/with-parts.ts';
import { hostedCses, smallCse, smallQuotas, testSettings } from './settings.ts';
import { systemSuite } from './suite.ts';
import { usageFigures } from './usage-figures.ts';
import { checkWeather } from './weather.ts';

const parts = withParts({ mosquitto: true, kafka: 1, postgres: true, redis: true }, { own: true });

systemSuite('cluster of 2 + 2 + 2 processes on Mosquitto and one Kafka node', {
  skip: parts.skip,
  async start() {
    const [broker, kafka, postgres, redis] = await Promise.all([
      parts.mosquitto(),
      parts.kafka(),
      parts.postgres(),
      parts.redis(),
    ]);
    const cluster = await startCluster({
      parts: { broker, kafka, postgres, redis },
      environment: { IN_CSE_LOG_LEVEL: 'warn', ...testSettings },
    });
    return { ...hostedCses, urls: cluster.mqttUrls, hasOneConnection: false, stop: () => cluster.stop() };
  },
  more(system) {
    it('issue 4 §2: in-cse usage tells what each CSE has, and its quotas', async (t) => {
      await system.ae(t);
      const { url } = await parts.postgres();
      const figures = await usageFigures('--postgres-url', url);
      assert.equal(figures.length, 3);
      assert.ok((figures[0]?.used.applicationEntities ?? 0) >= 1);
      assert.ok((figures[0]?.used.bytes ?? 0) > 0);
      assert.deepEqual(figures.find(({ cse }) => cse === `/${smallCse.level}`)?.quotas, smallQuotas);
    });
    it('R30: a device that speaks MQTT 5 is served alike', async (t) => {
      const ae = await system.ae(t, { device: { protocolVersion: 5 } });
      const container = await system.container(ae);
      await system.subscription(ae, container, { nu: [ae.stem], enc: { net: [3], chty: [4] } });
      await system.instance(ae.device, container, 'x');
      await ae.device.noticed(1);
    });

    it('promises 1 to 3: 3,000 hours of weather are stored and told once, and their sums agree', async () => {
      await checkWeather(system.target.urls[0] ?? '', 3000);
    });
  },
});
