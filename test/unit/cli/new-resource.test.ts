import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentOf, type NewResource } from '../../../services/cli/client/new-resource.ts';
import { resourceTypeNamed } from '../../../services/cli/client/resource-type-names.ts';

const asker = { originator: 'Cme', cseId: '/id-in' };

function made(type: string, given: NewResource, who: typeof asker | { originator: undefined; cseId: string } = asker) {
  return contentOf(resourceTypeNamed(type), given, who);
}

describe('the content of a CREATE', () => {
  it('of an AE has what the standard demands (TS-0004 7.4.5)', () => {
    assert.deepEqual(made('ae', { name: 'me' }), {
      'm2m:ae': { api: 'N.in-cse.cli', rr: true, srv: ['2a', '3'], rn: 'me' },
    });
  });

  it('lets --set win over --body, and --body over what is usual', () => {
    const given = { body: '{"api":"Nbody","rr":false}', set: ['api=Nset'] };
    assert.deepEqual(made('ae', given), { 'm2m:ae': { api: 'Nset', rr: false, srv: ['2a', '3'] } });
  });

  it('takes a body with or without its root element', () => {
    const whole = made('container', { body: '{"m2m:cnt":{"mni":3}}' });
    assert.deepEqual(whole, made('container', { body: '{"mni":3}' }));
    assert.deepEqual(whole, { 'm2m:cnt': { mni: 3 } });
    assert.throws(() => made('container', { body: '[1]' }), /JSON object/);
    assert.throws(() => made('container', { body: '{' }), /not JSON/);
  });

  it('of an instance keeps a text a text, and JSON digit by digit', () => {
    assert.deepEqual(made('instance', { content: '21.50' }), { 'm2m:cin': { con: '21.50' } });
    assert.deepEqual(made('instance', { contentJson: '{"t":21.50}' }), {
      'm2m:cin': { con: { $json: '{"t":21.50}' } },
    });
    assert.deepEqual(made('instance', { contentJson: '"x"' }), { 'm2m:cin': { con: 'x' } });
    assert.throws(() => made('instance', {}), /--content/);
    assert.throws(() => made('instance', { contentJson: '{' }), /must be JSON/);
  });

  it('of a subscription tells the originator of new children unless it says more', () => {
    assert.deepEqual(made('subscription', {}), { 'm2m:sub': { nu: ['/id-in/Cme'], enc: { net: [3] } } });
    const given = { notify: ['mqtt://host/topic'], event: ['update', '2', 'child-deleted'] };
    assert.deepEqual(made('subscription', given), {
      'm2m:sub': { nu: ['mqtt://host/topic'], enc: { net: [1, 2, 4] } },
    });
    assert.throws(() => made('subscription', { event: ['birth'] }), /not an event/);
  });

  it('of a policy gives its creator all rights, and others theirs (TS-0004 6.3.5.27)', () => {
    const own = { acor: ['Cme'], acop: 63 };
    assert.deepEqual(made('policy', { allow: ['Cyou,/mn/Cshe:retrieve,discover', '*:notify'] }), {
      'm2m:acp': {
        pv: {
          acr: [own, { acor: ['Cyou', '/mn/Cshe'], acop: 34 }, { acor: ['*'], acop: 16 }],
        },
        pvs: { acr: [own] },
      },
    });
    assert.throws(() => made('policy', { allow: ['Cyou:fly'] }), /not an operation/);
    assert.throws(() => made('policy', {}), /--allow/);
  });

  it('of a type that is not known further must come whole', () => {
    assert.deepEqual(made('14', { body: '{"m2m:nod":{"ni":"x"}}' }), { 'm2m:nod': { ni: 'x' } });
    assert.throws(() => made('14', {}), /whole/);
  });
});
