/** The client against a scripted CSE behind the embedded broker. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { createEmbeddedBroker, type EmbeddedBroker } from '../../../services/adapters/aedes/embedded-broker.ts';
import { type ClientOptions, NoAnswer, OneM2mClient } from '../../../services/cli/client/one-m2m-client.ts';
import { Operation } from '../../../services/core/primitives.ts';
import type { Publisher } from '../../../services/ports/device-link.ts';

type Wire = Record<string, unknown>;
type Script = (topic: string, request: Wire, publisher: Publisher) => void;

let broker: EmbeddedBroker;
let publisher: Publisher;
let script: Script = () => {};
let received: { topic: string; text: string }[] = [];

before(async () => {
  broker = await createEmbeddedBroker({ name: 'test', port: 0 });
  publisher = await broker.publisher();
  await broker.receive({
    filters: ['/oneM2M/req/+/id-in/#', '/oneM2M/reg_req/+/id-in/#', '/oneM2M/resp/id-in/#'],
    group: 'test',
    maximumUnacknowledged: 100,
    received(message) {
      message.acknowledge();
      const text = Buffer.from(message.payload).toString();
      received.push({ topic: message.topic, text });
      if (text.startsWith('{')) script(message.topic, JSON.parse(text) as Wire, publisher);
    },
  });
});
after(() => broker.close());

function options(changes: Partial<ClientOptions> = {}): ClientOptions {
  received = [];
  return {
    address: { url: `mqtt://127.0.0.1:${broker.port}` },
    cseId: '/id-in',
    originator: 'Cme',
    serialization: 'json',
    timeLimit: 5000,
    tries: 3,
    notice: () => {},
    ...changes,
  };
}

const retrieve = { operation: Operation.retrieve, to: 'cse-in', originator: 'Cme' };
const answerTo = (topic: string, { rqi }: Wire) =>
  [topic.replace('/req/', '/resp/'), `{"rsc":2000,"rqi":"${rqi}"}`] as const;

describe('the client', () => {
  it('asks on the topic of its originator and takes the answer with its rqi (TS-0010 6.4)', async () => {
    script = (topic, request, to) => {
      const [reply, text] = answerTo(topic, request);
      void to.publish(reply, '{"rsc":4000,"rqi":"of-somebody-else"}');
      void to.publish(reply, text);
    };
    const client = await OneM2mClient.open(options());
    const { primitive, json } = await client.request(retrieve);
    await client.close();
    assert.equal(primitive.responseStatusCode, 2000);
    assert.equal((JSON.parse(json) as Wire).rqi, primitive.requestIdentifier);
    assert.equal(received[0]?.topic, '/oneM2M/req/Cme/id-in/json');
  });

  it('writes IDs of other forms as the binding has them (TS-0010 6.4.2)', async () => {
    script = (topic, request, to) => void to.publish(...answerTo(topic, request));
    const client = await OneM2mClient.open(options({ originator: '/id-in/Cme' }));
    await client.request(retrieve);
    await client.close();
    assert.equal(received[0]?.topic, '/oneM2M/req/id-in:Cme/id-in/json');
  });

  it('registers under a credential while it has no AE-ID (TS-0010 6.4.4)', async () => {
    script = (topic, { rqi }, to) =>
      void to.publish(topic.replace('/reg_req/', '/reg_resp/'), `{"rsc":2001,"rqi":"${rqi}"}`);
    for (const originator of [undefined, '', 'C', 'S']) {
      const client = await OneM2mClient.open(options({ originator }));
      const { primitive } = await client.request({ operation: Operation.create, to: '/id-in', resourceType: 2 });
      await client.close();
      assert.equal(primitive.responseStatusCode, 2001);
      assert.match(received[0]?.topic ?? '', /^\/oneM2M\/reg_req\/2-[0-9a-f]{16}\/id-in\/json$/);
    }
  });

  it('sends the same request again when nobody answers, under the same rqi (promise 3)', async () => {
    let seen = 0;
    script = (topic, request, to) => {
      if (++seen === 2) void to.publish(...answerTo(topic, request));
    };
    const notices: string[] = [];
    const client = await OneM2mClient.open(options({ timeLimit: 100, notice: (text) => notices.push(text) }));
    await client.request(retrieve);
    await client.close();
    assert.equal(received.length, 2);
    assert.equal(received[0]?.text, received[1]?.text);
    assert.equal(notices.length, 1);
  });

  it('gives up after its tries', async () => {
    script = () => {};
    const client = await OneM2mClient.open(options({ timeLimit: 50, tries: 2 }));
    await assert.rejects(client.request(retrieve), NoAnswer);
    await client.close();
    assert.equal(received.length, 2);
  });

  it('says what to do when there is no broker', async () => {
    await assert.rejects(OneM2mClient.open(options({ address: { url: 'mqtt://127.0.0.1:1' } })), (error: Error) => {
      assert.ok(error instanceof NoAnswer);
      assert.match(error.message, /Nobody listens at mqtt:\/\/127\.0\.0\.1:1: .*npm start.*--url/);
      return true;
    });
  });

  it('answers notifications on the same levels (TS-0010 6.4.3)', async () => {
    const client = await OneM2mClient.open(options());
    const seen: string[] = [];
    await client.serve((request) => {
      seen.push(request.requestIdentifier);
      return 2000;
    });
    const answered = new Promise<void>((resolve) => {
      script = (topic, response) => {
        assert.equal(topic, '/oneM2M/resp/id-in/Cme/json');
        assert.deepEqual(response, { rsc: 2000, rqi: 'n1', rvi: '3' });
        resolve();
      };
    });
    const notification = { op: 5, to: 'Cme', fr: '/id-in', rqi: 'n1', rvi: '3', pc: { 'm2m:sgn': { vrq: true } } };
    await publisher.publish('/oneM2M/req/id-in/Cme/json', JSON.stringify(notification));
    await answered;
    await client.close();
    assert.deepEqual(seen, ['n1']);
  });

  it('speaks XML where it is asked to', async () => {
    script = () => {};
    const client = await OneM2mClient.open(options({ serialization: 'xml', timeLimit: 50, tries: 1 }));
    await assert.rejects(client.request(retrieve), NoAnswer);
    await client.close();
    assert.equal(received[0]?.topic, '/oneM2M/req/Cme/id-in/xml');
    assert.match(received[0]?.text ?? '', /^<\?xml.*<m2m:rqp/);
  });
});
