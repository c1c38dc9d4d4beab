import assert from 'node:assert/strict';
import { it } from 'node:test';
import mqtt from 'mqtt';
import { until } from './device.ts';
import { type EmbeddedProcess, startEmbeddedProcess } from './embedded-process.ts';
import { hostedCses, testSettings } from './settings.ts';
import { systemSuite } from './suite.ts';

let embedded: EmbeddedProcess;

systemSuite('embedded, in memory', {
  async start() {
    embedded = await startEmbeddedProcess({ keep: false, settings: testSettings });
    return { ...hostedCses, urls: [embedded.url], hasOneConnection: true, stop: () => embedded.stop() };
  },
  more(system) {
    it('issue "npm start": MQTT over WebSocket is served alike', async (t) => {
      const ae = await system.ae(t, { device: { url: embedded.webSocketUrl } });
      const container = await system.container(ae);
      await system.subscription(ae, container, { nu: [ae.stem], enc: { net: [3], chty: [4] } });
      await system.instance(ae.device, container, 'x');
      await ae.device.noticed(1);
    });

    it('R33: a CONNECT of MQTT 5 is refused', async () => {
      const options = { protocolVersion: 5, reconnectPeriod: 0 } as const;
      await assert.rejects(mqtt.connectAsync(embedded.url, options), /Unsupported protocol version|version|refused/i);
    });

    it('issue "npm start": the admin port says that it lives, is ready, and what flows', async () => {
      for (const page of ['livez', 'readyz', 'startupz']) {
        await until(`${page} is well`, async () => (await fetch(`${embedded.adminUrl}/${page}`)).ok);
      }
      const metrics = await (await fetch(`${embedded.adminUrl}/metrics`)).text();
      assert.match(metrics, /^incse_\w*requests\w*\{[^}]*\} [1-9]/m);
    });
  },
});
