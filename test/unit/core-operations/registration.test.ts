/** Registration of AEs (TS-0004 7.4.5.2, TS-0004 7.4.5; R8). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shardInName, shardOfDuplicateKey, shardOfName } from '../../../services/core/sharding.ts';
import { attributesIn, debugOf, World } from './world.ts';

const content = { 'm2m:ae': { api: 'N1', rr: true, srv: ['3'] } };
const registration = { operation: 1, to: 'cse-in', resourceType: 2, content } as const;

test('an AE keeps the AE-ID that it brings, is its own creator, and is in the directory', () => {
  const world = new World();
  const { response } = world.register('CAlice', { rn: 'ae1' });
  const { ri, aei, pi, rn, ty } = attributesIn(response);
  assert.deepEqual({ ri, aei, pi, rn, ty }, { ri: 'CAlice', aei: 'CAlice', pi: world.cse.baseId, rn: 'ae1', ty: 2 });
  assert.equal(response.to, 'CAlice');
  const ae = world.at('ae1');
  assert.equal(ae.creator, '/id-in/CAlice');
  assert.equal(ae.shard, shardOfName(1, 'ae1'));
  assert.equal(world.homes.get('CAlice'), ae.shard);
  assert.deepEqual(ae.hidden, { topicLevel: 'CAlice', broker: 'default' });
});

test('the default name is the AE-ID, an S-stem is unique in the provider', () => {
  const world = new World();
  world.register('Sbob');
  assert.equal(world.at('Sbob').creator, '/Sbob');
  assert.equal(world.retrieve('cse-in/Sbob', '/Sbob').responseStatusCode, 2000);
  assert.equal(world.retrieve('/Sbob', '/Sbob').responseStatusCode, 2000);
});

for (const [from, letter] of [
  [undefined, 'C'],
  ['C', 'C'],
  ['S', 'S'],
] as const) {
  test(`fr ${from ?? 'absent'} on a registration topic: the CSE assigns an AE-ID that carries its shard`, () => {
    const world = new World();
    const asked = from === undefined ? registration : { ...registration, originator: from };
    const { response } = world.ask(asked, '', { credential: 'cred-1', topicLevel: 'cred-1', duplicateKey: 'abc' });
    const ri = String(attributesIn(response).ri);
    assert.equal(ri[0], letter);
    assert.equal(shardInName(ri), shardOfDuplicateKey('abc'));
    assert.equal(response.to, ri);
    const ae = world.at(ri);
    assert.equal(ae.shard, shardOfDuplicateKey('abc'));
    // The level of a registration topic is a credential: notifications go to the stem.
    assert.equal(ae.hidden?.topicLevel, ri);
    assert.equal(world.retrieve(ri, ae.creator).responseStatusCode, 2000);
  });
}

test('a given name decides the shard of an assigned AE-ID', () => {
  const world = new World();
  const named = { ...registration, content: { 'm2m:ae': { ...content['m2m:ae'], rn: 'ae9' } } };
  const { response } = world.ask(named, '', { credential: 'cred-1' });
  assert.equal(shardInName(String(attributesIn(response).ri)), shardOfName(1, 'ae9'));
});

test('4117 for an AE-ID that is registered, 4105 for a name that is taken, free again after DELETE', () => {
  const world = new World();
  world.register('CAlice', { rn: 'ae1' });
  const code = (stem: string, rn: string) =>
    world.create('cse-in', 2, 'm2m:ae', { api: 'N1', rr: true, srv: ['3'], rn }, `/id-in/${stem}`).response;
  assert.equal(code('CAlice', 'ae2').responseStatusCode, 4117);
  assert.equal(code('CBob', 'ae1').responseStatusCode, 4105);
  assert.equal(world.delete('cse-in/ae1', '/id-in/CAlice').response.responseStatusCode, 2002);
  assert.equal(world.homes.has('CAlice'), false);
  assert.ok(world.changes.some((change) => change.kind === 'aeHome' && change.action === 'remove'));
});

test('4126 where patterns refuse, and for the admin; a CSE registers no AE', () => {
  const world = new World({ registrationPatterns: ['CSensor*'] });
  const code = (originator: string) => world.ask(registration, originator).response.responseStatusCode;
  assert.equal(code('/id-in/CAlice'), 4126);
  assert.equal(code('/id-in/CSensor1'), 2001);
  assert.equal(new World().ask(registration, '/id-in/CAdmin').response.responseStatusCode, 4126);
  assert.equal(new World().ask(registration, '/mn1').response.responseStatusCode, 4005);
});

test('4000 for an App-ID of no kind; srv is not asked of release 1', () => {
  const world = new World();
  const ask = (ae: object, release: object) =>
    world.ask({ ...registration, content: { 'm2m:ae': ae }, ...release }, '/id-in/CAlice').response;
  assert.equal(ask({ api: 'X1', rr: true, srv: ['3'] }, {}).responseStatusCode, 4000);
  assert.equal(ask({ api: 'N1', rr: true }, {}).responseStatusCode, 4000);
  assert.equal(ask({ api: 'N1', rr: true }, { releaseVersion: undefined }).responseStatusCode, 2001);
});

test('R27: a point of access on a host that is not allowed is refused, at CREATE and UPDATE', () => {
  const world = new World();
  world.register('CAlice', { rn: 'ae1', poa: ['mqtt://broker.example:1883', 'http://anywhere.example'] });
  const { response } = world.update('cse-in/ae1', 'm2m:ae', { poa: ['mqtt://evil.example'] }, '/id-in/CAlice');
  assert.equal(response.responseStatusCode, 4000);
  assert.match(debugOf(response), /evil\.example/);
  const ok = world.update('cse-in/ae1', 'm2m:ae', { poa: ['mqtts://b.friends.example/site'] }, '/id-in/CAlice');
  assert.equal(ok.response.responseStatusCode, 2004);
});

test('R6, R8: a request goes on to the shard where its target lives', () => {
  const world = new World();
  world.register('CAlice', { rn: 'ae1' });
  const home = world.at('ae1').shard;
  const guess = shardOfName(1, 'CAlice');
  assert.notEqual(home, guess);
  const decide = (to: string) => world.decide({ operation: 2, to }, '/id-in/CAlice');
  world.owns = (shard) => shard === guess;
  assert.deepEqual(decide('CAlice'), { kind: 'handOn', shard: home });
  assert.deepEqual(decide('cse-in/ae1'), { kind: 'handOn', shard: home });
  world.owns = (shard) => shard === home;
  assert.equal(decide('CAlice').kind, 'answer');
  const created = world.decide(
    { ...registration, content: { 'm2m:ae': { ...content['m2m:ae'], rn: 'x' } } },
    '/id-in/CBob',
  );
  assert.deepEqual(created, { kind: 'handOn', shard: shardOfName(1, 'x') });
});

test('R22: a registration relies on the list of subscriptions of the CSEBase', () => {
  const world = new World();
  world.register('CAlice');
  assert.ok(world.changes.some((change) => change.kind === 'baseSubscriptions' && change.action === 'rely'));
});

test('R8: a name that the CSE invents is looked for nowhere: it is another one at each attempt', () => {
  const known = new World();
  known.unknown.add('path');
  const changes = { credential: 'x', topicLevel: 'x' };
  assert.equal(known.decide({ ...registration, originator: 'C' }, '', changes).kind, 'answer');
  // The name of an AE that brings its AE-ID may be taken.
  assert.equal(known.decide(registration, '/id-in/Cmine').kind, 'needs');
});
