/** Credentials, TLS and WebSocket, on Mosquitto. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePorts } from '../../../infra/local/free-ports.ts';
import { startMosquitto } from '../../../infra/local/mosquitto.ts';
import type { Part } from '../../../infra/local/part.ts';
import type { BrokerAddress } from '../../../services/adapters/mqtt/broker-address.ts';
import { createMqttDeviceLink } from '../../../services/adapters/mqtt/device-link.ts';
import type { InboundMessage } from '../../../services/ports/device-link.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { withParts } from '../../parts/with-parts.ts';
import { until } from './waiting.ts';

const { skip } = withParts({ mosquitto: true }, { own: true });
const users = [{ name: 'in-cse', password: 'p:w/d' }];

/** Receives what it publishes itself. */
async function roundTrip(address: BrokerAddress): Promise<void> {
  const link = createMqttDeviceLink({ name: 'default', address, clientName: 'id-in', ordinal: 0 });
  try {
    const messages: InboundMessage[] = [];
    await link.receive({
      filters: ['/oneM2M/req/+/id-in/#'],
      group: 'g',
      maximumUnacknowledged: 10,
      received(message) {
        messages.push(message);
        message.acknowledge();
      },
    });
    await (await link.publisher()).publish('/oneM2M/req/C1/id-in/json', 'x');
    await until(() => messages.length === 1, 'the message');
  } finally {
    await link.close();
  }
}

describe('DeviceLink over MQTT: ways to a broker', { skip }, () => {
  reportContract('device-link', 'mosquitto');
  const folder = mkdtempSync(join(tmpdir(), 'in-cse-tls-'));
  const file = (name: string) => join(folder, name);
  let broker: Part;
  let tlsPort = 0;

  before(async () => {
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key.pem')];
    execFileSync('openssl', ['req', '-x509', ...key, '-out', file('cert.pem'), '-days', '2', ...subject], {
      stdio: 'ignore',
    });
    [tlsPort = 0] = await freePorts(1);
    const settings = [
      `listener ${tlsPort} 127.0.0.1`,
      `cafile ${file('cert.pem')}`,
      `certfile ${file('cert.pem')}`,
      `keyfile ${file('key.pem')}`,
      'require_certificate true',
    ];
    broker = await startMosquitto({ users, webSocket: true, settings });
  });
  after(async () => {
    await broker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('takes credentials from the URL, or beside it', async () => {
    await roundTrip({ url: broker.urls[0] ?? '' });
    const { host } = new URL(broker.urls[0] ?? '');
    await roundTrip({ url: `mqtt://${host}`, username: 'in-cse', password: 'p:w/d' });
  });

  it('says so at the start when they are wrong', async () => {
    const { host } = new URL(broker.urls[0] ?? '');
    await assert.rejects(roundTrip({ url: `mqtt://in-cse:wrong@${host}` }), { name: 'ConnectionRefused' });
  });

  it('speaks MQTT over WebSocket', () => roundTrip({ url: broker.urls[1] ?? '' }));

  it('speaks TLS, with a certificate of its own', () =>
    roundTrip({
      url: `mqtts://localhost:${tlsPort}`,
      ...{ username: 'in-cse', password: 'p:w/d' },
      tls: { caFile: file('cert.pem'), certFile: file('cert.pem'), keyFile: file('key.pem') },
    }));
});
