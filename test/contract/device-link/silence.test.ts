/** What is done about a broker that keeps a connection and delivers nothing by it (R31), with one that does what it is told. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createMqttDeviceLink } from '../../../services/adapters/mqtt/device-link.ts';
import type { DeviceLink, InboundMessage } from '../../../services/ports/device-link.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { connack5, type Script, ScriptedBroker } from './scripted-broker.ts';
import { pause, until } from './waiting.ts';

const probe = '/oneM2M/resp/id-in/id-in/probe';
const topic = '/oneM2M/req/C1/id-in/json';
const limit = 600;

describe('DeviceLink over MQTT, in silence', () => {
  reportContract('device-link', 'scripted broker');
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const part of open.splice(0).reverse()) await part.close();
  });

  async function receiving(script: Script, watched = true) {
    const broker = await ScriptedBroker.start(script);
    open.push({ close: () => broker.stop() });
    const link: DeviceLink = createMqttDeviceLink({
      name: 'test',
      address: { url: broker.url },
      clientName: '/id-in',
      ordinal: 3,
      connections: 1,
      silenceLimit: limit,
    });
    open.push(link);
    const messages: InboundMessage[] = [];
    await link.receive({
      filters: ['/oneM2M/req/+/id-in/#', '/oneM2M/resp/id-in/#'],
      group: 'g',
      maximumUnacknowledged: 100,
      ...(watched ? { silenceProbe: probe } : {}),
      received: (message) => messages.push(message),
    });
    const connections = () => broker.of('ingress-3');
    return { connections, messages, first: connections()[0]! };
  }

  it('R31: is connected anew where several probes were acknowledged and none was delivered; the session stays', async () => {
    const { connections, messages, first } = await receiving({ connack: () => connack5({ session: true }) });
    await until(() => connections().length > 1, 'a second connection');
    assert.ok(first.published.length >= 3, `${first.published.length} probes`);
    assert.deepEqual(new Set(first.published.map((sent) => `${sent.topic} ${sent.qos}`)), new Set([`${probe} 1`]));
    assert.equal(first.disconnect, undefined, 'the session must stay');
    const second = connections()[1]!;
    assert.equal(second.clean, false);
    second.deliver(1, topic, 'after');
    await until(() => messages.length === 1, 'what waited');
  });

  it('R31: a probe that arrives is as good as any message, and nothing is done', async () => {
    let identifier = 0;
    const { connections, messages } = await receiving({
      publish(connection, sent) {
        connection.puback(sent.identifier);
        if (sent.topic === probe) connection.deliver(++identifier, sent.topic);
        return sent.topic === probe;
      },
    });
    await until(() => {
      for (const message of messages) message.acknowledge();
      return messages.length >= 8;
    }, 'several probes, over more than the limit');
    assert.equal(connections().length, 1);
    assert.ok(messages.every((message) => message.topic === probe));
  });

  it('docs/brokers.md "HiveMQ CE": lets a broker finish a new session before the first SUBSCRIBE', async () => {
    let accepted = 0;
    await receiving({
      connack(connection) {
        if (!connection.isProbe) accepted = performance.now();
        return connack5();
      },
    });
    assert.ok(performance.now() - accepted >= 240, 'subscribed at once');
  });

  it('R31: no silence where something waits for its acknowledgement, and none where nobody asked', async () => {
    const waiting = await receiving({});
    waiting.first.deliver(1, topic, 'slow');
    const unasked = await receiving({}, false);
    await pause(limit * 1.5);
    assert.equal(waiting.connections().length, 1);
    assert.equal(waiting.first.published.length, 0);
    assert.equal(unasked.connections().length, 1);
  });
});
