import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import type { StoreContext } from './context.ts';
import { testNow } from './rows.ts';

const hour = 3_600_000;

function keyNamed(name: string): Buffer {
  return createHash('sha256').update(name).digest().subarray(0, 16);
}

/** As a journal row packs them: 16 bytes of key, 2 of shard. */
function packed(...names: string[]): Buffer {
  return Buffer.concat(names.map((name) => Buffer.concat([keyNamed(name), Buffer.from([0x0a, 0xff])])));
}

/** The journal: outbox and duplicate window (R17, R25). */
export function journalTests(context: StoreContext): void {
  it('keeps what is to be emitted, byte for byte, in version order, above a version and up to a limit (R25)', async () => {
    const owner = await context.owner();
    const read = (above: number, limit = 100) =>
      context.store.readUnemitted(owner.generation, owner.partition, above, limit);
    assert.deepEqual(await read(0), []);
    const outs = [Buffer.from([0, 255, 10, 13, 128, 92, 39]), Buffer.alloc(0), Buffer.alloc(300_000, 7)];
    for (const [index, out] of outs.entries()) {
      await owner.commit({ journal: { out, keys: packed(`k${index}`), replies: [index - 1], at: testNow + index } });
      await owner.commit();
    }
    const rows = await read(0);
    assert.deepEqual(
      rows.map(({ version, at, replies }) => ({ version, at, replies })),
      [
        { version: 1, at: testNow, replies: [-1] },
        { version: 3, at: testNow + 1, replies: [0] },
        { version: 5, at: testNow + 2, replies: [1] },
      ],
    );
    rows.forEach(({ out, keys }, index) => {
      assert.ok(Buffer.isBuffer(out) && outs[index]?.equals(out));
      assert.ok(Buffer.isBuffer(keys) && packed(`k${index}`).equals(keys));
    });
    const versions = async (above: number, limit: number) => (await read(above, limit)).map(({ version }) => version);
    assert.deepEqual(await versions(1, 100), [3, 5]);
    assert.deepEqual(await versions(2, 1), [3]);
    assert.deepEqual(await versions(5, 100), []);
    assert.deepEqual(await context.store.readUnemitted(owner.generation, owner.partition + 1, 0, 10), []);
  });

  it('remembers which version was emitted (R25)', async () => {
    const owner = await context.owner();
    await owner.commit({ journal: {} });
    await owner.commit({ emitted: 1, journal: {} });
    assert.equal((await context.store.readFence(owner.generation, owner.partition)).emitted, 1);
  });

  it('gives the window of duplicates back by append time, without the records (R17)', async () => {
    const owner = await context.owner();
    const times = [-3_000, -2_000, -1_000];
    for (const [index, after] of times.entries()) {
      await owner.commit({
        journal: {
          at: testNow + after,
          keys: packed(`a${index}`, `b${index}`),
          replies: [0, -1],
          out: Buffer.from('x'),
        },
      });
    }
    const window = await context.store.readWindow(owner.generation, owner.partition, testNow - 2_000);
    assert.deepEqual(
      window.map(({ version, at, replies }) => ({ version, at, replies })),
      [
        { version: 2, at: testNow - 2_000, replies: [0, -1] },
        { version: 3, at: testNow - 1_000, replies: [0, -1] },
      ],
    );
    assert.ok(window.every((row, index) => row.keys.equals(packed(`a${index + 1}`, `b${index + 1}`))));
    assert.ok(window.every((row) => !('out' in row) || row.out === undefined));
    assert.deepEqual(await context.store.readWindow(owner.generation, owner.partition + 1, 0), []);
  });

  it('reads the records of a version for the answer to a duplicate (R17)', async () => {
    const owner = await context.owner();
    const out = Buffer.from('the reply');
    await owner.commit({ journal: { out } });
    assert.ok((await context.store.readOut(owner.generation, owner.partition, 1))?.equals(out));
    assert.equal(await context.store.readOut(owner.generation, owner.partition, 2), undefined);
    assert.equal(await context.store.readOut(owner.generation, owner.partition + 1, 1), undefined);
  });

  it('finds a key in the journal back to a moment, wherever in its row it stands (R17)', async () => {
    const owner = await context.owner();
    await owner.commit({ journal: { at: testNow - 5_000, keys: packed('old'), replies: [3] } });
    await owner.commit({ journal: { at: testNow, keys: packed('first', 'middle', 'last'), replies: [7, -1, 2] } });
    const find = (name: string, since: number, partition = owner.partition) =>
      context.store.findKey(owner.generation, partition, keyNamed(name), since);
    assert.deepEqual(await find('first', testNow - 10), { version: 2, reply: 7 });
    assert.deepEqual(await find('middle', testNow - 10), { version: 2, reply: -1 });
    assert.deepEqual(await find('last', testNow - 10), { version: 2, reply: 2 });
    assert.deepEqual(await find('old', testNow - 5_000), { version: 1, reply: 3 });
    assert.equal(await find('old', testNow - 4_999), undefined);
    assert.equal(await find('none', testNow - hour), undefined);
    assert.equal(await find('first', testNow - 10, owner.partition + 1), undefined);
  });

  it('finds no key that only seems to be there because two others meet', async () => {
    const owner = await context.owner();
    const keys = packed('one', 'two');
    await owner.commit({ journal: { keys, replies: [0, 1] } });
    const between = keys.subarray(9, 25);
    assert.equal(await context.store.findKey(owner.generation, owner.partition, between, testNow - hour), undefined);
  });

  it('finds bytes in the records of all partitions of a generation, newest first (in-cse why)', async () => {
    const [one, other] = await context.owners(2);
    assert.ok(one && other);
    const wanted = Buffer.from([0, 255, 92, 39, 10, 37, ...Buffer.from(`of ${one.generation}`)]);
    const holding = (text: string) => Buffer.concat([Buffer.from([3, 0]), wanted, Buffer.from(text)]);
    await one.commit({ journal: { at: testNow - 5_000, out: holding('too old') } });
    await one.commit({ journal: { at: testNow - 3_000, out: holding('first') } });
    await one.commit({ journal: { at: testNow - 2_000, out: Buffer.from('of another') } });
    await other.commit({ journal: { at: testNow - 1_000, out: holding('second') } });
    await one.commit({ journal: { at: testNow, out: holding('third') } });
    const find = async (generation: number, limit: number) =>
      (await context.store.findInJournal(generation, wanted, testNow - 3_000, limit)).map((hit) => ({
        ...hit,
        out: hit.out.subarray(2 + wanted.length).toString(),
      }));
    const found = [
      { partition: one.partition, version: 4, at: testNow, out: 'third' },
      { partition: other.partition, version: 1, at: testNow - 1_000, out: 'second' },
      { partition: one.partition, version: 2, at: testNow - 3_000, out: 'first' },
    ];
    assert.deepEqual(await find(one.generation, 10), found);
    assert.deepEqual(await find(one.generation, 2), found.slice(0, 2));
    assert.deepEqual(await find(one.generation + 1000, 10), []);
  });

  it('tells all fences of a generation without making any (in-cse why)', async () => {
    const [one, other] = await context.owners(2);
    assert.ok(one && other);
    await one.commit({ next: 7, emitted: 0, logTime: testNow });
    const told = await context.store.fences(one.generation);
    const [first, second] = [one, other].map(({ partition }) => told.find((each) => each.partition === partition));
    const { partition: _, ...fence } = first ?? {};
    assert.deepEqual(fence, await context.store.readFence(one.generation, one.partition));
    assert.equal(second?.next, 0);
    assert.deepEqual(await context.store.fences(one.generation + 1000), []);
  });

  it('drops what is old and emitted, and keeps what is recent or not emitted (R17)', async () => {
    const [emitted, unemitted] = await context.owners(2);
    assert.ok(emitted && unemitted);
    const days = 24 * hour;
    const out = Buffer.from('x');
    await emitted.commit({ journal: { at: testNow - 9 * days, out, keys: packed('old'), replies: [0] } });
    await emitted.commit({ journal: { at: testNow - 1_000, out, keys: packed('recent'), replies: [0] } });
    await emitted.commit({ emitted: 2 });
    const kept = async () => ({
      old: await context.store.readOut(emitted.generation, emitted.partition, 1),
      recent: await context.store.readOut(emitted.generation, emitted.partition, 2),
      unemitted: await context.store.readOut(unemitted.generation, unemitted.partition, 1),
    });
    await unemitted.commit({ journal: { at: testNow - 8 * days, out } });
    await context.store.maintain(testNow, 2 * hour);
    let now = await kept();
    assert.ok(now.recent?.equals(out), 'recent');
    assert.ok(now.unemitted?.equals(out), 'not emitted');
    await unemitted.commit({ emitted: 1 });
    await context.store.maintain(testNow, 2 * hour);
    await context.store.maintain(testNow, 2 * hour);
    now = await kept();
    assert.equal(now.old, undefined, 'old and emitted');
    assert.equal(now.unemitted, undefined, 'emitted meanwhile');
    assert.ok(now.recent?.equals(out), 'recent');
    assert.deepEqual(
      (await context.store.readWindow(emitted.generation, emitted.partition, 0)).map(({ version }) => version),
      [2],
    );
  });

  it('takes journal rows of any moment: log time may lag by days, or run ahead', async () => {
    const owner = await context.owner();
    for (const after of [-40 * 24 * hour, 0, 3 * hour, 40 * 24 * hour]) {
      await owner.commit({ journal: { at: testNow + after, out: Buffer.from('x') } });
    }
    const rows = await context.store.readUnemitted(owner.generation, owner.partition, 0, 10);
    assert.deepEqual(
      rows.map(({ version }) => version),
      [1, 2, 3, 4],
    );
    await context.store.maintain(testNow, hour);
    const after = await context.store.readUnemitted(owner.generation, owner.partition, 0, 10);
    assert.equal(after.length, 4);
  });
}
