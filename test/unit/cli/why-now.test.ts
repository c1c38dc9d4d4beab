/** What `in-cse why` says would be answered now is what is decided of what is stored (issue 4 §4). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryResourceStore } from '../../../services/adapters/memory/resource-store.ts';
import { askAsIf } from '../../../services/cli/why/as-if-asked.ts';
import { decideNow } from '../../../services/cli/why/decide-now.ts';
import type { FoundRequest } from '../../../services/cli/why/evidence.ts';
import { tell } from '../../../services/cli/why/tell.ts';
import { Owner } from '../../contract/resource-store/owner.ts';
import { type Answer, type Asked, start, World } from '../core-operations/world.ts';

const deployment = {
  generation: 1,
  requestsTopic: 'requests',
  outboundTopic: 'outbound',
  deadLettersTopic: 'dead-letters',
  requestPartitions: 1,
  outboundPartitions: 1,
};

const alice = '/id-in/CAlice';

/** The same tree in a world, where everything is known, and in a store. */
async function twins() {
  const world = new World();
  const store = new MemoryResourceStore({ deployment, clock: { now: () => start } });
  const { number: _, baseId: __, ...description } = world.cse;
  assert.equal((await store.putCse(description)).number, world.cse.number);
  const owner = await new Owner(store, 1, 0).takeOver();
  const keep = async (answer: Answer) => {
    assert.ok(answer.response.responseStatusCode < 3000, JSON.stringify(answer.response));
    await owner.commit({ changes: answer.changes });
  };
  await keep(world.register('CAlice', { rn: 'ae1' }));
  await keep(world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1', mni: 2 }, alice));
  for (const con of ['1', '2']) await keep(world.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con }, alice));
  await keep(
    world.create(
      'cse-in/ae1',
      1,
      'm2m:acp',
      { rn: 'acp1', pv: { acr: [{ acor: ['CBob'], acop: 34 }] }, pvs: { acr: [{ acor: ['CAlice'], acop: 63 }] } },
      alice,
    ),
  );
  await keep(world.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: ['cse-in/ae1/acp1', 'cse-in/none'] }, alice));
  return { world, store };
}

test('it loads need by need what a decision asks for, and comes to the same answer', async () => {
  const { world, store } = await twins();
  const container = 'cse-in/ae1/cnt1';
  const asked: Asked[] = [
    { operation: 1, to: container, resourceType: 4, content: { 'm2m:cin': { con: '3' } } },
    { operation: 1, to: 'cse-in/ae1', resourceType: 3, content: { 'm2m:cnt': { rn: 'cnt1' } } },
    { operation: 1, to: 'cse-in', resourceType: 2, content: { 'm2m:ae': { api: 'N1', rr: true, srv: ['3'] } } },
    { operation: 2, to: container, resultContent: 4 },
    { operation: 2, to: `${container}/la` },
    { operation: 2, to: `${container}/ol` },
    { operation: 2, to: 'CAlice' },
    { operation: 2, to: 'cse-in', filterCriteria: { fu: 1, ty: [4] } },
    { operation: 3, to: container, content: { 'm2m:cnt': { mni: 1 } } },
    { operation: 3, to: 'cse-in/ae1', content: { 'm2m:ae': { et: '20250302T000000' } } },
    { operation: 4, to: `${container}/la` },
    { operation: 4, to: 'cse-in/ae1' },
    { operation: 2, to: 'cse-in/nothing' },
  ];
  for (const request of asked) {
    for (const originator of [alice, '/id-in/CBob', '/id-in/CAdmin', '/mn1']) {
      const input = world.input(request, originator);
      const by = { originator, topicLevel: input.topicLevel, key: input.duplicateKey, broker: 'default' };
      const decision = world.decide(request, originator);
      const code = decision.kind === 'answer' ? decision.response.responseStatusCode : decision.kind;
      const { outcome, permitted } = await decideNow(store, world.cse, input.request, by, {
        now: start,
        receivedAt: start,
      });
      const said = outcome.kind === 'answer' ? outcome.code : outcome.kind;
      assert.equal(said, code, `${JSON.stringify(request)} of ${originator}`);
      assert.ok(permitted || Number(code) >= 4000);
    }
  }
});

test('a request that nobody sent is judged by rights alone where it would have content', async () => {
  const { store } = await twins();
  const ask = (operation: string, to: string, originator: string, type?: string) =>
    askAsIf(store, { operation, to, originator, ...(type === undefined ? {} : { type }) }, start);
  const outcome = async (...of: Parameters<typeof ask>) => (await ask(...of)).decided.outcome;
  assert.deepEqual(await outcome('create', 'cse-in/ae1', 'CAlice', 'container'), { kind: 'permitted' });
  assert.deepEqual(await outcome('update', 'cse-in/ae1', 'id-in:CAlice'), { kind: 'permitted' });
  assert.deepEqual(await outcome('retrieve', 'cse-in/ae1/cnt1', '//sp.example/id-in/CBob'), {
    kind: 'answer',
    code: 2000,
  });
  const refused = await outcome('create', 'cse-in/ae1/cnt1', 'CBob', '4');
  assert.equal(refused.kind === 'answer' && refused.code, 4103);
  await assert.rejects(ask('create', 'cse-in/ae1', 'CAlice'), /--type/);
  await assert.rejects(ask('retrieve', 'cse-in/ae1', '/a/b/c'), /no AE-ID/);
  await assert.rejects(
    askAsIf(store, { operation: 'retrieve', to: 'x', originator: 'C1', cseId: '/no' }, start),
    /no CSE/,
  );
});

test('a request that has expired meanwhile is decided as if sent anew in time: its rights are what is asked about', async () => {
  const { store } = await twins();
  const request = { operation: 2 as const, to: 'cse-in/ae1', requestIdentifier: 'q1', releaseVersion: '3' };
  const found: FoundRequest = {
    head: {
      v: 1,
      cse: 1,
      kind: 'request',
      shard: 0,
      originator: '/id-in/CBob',
      topicLevel: 'CBob',
      reply: { broker: 'default', topic: 't', serialization: 'json' },
      key: 'k',
    },
    request: {
      ...request,
      requestExpirationTimestamp: '20250301T101500',
      resultExpirationTimestamp: '20250301T101500',
    },
    place: { in: 'requests', partition: 0, offset: 0 },
    appendedAt: start,
  };
  const nothing = { answers: [], letters: [], exchanges: [], fences: new Map(), published: undefined };
  const find = async () => ({ ...nothing, requests: [found], journalIsTooLarge: false });
  const question = { requestIdentifier: 'q1', since: 0, limit: 1 };
  const { stories } = await tell({ store, find, close: async () => {} }, question, start + 3_600_000);
  const outcome = stories[0]?.now?.outcome;
  assert.equal(outcome?.kind === 'answer' && outcome.code, 4103);
});
