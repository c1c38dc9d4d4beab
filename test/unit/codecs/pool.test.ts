import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import type { Payload } from '../../../services/codecs/ingress-batch.ts';
import { type CodecPool, type CodecPoolOptions, createCodecPool } from '../../../services/codecs/threads/pool.ts';
import { createWith, utf8 } from './support.ts';

const treacherous = new URL('../../fixtures/codecs/treacherous-thread.ts', import.meta.url);
const stillborn = new URL('../../fixtures/codecs/stillborn-thread.ts', import.meta.url);

let pool: CodecPool | undefined;
afterEach(async () => pool?.close());

function open(options: CodecPoolOptions): CodecPool {
  pool = createCodecPool({ inlineLimit: 0, entry: treacherous, ...options });
  return pool;
}

const payload = (con: string): Payload => ({ payload: utf8(createWith(`"${con}"`)), serialization: 'json' });

function threadsAlive(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'MessagePort' || resource === 'Worker')
    .length;
}

describe('a thread that fails (R28)', () => {
  for (const [what, killer] of [
    ['ends', 'EXIT NOW'],
    ['throws', 'THROW NOW'],
    ['hangs', 'HANG NOW'],
  ] as const) {
    test(`${what}: only the payload that takes it down twice is answered 4000`, async () => {
      const reasons: Error[] = [];
      let gaveUp = 0;
      const { decode } = open({
        timeLimit: 400,
        threadFailed: (reason) => reasons.push(reason),
        gaveUp: () => gaveUp++,
      });
      const results = await decode([payload('first'), payload(killer), payload('last')]);
      assert.deepEqual(
        results.map(({ kind }) => kind),
        ['request', 'undecodable', 'request'],
      );
      assert.equal(results[1]?.kind === 'undecodable' && results[1].code, 4000);
      assert.ok(results[2]?.text.includes('last'));
      assert.equal(reasons.length, 2);
      assert.equal(gaveUp, 1);
    });
  }

  test('batches that wait behind it are not harmed', async () => {
    const { decode } = open({});
    const [lost, ...others] = await Promise.all([
      decode([payload('EXIT NOW')]),
      decode([payload('second'), payload('third')]),
      decode([payload('fourth')]),
    ]);
    assert.equal(lost[0]?.kind, 'undecodable');
    assert.deepEqual(
      others.flat().map(({ kind }) => kind),
      ['request', 'request', 'request'],
    );
  });

  test('a primitive that cannot be encoded because of it is a problem of its own', async () => {
    const { encode } = open({});
    const encoded = await encode([
      { json: utf8(createWith('"THROW NOW"')), serialization: 'xml' },
      { json: utf8(createWith('"good"')), serialization: 'xml' },
    ]);
    assert.ok(encoded[0] !== undefined && 'problem' in encoded[0]);
    assert.ok(encoded[1] !== undefined && 'payload' in encoded[1]);
  });

  test('threads that do not start at all are done without', async () => {
    let failures = 0;
    const { decode } = open({ entry: stillborn, threadFailed: () => failures++ });
    const results = await decode([payload('a'), payload('b')]);
    assert.deepEqual(
      results.map(({ kind }) => kind),
      ['request', 'request'],
    );
    assert.equal(failures, 3);
    assert.equal((await decode([payload('c')]))[0]?.kind, 'request');
  });
});

describe('a pool', () => {
  test('codes small batches on the spot, by the same functions', async () => {
    const { decode, encodeText } = open({ inlineLimit: 1000 });
    // The treacherous thread would die of it.
    assert.equal((await decode([payload('EXIT NOW')]))[0]?.kind, 'request');
    assert.match(String(await encodeText('{"rsc":2000,"rqi":"a"}', 'xml')), /<rsc>2000<\/rsc>/);
    assert.equal(await encodeText('{"rsc":2000,"rqi":"a"}', 'json'), '{"rsc":2000,"rqi":"a"}');
    await assert.rejects(encodeText('broken', 'xml'));
  });

  test('counts XML as more work than JSON', async () => {
    const { decode } = open({ inlineLimit: 1000 });
    const document = `<m2m:rqp><op>2</op><to>EXIT NOW</to><rqi>x1</rqi><vsi>${'v'.repeat(100)}</vsi></m2m:rqp>`;
    const [result] = await decode([{ payload: utf8(document), serialization: 'xml' }]);
    assert.equal(result?.kind, 'undecodable');
  });

  test('works without threads', async () => {
    const { decode } = open({ threads: 0 });
    assert.equal((await decode([payload('HANG NOW')]))[0]?.kind, 'request');
  });

  test('uses several threads', async () => {
    const { decode } = open({ threads: 2, timeLimit: 500 });
    const hanging = decode([payload('HANG NOW')]);
    assert.equal((await decode([payload('a')]))[0]?.kind, 'request');
    assert.equal((await hanging)[0]?.kind, 'undecodable');
  });

  test('leaves no thread behind when it is closed, and rejects what was out', async () => {
    const before = threadsAlive();
    const closing = open({ threads: 2 });
    assert.equal((await closing.decode([payload('a')]))[0]?.kind, 'request');
    assert.ok(threadsAlive() > before);
    const out = [closing.decode([payload('HANG NOW')]), closing.decode([payload('b')]), closing.decode([payload('c')])];
    const outcomes = Promise.allSettled(out);
    await closing.close();
    assert.ok((await outcomes).some(({ status }) => status === 'rejected'));
    await assert.rejects(closing.decode([payload('d')]));
    assert.equal(threadsAlive(), before);
  });
});
