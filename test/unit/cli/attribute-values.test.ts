import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { attributesOf, WrongArgument } from '../../../services/cli/client/attribute-values.ts';
import { resourceTypeNamed } from '../../../services/cli/client/resource-type-names.ts';
import type { ResourceTypeDefinition } from '../../../services/core/resource-types/definition.ts';

function typed(name: string): ResourceTypeDefinition {
  const { definition } = resourceTypeNamed(name);
  assert.ok(definition);
  return definition;
}

describe('name=value', () => {
  it('takes the type that the standard gives the attribute', () => {
    assert.deepEqual(attributesOf(['mni=100', 'lbl=a,b:c', 'disr=true', 'or=http://x?a=b'], typed('container')), {
      mni: 100,
      lbl: ['a', 'b:c'],
      disr: true,
      or: 'http://x?a=b',
    });
    assert.deepEqual(attributesOf(['nct=3', 'enc={"net":[1,3]}', 'nu=/id-in/Cme'], typed('subscription')), {
      nct: 3,
      enc: { net: [1, 3] },
      nu: ['/id-in/Cme'],
    });
    assert.deepEqual(attributesOf(['con=21.5'], typed('instance')), { con: '21.5' });
  });

  it('knows long names, whatever their case', () => {
    assert.deepEqual(attributesOf(['maxNrOfInstances=1', 'labels=["x,y"]'], typed('container')), {
      mni: 1,
      lbl: ['x,y'],
    });
  });

  it('takes nothing for null, which removes an attribute (TS-0004 7.4)', () => {
    assert.deepEqual(attributesOf(['mni='], typed('container')), { mni: null });
  });

  it('says what is wrong, and what there is', () => {
    const wrong = (pair: string, message: RegExp) =>
      assert.throws(
        () => attributesOf([pair], typed('container')),
        (error) => error instanceof WrongArgument && message.test(error.message),
      );
    wrong('size=3', /no attribute "size".*mni \(maxNrOfInstances\)/);
    wrong('mni=many', /mni \(maxNrOfInstances\) is a number, not "many"/);
    wrong('disr=yes', /true or false/);
    wrong('mni', /not name=value/);
    assert.throws(() => attributesOf(['enc=[net'], typed('subscription')), /as JSON/);
  });
});

describe('resource types', () => {
  it('have everyday names, the names of the standard, and numbers', () => {
    for (const name of ['container', 'cnt', '3', 'Container']) assert.equal(resourceTypeNamed(name).number, 3);
    for (const name of ['instance', 'cin', 'contentInstance']) assert.equal(resourceTypeNamed(name).number, 4);
    for (const name of ['policy', 'acp', 'accessControlPolicy']) assert.equal(resourceTypeNamed(name).number, 1);
    for (const name of ['ae', 'AE']) assert.equal(resourceTypeNamed(name).number, 2);
  });

  it('may be of the standard and not known further', () => {
    assert.deepEqual(resourceTypeNamed('14'), { number: 14, definition: undefined });
    assert.throws(() => resourceTypeNamed('999'), WrongArgument);
    assert.throws(() => resourceTypeNamed('thing'), /Known are: .*container/);
  });
});
