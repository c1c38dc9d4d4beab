/** What every DeviceLink must do, whatever the broker. Each broker's test file says what its broker is able to do. */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import type { DeviceLink, InboundMessage, Receiver } from '../../../services/ports/device-link.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { CuttableProxy } from './cuttable-proxy.ts';
import { Device } from './device.ts';
import { pause, until } from './waiting.ts';

/** True, or why not. */
export type Ability = true | string;

/** What a broker does and does not do: stated here, shown in the report, explained in docs/brokers.md. */
export interface BrokerAbilities {
  /** Several processes may receive in one share group. */
  shares: Ability;
  /** Delivers again to the returning session what was not acknowledged when its connection died. */
  redeliversToSession: Ability;
  /** Gives what a member had not acknowledged to the others when that member's session ends. */
  redeliversToOthers: Ability;
  /** Keeps over kill -9 what waits for a session. */
  survivesKill: Ability;
  /** After kill -9, delivers again what it had delivered and what was not acknowledged. */
  redeliversAfterKill: Ability;
  /** Delivers what one sender publishes on one topic in that order (MQTT 4.6). Else order is only that of arrival. */
  keepsOrder: Ability;
  /** Tells a client that its session was taken over. */
  tellsTakeover: Ability;
}

export interface LinkWishes {
  /** Address instead of the broker's own: a proxy in front of it. */
  url?: string;
  ordinal?: number;
  connections?: number;
  fatal?(reason: Error): void;
}

export interface BrokerUnderTest {
  name: string;
  abilities: BrokerAbilities;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** For devices and links, of one node each. */
  urls(): string[];
  link(wishes: LinkWishes): Promise<DeviceLink>;
  /** kill -9 of the (first) broker process, and its restart. Undefined where the broker is this process. */
  kill?(): Promise<void>;
  startAgain?(): Promise<void>;
}

/** Names of a test: nothing that an earlier one left in the broker may arrive. */
interface Scene {
  cse: string;
  filter: string;
  topic: string;
  group: string;
}

export function texts(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `m${from + index}`);
}

function payloads(messages: InboundMessage[]): string[] {
  return messages.map(({ payload }) => Buffer.from(payload).toString());
}

