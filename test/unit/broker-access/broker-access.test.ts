/** What holds around a credential (issue 4 §1): limits, a store that is away, sessions that end. */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { identities } from '../../fixtures/broker-access/identities.ts';
import { until } from '../../system/device.ts';
import { accessStage, passwordOf, type Stage } from './support.ts';

const { pump, valve, orphan, service } = identities;

describe('broker access', () => {
  const open: Stage[] = [];
  after(() => {
    for (const { list } of open) list.stop();
  });
  async function stage(...options: Parameters<typeof accessStage>): Promise<Stage> {
    const made = await accessStage(...options);
    open.push(made);
    return made;
  }
  async function outcome({ access }: Stage, name: string, password: string, peer?: string): Promise<string> {
    const answer = await access.authenticate({ name, password, peer });
    return 'refused' in answer ? answer.refused : answer.session.identity.name;
  }

  it('lets in with the grants of the identity, and nobody who has none', async () => {
    const at = await stage();
    const answer = await at.access.authenticate({ name: pump.name, password: passwordOf(pump) });
    assert.ok('session' in answer);
    assert.ok(answer.session.grants.some(({ filter }) => filter === '/oneM2M/req/Cpump/id-in/+'));
    assert.equal(await outcome(at, orphan.name, passwordOf(orphan)), 'nothing granted');
    assert.equal(await outcome(at, service.name, passwordOf(service)), service.name);
  });

  it('stops trying out of a name from one address, and harms neither others there nor the name elsewhere', async () => {
    const at = await stage({ limits: { perName: 3, perPeer: 100 } });
    for (let time = 0; time < 3; time++) assert.equal(await outcome(at, pump.name, 'guess', 'a'), 'wrong password');
    const { matched } = at.checks;
    assert.equal(await outcome(at, pump.name, passwordOf(pump), 'a'), 'too many attempts');
    assert.equal(at.checks.matched, matched, 'an attempt that is not made costs no check');
    assert.equal(await outcome(at, valve.name, passwordOf(valve), 'a'), valve.name);
    assert.equal(await outcome(at, pump.name, passwordOf(pump), 'b'), pump.name);
  });

  it('stops an address that tries many names, existing or not', async () => {
    const at = await stage({ limits: { perName: 3, perPeer: 5 } });
    for (let time = 0; time < 5; time++) await outcome(at, `nobody-${time}`, 'guess', 'a');
    assert.equal(await outcome(at, pump.name, passwordOf(pump), 'a'), 'too many attempts');
    assert.equal(await outcome(at, pump.name, passwordOf(pump), 'b'), pump.name);
  });

  it('stops trying out of a name from many addresses together', async () => {
    const at = await stage({ limits: { perName: 1, perPeer: 100 } });
    for (let time = 0; time < 10; time++) await outcome(at, pump.name, 'guess', `address-${time}`);
    assert.equal(await outcome(at, pump.name, passwordOf(pump), 'new'), 'too many attempts');
  });

  it('counts attempts made at the same time too', async () => {
    const at = await stage({ limits: { perName: 3, perPeer: 100 } });
    await Promise.all(Array.from({ length: 50 }, (_, index) => outcome(at, pump.name, `guess ${index}`, 'a')));
    assert.equal(at.checks.matched, 3);
  });

  it('does not count who succeeds', async () => {
    const at = await stage({ limits: { perName: 2, perPeer: 2 } });
    for (let time = 0; time < 10; time++) assert.equal(await outcome(at, pump.name, passwordOf(pump), 'a'), pump.name);
  });

  it('goes on with the last list while the store is away, for a bounded time, and then denies', async () => {
    const at = await stage({ believedFor: 150 });
    const answer = await at.access.authenticate({ name: pump.name, password: passwordOf(pump) });
    assert.ok('session' in answer);
    at.store.away = true;
    assert.equal(await outcome(at, pump.name, passwordOf(pump)), pump.name);
    assert.notEqual(at.access.grantsNow(pump.name), undefined);
    await until('the list is too old', () => at.list.current() === undefined);
    assert.equal(await outcome(at, pump.name, passwordOf(pump)), 'credentials not readable');
    assert.equal(at.access.grantsNow(pump.name), undefined);
    assert.equal(answer.session.inForce(), false);
    at.store.away = false;
    await until('the list is read again', () => at.list.current() !== undefined);
    assert.equal(await outcome(at, pump.name, passwordOf(pump)), pump.name);
  });

  it('tells within a reading that a session has ended', async () => {
    const at = await stage();
    const answer = await at.access.authenticate({ name: pump.name, password: passwordOf(pump) });
    assert.ok('session' in answer);
    let told = 0;
    at.access.watch(() => {
      told += 1;
    });
    await until('a reading without change', () => told > 1);
    assert.equal(answer.session.inForce(), true);
    at.store.credentials = at.store.credentials.map((each) =>
      each.name === pump.name ? { ...each, revokedAt: 1 } : each,
    );
    await until('the revocation is noticed', () => !answer.session.inForce());
    assert.equal(at.access.grantsNow(pump.name), undefined);
    assert.equal(await outcome(at, pump.name, passwordOf(pump)), 'revoked');
  });
});
