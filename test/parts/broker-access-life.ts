/** Credentials that change while a real broker runs, and the product's own link under the rules. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMqttDeviceLink } from '../../services/adapters/mqtt/device-link.ts';
import type { Credential } from '../../services/ports/credential-store.ts';
import { until } from '../contract/device-link/waiting.ts';
import { allCredentials, hashOf } from '../fixtures/broker-access/credentials.ts';
import { identities, scope } from '../fixtures/broker-access/identities.ts';
import { type GuardedBroker, observer, type Visitor, visit } from './guarded-broker.ts';

const { pump, valve, meter, gateway, service } = identities;

export function brokerAccessLife(broker: GuardedBroker): void {
  it('the device link as the service account passes its probe, receives and publishes (R30, R31)', async () => {
    const files = await broker.certificates().issueClient(service.name);
    const link = createMqttDeviceLink({
      name: 'default',
      address: { url: broker.url('certificate', true), tls: { caFile: broker.certificates().caFile, ...files } },
      clientName: 'id-in',
      ordinal: 0,
      connections: 2,
    });
    try {
      const topics: string[] = [];
      const filters = scope.cses.flatMap((cse) => [
        `/oneM2M/req/+/${cse}/#`,
        `/oneM2M/reg_req/+/${cse}/#`,
        `/oneM2M/resp/${cse}/#`,
      ]);
      await link.receive({
        filters,
        group: scope.group,
        maximumUnacknowledged: 10,
        received(message) {
          topics.push(message.topic);
          message.acknowledge();
        },
      });
      const device = await visit(broker, pump, 'password');
      await device.subscribe('/oneM2M/resp/Cpump/id-in/#');
      await device.publish('/oneM2M/req/Cpump/id-in/json', 'ask');
      await until(() => topics.includes('/oneM2M/req/Cpump/id-in/json'), 'the request');
      const publisher = await link.publisher();
      await publisher.publish('/oneM2M/resp/Cpump/id-in/json', 'answer');
      await until(() => device.has('answer'), 'the answer');
      await device.leave();
    } finally {
      await link.close();
    }
  });

  describe('changes', () => {
    it('a revoked password ends at once, and only that', async () => {
      const revoked = await visit(broker, valve, 'password');
      const bystander = await visit(broker, pump, 'password');
      const certified = await visit(broker, gateway, 'certificate');
      await broker.exported(changed(valve.name, () => ({ revokedAt: 1 })));
      await until(() => revoked.closed, 'the revoked one to be thrown out');
      await assert.rejects(visit(broker, valve, 'password'));
      assert.equal(await bystander.subscribe('/oneM2M/resp/Cpump/id-in/#'), true);
      assert.equal(await certified.subscribe('/oneM2M/resp/mn-1/id-in/#'), true);
      await bystander.leave();
      await certified.leave();
    });

    it('a rotated password is taken up', async () => {
      const later = Date.now() + 60_000;
      const old = hashOf('old', later);
      await broker.exported(changed(meter.name, () => ({ passwords: [hashOf('new'), old] })));
      await eventually(() => visit(broker, meter, 'password', { password: 'new' }));
      const withOld = visit(broker, meter, 'password', { password: 'old' });
      if (broker.bothPasswords) await (await withOld).leave();
      else await assert.rejects(withOld);
    });

    it(`a revoked certificate ends ${broker.rightsByExport ? 'at once' : 'with a restart'}`, async () => {
      const before = await visit(broker, valve, 'certificate');
      await broker.exported(changed(valve.name, () => ({ revokedAt: 1 })));
      if (broker.rightsByExport) await until(() => before.closed, 'the revoked one to be thrown out');
      else await broker.restart();
      const witness = await visit(broker, observer, 'certificate');
      await witness.subscribe('#');
      const client = await visit(broker, valve, 'certificate').catch(() => undefined);
      assert.equal((await client?.subscribe('/oneM2M/resp/Cvalve/id-in/#')) ?? false, false);
      await client?.publish('/oneM2M/req/Cvalve/id-in/json', 'after revocation');
      await witness.publish('mark', 'after it');
      await until(() => witness.has('after it'), 'the mark');
      assert.equal(witness.has('after revocation'), false);
      await client?.leave();
      await witness.leave();
      await before.leave();
    });
  });
}

function changed(name: string, change: () => Partial<Credential>): Credential[] {
  return allCredentials().map((credential) => (credential.name === name ? { ...credential, ...change() } : credential));
}

/** Until the broker has read its files again. */
async function eventually(connect: () => Promise<Visitor>): Promise<void> {
  for (let tries = 0; ; tries++) {
    const visitor = await connect().catch((error: unknown) => {
      if (tries > 30) throw error;
    });
    if (visitor !== undefined) return visitor.leave();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
