/** What the embedded broker lets clients do, and how it comes and goes. */
import assert from 'node:assert/strict';
import { createServer as createNetServer } from 'node:net';
import { afterEach, describe, it } from 'node:test';
import { Aedes } from 'aedes';
import { connect, connectAsync, type IClientOptions, type MqttClient } from 'mqtt';
import type { Refusal } from '../../../services/adapters/aedes/admission.ts';
import { Arrivals } from '../../../services/adapters/aedes/arrivals.ts';
import {
  createEmbeddedBroker,
  type EmbeddedBroker,
  type EmbeddedBrokerOptions,
} from '../../../services/adapters/aedes/embedded-broker.ts';
import { TopicFilters } from '../../../services/adapters/aedes/topic-filters.ts';
import { createMqttDeviceLink } from '../../../services/adapters/mqtt/device-link.ts';
import type { InboundMessage } from '../../../services/ports/device-link.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { Device } from './device.ts';
import { pause, until } from './waiting.ts';

const filter = '/oneM2M/req/+/id-in/#';
const topic = '/oneM2M/req/C1/id-in/json';

describe('the embedded broker', () => {
  reportContract('device-link', 'aedes, in process');
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  });

  async function broker(more: Partial<EmbeddedBrokerOptions> = {}): Promise<{
    broker: EmbeddedBroker;
    url: string;
    messages: InboundMessage[];
    refusals: Refusal[];
  }> {
    const messages: InboundMessage[] = [];
    const refusals: Refusal[] = [];
    const created = await createEmbeddedBroker({
      name: 'embedded',
      port: 0,
      refused: (refusal) => refusals.push(refusal),
      ...more,
    });
    open.push(created);
    const received = (message: InboundMessage) => messages.push(message);
    await created.receive({ filters: [filter], group: 'g', maximumUnacknowledged: 100, received });
    return { broker: created, url: `mqtt://127.0.0.1:${created.port}`, messages, refusals };
  }

  async function client(url: string, more: IClientOptions = {}): Promise<MqttClient> {
    const found = await connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0, ...more }, false);
    open.push({ close: () => found.endAsync(true) });
    return found;
  }

  /** Resolves with the reason why the client could not connect, or was thrown out. */
  function thrownOut(url: string, more: IClientOptions, then?: (found: MqttClient) => void): Promise<string> {
    return new Promise((resolve) => {
      const found = connect(url, { protocolVersion: 4, reconnectPeriod: 0, ...more });
      let reason = '';
      found.on('error', (error) => {
        reason = error.message;
      });
      found.on('connect', () => then?.(found));
      found.on('close', () => resolve(reason));
    });
  }

  it('writes PUBACK only when the message is acknowledged, in order, as R28 has it', async () => {
    const { url, messages } = await broker();
    const device = await client(url);
    const acknowledged: string[] = [];
    const all = ['a', 'b', 'c'].map((text) =>
      device.publishAsync(topic, text, { qos: 1 }).then(() => acknowledged.push(text)),
    );
    await until(() => messages.length === 3, 'the messages');
    messages[2]?.acknowledge();
    messages[1]?.acknowledge();
    await pause(50);
    assert.deepEqual(acknowledged, []);
    messages[0]?.acknowledge();
    await Promise.all(all);
    assert.deepEqual(acknowledged, ['a', 'b', 'c']);
  });

  it('gives the room of a message that stands aside to others, and holds back its sender all the same', async () => {
    const messages: InboundMessage[] = [];
    const created = await createEmbeddedBroker({ name: 'embedded', port: 0 });
    open.push(created);
    const received = (message: InboundMessage) => messages.push(message);
    await created.receive({ filters: [filter], group: 'g', maximumUnacknowledged: 1, received });
    const url = `mqtt://127.0.0.1:${created.port}`;
    const [noisy, quiet] = [await client(url), await client(url)];
    let isAcknowledged = false;
    const refused = noisy.publishAsync(topic, 'refused', { qos: 1 }).then(() => {
      isAcknowledged = true;
    });
    await until(() => messages.length === 1, 'the first message');
    const served = quiet.publishAsync(topic, 'served', { qos: 1 });
    await pause(50);
    assert.equal(messages.length, 1, 'there is room for one');
    messages[0]?.standAside?.();
    await until(() => messages.length === 2, 'the second message');
    messages[1]?.acknowledge();
    await served;
    assert.equal(isAcknowledged, false);
    messages[0]?.acknowledge();
    await refused;
    const next = quiet.publishAsync(topic, 'next', { qos: 1 });
    await until(() => messages.length === 3, 'the next message');
    void noisy.publishAsync(topic, 'waits', { qos: 1 }).catch(() => undefined);
    await pause(50);
    assert.equal(messages.length, 3, 'there is room for one again');
    messages[2]?.acknowledge();
    await next;
  });

  it('hands over any number of messages that are done at once, one after the other', () => {
    const many = 20_000;
    let isPatient = true;
    let handed = 0;
    const first: InboundMessage[] = [];
    const arrivals = new Arrivals({
      maximumUnacknowledged: 1,
      received(message) {
        handed++;
        if (isPatient) first.push(message);
        else message.standAside?.();
      },
    });
    const sender = { closed: false };
    const publish = { topic, payload: 'x', dup: false, retain: false };
    for (let n = 0; n < many; n++) arrivals.arrived(sender, publish, () => {});
    assert.equal(handed, 1);
    isPatient = false;
    first[0]?.acknowledge();
    assert.equal(handed, many);
  });

  it('takes nothing new and acknowledges nothing new after drain', async () => {
    const messages: InboundMessage[] = [];
    const created = await createEmbeddedBroker({ name: 'embedded', port: 0 });
    open.push(created);
    const received = (message: InboundMessage) => messages.push(message);
    const receiver = await created.receive({ filters: [filter], group: 'g', maximumUnacknowledged: 9, received });
    const device = await client(`mqtt://127.0.0.1:${created.port}`);
    await receiver.drain();
    let acknowledged = false;
    device.publish(topic, 'x', { qos: 1 }, (error) => {
      acknowledged = error === undefined || error === null;
    });
    await pause(100);
    assert.deepEqual([messages.length, acknowledged], [0, false]);
  });

  it('refuses MQTT 5 in words that a client of MQTT 5 understands, with one line (R33)', async () => {
    const { url, refusals } = await broker();
    for (let time = 0; time < 3; time++) {
      assert.match(await thrownOut(url, { protocolVersion: 5, clientId: 'five' }), /Unsupported Protocol Version/i);
    }
    assert.equal(refusals.length, 1);
    assert.equal(refusals[0]?.client, 'five');
    assert.match(refusals[0]?.reason ?? '', /3\.1\.1/);
  });

  it('refuses wills, retained messages and topics that begin with $ (TS-0010 5.1)', async () => {
    const { url, refusals, messages } = await broker();
    const will = { topic, payload: Buffer.from('gone'), qos: 1 as const, retain: false };
    assert.match(await thrownOut(url, { will, clientId: 'w' }), /Not authorized/);
    await thrownOut(url, { clientId: 'r' }, (found) => found.publish(topic, 'x', { qos: 1, retain: true }));
    await thrownOut(url, { clientId: 'd' }, (found) => found.publish('$SYS/x', 'x', { qos: 1 }));
    const device = await client(url, { clientId: 's' });
    await assert.rejects(device.subscribeAsync('$share/g//oneM2M/req/#', { qos: 1 }));
    await assert.rejects(device.subscribeAsync('$SYS/#', { qos: 1 }));
    assert.deepEqual([...new Set(refusals.map(({ client: id }) => id))], ['w', 'r', 'd', 's']);
    assert.equal(messages.length, 0);
  });

  it('refuses messages above the limit', async () => {
    const { url, refusals } = await broker({ maximumPacketSize: 1000 });
    await thrownOut(url, { clientId: 'big' }, (found) => found.publish(topic, 'x'.repeat(1001), { qos: 1 }));
    assert.match(refusals[0]?.reason ?? '', /1000 bytes/);
  });

  it('serves MQTT over WebSocket', async () => {
    const { broker: created, messages } = await broker({ webSocketPort: 0 });
    const device = await client(`ws://127.0.0.1:${created.webSocketPort}`);
    const published = device.publishAsync(topic, 'over the web', { qos: 1 });
    await until(() => messages.length === 1, 'the message');
    messages[0]?.acknowledge();
    await published;
  });

  it('keeps what a persistent session misses, until it returns', async () => {
    const { broker: created, url } = await broker();
    const first = await client(url, { clientId: 'device', clean: false });
    await first.subscribeAsync('/oneM2M/resp/C1/#', { qos: 1 });
    await first.endAsync();
    const publisher = await created.publisher();
    await publisher.publish('/oneM2M/resp/C1/id-in/json', 'kept');
    const received: string[] = [];
    const again = connect(url, { protocolVersion: 4, clientId: 'device', clean: false });
    open.push({ close: () => again.endAsync(true) });
    again.on('message', (_, payload) => received.push(payload.toString()));
    await until(() => received.length === 1, 'the message');
    assert.deepEqual(received, ['kept']);
  });

  it('says which port is in use, and leaves nothing behind', async () => {
    const { broker: created } = await broker();
    await assert.rejects(createEmbeddedBroker({ name: 'second', port: created.port }), {
      name: 'ListenFailed',
      code: 'EADDRINUSE',
      port: created.port,
    });
    await assert.rejects(createEmbeddedBroker({ name: 'second', port: 0, webSocketPort: created.port }), {
      name: 'ListenFailed',
      port: created.port,
    });
    const { port } = created;
    await created.close();
    open.length = 0;
    const after = await createEmbeddedBroker({ name: 'after', port });
    await after.close();
  });

  it('listens on loopback only without credentials, whatever it is told (decisions "Rights at first start")', async () => {
    const at = { name: 'x', host: '0.0.0.0', port: 0 };
    await assert.rejects(createEmbeddedBroker(at), { code: 'NOT_LOOPBACK' });
    await assert.rejects(createEmbeddedBroker({ ...at, allowInsecure: true }), { code: 'NOT_LOOPBACK' });
    const access = {
      group: 'g',
      authenticate: async () => ({ refused: 'no identity' as const }),
      watch: () => () => {},
    };
    await assert.rejects(createEmbeddedBroker({ ...at, access }), { code: 'NOT_LOOPBACK' });
    const wide = await createEmbeddedBroker({ ...at, access, allowInsecure: true });
    await wide.close();
  });

  it('lets clients in when somebody receives, so that nothing is acknowledged to nobody', async () => {
    const created = await createEmbeddedBroker({ name: 'embedded', port: 0 });
    open.push(created);
    let connected = false;
    const device = Device.connect(`mqtt://127.0.0.1:${created.port}`, 'early').then((found) => {
      connected = true;
      open.push(found);
    });
    await pause(100);
    assert.equal(connected, false);
    await created.receive({ filters: [filter], group: 'g', maximumUnacknowledged: 1, received: () => undefined });
    await device;
  });

  it('matches topics as MQTT 4.7 says', () => {
    const filters = new TopicFilters();
    for (const each of ['/oneM2M/req/+/id-in/#', '/oneM2M/resp/id-in/+/json', 'a']) filters.add(each);
    for (const yes of [topic, '/oneM2M/req//id-in', '/oneM2M/req/x/id-in/a/b', '/oneM2M/resp/id-in//json', 'a']) {
      assert.equal(filters.matches(yes), true, yes);
    }
    for (const no of [
      '/oneM2M/req/C1/id-inn/json',
      'oneM2M/req/C1/id-in/json',
      '/oneM2M/resp/id-in/C1',
      'a/',
      '/a',
      '$a',
    ]) {
      assert.equal(filters.matches(no), false, no);
    }
  });
});

describe('a broker that grants $share and delivers nothing', () => {
  reportContract('device-link', 'aedes over mqtt');
  it('is found out by the probe: aedes as it is (R31)', async () => {
    const aedes = await Aedes.createBroker();
    const server = createNetServer((socket) => void aedes.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const link = createMqttDeviceLink({
      name: 'default',
      address: { url: `mqtt://user:secret@127.0.0.1:${port}` },
      clientName: 'id-in',
      ordinal: 0,
      probeTimeLimit: 500,
    });
    const receiving = link.receive({
      filters: [filter],
      group: 'g',
      maximumUnacknowledged: 5,
      received: () => undefined,
    });
    await assert.rejects(receiving, (error: Error) => {
      assert.match(
        error.message,
        new RegExp(`mqtt://127.0.0.1:${port} granted the shared subscription .* delivered nothing`),
      );
      assert.ok(!error.message.includes('secret'));
      return true;
    });
    await link.close();
    await new Promise<void>((resolve) => aedes.close(() => resolve()));
    await new Promise((resolve) => server.close(resolve));
  });
});
