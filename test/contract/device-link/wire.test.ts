/** What the MQTT adapter writes on the wire, against a broker that does what it is told. */
import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import { createMqttDeviceLink, type MqttLinkOptions } from '../../../services/adapters/mqtt/device-link.ts';
import { createForeignPublishers } from '../../../services/adapters/mqtt/foreign-publishers.ts';
import type { DeviceLink, InboundMessage, Receiver } from '../../../services/ports/device-link.ts';
import { PublishFailed } from '../../../services/ports/device-link.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { connack5, type Script, ScriptedBroker, type ScriptedConnection } from './scripted-broker.ts';
import { pause, until } from './waiting.ts';

const filter = '/oneM2M/req/+/id-in/#';
const topic = '/oneM2M/req/C1/id-in/json';

describe('DeviceLink over MQTT, on the wire', () => {
  reportContract('device-link', 'scripted broker');
  const brokers: ScriptedBroker[] = [];
  const links: DeviceLink[] = [];
  afterEach(async () => {
    for (const link of links.splice(0)) await link.close();
    for (const broker of brokers.splice(0)) await broker.stop();
  });

  async function scripted(script: Script = {}): Promise<ScriptedBroker> {
    const broker = await ScriptedBroker.start(script);
    brokers.push(broker);
    return broker;
  }

  function linkTo(broker: ScriptedBroker, more: Partial<MqttLinkOptions> = {}): DeviceLink {
    const link = createMqttDeviceLink({
      name: 'test',
      address: { url: broker.url },
      clientName: '/id-in',
      ordinal: 3,
      connections: 1,
      probeTimeLimit: 300,
      closeTimeLimit: 200,
      ...more,
    });
    links.push(link);
    return link;
  }

  async function receiving(
    broker: ScriptedBroker,
    more: Partial<MqttLinkOptions> = {},
    maximumUnacknowledged = 100,
  ): Promise<{ messages: InboundMessage[]; receiver: Receiver; connection: ScriptedConnection }> {
    const messages: InboundMessage[] = [];
    const receiver = await linkTo(broker, more).receive({
      filters: [filter],
      group: 'g',
      maximumUnacknowledged,
      received: (message) => messages.push(message),
    });
    const [connection] = broker.of('ingress-3');
    assert.ok(connection);
    return { messages, receiver, connection };
  }

  it('connects and subscribes as R30 and MQTT 5 4.8.2 say', async () => {
    const { connection } = await receiving(await scripted());
    assert.equal(connection.clientId, 'C::id-in~ingress-3');
    assert.equal(connection.version, 5);
    assert.equal(connection.clean, false);
    assert.deepEqual(connection.subscribed, ['$share/g//oneM2M/req/+/id-in/#']);
  });

  it('sends no PUBACK by itself, and releases acknowledgements in order of arrival (R28)', async () => {
    const { connection, messages } = await receiving(await scripted());
    for (const identifier of [11, 12, 13, 14]) connection.deliver(identifier, topic, `m${identifier}`);
    await until(() => messages.length === 4, 'four messages');
    messages[2]?.acknowledge();
    messages[1]?.acknowledge();
    await pause(50);
    // This is also the proof that this version of the library still lets us mark a publish before it is dispatched.
    assert.deepEqual(connection.acknowledged, []);
    messages[0]?.acknowledge();
    messages[0]?.acknowledge();
    await until(() => connection.acknowledged.length === 3, 'three PUBACKs');
    messages[3]?.acknowledge();
    await until(() => connection.acknowledged.length === 4, 'the fourth');
    assert.deepEqual(connection.acknowledged, [11, 12, 13, 14]);
    assert.ok(connection.acknowledgementReasons.every((reason) => reason < 0x80));
  });

  it('keeps QoS 0 and retained apart, and acknowledges no QoS 0', async () => {
    const { connection, messages } = await receiving(await scripted());
    connection.deliver(0, topic, 'zero');
    connection.deliver(5, topic, 'kept', { retain: true, dup: true });
    await until(() => messages.length === 2, 'both messages');
    messages[0]?.acknowledge();
    messages[1]?.acknowledge();
    await until(() => connection.acknowledged.length === 1, 'one PUBACK');
    assert.deepEqual(connection.acknowledged, [5]);
    assert.deepEqual([messages[0]?.retained, messages[1]?.retained], [false, true]);
    assert.deepEqual([messages[0]?.duplicate, messages[1]?.duplicate], [false, true]);
  });

  it('never sends an acknowledgement on a later connection, and says what is abandoned (R28, R18)', async () => {
    let session = false;
    const accept = (): Buffer | undefined => connack5({ session });
    let answer = accept;
    const broker = await scripted({ connack: () => answer() });
    const { connection, messages, receiver } = await receiving(broker);
    connection.deliver(7, topic, 'first');
    connection.deliver(0, topic, 'zero');
    await until(() => messages.length === 2, 'the messages');
    session = true;
    connection.break();
    await until(() => broker.of('ingress-3').length === 2, 'a second connection');
    const second = broker.of('ingress-3')[1] as ScriptedConnection;
    await until(() => receiver.ready(), 'it to be ready');
    // Subscribed to again, some brokers deliver twice what was out.
    assert.deepEqual(second.subscribed, [], 'the session has its subscriptions');
    assert.equal(messages[0]?.abandoned(), true);
    assert.equal(messages[1]?.abandoned(), false, 'nobody delivers QoS 0 again');
    messages[0]?.acknowledge();
    // The same identifier means another message here.
    second.deliver(7, topic, 'second');
    await until(() => messages.length === 3, 'the message of the second connection');
    await pause(30);
    assert.deepEqual(second.acknowledged, []);
    // An attempt that fails in between changes nothing.
    answer = () => undefined;
    second.break();
    await until(() => broker.of('ingress-3').length === 3, 'a third connection');
    session = false;
    answer = accept;
    broker.of('ingress-3')[2]?.break();
    await until(() => broker.of('ingress-3')[3]?.subscribed.length === 1, 'a subscription in the new session');
    assert.equal(messages[2]?.abandoned(), false, 'the broker has forgotten it: nobody will deliver it again');
  });

  it('connects once more where a resumed session stays silent about what it had out', async () => {
    let session = false;
    const broker = await scripted({ connack: () => connack5({ session }) });
    const { connection, messages } = await receiving(broker);
    connection.deliver(7, topic);
    await until(() => messages.length === 1, 'the message');
    session = true;
    connection.break();
    await until(() => broker.of('ingress-3').length === 3, 'a third connection');
    await pause(2500);
    assert.equal(broker.of('ingress-3').length, 3, 'once is enough');
  });

  it('answers a repeated delivery on a living connection with one PUBACK only (R28)', async () => {
    const { connection, messages } = await receiving(await scripted());
    connection.deliver(9, topic, 'once');
    connection.deliver(9, topic, 'once', { dup: true });
    connection.deliver(10, topic, 'next');
    await until(() => messages.length === 2, 'two messages');
    for (const message of messages) message.acknowledge();
    await until(() => connection.acknowledged.length === 2, 'two PUBACKs');
    connection.deliver(9, topic, 'another');
    await until(() => messages.length === 3, 'the identifier used again');
    assert.deepEqual(connection.acknowledged, [9, 10]);
  });

  it('stops reading at the bound though the broker goes on, keeps the connection alive, and reads on (R28)', async () => {
    const { connection, messages, receiver } = await receiving(await scripted(), { keepalive: 1 }, 10);
    for (let identifier = 1; identifier <= 500; identifier++) connection.deliver(identifier, topic, `m${identifier}`);
    await until(() => messages.length === 10, 'the bound');
    // Longer than the library waits for a PINGRESP that stands behind the messages (1.5 keepalives).
    await pause(2500);
    assert.equal(messages.length, 10);
    assert.ok(connection.open && receiver.ready());
    assert.ok(connection.pings >= 2, 'the broker must go on hearing from us');
    for (let at = 0; at < 500; at++) {
      await until(() => messages.length > at, `message ${at}`);
      messages[at]?.acknowledge();
    }
    await until(() => connection.acknowledged.length === 500, 'all PUBACKs');
    assert.deepEqual(
      connection.acknowledged,
      Array.from({ length: 500 }, (_, index) => index + 1),
    );
    assert.ok(connection.open);
  });

  it('bounds the bytes that are not acknowledged too (R28)', async () => {
    const { connection, messages } = await receiving(await scripted(), { maximumUnacknowledgedBytes: 3000 });
    for (let identifier = 1; identifier <= 20; identifier++) connection.deliver(identifier, topic, 'x'.repeat(1000));
    await until(() => messages.length === 3, 'the bound');
    await pause(50);
    assert.equal(messages.length, 3);
  });

  it('fails with the name of a broker that grants the shared subscription and delivers nothing (R31)', async () => {
    const broker = await scripted({ deliversProbe: false });
    await assert.rejects(receiving(broker), (error: Error) => {
      assert.match(error.message, /shared subscription/);
      assert.ok(error.message.includes(broker.url));
      return true;
    });
    assert.equal(broker.of('ingress-3').length, 0, 'nothing is received from such a broker');
  });

  it('falls back to 3.1.1 where the broker refuses 5 (R30)', async () => {
    const broker = await scripted({
      connack: (connection: ScriptedConnection) =>
        connection.version === 5 ? connack5({ reason: 0x84 }) : Buffer.from([0x20, 2, 0, 0]),
    });
    const messages: InboundMessage[] = [];
    await linkTo(broker).receive({
      filters: [filter],
      group: 'g',
      maximumUnacknowledged: 5,
      received: (m) => messages.push(m),
    });
    const connection = broker.of('ingress-3').at(-1) as ScriptedConnection;
    assert.equal(connection.version, 4);
    connection.deliver(3, topic, 'hello');
    await until(() => messages.length === 1, 'a message');
    messages[0]?.acknowledge();
    await until(() => connection.acknowledged.length === 1, 'its PUBACK');
  });

  it('rejects lasting refusals at the start instead of trying for ever', async () => {
    const broker = await scripted({ connack: () => connack5({ reason: 0x86 }) });
    await assert.rejects(receiving(broker), /user name or password/i);
  });

  it('stops with a clear line when its session is taken over twice (R30)', async () => {
    const broker = await scripted();
    const fatal: Error[] = [];
    const { connection } = await receiving(broker, { hooks: { fatal: (reason) => fatal.push(reason) } });
    connection.dismiss(0x8e);
    await until(() => broker.of('ingress-3').length === 2, 'a second connection');
    assert.equal(fatal.length, 0);
    await until(() => broker.of('ingress-3')[1]?.subscribed.length === 1, 'its subscription');
    broker.of('ingress-3')[1]?.dismiss(0x8e);
    await until(() => fatal.length === 1, 'the fatal call');
    assert.match(fatal[0]?.message ?? '', /C::id-in~ingress-3.*ordinal/);
    await pause(200);
    assert.equal(broker.of('ingress-3').length, 2, 'it does not come back');
  });

  it('ends the session when it leaves for good (S22), and only then', async () => {
    const broker = await scripted();
    const first = await receiving(broker);
    await first.receiver.drain();
    assert.deepEqual(first.connection.unsubscribed, ['$share/g//oneM2M/req/+/id-in/#']);
    await first.receiver.close();
    await until(() => first.connection.disconnect !== undefined, 'DISCONNECT');
    assert.equal(first.connection.disconnect?.includes(0x11), false);
    await linkTo(broker)
      .receive({ filters: [filter], group: 'g', maximumUnacknowledged: 5, received: () => undefined })
      .then((receiver) => receiver.close({ forGood: true }));
    const second = broker.of('ingress-3')[1] as ScriptedConnection;
    await until(() => second.disconnect !== undefined, 'DISCONNECT');
    // Session Expiry Interval (identifier 0x11) 0.
    assert.deepEqual([...(second.disconnect ?? [])], [0, 5, 0x11, 0, 0, 0, 0]);
  });

  it('sends acknowledgements of what came before, while draining', async () => {
    const { connection, messages, receiver } = await receiving(await scripted());
    connection.deliver(21, topic, 'before');
    await until(() => messages.length === 1, 'the message');
    await receiver.drain();
    assert.equal(receiver.ready(), false);
    messages[0]?.acknowledge();
    await receiver.close();
    await until(() => connection.disconnect !== undefined, 'DISCONNECT');
    assert.deepEqual(connection.acknowledged, [21]);
  });

  it('respects the receive maximum of the server (MQTT 5 3.2.2.3.3) and the order of calls', async () => {
    let out = 0;
    let most = 0;
    const broker = await scripted({
      connack: () => connack5({ receiveMaximum: 7 }),
      publish(connection: ScriptedConnection, { identifier }: { identifier: number }) {
        out += 1;
        most = Math.max(most, out);
        setImmediate(() => {
          out -= 1;
          connection.puback(identifier);
        });
        return true;
      },
    });
    const publisher = await linkTo(broker).publisher();
    await Promise.all(Array.from({ length: 500 }, (_, index) => publisher.publish('/a/b', `m${index}`)));
    assert.equal(most, 7);
    const sent = broker.of('ingress-3')[0]?.published ?? [];
    assert.deepEqual(
      sent.map(({ payload }) => payload),
      Array.from({ length: 500 }, (_, index) => `m${index}`),
    );
    assert.ok(sent.every(({ qos, duplicate }) => qos === 1 && !duplicate));
  });

  it('sends again in order, first, what was out when the connection was lost; counts the loss (R26)', async () => {
    const broker = await scripted({ acknowledges: false });
    const publisher = await linkTo(broker, { publishWindow: 3 }).publisher();
    const done: string[] = [];
    const publish = (text: string) => publisher.publish('/a/b', text).then(() => done.push(text));
    const all = ['a', 'b', 'c', 'd', 'e'].map(publish);
    await until(() => broker.of('ingress-3')[0]?.published.length === 3, 'three publishes');
    const first = broker.of('ingress-3')[0] as ScriptedConnection;
    first.puback(first.published[1]?.identifier ?? 0);
    await until(() => done.length === 1, 'one acknowledgement');
    first.break();
    broker.script.acknowledges = true;
    all.push(publish('f'));
    await Promise.all(all);
    const again = broker.of('ingress-3')[1]?.published.map(({ payload }) => payload);
    assert.deepEqual(again, ['a', 'c', 'd', 'e', 'f']);
    assert.equal(publisher.disconnects(), 1);
  });

  it('gives up what takes the connection down again and again, and nothing beside it (R26)', async () => {
    const broker = await scripted({
      publish(connection: ScriptedConnection, { payload }: { payload: string }) {
        if (payload !== 'poison') return false;
        connection.break();
        return true;
      },
    });
    const publisher = await linkTo(broker).publisher();
    const results = await Promise.allSettled(['a', 'poison', 'b', 'c'].map((text) => publisher.publish('/a/b', text)));
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    );
    assert.ok((results[1] as PromiseRejectedResult).reason instanceof PublishFailed);
  });

  it('rejects with PublishFailed on reason codes from 0x80, resolves on 0x10, and keeps a time limit', async () => {
    const broker = await scripted({
      publish(connection: ScriptedConnection, publish: { identifier: number; payload: string }) {
        if (publish.payload !== 'late') connection.puback(publish.identifier, Number(publish.payload));
        return true;
      },
    });
    const publisher = await linkTo(broker).publisher();
    await assert.rejects(publisher.publish('/a', String(0x87)), { name: 'PublishFailed', message: /Not authorized/ });
    await publisher.publish('/a', String(0x10));
    await assert.rejects(publisher.publish('/a', 'late', { timeLimit: 100 }), { name: 'PublishFailed' });
    await assert.rejects(publisher.publish('/a/+', 'x'), { name: 'PublishFailed' });
  });

  it('does not call a publish failed that was only closed: it may be published again', async () => {
    const broker = await scripted({ acknowledges: false });
    const publisher = await linkTo(broker).publisher();
    const publishing = publisher.publish('/a', 'x');
    const outcome = assert.rejects(publishing, { name: 'PublisherClosed' });
    await until(() => broker.of('ingress-3')[0]?.published.length === 1, 'the publish');
    await publisher.close();
    await outcome;
  });

  it('adds filters at run time, on every connection and after a reconnect (R32)', async () => {
    const broker = await scripted();
    const { receiver, connection } = await receiving(broker, {}, 10);
    await receiver.addFilters(['/oneM2M/req/+/id-two/#']);
    assert.deepEqual(connection.subscribed, ['$share/g//oneM2M/req/+/id-in/#', '$share/g//oneM2M/req/+/id-two/#']);
    connection.break();
    await until(() => broker.of('ingress-3')[1]?.subscribed.length === 2, 'both filters again');
  });

  it('publishes to foreign brokers with a time limit, a path as prefix, and closes idle connections (R26, TS-0010 6.6)', async () => {
    const first = await scripted();
    const second = await scripted();
    const foreign = createForeignPublishers({ clientName: 'C::id-in', maximum: 1, idleTime: 100, timeLimit: 1000 });
    await foreign.publish(`${first.url}/abc/def`, '/oneM2M/req/id-in/C1/json', 'x');
    await foreign.publish(`${first.url}/`, 'alerts/site4', 'y');
    assert.deepEqual(
      first.connections[0]?.published.map(({ topic: sent }) => sent),
      ['abc/def/oneM2M/req/id-in/C1/json', 'alerts/site4'],
    );
    await foreign.publish(second.url, 'a', 'z');
    await until(() => first.connections[0]?.open === false, 'the older connection to make room');
    await until(() => second.connections[0]?.open === false, 'the idle connection to be closed');
    assert.equal(foreign.size(), 0);
    await assert.rejects(foreign.publish('mqtt://127.0.0.1:1', 'a', 'x'), { name: 'PublishFailed' });
    await assert.rejects(foreign.publish('http://127.0.0.1', 'a', 'x'), { name: 'PublishFailed' });
    const silent = await scripted({ connack: () => undefined });
    await assert.rejects(foreign.publish(silent.url, 'a', 'x', { timeLimit: 200 }), { name: 'PublishFailed' });
    await foreign.close();
  });
});
