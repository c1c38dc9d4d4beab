import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partitionOfShard, shardOfName } from '../../../services/core/sharding.ts';
import { aCse, anIngress, FakeMessage } from './fakes.ts';

const base = {
  op: 1,
  to: 'cse-in/ae1/cnt1',
  fr: 'C1',
  rqi: 'q1',
  rvi: '3',
  ty: 4,
  pc: { 'm2m:cin': { con: '1' } },
  ot: '1',
};

async function keyOf(wire: object, topic = '/oneM2M/req/C1/id-in/json'): Promise<string> {
  const { receive, log } = await anIngress({
    cses: [aCse(), aCse({ number: 2, id: '/id-b', serviceProvider: '//b' })],
  });
  await receive(new FakeMessage(topic, { ...base, ...wire }));
  return String(log.records()[0]?.head.key);
}

test('R16: timestamps and the spelling of the originator are no part of the key', async () => {
  const key = await keyOf({});
  assert.equal(Buffer.from(key, 'base64url').length, 16);
  assert.equal(Buffer.from(key, 'base64url').toString('base64url'), key);
  assert.equal(await keyOf({ ot: '2' }), key);
  assert.equal(await keyOf({ fr: '/id-in/C1' }), key);
  assert.equal(await keyOf({}, '/oneM2M/req/id-in:C1/id-in/json'), key);
});

test('R16: CSE, originator, rqi, op, to, ty, pc and fc are', async () => {
  const keys = await Promise.all([
    keyOf({}),
    keyOf({}, '/oneM2M/req/C1/id-b/json'),
    keyOf({ fr: 'C2' }, '/oneM2M/req/C2/id-in/json'),
    keyOf({ rqi: 'q2' }),
    keyOf({ op: 3 }),
    keyOf({ to: 'cse-in/ae1/cnt2' }),
    keyOf({ ty: 3 }),
    keyOf({ pc: { 'm2m:cin': { con: '2' } } }),
    keyOf({ fc: { lim: 1 } }),
  ]);
  assert.equal(new Set(keys).size, keys.length);
});

test('R16: on reg_req the credential and fr stand for the originator', async () => {
  const register = { to: 'cse-in', ty: 2, pc: { 'm2m:ae': {} } };
  const keys = await Promise.all([
    keyOf({ ...register, fr: 'C' }, '/oneM2M/reg_req/one/id-in/json'),
    keyOf({ ...register, fr: 'S' }, '/oneM2M/reg_req/one/id-in/json'),
    keyOf({ ...register, fr: undefined }, '/oneM2M/reg_req/one/id-in/json'),
    keyOf({ ...register, fr: 'C' }, '/oneM2M/reg_req/two/id-in/json'),
  ]);
  assert.equal(new Set(keys).size, 4);
  assert.equal(await keyOf({ ...register, fr: 'C' }, '/oneM2M/reg_req/one/id-in/json'), keys[0]);
});

test('R8: the record goes to the partition of the shard of its target, whatever the form of the address', async () => {
  const { receive, log } = await anIngress();
  const forms = ['cse-in/ae1/cnt1', '/id-in/cse-in/ae1/cnt1', '//sp.example/id-in/cse-in/ae1/cnt1/la', '-/ae1/cnt1'];
  for (const to of forms) await receive(new FakeMessage('/oneM2M/req/C1/id-in/json', { ...base, op: 2, to }));
  const shard = shardOfName(1, 'ae1');
  for (const { head, partition } of log.records()) {
    assert.equal(head.shard, shard);
    assert.equal(partition, partitionOfShard(shard, log.partitions));
  }
  assert.equal(log.records().length, forms.length);
});

test('architecture §2: the home of a self-chosen AE-ID is asked of the cache once, and of the hash without one', async () => {
  const asked: string[][] = [];
  const cache = {
    get: async (keys: string[]) => {
      asked.push(keys);
      return keys.map((key) => (key.endsWith('Sknown') ? '77' : undefined));
    },
    put: async () => {},
    ready: () => true,
    close: async () => {},
  };
  const { receive, log, clock } = await anIngress({ parts: { cache } });
  const to = (id: string) => new FakeMessage('/oneM2M/req/C1/id-in/json', { ...base, op: 2, to: id });
  await receive(to('Sknown'), to('Sother'), to('Sknown'));
  assert.equal(asked.length, 1);
  assert.equal(new Set(asked[0]).size, 2);
  await receive(to('Sknown'), to('Sother'));
  assert.equal(asked.length, 1);
  await clock.advance(6000);
  await receive(to('Sknown'));
  assert.equal(asked.length, 2);
  const shards = log.records().map(({ head }) => head.shard);
  const [first, other] = shards;
  assert.equal(first, 77);
  assert.notEqual(other, 77);
  assert.deepEqual(shards, [77, other, 77, 77, other, 77]);
});
