import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aHead, aResponder, FakeBroker, settle } from './fakes.ts';

const answers = (...names: string[]) => names.map((name) => aHead({ requestIdentifier: name, topic: name }));

test('R26: a record that takes the connection down goes to the dead letters; its neighbours arrive', async () => {
  const { fetch, broker, deadLetters, outbound } = await aResponder();
  await fetch(0, ...answers('a', 'poison', 'c'));
  assert.deepEqual(broker.topics(), ['a', 'poison', 'c']);
  broker.out[0]?.acknowledge();
  broker.out[1]?.fail('5 connections were lost while it was being sent');
  broker.out[2]?.acknowledge();
  await settle();
  assert.deepEqual(
    deadLetters.heads().map(({ requestIdentifier, reason }) => [requestIdentifier, reason]),
    [['poison', '5 connections were lost while it was being sent']],
  );
  assert.deepEqual(outbound.committed.at(-1), [0, 3]);
});

test('R26: such a notification is reported too, after it is in the dead letters', async () => {
  const { fetch, broker, requests, deadLetters, outbound } = await aResponder();
  deadLetters.automatic = false;
  await fetch(0, aHead({ kind: 'request', report: { shard: 2, when: 'failure' } }));
  broker.out[0]?.fail('5 connections were lost while it was being sent');
  await settle();
  assert.equal(requests.appended.length, 0);
  deadLetters.pending[0]?.resolve();
  await settle();
  assert.equal(requests.heads()[0]?.delivered, false);
  assert.deepEqual(outbound.committed, [[0, 1]]);
});

test('what was out when its publisher was closed is neither done nor failed', async () => {
  const { responder, fetch, broker, deadLetters, requests, outbound } = await aResponder();
  await fetch(0, ...answers('a', 'b'), aHead({ kind: 'request', report: { shard: 2, when: 'failure' } }));
  broker.out[0]?.acknowledge();
  broker.out[1]?.close();
  broker.out[2]?.close();
  await settle();
  assert.deepEqual(outbound.committed, [[0, 1]]);
  assert.equal(deadLetters.appended.length + requests.appended.length, 0);
  await responder.drain();
});

test('a broker that cannot be opened is tried again; nothing is lost', async () => {
  const broker = new FakeBroker();
  let attempts = 0;
  const publisherFor = async () => {
    attempts += 1;
    if (attempts < 3) throw new Error('connection refused');
    return broker.open();
  };
  const { fetch, clock, deadLetters } = await aResponder({ parts: { publisherFor } });
  await fetch(0, ...answers('a'));
  await clock.advance(3000);
  assert.deepEqual(broker.topics(), ['a']);
  assert.equal(deadLetters.appended.length, 0);
});

test('an unused connection to a foreign broker is closed after a while', async () => {
  const { fetch, brokers, clock } = await aResponder();
  const foreign = new FakeBroker();
  brokers.set('mqtt://other.example', foreign);
  await fetch(0, aHead({ broker: 'mqtt://other.example', topic: 'x' }));
  await clock.advance(70_000);
  assert.equal(foreign.closed, 0);
  foreign.out[0]?.acknowledge();
  await settle();
  await clock.advance(1000);
  assert.equal(foreign.closed, 1);
});
