/** Subscriptions: checks, verification, events, the end (TS-0004 7.4.8, TS-0004 7.4.8; R19, R22, R23, R27). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Change, Decision } from '../../../services/core/decision.ts';
import { Limits } from '../../../services/core/limits.ts';
import { shardOfName } from '../../../services/core/sharding.ts';
import { decideDelivered } from '../../../services/core/subscriptions/delivered.ts';
import { decideForeignEvent } from '../../../services/core/subscriptions/foreign-event.ts';
import { type Answer, attributesIn, debugOf, type InputChanges, World } from './world.ts';

const alice = '/id-in/CAlice';
const admin = '/id-in/CAdmin';
const url = 'mqtt://broker.example/alerts/site4';

interface Notification {
  nev?: { net: number; rep: Record<string, Record<string, unknown>> };
  sur: string;
  sud?: boolean;
  cr?: string;
}

function world(): World {
  const world = new World();
  world.register('CAlice', { rn: 'ae1' });
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1' }, alice);
  return world;
}

function decideSubscription(
  known: World,
  attributes: object,
  changes?: InputChanges,
  to = 'cse-in/ae1/cnt1',
): Decision {
  const content = { 'm2m:sub': { rn: 's1', nu: ['CAlice'], ...attributes } };
  return known.decide({ operation: 1, to, resourceType: 23, content }, alice, changes);
}

function subscribe(known: World, attributes: object = {}, to = 'cse-in/ae1/cnt1'): Answer['response'] {
  const decision = decideSubscription(known, attributes, {}, to);
  assert.equal(decision.kind, 'answer', JSON.stringify(decision));
  const answer = decision as Answer;
  known.apply(answer);
  return answer.response;
}

const told = (known: World): Notification[] =>
  known.notifications.map(({ content }) => content['m2m:sgn'] as Notification);

const nets = (known: World) => told(known).map(({ nev }) => nev?.net);

test('issue 4 §2: a resource has a bounded number of subscriptions; another resource is not concerned', () => {
  const known = world();
  known.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt2' }, alice);
  const to = 'cse-in/ae1/cnt1';
  for (let n = 0; n < Limits.subscriptionsPerResource; n++) {
    assert.equal(subscribe(known, { rn: `s${n}` }, to).responseStatusCode, 2001);
  }
  const refused = subscribe(known, { rn: 'too-many' }, to);
  assert.equal(refused.responseStatusCode, 5207);
  assert.match(debugOf(refused), /256 subscriptions already/);
  assert.equal(subscribe(known, {}, 'cse-in/ae1/cnt2').responseStatusCode, 2001);
});

test('nct is always stored; targets are numbered from 1', () => {
  const known = world();
  const response = subscribe(known, { nu: ['CAlice', url] });
  assert.equal(response.responseStatusCode, 2001, debugOf(response));
  assert.equal(attributesIn(response).nct, 1);
  const { hidden } = known.at('ae1/cnt1/s1');
  assert.deepEqual(hidden, {
    targets: [
      { address: 'CAlice', number: 1 },
      { address: url, number: 2 },
    ],
    nextTarget: 3,
  });
  assert.equal('hidden' in attributesIn(response), false);
});

for (const [what, code, attributes] of [
  ['chty that cannot be a child', 4000, { enc: { net: [3], chty: [2] } }],
  ['net and om', 4000, { enc: { net: [1], om: [{ ops: 2 }] } }],
  ['nct that does not go with net', 4000, { enc: { net: [3] }, nct: 2 }],
  ['no target', 4000, { nu: [] }],
  ['a blocking update', 5001, { enc: { net: [7] }, nct: 2 }],
  ['R27: a topic with a wildcard', 4000, { nu: ['mqtt://broker.example/a/+/b'] }],
  ['R27: a topic with a hidden wildcard', 4000, { nu: ['mqtt://broker.example/a/%23'] }],
  ['R27: a $ topic', 4000, { nu: ['mqtt://broker.example/$SYS/x'] }],
  ['R27: a level oneM2M', 4000, { nu: ['mqtt://broker.example/oneM2M/req/x'] }],
  ['R27: a level oneM2M behind a slash', 4000, { nu: ['mqtt://broker.example//oneM2M/req/x'] }],
  ['R27: no topic', 4000, { nu: ['mqtt://broker.example'] }],
  ['R27: a host that is not allowed', 4000, { nu: ['mqtt://evil.example/x'] }],
  ['R27: another port of the own host', 4000, { nu: ['mqtt://broker.example:6379/x'] }],
  ['R27: credentials in a URL', 4000, { nu: ['mqtt://u:p@broker.example/x'] }],
  ['a target by HTTP', 5001, { nu: ['http://a.friends.example/x'] }],
  ['no address at all', 4000, { nu: ['what is this'] }],
  ['R27: su on a host that is not allowed', 4000, { su: 'mqtt://evil.example/x' }],
  ['the CSE itself', 5204, { nu: ['/id-in'] }],
  ['the path of what is no AE', 5204, { nu: ['cse-in/ae1/cnt1'] }],
] as const) {
  test(`${code} for ${what}`, () => {
    const known = world();
    const response = subscribe(known, attributes);
    assert.equal(response.responseStatusCode, code, debugOf(response));
    assert.equal(known.exists('ae1/cnt1/s1'), false);
  });
}

test('allowed: hosts of the list, serialization in the query', () => {
  assert.equal(subscribe(world(), { nu: ['mqtts://b.friends.example:9000/x?ct=xml'] }).responseStatusCode, 2001);
});

test('4103 without the right to retrieve the parent', () => {
  const known = world();
  const rules = { pv: { acr: [{ acor: ['CAlice'], acop: 5 }] }, pvs: { acr: [{ acor: ['CAlice'], acop: 63 }] } };
  known.create('cse-in/ae1', 1, 'm2m:acp', { rn: 'acp1', ...rules }, alice);
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: ['cse-in/ae1/acp1'] }, alice);
  assert.equal(subscribe(known).responseStatusCode, 4103);
  assert.equal(known.create('cse-in/ae1/cnt1', 3, 'm2m:cnt', {}, alice).response.responseStatusCode, 2001);
});

test('R19: other AEs are asked before; all must answer 2000', () => {
  const known = world();
  known.register('CBob', { rn: 'ae2' });
  const attributes = { nu: ['CBob', 'CAlice', url, '/mn1'] };
  const decision = decideSubscription(known, attributes);
  const content = { 'm2m:sgn': { vrq: true, sur: '/id-in/cse-in/ae1/cnt1/s1', cr: 'CAlice' } };
  assert.deepEqual(decision, {
    kind: 'wait',
    exchange: {
      purpose: 'verification',
      questions: [
        { target: 'CBob', content },
        { target: '/mn1', content },
      ],
      shard: known.at('ae1').shard,
      timeLimit: 10_000,
    },
  });
  const decided = (...codes: number[]) => {
    const answers = ['CBob', '/mn1'].slice(0, codes.length);
    const decision = decideSubscription(known, attributes, {
      answers: answers.map((target, index) => ({ target, responseStatusCode: codes[index]! })),
    });
    return (decision as Answer).response.responseStatusCode;
  };
  assert.equal(decided(2000, 2000), 2001);
  assert.equal(decided(2000, 4101), 5204);
  assert.equal(decided(2000), 5204);
});

test('a target by the path of its AE is addressed by the AE-ID', () => {
  const known = world();
  assert.equal(subscribe(known, { nu: ['cse-in/ae1'] }).responseStatusCode, 2001);
  assert.deepEqual(known.at('ae1/cnt1/s1').attributes.nu, ['cse-in/ae1']);
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { mni: 1 }, alice);
  assert.deepEqual(
    known.notifications.map(({ target }) => target),
    ['/id-in/CAlice'],
  );
});

test('without enc: updates of the parent, with all attributes; no event for instances', () => {
  const known = world();
  const { ri } = attributesIn(subscribe(known, { cr: null }));
  known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: '1' }, alice);
  assert.deepEqual(known.notifications, []);
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { lbl: ['a'] }, alice);
  const [notification] = told(known);
  assert.equal(notification?.sur, `/id-in/${ri}`);
  assert.equal(notification?.cr, 'CAlice');
  assert.equal(notification?.nev?.net, 1);
  const { rn, lbl, cni, st } = notification?.nev?.rep['m2m:cnt'] ?? {};
  assert.deepEqual({ rn, lbl, cni, st }, { rn: 'cnt1', lbl: ['a'], cni: 1, st: 2 });
  assert.deepEqual(
    known.notifications.map(({ countsForExpiration }) => countsForExpiration),
    [false],
  );
});

test('net 1 with atr: only if one of them is updated; nct 2: what was modified', () => {
  const known = world();
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { lbl: ['a'] }, alice);
  subscribe(known, { enc: { net: [1], atr: ['lbl'] }, nct: 2 });
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { mni: 1 }, alice);
  assert.deepEqual(known.notifications, []);
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { lbl: null, mni: 2 }, alice);
  assert.deepEqual(told(known)[0]?.nev?.rep, { 'm2m:cnt': { lt: '20250301T101500,000', lbl: null, mni: 2 } });
});

test('net 3 and 4 show the child; chty filters; nct 3 is its ID', () => {
  const known = world();
  subscribe(known, { enc: { net: [3, 4], chty: [4] }, nct: 3 });
  known.create('cse-in/ae1/cnt1', 3, 'm2m:cnt', {}, alice);
  assert.deepEqual(known.notifications, []);
  const { ri } = attributesIn(known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: '1' }, alice).response);
  assert.deepEqual(told(known)[0]?.nev, { net: 3, rep: { 'm2m:uri': `/id-in/${ri}` } });
  known.delete('cse-in/ae1/cnt1/la', alice);
  assert.deepEqual(told(known)[0]?.nev, { net: 4, rep: { 'm2m:uri': `/id-in/${ri}` } });
});

test('conditions of enc are asked of what the notification shows', () => {
  const known = world();
  subscribe(known, { enc: { net: [3], sza: 3 } });
  known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: 'ab' }, alice);
  assert.deepEqual(known.notifications, []);
  known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: 'abc' }, alice);
  assert.deepEqual(nets(known), [3]);
});

test('every target gets its notification, and each net its own', () => {
  const known = world();
  subscribe(known, { enc: { net: [1, 2, 3, 4] }, nu: ['CAlice', url] });
  known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: '1' }, alice);
  assert.deepEqual(
    known.notifications.map(({ target }) => target),
    ['CAlice', url],
  );
  known.delete('cse-in/ae1/cnt1', alice);
  assert.deepEqual(nets(known), [2, 2]);
});

test('DELETE of a subscription: the row, the notice to su; siblings hear of net 4, itself does not', () => {
  const known = world();
  subscribe(known, { enc: { net: [3, 4] }, su: url });
  known.create('cse-in/ae1/cnt1', 23, 'm2m:sub', { rn: 's2', nu: ['CAlice'], enc: { net: [4] } }, alice);
  assert.deepEqual(nets(known), [3]);
  const { id } = known.at('ae1/cnt1/s1');
  known.delete('cse-in/ae1/cnt1/s1', alice);
  assert.deepEqual(
    known.notifications.map(({ target, subscription }) => [subscription.name, target]),
    [
      ['s2', 'CAlice'],
      ['s1', url],
    ],
  );
  assert.deepEqual(told(known)[1], { sud: true, sur: `/id-in/${id}` });
  assert.ok(known.changes.some((change) => change.kind === 'remove' && change.resource.id === id));
});

test('su may be the path of an AE, too', () => {
  const known = world();
  subscribe(known, { su: 'cse-in/ae1', nu: [url] });
  known.update('cse-in/ae1/cnt1/s1', 'm2m:sub', { nu: ['CAlice'] }, alice);
  known.delete('cse-in/ae1/cnt1/s1', alice);
  assert.deepEqual(
    known.notifications.map(({ target }) => target),
    ['/id-in/CAlice'],
  );
});

test('UPDATE: targets that stay keep their numbers, new ones are verified, net 7 is refused', () => {
  const known = world();
  known.register('CBob', { rn: 'ae2' });
  subscribe(known, { nu: ['CAlice', url] });
  const to = 'cse-in/ae1/cnt1/s1';
  const update = (attributes: object, answers?: InputChanges['answers']) =>
    known.decide(
      { operation: 3, to, content: { 'm2m:sub': attributes } },
      alice,
      answers === undefined ? {} : { answers },
    );
  const waiting = update({ nu: [url, 'CBob'] });
  assert.equal(waiting.kind, 'wait');
  const done = update({ nu: [url, 'CBob'] }, [{ target: 'CBob', responseStatusCode: 2000 }]) as Answer;
  assert.equal(done.response.responseStatusCode, 2004);
  known.apply(done);
  assert.deepEqual(known.at('ae1/cnt1/s1').hidden, {
    targets: [
      { address: url, number: 2 },
      { address: 'CBob', number: 3 },
    ],
    nextTarget: 4,
  });
  assert.equal((update({ nu: ['CBob'] }) as Answer).response.responseStatusCode, 2004);
  assert.equal((update({ enc: { net: [3] }, nct: 2 }) as Answer).response.responseStatusCode, 4000);
  assert.equal((update({ su: url }) as Answer).response.responseStatusCode, 4000);
});

test('exc counts what has arrived; at 0 the subscription ends with a notice (decisions "Wire")', () => {
  const known = world();
  subscribe(known, { exc: 2, su: url });
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { mni: 1 }, alice);
  assert.equal(known.notifications[0]?.countsForExpiration, true);
  assert.equal(known.at('ae1/cnt1/s1').attributes.exc, 2);
  const arrived = () =>
    known.apply({ foreignEvents: [], ...decideDelivered(known.at('ae1/cnt1/s1'), known.cse, known.now) });
  arrived();
  assert.equal(known.at('ae1/cnt1/s1').attributes.exc, 1);
  assert.deepEqual(known.notifications, []);
  arrived();
  assert.equal(known.exists('ae1/cnt1/s1'), false);
  assert.equal(told(known)[0]?.sud, true);
  assert.deepEqual(
    known.dueOf('expiry').filter(({ id }) => id === 's1'),
    [],
  );
});

test('without exc nothing is counted', () => {
  const known = world();
  subscribe(known);
  assert.deepEqual(decideDelivered(known.at('ae1/cnt1/s1'), known.cse, known.now).changes, []);
});

test('R22: events for subscriptions of the CSEBase go to the shard that owns them, and are decided there', () => {
  const known = world();
  known.apply(known.ask({ operation: 2, to: 'cse-in' }, alice));
  const content = { 'm2m:sub': { rn: 'top', nu: [url], enc: { net: [3, 4] } } };
  const { response } = known.ask({ operation: 1, to: 'cse-in', resourceType: 23, content }, alice);
  assert.equal(response.responseStatusCode, 2001, debugOf(response));
  assert.equal(known.baseVersion, 1);
  const subscription = known.at('top');
  known.owns = (shard) => shard !== subscription.shard;
  known.register('CBob', { rn: 'ae2' });
  assert.deepEqual(known.notifications, []);
  const [foreign] = known.foreignEvents;
  assert.deepEqual(foreign?.subscription, { shard: subscription.shard, cse: 1, id: subscription.id });
  assert.equal(foreign?.event.resource.hidden, undefined);
  assert.equal(foreign?.event.originator, '/id-in/CBob');
  const intents = decideForeignEvent(JSON.parse(JSON.stringify(foreign?.event)), subscription, known.cse);
  assert.deepEqual(
    intents.map(({ target }) => target),
    [url],
  );
  const [intent] = intents;
  assert.ok(intent);
  const { nev } = intent.content['m2m:sgn'] as Notification;
  assert.equal(nev?.rep['m2m:ae']?.rn, 'ae2');
  known.owns = () => true;
  known.delete('cse-in/ae2', '/id-in/CBob');
  assert.deepEqual(nets(known), [4]);
  assert.deepEqual(known.foreignEvents, []);
});

test('R22: creating, changing and deleting such a subscription moves the version', () => {
  const known = world();
  known.ask({ operation: 1, to: 'cse-in', resourceType: 23, content: { 'm2m:sub': { rn: 'top', nu: [url] } } }, alice);
  known.update('cse-in/top', 'm2m:sub', { enc: { net: [3] } }, alice);
  known.delete('cse-in/top', alice);
  assert.equal(known.baseVersion, 3);
});

test('a subscription whose parent goes is swept; who watched the parent is told at once', () => {
  const known = world();
  subscribe(known, { enc: { net: [2] }, su: url });
  known.delete('cse-in/ae1/cnt1', admin);
  assert.deepEqual(nets(known), [2]);
  const kinds = known.changes.map((change: Change) => change.kind);
  assert.deepEqual(kinds, ['removeSubtree', 'due', 'due']);
});

test('R19: below the CSEBase the question is asked by the shard of the subscription, not of the CSEBase', () => {
  const known = new World({ admin });
  known.register('CBob');
  const content = { 'm2m:sub': { rn: 'top', nu: ['CBob'] } };
  const decision = known.decide({ operation: 1, to: 'cse-in', resourceType: 23, content }, admin);
  assert.ok(decision.kind === 'wait');
  assert.equal(decision.exchange.shard, shardOfName(known.cse.number, 'top'));
});
