/** The embedded broker where it asks for credentials: every row of the table, by real clients (promise 4, issue 4 §1). */
import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import { type Certificates, makeCertificates } from '../../../infra/local/certificates.ts';
import { openWorkFolder, type WorkFolder } from '../../../infra/local/work-folder.ts';
import type { Refusal } from '../../../services/adapters/aedes/admission.ts';
import {
  createEmbeddedBroker,
  type EmbeddedBroker,
  type EmbeddedBrokerOptions,
} from '../../../services/adapters/aedes/embedded-broker.ts';
import { openServerCertificate, type ServerCertificate } from '../../../services/platform/server-certificate.ts';
import type { Publisher } from '../../../services/ports/device-link.ts';
import { identities, type Who } from '../../fixtures/broker-access/identities.ts';
import { type AccessRow, accessRows, titleOf } from '../../fixtures/broker-access/rows.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { accessStage, credentialOf, hashOf, passwordOf, type Stage } from '../../unit/broker-access/support.ts';
import { until } from './waiting.ts';

/** Where each device reads: what arrives there was sent behind what must not arrive. */
const marks: Partial<Record<Who, string>> = {
  pump: '/oneM2M/resp/Cpump/id-in/mark',
  meter: '/oneM2M/resp/Smeter/id-in/mark',
  gateway: '/oneM2M/resp/mn-1/id-in/mark',
  novice: '/oneM2M/reg_resp/new-7/id-in/mark',
  stranger: '/oneM2M/resp/Cpump/id-two/mark',
};

