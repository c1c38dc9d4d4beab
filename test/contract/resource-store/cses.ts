import assert from 'node:assert/strict';
import { it } from 'node:test';
import { shardOfBase, shardOfName } from '../../../services/core/sharding.ts';
import { CseCollision } from '../../../services/ports/resource-store.ts';
import { describeCse, type StoreContext } from './context.ts';
import { firstLevel, instanceOf, plain, testNow, types } from './rows.ts';

/** Many CSEs in one store (R32), and what each begins with (decisions "Rights at first start"). */
export function cseTests(context: StoreContext): void {
  it('gives a deployment what is fixed for its life (R1)', async () => {
    const deployment = await context.store.deployment();
    assert.ok(deployment.generation >= 1);
    assert.equal(deployment.requestPartitions, 24);
    assert.ok(deployment.outboundPartitions >= 1);
    assert.ok(
      [deployment.requestsTopic, deployment.outboundTopic, deployment.deadLettersTopic].every((it) => it !== ''),
    );
  });

  it('numbers CSEs, lists them, and keeps their descriptions whole', async () => {
    const wanted = describeCse('/whole', {
      name: 'the-name',
      registrationPatterns: ['C*', 'S*'],
      demandRegistration: true,
      defaultLifetime: 86_400_000,
      pointsOfAccess: ['mqtt://a', 'mqtt://b'],
      notificationHosts: ['*.example'],
    });
    const { admin: _admin, ...withoutAdmin } = { ...wanted, id: '/bare' };
    const [whole, bare] = [await context.store.putCse(wanted), await context.store.putCse(withoutAdmin)];
    assert.notEqual(whole.number, bare.number);
    const { number, baseId, ...rest } = whole;
    assert.ok(number >= 1 && baseId !== '');
    assert.deepEqual(rest, wanted);
    assert.equal(bare.admin, undefined);
    const listed = await context.store.cses();
    assert.deepEqual(
      listed.find(({ id }) => id === '/whole'),
      whole,
    );
    assert.deepEqual(
      listed.find(({ id }) => id === '/bare'),
      bare,
    );
  });

  it('begins with a CSEBase, found by its ID, linked to the policy of registered AEs', async () => {
    const cse = await context.cse({ name: 'base-name' });
    const found = await context.find({ cse: cse.number, shard: shardOfBase(cse.number), id: cse.baseId });
    const base = found?.resource;
    assert.deepEqual(
      [base?.type, base?.name, base?.parentId, base?.path, base?.ancestors],
      [5, 'base-name', '', '', ''],
    );
    assert.deepEqual(found?.subscriptions, []);
    assert.ok(found?.baseSubscriptionsVersion !== undefined);
    assert.deepEqual(base?.policyIds, ['acpRegistered']);
    const { attributes } = base ?? {};
    assert.deepEqual(
      [attributes?.ty, attributes?.rn, attributes?.ri, attributes?.cst, attributes?.csi, attributes?.poa],
      [5, 'base-name', cse.baseId, 1, cse.id, cse.pointsOfAccess],
    );
    assert.deepEqual(attributes?.acpi, ['acpRegistered']);
  });

  it('begins with a policy that lets registered AEs look and create, and the admin change it', async () => {
    const cse = await context.cse();
    const shard = shardOfName(cse.number, 'acpRegistered');
    const found = await context.findAt({ cse: cse.number, shard, path: 'acpRegistered' });
    const policy = found?.resource;
    assert.deepEqual([policy?.type, policy?.id, policy?.parentId], [1, 'acpRegistered', cse.baseId]);
    const registered = [`${cse.id}/C*`, '/S*'];
    assert.deepEqual(policy?.attributes.pv, {
      acr: [
        { acor: registered, acop: 34 },
        { acor: registered, acop: 1, acod: [{ chty: [1, 3, 9, 23] }] },
      ],
    });
    assert.deepEqual(policy?.attributes.pvs, { acr: [{ acor: [cse.admin], acop: 63 }] });
    const page = await context.fact({
      kind: 'query',
      query: { cse: cse.number, rootId: cse.baseId, level: 1, limit: 10 },
    });
    assert.deepEqual(
      page.page.resources.map(({ id }) => id),
      ['acpRegistered'],
    );
    const owner = await context.owner();
    const rows = [
      policy,
      (await context.find({ cse: cse.number, shard: shardOfBase(cse.number), id: cse.baseId }))?.resource,
    ];
    for (const row of rows) {
      // Below every version of a fence, so that a change by the first commit shows, and not 0, which stands for absent.
      assert.ok(row !== undefined && row.version !== 0 && row.version < owner.version + 1);
      await owner.commit({ relied: [{ cse: row.cse, shard: row.shard, id: row.id, version: row.version }] });
    }
  });

  it('gives the rights on the policy to the CSE itself where there is no admin', async () => {
    const { admin: _admin, ...wanted } = describeCse('/no-admin');
    const cse = await context.store.putCse(wanted);
    const shard = shardOfName(cse.number, 'acpRegistered');
    const policy = (await context.find({ cse: cse.number, shard, id: 'acpRegistered' }))?.resource;
    assert.deepEqual(policy?.attributes.pvs, { acr: [{ acor: ['/no-admin'], acop: 63 }] });
  });

  it('updates a CSE that is there: same number, what an operator changed in the policy stays', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const shard = shardOfName(cse.number, 'acpRegistered');
    const policy = (await context.find({ cse: cse.number, shard, id: 'acpRegistered' }))?.resource;
    assert.ok(policy);
    const ae = firstLevel(cse, types.ae, 'ae');
    await owner.insert(ae);
    await owner.change({ kind: 'update', resource: { ...policy, labels: ['changed'] } });
    const { number: _number, baseId: _baseId, ...rest } = cse;
    const again = await context.store.putCse({ ...rest, pointsOfAccess: ['mqtt://new'], duplicateWindow: 5_000 });
    assert.deepEqual(again, { ...cse, pointsOfAccess: ['mqtt://new'], duplicateWindow: 5_000 });
    assert.deepEqual(
      (await context.store.cses()).filter(({ id }) => id === cse.id),
      [again],
    );
    assert.deepEqual((await context.find(policy))?.resource.labels, ['changed']);
    assert.equal(await context.isThere(ae), true);
    assert.equal((await context.store.putCse(rest)).number, cse.number);
  });

  it('does not bring back the policy when an operator has deleted it', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const shard = shardOfName(cse.number, 'acpRegistered');
    const policy = (await context.find({ cse: cse.number, shard, id: 'acpRegistered' }))?.resource;
    assert.ok(policy);
    await owner.change({ kind: 'remove', resource: policy });
    const { number: _number, baseId: _baseId, ...rest } = cse;
    await context.store.putCse(rest);
    assert.equal(await context.isThere(policy), false);
  });

  it('changes nothing of the CSEBase when the same is put again', async () => {
    const cse = await context.cse();
    const key = { cse: cse.number, shard: shardOfBase(cse.number), id: cse.baseId };
    const before = await context.find(key);
    const { number: _number, baseId: _baseId, ...rest } = cse;
    await context.store.putCse(rest);
    assert.deepEqual(plain((await context.find(key))?.resource), plain(before?.resource));
  });

  it('refuses the CSE-ID of another provider’s CSE (R32)', async () => {
    const cse = await context.cse();
    const { number: _number, baseId: _baseId, ...rest } = cse;
    await assert.rejects(context.store.putCse({ ...rest, serviceProvider: '//other.example' }), CseCollision);
    assert.deepEqual(
      (await context.store.cses()).filter(({ id }) => id === cse.id),
      [cse],
    );
  });

  it('takes the same CSE from several processes that start at a time', async () => {
    const wanted = describeCse('/at-a-time');
    const all = await Promise.all(Array.from({ length: 5 }, () => context.store.putCse(wanted)));
    assert.equal(new Set(all.map(({ number }) => number)).size, 1);
    assert.equal((await context.store.cses()).filter(({ id }) => id === '/at-a-time').length, 1);
  });

  it('keeps CSEs apart that have the same names and IDs in everything (R32)', async () => {
    const [one, two] = [await context.cse(), await context.cse()];
    const owner = await context.owner();
    // The same shard too: rows of different CSEs differ by their number alone.
    const shard = 77;
    const rowsOf = ({ number }: typeof one, text: string) => {
      const base = number === one.number ? one : two;
      const container = { ...firstLevel(base, types.container, 'cnt'), shard, labels: [text] };
      return [container, { ...instanceOf(container, 0, { attributes: { con: text } }), shard }];
    };
    const [ofOne, ofTwo] = [rowsOf(one, 'one'), rowsOf(two, 'two')];
    const home = (cse: number, at: number) =>
      ({ kind: 'aeHome', action: 'insert', cse, aeId: 'Csame', home: at }) as const;
    await owner.insert(...ofOne, ...ofTwo);
    await owner.change(home(one.number, 1), home(two.number, 2));
    const texts = async (row: (typeof ofOne)[number] | undefined) => {
      assert.ok(row);
      return [(await context.find(row))?.resource.labels, (await context.findAt(row))?.resource.labels];
    };
    assert.deepEqual(await texts(ofOne[0]), [['one'], ['one']]);
    assert.deepEqual(await texts(ofTwo[0]), [['two'], ['two']]);
    const newest = async (cse: number) => {
      const need = { kind: 'latest', cse, shard, parentId: 'cnt-id', now: testNow } as const;
      return (await context.fact(need)).found?.attributes.con;
    };
    assert.deepEqual([await newest(one.number), await newest(two.number)], ['one', 'two']);
    assert.equal((await context.fact({ kind: 'aeHome', cse: one.number, aeId: 'Csame' })).home, 1);
    assert.equal((await context.fact({ kind: 'aeHome', cse: two.number, aeId: 'Csame' })).home, 2);
    const [container] = ofOne;
    assert.ok(container);
    await owner.change({ kind: 'removeSubtree', resource: container });
    assert.deepEqual(await texts(ofOne[0]), [undefined, undefined]);
    assert.deepEqual(await texts(ofTwo[0]), [['two'], ['two']]);
  });
}
