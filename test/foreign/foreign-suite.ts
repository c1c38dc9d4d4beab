/** Clients that others wrote get what the standard says: the command line clients of Mosquitto, and paho-mqtt for Python. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { missingLine } from '../../infra/local/prerequisites.ts';
import { skipUnlessCi } from '../parts/skip-unless-ci.ts';
import {
  askByMosquitto,
  type ForeignTarget,
  MosquittoSubscriber,
  type MqttVersion,
  mosquittoPublish,
  runPythonDevice,
} from './drive-clients.ts';

interface WireAnswer {
  rsc: number;
  rqi: string;
  pc?: Record<string, Record<string, unknown>>;
}

/** To be called in a `describe`; `version`s are those that the broker speaks with devices. */
export function foreignSuite(target: () => ForeignTarget, versions: readonly MqttVersion[]): void {
  for (const version of versions) {
    const skipPaho = skipUnlessCi(missingLine(['paho-mqtt']));
    it(`TS-0010: paho-mqtt for Python, MQTT ${version}`, { skip: skipPaho }, async () => {
      const report = await runPythonDevice(target(), version, `Cpaho${version}`);
      const expected = Array.from({ length: 25 }, (_, index) => ({ index, text: `☃ ${index}` }));
      assert.deepEqual(report, {
        told: expected,
        latest: expected.at(-1),
        instances: 25,
        labels: ['done'],
        found: 25,
        gone: 4004,
      });
    });

    const skipMosquitto = skipUnlessCi(missingLine(['mosquitto-clients']));
    it(`TS-0010: mosquitto_pub and mosquitto_sub, MQTT ${version}`, { skip: skipMosquitto }, async (t) => {
      const { level, name } = target().cse;
      const stem = `Cmosquitto${version}`;
      const resp = `/oneM2M/resp/${stem}/${level}`;
      const notifications = `/oneM2M/req/${level}/${stem}/json`;
      const subscriber = new MosquittoSubscriber(t, target(), version, [`${resp}/#`, notifications]);
      const publish = (topic: string, payload: string) => mosquittoPublish(target(), version, topic, payload);
      let requests = 0;
      const ask = async (primitive: object): Promise<WireAnswer> => {
        const rqi = `m${++requests}`;
        const payload = JSON.stringify({ fr: stem, rqi, rvi: '3', ...primitive });
        const isAnswer = (topic: string, text: string) => topic === `${resp}/json` && text.includes(`"rqi":"${rqi}"`);
        const found = await askByMosquitto(
          subscriber,
          () => publish(`/oneM2M/req/${stem}/${level}/json`, payload),
          isAnswer,
        );
        return JSON.parse(found.payload) as WireAnswer;
      };
      const home = `${name}/${stem}`;
      const ae = { rn: stem, api: 'Nmosquitto', rr: true, srv: ['3'] };
      assert.equal((await ask({ op: 1, to: name, ty: 2, pc: { 'm2m:ae': ae } })).rsc, 2001);
      assert.equal((await ask({ op: 1, to: home, ty: 3, pc: { 'm2m:cnt': { rn: 'box' } } })).rsc, 2001);
      const sub = { rn: 'self', nu: [stem], enc: { net: [3], chty: [4] } };
      assert.equal((await ask({ op: 1, to: `${home}/box`, ty: 23, pc: { 'm2m:sub': sub } })).rsc, 2001);
      assert.equal((await ask({ op: 1, to: `${home}/box`, ty: 4, pc: { 'm2m:cin': { con: '21.5 °C' } } })).rsc, 2001);
      const latest = await ask({ op: 2, to: `${home}/box/la` });
      assert.equal(latest.pc?.['m2m:cin']?.con, '21.5 °C');

      // Told, and answered by hand.
      const told = await askByMosquitto(
        subscriber,
        async () => {},
        (topic) => topic === notifications,
      );
      const question = JSON.parse(told.payload) as WireAnswer;
      assert.match(told.payload, /21\.5 °C/);
      const answer = JSON.stringify({ rsc: 2000, rqi: question.rqi, rvi: '3' });
      await publish(`/oneM2M/resp/${level}/${stem}/json`, answer);

      const document = `<m2m:rqp xmlns:m2m="http://www.onem2m.org/xml/protocols"><op>2</op><to>${home}/box/la</to><fr>${stem}</fr><rqi>in-xml</rqi><rvi>3</rvi></m2m:rqp>`;
      const inXml = await askByMosquitto(
        subscriber,
        () => publish(`/oneM2M/req/${stem}/${level}/xml`, document),
        (topic) => topic === `${resp}/xml`,
      );
      assert.match(inXml.payload, /<con>21\.5 °C<\/con>/);
      assert.equal((await ask({ op: 4, to: home })).rsc, 2002);
    });
  }
}
