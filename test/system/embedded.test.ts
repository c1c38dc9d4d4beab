import assert from 'node:assert/strict';
import { it } from 'node:test';
import mqtt from 'mqtt';
import { until } from './device.ts';
import { type EmbeddedProcess, startEmbeddedProcess } from './embedded-process.ts';
import { hostedCses, smallQuotas, testSettings } from './settings.ts';
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

    it('issue 4 §2: metrics tell what a named CSE has, and the others together', async (t) => {
      const { applicationEntities, bytes } = smallQuotas;
      const ae = await system.ae(t, { cse: system.target.second });
      await system.container(ae);
      const metrics = await (await fetch(`${embedded.adminUrl}/metrics`)).text();
      assert.match(metrics, /^incse_usage_resources\{cse="other"\} [1-9]/m);
      assert.match(metrics, /^incse_usage_application_entities\{cse="\/id-small"\} [0-9]+$/m);
      assert.doesNotMatch(metrics, /^incse_usage_\w+\{cse="\/id-two"/m);
      const used = /^incse_usage_bytes\{cse="\/id-small"\} (\d+)$/m.exec(metrics)?.[1];
      const ratio = /^incse_quota_used_ratio\{cse="\/id-small",quota="bytes"\} (\S+)$/m.exec(metrics)?.[1];
      assert.ok(Number(used) / bytes <= 1.1 && applicationEntities > 0);
      assert.ok(Math.abs(Number(ratio) - Number(used) / bytes) < 1e-9, `${used} ${ratio}`);
    });
  },
});