describe('the embedded broker with credentials', () => {
  reportContract('device-link', 'aedes, in process');
  const open: { close(): Promise<unknown> }[] = [];
  let stage: Stage;
  let broker: EmbeddedBroker;
  let publisher: Publisher;
  let url: string;
  let messages: string[];
  const refusals: Refusal[] = [];
  const denials: string[] = [];

  before(async () => {
    stage = await accessStage();
    broker = await started();
    publisher = await broker.publisher();
    url = `mqtt://127.0.0.1:${broker.port}`;
  });
  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  });
  after(async () => {
    stage.list.stop();
    await broker.close();
  });

  async function started(more: Partial<EmbeddedBrokerOptions> = {}): Promise<EmbeddedBroker> {
    const created = await createEmbeddedBroker({
      name: 'embedded',
      port: 0,
      access: stage.access,
      refused: (refusal) => refusals.push(refusal),
      denied: (action) => denials.push(action),
      ...more,
    });
    const received: string[] = [];
    messages = received;
    await created.receive({
      filters: ['#'],
      group: 'g',
      maximumUnacknowledged: 100,
      received(message) {
        received.push(message.topic);
        message.acknowledge();
      },
    });
    return created;
  }

  function login(who: Who, more: IClientOptions = {}): IClientOptions {
    const { name } = identities[who];
    return { protocolVersion: 4, reconnectPeriod: 0, username: name, password: passwordOf(identities[who]), ...more };
  }

  async function client(options: IClientOptions, at = url): Promise<MqttClient> {
    const found = await connectAsync(at, options, false);
    open.push({ close: () => found.endAsync(true) });
    return found;
  }

  const closed = (found: MqttClient) => new Promise<void>((resolve) => found.once('close', () => resolve()));

  /** The topics that arrive at a client until its mark does. */
  async function heard(found: MqttClient, mark: string, then: () => Promise<void>): Promise<string[]> {
    const topics: string[] = [];
    found.on('message', (topic) => topics.push(topic));
    await then();
    await publisher.publish(mark, '');
    await until(() => topics.includes(mark), 'the mark');
    return topics.filter((topic) => topic !== mark);
  }

  // Our own flows are inside; `orphan` is not let in at all.
  const rows = accessRows.filter(({ who }) => who !== 'service' && who !== 'orphan');
  for (const row of rows) {
    const test = row.action === 'publish' ? publishes : subscribes;
    it(`${titleOf(row)}${row.retain === true ? ', retained' : ''}`, () => test(row));
  }

  async function publishes({ who, topic, retain = false, allowed }: AccessRow): Promise<void> {
    messages.length = 0;
    const found = await client(login(who));
    if (allowed) {
      await found.publishAsync(topic, 'x', { qos: 1, retain });
      assert.deepEqual(messages, [topic]);
      return;
    }
    const end = closed(found);
    found.on('error', () => {});
    found.publish(topic, 'x', { qos: 1, retain }, () => {});
    await end;
    assert.deepEqual(messages, []);
  }

  async function subscribes({ who, topic, sees, allowed }: AccessRow): Promise<void> {
    const found = await client(login(who));
    const mark = marks[who] ?? '';
    await found.subscribeAsync(mark, { qos: 1 });
    if (allowed) {
      const [granted] = await found.subscribeAsync(topic, { qos: 1 });
      assert.equal(granted?.qos, 1);
    } else {
      // SUBACK 0x80 (MQTT 3.1.1 3.9.3).
      await assert.rejects(found.subscribeAsync(topic, { qos: 1 }), /Subscribe error|Unspecified/i);
    }
    if (sees === undefined || sees.startsWith('$')) return;
    const topics = await heard(found, mark, () => publisher.publish(sees, 'secret'));
    assert.equal(topics.includes(sees), allowed);
    assert.equal(found.connected, true);
  }

  connectTests();
  function connectTests(): void {
    describe('CONNECT', () => {
      const wrong: [what: string, IClientOptions][] = [
        ['no credentials', { username: undefined, password: undefined }],
        ['a wrong password', { password: 'x' }],
        ['no password', { password: undefined }],
        ['a name that does not exist', { username: 'nobody' }],
        ['a CSE that is not hosted', login('orphan')],
      ];
      for (const [what, options] of wrong) {
        it(`is refused in one way for all that is wrong: ${what}`, async () => {
          await assert.rejects(client(login('pump', options)), /Connection refused: Bad username or password/);
        });
      }

      it('is logged once for each client and reason, and counted each time', async () => {
        refusals.length = 0;
        denials.length = 0;
        for (let time = 0; time < 3; time++) {
          await assert.rejects(client(login('pump', { clientId: 'guesser', password: `x${time}` })));
        }
        assert.deepEqual(refusals, [{ client: 'guesser', reason: 'not let in: wrong password' }]);
        assert.deepEqual(denials, ['connect', 'connect', 'connect']);
      });

      it('does not take over the client id of another, connected or away', async () => {
        const pump = await client(login('pump', { clientId: 'A::Cpump', clean: false }));
        await assert.rejects(client(login('valve', { clientId: 'A::Cpump' })), /Identifier rejected/);
        assert.equal(pump.connected, true);
        await pump.endAsync();
        await assert.rejects(client(login('valve', { clientId: 'A::Cpump', clean: false })), /Identifier rejected/);
        await client(login('pump', { clientId: 'A::Cpump' }));
      });

      it('may take over one’s own', async () => {
        const first = await client(login('pump', { clientId: 'A::again' }));
        const end = closed(first);
        const second = await client(login('pump', { clientId: 'A::again' }));
        await end;
        await second.publishAsync('/oneM2M/req/Cpump/id-in/json', 'x', { qos: 1 });
      });
    });
  }

  it('keeps nothing for a session that was denied, also when another filter of the same SUBSCRIBE was granted', async () => {
    const lasting = login('pump', { clientId: 'A::lasting', clean: false });
    const first = await client(lasting);
    const own = '/oneM2M/resp/Cpump/id-in/#';
    const foreign = '/oneM2M/resp/Cvalve/id-in/json';
    const granted = await first.subscribeAsync([own, '/oneM2M/resp/Cvalve/id-in/#'], { qos: 1 }).catch(() => 'denied');
    assert.equal(granted, 'denied');
    await first.endAsync();
    await publisher.publish(foreign, 'secret');
    await publisher.publish('/oneM2M/resp/Cpump/id-in/json', 'mine');
    const topics: string[] = [];
    const again = connect(url, lasting);
    open.push({ close: () => again.endAsync(true) });
    again.on('message', (topic) => topics.push(topic));
    await until(() => topics.includes('/oneM2M/resp/Cpump/id-in/json'), 'what was kept');
    await publisher.publish(foreign, 'secret');
    await publisher.publish('/oneM2M/resp/Cpump/id-in/mark', '');
    await until(() => topics.at(-1) === '/oneM2M/resp/Cpump/id-in/mark', 'the mark');
    assert.ok(!topics.includes(foreign), topics.join(' '));
  });

  changeTests();
  function changeTests(): void {
    describe('credentials that change', () => {
      const original = () => credentialOf(identities.pump);
      const put = (...passwords: ReturnType<typeof hashOf>[]) => replace({ ...original(), passwords });
      function replace(credential: ReturnType<typeof original>) {
        const { name } = identities.pump;
        stage.store.credentials = [...stage.store.credentials.filter((each) => each.name !== name), credential];
      }
      afterEach(async () => {
        replace(original());
        await stage.list.refresh();
      });

      it('a revoked one is disconnected within a reading, and not let in again', async () => {
        const pump = await client(login('pump'));
        const valve = await client(login('valve'));
        const end = closed(pump);
        replace({ ...original(), revokedAt: 1 });
        await end;
        await assert.rejects(client(login('pump')), /refused/);
        assert.equal(valve.connected, true);
      });

      it('a rotated one is let in by both passwords for a while, and who has the old one is disconnected when that is over', async () => {
        const old = hashOf(passwordOf(identities.pump));
        const pump = await client(login('pump'));
        put(hashOf('new'), { ...old, until: Date.now() + 60_000 });
        await stage.list.refresh();
        const other = await client(login('pump', { password: 'new' }));
        await client(login('pump'));
        assert.equal(pump.connected, true);
        const end = closed(pump);
        put(hashOf('new'), { ...old, until: Date.now() });
        await end;
        assert.equal(other.connected, true);
        await assert.rejects(client(login('pump')), /refused/);
      });
    });
  }

  tlsTests();
  function tlsTests(): void {
    describe('TLS', () => {
      let folder: WorkFolder;
      let certificates: Certificates;
      let certificate: ServerCertificate;
      let secure: EmbeddedBroker;
      const reported: (Error | undefined)[] = [];
      before(async () => {
        folder = openWorkFolder('embedded-tls');
        certificates = await makeCertificates(folder.path);
        const { certFile, keyFile } = certificates.server;
        certificate = openServerCertificate(
          { certFile, keyFile, clientCaFile: certificates.caFile },
          { interval: 30, changed: (error) => reported.push(error) },
        );
        const tls = { host: '127.0.0.1', port: 0, webSocketPort: 0, certificate };
        secure = await started({ tls });
      });
      after(async () => {
        certificate.close();
        await secure.close();
        await folder.remove();
      });
      const trust = () => ({ ca: readFileSync(certificates.caFile) });

      for (const kind of ['mqtts', 'wss'] as const) {
        const at = () => `${kind}://localhost:${kind === 'mqtts' ? secure.tlsPort : secure.tlsWebSocketPort}`;

        it(`${kind}: a password is as good as elsewhere`, async () => {
          const pump = await client(login('pump', trust()), at());
          await pump.publishAsync('/oneM2M/req/Cpump/id-in/json', 'x', { qos: 1 });
          await assert.rejects(client(login('pump', { ...trust(), password: 'x' }), at()), /refused/);
        });

        it(`${kind}: the common name of a certificate is an identity, and no other`, async () => {
          const { certFile, keyFile } = await certificates.issueClient(identities.valve.name, {
            file: `valve-${kind}`,
          });
          const shown = { ...trust(), cert: readFileSync(certFile), key: readFileSync(keyFile) };
          const valve = await client({ protocolVersion: 4, reconnectPeriod: 0, ...shown }, at());
          await valve.publishAsync('/oneM2M/req/Cvalve/id-in/json', 'x', { qos: 1 });
          const end = closed(valve);
          valve.on('error', () => {});
          valve.publish('/oneM2M/req/Cpump/id-in/json', 'x', { qos: 1 }, () => {});
          await end;
          await assert.rejects(client(login('pump', shown), at()), /refused/);
        });

        it(`${kind}: a certificate of somebody else’s authority is turned away, even with a password`, async () => {
          const strangers = await makeCertificates(`${folder.path}/strangers-${kind}`);
          const { certFile, keyFile } = await strangers.issueClient(identities.pump.name);
          const shown = { ...trust(), cert: readFileSync(certFile), key: readFileSync(keyFile) };
          await assert.rejects(client(login('pump', { ...shown, connectTimeout: 3000 }), at()));
        });
      }

      it('a new certificate is used without a restart, and connections go on; files that do not fit are not taken', async () => {
        const pump = await client(login('pump', trust()), `mqtts://localhost:${secure.tlsPort}`);
        const before = await shownSerial();
        await certificates.issueServer();
        await until(() => reported.length > 0, 'the renewal');
        assert.deepEqual(reported, [undefined]);
        const renewed = await shownSerial();
        assert.notEqual(renewed, before);
        await pump.publishAsync('/oneM2M/req/Cpump/id-in/json', 'x', { qos: 1 });
        // A key alone: half of a renewal that somebody forgot to finish.
        const other = await certificates.issueServer({ file: 'other' });
        copyFileSync(other.keyFile, certificates.server.keyFile);
        await until(() => reported.length > 1, 'the complaint');
        assert.match(String(reported.at(1)), /cannot be used together/);
        assert.equal(await shownSerial(), renewed);
      });

      function shownSerial(): Promise<string> {
        return new Promise((resolve, reject) => {
          const socket = connectTls({ port: secure.tlsPort ?? 0, host: 'localhost', ...trust() }, () => {
            resolve(socket.getPeerCertificate().serialNumber);
            socket.destroy();
          });
          socket.on('error', reject);
        });
      }
    });
  }
});
