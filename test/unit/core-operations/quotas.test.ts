/** Quotas of a CSE at decision (issue 4 §2: AEs, resources and bytes per CSE). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesOf, type Quotas, type Usage } from '../../../services/core/quotas.ts';
import { type Answer, World } from './world.ts';

const alice = '/id-in/CAlice';

/** An AE with a container, and the quotas that begin to hold then. */
function world(quotas: Quotas, attributes: object = {}): World {
  const known = new World();
  known.register('CAlice', { rn: 'ae1' });
  known.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1', ...attributes }, alice);
  known.cse.quotas = quotas;
  return known;
}

const used = (usage: Partial<Usage>): { usage: Usage } => ({
  usage: { applicationEntities: 0, resources: 0, bytes: 0, ...usage },
});

const instance = { operation: 1, to: 'cse-in/ae1/cnt1', resourceType: 4 } as const;

function put(known: World, usage: Partial<Usage>, con = 'x', more: object = {}): Answer {
  return known.ask({ ...instance, content: { 'm2m:cin': { con, ...more } } }, alice, used(usage));
}

const register = (known: World, stem: string, usage: Partial<Usage>): Answer =>
  known.ask(
    { operation: 1, to: 'cse-in', resourceType: 2, content: { 'm2m:ae': { api: 'N1', rr: true, srv: ['3'] } } },
    `/id-in/${stem}`,
    used(usage),
  );

const codeOf = ({ response }: Answer): number => response.responseStatusCode;

test('a resource beyond the quota is answered 5207 with the way out, and changes nothing', () => {
  const known = world({ resources: 10 });
  assert.equal(codeOf(put(known, { resources: 9 })), 2001);
  const refused = put(known, { resources: 10 });
  assert.equal(codeOf(refused), 5207);
  assert.match(String(refused.response.content?.['m2m:dbg']), /at most 10 resources.*delete some/);
  assert.equal(refused.exceeded, 'resources');
  assert.deepEqual([refused.changes, refused.notifications, refused.foreignEvents], [[], [], []]);
  assert.equal(known.countersAt('ae1/cnt1').instances, 1);
});

test('a registration beyond the quota of AEs is refused; other resources are not', () => {
  const known = world({ applicationEntities: 2 });
  const added = register(known, 'CBob', { applicationEntities: 1 });
  assert.equal(codeOf(added), 2001);
  assert.equal(added.growth?.applicationEntities, 1);
  const refused = register(known, 'CCarol', { applicationEntities: 2 });
  assert.equal(codeOf(refused), 5207);
  assert.equal(refused.exceeded, 'applicationEntities');
  assert.equal(known.homes.has('CCarol'), false);
  assert.equal(codeOf(put(known, { applicationEntities: 2 })), 2001);
});

test('who may not, or is there already, hears that first', () => {
  const known = world({ applicationEntities: 1, resources: 1, bytes: 1 });
  const full = { applicationEntities: 1, resources: 1, bytes: 1 };
  assert.equal(codeOf(register(known, 'CAlice', full)), 4117);
  const eve = known.ask({ ...instance, content: { 'm2m:cin': { con: 'x' } } }, '/id-in/CEve', used(full));
  assert.equal(codeOf(eve), 4103);
});

test('bytes are those of the attributes as stored, to the byte', () => {
  const known = world({ bytes: 100_000 });
  const stored = put(known, {}, 'äöü€😀');
  const size = bytesOf(known.at(`ae1/cnt1/${String(known.latest(known.at('ae1/cnt1'))?.name)}`).attributes);
  assert.deepEqual(stored.growth, { applicationEntities: 0, resources: 1, bytes: size });
  assert.equal(codeOf(put(known, { bytes: 100_000 - size }, 'äöü€😀')), 2001);
  const refused = put(known, { bytes: 100_000 - size + 1 }, 'äöü€😀');
  assert.equal(codeOf(refused), 5207);
  assert.equal(refused.exceeded, 'bytes');
});

test('an update that grows is refused at the quota of bytes, one that shrinks or stays is not', () => {
  const known = world({ bytes: 1000 });
  const update = (lbl: string[] | null) =>
    known.ask(
      { operation: 3, to: 'cse-in/ae1/cnt1', content: { 'm2m:cnt': { lbl } } },
      alice,
      used({ bytes: known.exists('ae1/cnt1') ? 1000 : 0 }),
    );
  assert.equal(codeOf(update(['new'])), 5207);
  known.cse.quotas = {};
  assert.equal(codeOf(update(['a label of some length'])), 2004);
  known.cse.quotas = { bytes: 1000 };
  assert.equal(codeOf(update(['a label of SOME length'])), 2004);
  const shrunk = update(null);
  assert.equal(codeOf(shrunk), 2004);
  assert.ok((shrunk.growth?.bytes ?? 0) < 0);
});

test('reads and deletes always work; a delete says what it frees', () => {
  const known = world({ applicationEntities: 1, resources: 2, bytes: 10 });
  const full = used({ applicationEntities: 9, resources: 9, bytes: 9999 });
  assert.equal(known.ask({ operation: 2, to: 'cse-in/ae1' }, alice, full).response.responseStatusCode, 2000);
  const ae = known.at('ae1');
  const gone = known.ask({ operation: 4, to: 'cse-in/ae1' }, alice, full);
  assert.equal(codeOf(gone), 2002);
  assert.deepEqual(gone.growth, { applicationEntities: -1, resources: -1, bytes: -bytesOf(ae.attributes) });
});

test('a full container goes on at the quota: what comes takes the place of what goes (mni)', () => {
  const known = world({}, { mni: 2 });
  put(known, {}, 'first one');
  put(known, {}, 'second one');
  known.cse.quotas = { resources: 5, bytes: 1000 };
  const full = { resources: 5, bytes: 1000 };
  const third = put(known, full, 'third');
  assert.equal(codeOf(third), 2001);
  assert.equal(third.growth?.resources, 0);
  assert.equal(codeOf(put(known, full, 'much more than what it takes the place of')), 5207);
});

test('nobody gains room by evicting small instances for large ones', () => {
  const known = world({}, { mni: 1 });
  put(known, {}, 'small');
  known.cse.quotas = { bytes: 1000 };
  const refused = put(known, { bytes: 1000 }, 'small', { lbl: ['x'.repeat(200), 'y'.repeat(200), 'z'.repeat(200)] });
  assert.equal(codeOf(refused), 5207);
});

test('without quotas nothing is measured; a rate alone is none of these', () => {
  assert.equal(put(world({}), { resources: 1e9 }).growth, undefined);
  const rated = put(world({ requestsPerSecond: 1 }), { resources: 1e9 });
  assert.deepEqual([codeOf(rated), rated.growth], [2001, undefined]);
});

test('a subscription is refused before anybody is asked whether it wants it', () => {
  const known = world({ resources: 2 });
  const content = { 'm2m:sub': { nu: ['/id-in/CBob'], enc: { net: [3] } } };
  const asked = { operation: 1, to: 'cse-in/ae1/cnt1', resourceType: 23, content } as const;
  known.cse.quotas = {};
  known.register('CBob', { rn: 'bob' });
  assert.equal(known.decide(asked, alice).kind, 'wait');
  known.cse.quotas = { resources: 2 };
  const decision = known.decide(asked, alice, used({ resources: 2 }));
  assert.equal(decision.kind === 'answer' && codeOf(decision), 5207);
});
