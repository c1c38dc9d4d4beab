/** Attacks on a broker that are no rows: who one is, wills, and the client id of another. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { IClientOptions } from 'mqtt';
import { makeCertificates } from '../../infra/local/certificates.ts';
import { pause, until } from '../contract/device-link/waiting.ts';
import { passwordOf } from '../fixtures/broker-access/credentials.ts';
import { identities } from '../fixtures/broker-access/identities.ts';
import { type GuardedBroker, observer, type Visitor, visit } from './guarded-broker.ts';

const { pump, valve, service } = identities;

export function brokerAttacks(broker: GuardedBroker, witness: () => Visitor): void {
  describe('who one is', () => {
    const refused: Record<string, IClientOptions> = {
      'a wrong password': { password: 'wrong' },
      'an empty password': { password: '' },
      'the password of another': { password: passwordOf(valve) },
      'an unknown name': { username: 'Cnobody@id-in' },
      'a pattern for a name': { username: '+' },
    };
    for (const [what, more] of Object.entries(refused)) {
      it(`${what} is refused`, () => assert.rejects(visit(broker, pump, 'password', more)));
    }

    it('nobody comes in without a name', () =>
      assert.rejects(visit(broker, pump, 'password', { username: undefined, password: undefined } as IClientOptions)));

    it('a certificate of a foreign authority is refused', async () => {
      const folder = mkdtempSync(join(tmpdir(), 'in-cse-foreign-'));
      const foreign = await makeCertificates(folder);
      const { certFile, keyFile } = await foreign.issueClient(pump.name);
      const more = { cert: readFileSync(certFile), key: readFileSync(keyFile) };
      await assert.rejects(visit(broker, pump, 'certificate', more));
      rmSync(folder, { recursive: true });
    });

    it('a certificate with the user name of another gives nothing of the other', async () => {
      const topic = `/oneM2M/req/${valve.levels[0]}/id-in/json`;
      const client = await visit(broker, pump, 'certificate', { username: valve.name }).catch(() => undefined);
      await client?.publish(topic, 'by certificate, as another');
      await pause(100);
      assert.equal(witness().has('by certificate, as another'), false);
      await client?.leave();
    });
  });

  describe('wills', () => {
    const willOf = (topic: string, payload: string, retain = false): IClientOptions => ({
      will: { topic, payload: Buffer.from(payload), qos: 1, retain },
    });

    it('a will on the topic of another never arrives, one of one’s own does', async () => {
      const [forged, own] = ['forged will', 'own will'];
      for (const way of ['password', 'certificate'] as const) {
        const options = willOf('/oneM2M/req/Cvalve/id-in/json', `${forged} ${way}`);
        const attacker = await visit(broker, pump, way, options).catch(() => undefined);
        attacker?.client.stream.destroy();
        const honest = await visit(broker, valve, way, willOf('/oneM2M/req/Cvalve/id-in/json', `${own} ${way}`));
        honest.client.stream.destroy();
        await until(() => witness().has(`${own} ${way}`), 'the own will');
        await pause(50);
        assert.equal(witness().has(`${forged} ${way}`), false);
      }
    });

    it('a retained will is not kept', async () => {
      const options = willOf('/oneM2M/req/Cvalve/id-in/json', 'kept will', true);
      const client = await visit(broker, valve, 'password', options).catch(() => undefined);
      client?.client.stream.destroy();
      await pause(100);
      const late = await visit(broker, observer, 'certificate');
      await late.subscribe('/oneM2M/#');
      await pause(100);
      assert.deepEqual(late.received, []);
      await late.leave();
    });
  });

  it('a device with the client id of ingress takes over neither its session nor its messages', async () => {
    const clientId = 'C::id-in~ingress-0.0';
    const session: IClientOptions = { clientId, clean: false, properties: { sessionExpiryInterval: 60 } };
    const ingress = await visit(broker, service, 'certificate', session);
    assert.equal(await ingress.subscribe('$share/in-cse//oneM2M/req/+/id-in/#'), true);
    for (const way of ['password', 'certificate'] as const) {
      const thief = await visit(broker, pump, way, { clientId, clean: false }).catch(() => undefined);
      const payloads = [1, 2, 3, 4].map((number) => `${way} ${number}`);
      for (const payload of payloads) await witness().publish('/oneM2M/req/Cvalve/id-in/json', payload);
      await until(() => payloads.every((payload) => ingress.has(payload)), 'all messages at ingress');
      assert.deepEqual(thief?.received ?? [], []);
      await thief?.leave();
    }
    assert.equal(ingress.closed, false);
    await ingress.leave();
  });
}