/** `skip`: what is missing on this machine, or false. */
export function deviceLinkContract(under: BrokerUnderTest, skip: string | false = false): void {
  const { abilities } = under;
  const needs = (able: Ability) => (able === true ? {} : { skip: `${under.name}: ${able}` });
  /** The same texts, in the same order where the broker keeps it. */
  const sameTexts = (actual: string[], expected: string[]) => {
    if (abilities.keepsOrder === true) assert.deepEqual(actual, expected);
    else assert.deepEqual(actual.toSorted(), expected.toSorted());
  };
  const restarts = under.kill === undefined ? 'the broker is this process' : true;

  describe(`DeviceLink: ${under.name}`, { skip }, () => {
    reportContract('device-link', under.name);
    const open: { close(): Promise<unknown> }[] = [];
    let scenes = 0;

    before(() => under.start());
    after(() => under.stop());
    afterEach(async () => {
      for (const part of open.splice(0).reverse()) await part.close();
    });

    function scene(): Scene {
      const cse = `id-${++scenes}`;
      return { cse, filter: `/oneM2M/req/+/${cse}/#`, topic: `/oneM2M/req/C1/${cse}/json`, group: `g${scenes}` };
    }

    async function device(node = 0): Promise<Device> {
      const urls = under.urls();
      const found = await Device.connect(urls[node % urls.length] as string, `device-${++scenes}`);
      open.push(found);
      return found;
    }

    async function link(wishes: LinkWishes = {}): Promise<DeviceLink> {
      const found = await under.link({ connections: 1, ...wishes, ordinal: wishes.ordinal ?? ++scenes });
      open.push(found);
      return found;
    }

    async function proxy(): Promise<CuttableProxy> {
      const found = await CuttableProxy.start(under.urls()[0] as string);
      open.push({ close: () => found.stop() });
      return found;
    }

    /**
     * Has messages wait at the broker while the receiver is away. HiveMQ CE asks its queue for more only when all it had
     * delivered is acknowledged, so that messages published one by one do not all come where none is acknowledged.
     */
    async function whileAway(cuttable: CuttableProxy, receiver: Receiver, publish: () => Promise<void>): Promise<void> {
      cuttable.down = true;
      cuttable.cut();
      await until(() => !receiver.ready(), 'the loss of the connection');
      await publish();
      cuttable.down = false;
      await until(() => receiver.ready(), 'the connection again');
    }

    async function receive(
      of: Scene,
      from: DeviceLink,
      { bound = 10_000, acknowledge = true }: { bound?: number; acknowledge?: boolean } = {},
    ): Promise<{ messages: InboundMessage[]; receiver: Receiver }> {
      const messages: InboundMessage[] = [];
      const receiver = await from.receive({
        filters: [of.filter],
        group: of.group,
        maximumUnacknowledged: bound,
        received(message) {
          messages.push(message);
          if (acknowledge) message.acknowledge();
        },
      });
      return { messages, receiver };
    }

    it('hands over what devices publish, once and byte by byte', async () => {
      const of = scene();
      const { messages, receiver } = await receive(of, await link());
      assert.equal(receiver.ready(), true);
      const [one, two] = [await device(), await device()];
      const other = of.topic.replace('/C1/', '/C2/');
      await Promise.all([one.publish(of.topic, texts(300)), two.publish(other, texts(300))]);
      await until(() => messages.length === 600, 'all messages');
      for (const topic of [of.topic, other]) {
        sameTexts(payloads(messages.filter((message) => message.topic === topic)), texts(300));
      }
      assert.ok(messages.every((message) => !message.retained));
    });

    it('hands over in the order of each device', needs(abilities.keepsOrder), async () => {
      const of = scene();
      const { messages } = await receive(of, await link());
      await (await device()).publish(of.topic, texts(1000));
      await until(() => messages.length === 1000, 'all messages');
      assert.deepEqual(payloads(messages), texts(1000));
    });

    it(
      'delivers again what was not acknowledged when the connection died, and nothing else (R28)',
      needs(abilities.redeliversToSession),
      async () => {
        const of = scene();
        const cuttable = await proxy();
        const { messages, receiver } = await receive(of, await link({ url: cuttable.url }), { acknowledge: false });
        const sender = await device();
        await whileAway(cuttable, receiver, () => sender.publish(of.topic, texts(20)));
        await until(() => messages.length === 20, 'the messages');
        const old = [...messages];
        const rest = payloads(old.slice(12));
        for (const message of old.slice(0, 12)) message.acknowledge();
        await pause(200);
        cuttable.cut();
        await until(() => messages.length === 28, 'the rest again');
        sameTexts(payloads(messages.slice(20)), rest);
        assert.ok(old.slice(12).every((message) => message.abandoned()));
        // Too late: on this connection they would acknowledge something else (R28).
        for (const message of old) message.acknowledge();
        await pause(200);
        cuttable.cut();
        await until(() => messages.length === 36, 'the rest a third time');
        sameTexts(payloads(messages.slice(28)), rest);
        for (const message of messages) message.acknowledge();
        await pause(200);
        cuttable.cut();
        await pause(700);
        assert.equal(messages.length, 36, 'what was acknowledged does not come again');
      },
    );

    it('hands over no more than the bound (R28)', async () => {
      const of = scene();
      const { messages } = await receive(of, await link(), { bound: 20, acknowledge: false });
      const sender = await device();
      const sent = sender.publish(of.topic, texts(200));
      for (let at = 0; at < 200; at++) {
        await until(() => messages.length > at, `message ${at}`);
        if (at % 20 === 0) await pause(20);
        assert.ok(messages.length - at <= 20, `${messages.length - at} messages are not acknowledged`);
        messages[at]?.acknowledge();
      }
      await sent;
      sameTexts(payloads(messages), texts(200));
    });

    it('divides the messages of a share group', needs(abilities.shares), async () => {
      const of = scene();
      const all: string[] = [];
      for (const node of [0, 1, 2]) {
        const urls = under.urls();
        const { messages } = await receive(of, await link({ url: urls[node % urls.length] as string }));
        open.push({ close: async () => void all.push(...payloads(messages)) });
      }
      const listeners = open.slice(-6);
      const sender = await device();
      await sender.publish(of.topic, texts(600));
      await pause(1500);
      for (const part of listeners) await part.close();
      assert.deepEqual(all.sort(), texts(600).sort());
    });

    it(
      'leaves what it did not acknowledge to the others when it leaves for good (S22)',
      needs(abilities.redeliversToOthers),
      async () => {
        const of = scene();
        const cuttable = await proxy();
        const leaving = await receive(of, await link({ url: cuttable.url }), { acknowledge: false });
        const sender = await device();
        await whileAway(cuttable, leaving.receiver, () => sender.publish(of.topic, texts(20)));
        await until(() => leaving.messages.length === 20, 'the messages');
        const staying = await receive(of, await link());
        await leaving.receiver.close({ forGood: true });
        await until(() => staying.messages.length === 20, 'the messages at the other member');
        assert.deepEqual(payloads(staying.messages).sort(), texts(20).sort());
      },
    );

    it(
      'gets its unacknowledged messages after kill -9 of the broker',
      needs(abilities.redeliversAfterKill),
      async () => {
        const of = scene();
        const cuttable = await proxy();
        const { messages, receiver } = await receive(of, await link({ url: cuttable.url }), { acknowledge: false });
        const sender = await device();
        await whileAway(cuttable, receiver, () => sender.publish(of.topic, texts(20)));
        await until(() => messages.length === 20, 'the messages');
        await under.kill?.();
        await under.startAgain?.();
        const again = () => new Set(payloads(messages.slice(20))).size;
        await until(() => receiver.ready() && again() === 20, 'the messages again', 20_000);
        for (const message of messages) message.acknowledge();
      },
    );

    it('gets what waited for it when the broker was killed', needs(abilities.survivesKill), async () => {
      const of = scene();
      const cuttable = await proxy();
      const { messages, receiver } = await receive(of, await link({ url: cuttable.url }));
      const sender = await device();
      await whileAway(cuttable, receiver, async () => {
        await sender.publish(of.topic, texts(20));
        await under.kill?.();
        await under.startAgain?.();
      });
      await until(() => new Set(payloads(messages)).size === 20, 'the messages', 20_000);
    });

    it('receives what is new after kill -9 of the broker, whatever was out', needs(restarts), async () => {
      const of = scene();
      const cuttable = await proxy();
      const { messages, receiver } = await receive(of, await link({ url: cuttable.url }), { acknowledge: false });
      const sender = await device();
      await whileAway(cuttable, receiver, () => sender.publish(of.topic, texts(20)));
      await until(() => messages.length === 20, 'the messages');
      await under.kill?.();
      await until(() => !receiver.ready(), 'the loss of the connection');
      await under.startAgain?.();
      await until(() => receiver.ready(), 'the connection again', 20_000);
      await (await device()).publish(of.topic, ['new']);
      await until(() => payloads(messages).includes('new'), 'the new message', 20_000);
      for (const message of messages) message.acknowledge();
    });

    it('serves many CSEs over one connection, and those that appear later (R32)', async () => {
      const of = scene();
      const from = await link();
      const messages: InboundMessage[] = [];
      const cses = Array.from({ length: 300 }, (_, index) => `${of.cse}-${index}`);
      const receiver = await from.receive({
        filters: cses.map((cse) => `/oneM2M/req/+/${cse}/#`),
        group: of.group,
        maximumUnacknowledged: 1000,
        received(message) {
          messages.push(message);
          message.acknowledge();
        },
      });
      await receiver.addFilters([`/oneM2M/req/+/${of.cse}-late/#`]);
      const sender = await device();
      for (const cse of [...cses, `${of.cse}-late`, `${of.cse}-nobody`]) {
        await sender.publish(`/oneM2M/req/C1/${cse}/json`, ['x']);
      }
      await until(() => messages.length === 301, 'one message for each CSE');
      assert.equal(new Set(messages.map(({ topic }) => topic)).size, 301);
    });

    it('takes nothing new after drain, and leaves it for whoever comes next', needs(abilities.shares), async () => {
      const of = scene();
      const first = await receive(of, await link());
      const second = await receive(of, await link());
      await first.receiver.drain();
      assert.equal(first.receiver.ready(), false);
      await (await device()).publish(of.topic, texts(100));
      await until(() => second.messages.length === 100, 'all messages at the other member');
      assert.equal(first.messages.length, 0);
    });

    it('stops when another process takes over its session twice (R30)', needs(abilities.tellsTakeover), async () => {
      const of = scene();
      const reasons: Error[] = [];
      const ordinal = ++scenes;
      const fatal = (reason: Error) => reasons.push(reason);
      const first = await receive(of, await link({ ordinal, fatal }));
      const second = await receive(of, await link({ ordinal, fatal }));
      await until(() => reasons.length === 1, 'one of them to stop', 20_000);
      assert.match(reasons[0]?.message ?? '', /ordinal/);
      await until(() => first.receiver.ready() !== second.receiver.ready(), 'the other to go on');
    });

    it('publishes 10,000 messages at once, without losing the connection', async () => {
      const of = scene();
      const listener = await device();
      await listener.subscribe(`/oneM2M/resp/C1/${of.cse}/#`);
      const publisher = await (await link()).publisher();
      const done = texts(10_000).map((text) => publisher.publish(`/oneM2M/resp/C1/${of.cse}/json`, text));
      await Promise.all(done);
      await until(() => listener.received.length >= 10_000, 'all messages', 60_000);
      sameTexts(
        listener.received.map(({ payload }) => payload),
        texts(10_000),
      );
      assert.equal(publisher.disconnects(), 0);
    });

    it('publishes again, over lost connections, what was not acknowledged (R26)', needs(restarts), async () => {
      const of = scene();
      const cuttable = await proxy();
      const listener = await device();
      await listener.subscribe(`/oneM2M/resp/C1/${of.cse}/#`);
      const publisher = await (await link({ url: cuttable.url })).publisher();
      const done = texts(3000).map((text) => publisher.publish(`/oneM2M/resp/C1/${of.cse}/json`, text));
      await until(() => listener.received.length > 0, 'the first message');
      cuttable.cut();
      await Promise.all(done);
      await until(() => new Set(listener.received.map(({ payload }) => payload)).size === 3000, 'all messages');
      // A message may come twice, but its first copy comes in order.
      const first = [...new Set(listener.received.map(({ payload }) => payload))];
      sameTexts(first, texts(3000));
      assert.equal(publisher.disconnects(), 1);
    });

    it('goes on publishing after a restart of the broker', needs(restarts), async () => {
      const of = scene();
      const publisher = await (await link()).publisher();
      await publisher.publish(`/oneM2M/resp/C1/${of.cse}/json`, 'before');
      await under.kill?.();
      const meanwhile = texts(100).map((text) => publisher.publish(`/oneM2M/resp/C1/${of.cse}/json`, text));
      await pause(100);
      assert.equal(publisher.ready(), false);
      await under.startAgain?.();
      await Promise.all(meanwhile);
      assert.equal(publisher.ready(), true);
    });
  });
}
