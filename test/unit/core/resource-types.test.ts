/** What holds for every resource type, from its table: a new type is tested by being in the registry. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualNames } from '../../../services/core/addressing.ts';
import { Operation } from '../../../services/core/primitives.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from '../../../services/core/resource-types/definition.ts';
import {
  isChildType,
  isKnownResourceType,
  nameOfResourceType,
  resourceTypeByMember,
  resourceTypeByNumber,
  resourceTypes,
  supportedResourceTypes,
} from '../../../services/core/resource-types/registry.ts';
import { checkCreate, checkResult, checkUpdate } from '../../../services/core/resource-types/validator.ts';
import { codeOf } from './fixtures.ts';

/** A valid value of one element of each type that an attribute in the tables has. */
const samples: Record<string, unknown> = {
  'xs:string': 'text',
  'xs:anyURI': 'mqtt://host/x',
  'xs:NCName': 'name',
  'xs:boolean': false,
  'xs:nonNegativeInteger': 0,
  'xs:positiveInteger': 1,
  'xs:unsignedInt': 7,
  'xs:anyType': { $json: '{"a":1.0}' },
  'm2m:ID': 'cse-in/acp1',
  'm2m:nhURI': 'r1',
  'm2m:resourceName': 'name1',
  'm2m:resourceType': 3,
  'm2m:timestamp': '20990301T101500',
  'm2m:absRelTimestamp': '20990301T101500',
  'm2m:label': 'room:12',
  'm2m:pointOfAccess': 'mqtt://127.0.0.1:1883',
  'm2m:contentInfo': 'application/json:0',
  'm2m:serialization': 'json',
  'm2m:releaseVersion': '2a',
  'm2m:eventCat': 2,
  'm2m:externalID': 'a@b.example',
  'm2m:sessionCapability': 'audio:rtp',
  'm2m:triggerRecipientID': 9,
  'm2m:cseTypeID': 1,
  'm2m:AERegistrationStatus': 1,
  'm2m:announceSyncType': 1,
  'm2m:pendingNotification': 2,
  'm2m:notificationContentType': 1,
  'm2m:setOfAcrs': { acr: [{ acor: ['all'], acop: 63 }] },
  'm2m:eventNotificationCriteria': { net: [1, 3], chty: [4] },
  'm2m:batchNotify': { num: 10, dur: 'PT1M' },
  'm2m:rateLimit': { mnn: 5, tww: 'PT10S' },
  'm2m:setOfNotificationStatsInfo': { tg: 'x', rqs: 0, rsr: 0, noec: 0 },
  'm2m:e2eSecInfo': { esf: [10] },
  'm2m:activityPatternElements': { apt: [{ se: [{ sce: ['* * * * * * *'] }], sti: 1 }] },
  'm2m:contentRef': { urir: [{ nm: 'a', uri: 'b' }] },
  'm2m:geoCoordinates': { typ: 1, crd: [52.5, 13.4] },
};

function sample(attribute: AttributeDefinition): unknown {
  if (attribute.short === 'cr') return null;
  if (attribute.short === 'api') return 'Nmeter';
  const value = samples[attribute.type];
  assert.notEqual(value, undefined, `no sample for ${attribute.type}`);
  return attribute.list ? [value] : value;
}

function smallest(definition: ResourceTypeDefinition): Record<string, unknown> {
  return Object.fromEntries(definition.mandatory.map((attribute) => [attribute.short, sample(attribute)]));
}

/** Values of every JSON kind; each type must refuse most of them. */
const strangers: unknown[] = ['\u0001 ', -1, 1.5, true, {}, [], [[]], [{}], { nobody: 1 }];

for (const definition of resourceTypes) {
  const { member, attributes } = definition;
  const created = attributes.filter(({ create }) => create !== 'NP');
  const updated = attributes.filter(({ update }) => update !== 'NP');

  test(`${member}: TS-0004 7.4: the tables are sound`, () => {
    assert.ok(isKnownResourceType(definition.type));
    assert.equal(nameOfResourceType(definition.type), definition.long);
    assert.equal(resourceTypeByNumber(definition.type), definition);
    assert.equal(resourceTypeByMember(member), definition);
    assert.equal(definition.attribute.size, attributes.length, 'no short name twice');
    assert.equal(new Set(attributes.map(({ long }) => long)).size, attributes.length, 'no long name twice');
    for (const name of definition.virtualChildren) assert.ok((virtualNames as readonly string[]).includes(name));
    for (const attribute of attributes) {
      assert.equal(attribute.multiplicity.endsWith('(L)'), attribute.list, attribute.short);
      if (attribute.create === 'M') assert.notEqual(attribute.supported, false, attribute.short);
    }
  });

  test(`${member}: TS-0004 7.4: its parents are those that list it as a child`, () => {
    for (const parent of resourceTypes) {
      const listed = definition.parents.includes(parent.type);
      assert.equal(isChildType(parent.type, definition.type), listed, `below ${parent.member}`);
    }
    assert.equal(definition.parents.length === 0, !definition.creatable);
    for (const type of [...definition.parents, ...definition.children]) assert.ok(isKnownResourceType(type));
  });

  test(`${member}: TS-0004 7.3.3: access is decided as the table has acpi or not`, () => {
    assert.equal(definition.policies === 'own', definition.attribute.has('acpi'));
    assert.equal(definition.hasCounters === true, definition.attribute.has('cni'));
  });

  test(`${member}: TS-0004 7.3.3.3: a CREATE with the least is accepted, and without any of it is 4000`, () => {
    assert.equal(
      codeOf(() => checkCreate(definition, smallest(definition))),
      0,
    );
    for (const { short } of definition.mandatory) {
      const { [short]: _, ...rest } = smallest(definition);
      assert.equal(
        codeOf(() => checkCreate(definition, rest)),
        4000,
        short,
      );
    }
  });

  test(`${member}: TS-0004 7.3.3.3: each attribute that a CREATE may carry is accepted, or 5001 if it is not supported`, () => {
    for (const attribute of created) {
      const given = { ...smallest(definition), [attribute.short]: sample(attribute) };
      const expected = attribute.supported === false ? 5001 : 0;
      assert.equal(
        codeOf(() => checkCreate(definition, given)),
        expected,
        attribute.short,
      );
    }
  });

  test(`${member}: TS-0004 7.3.3.3: an attribute that is not permitted, or unknown, is 4000 at CREATE`, () => {
    for (const attribute of attributes.filter(({ create }) => create === 'NP')) {
      const given = { ...smallest(definition), [attribute.short]: sample(attribute) };
      assert.equal(
        codeOf(() => checkCreate(definition, given)),
        4000,
        attribute.short,
      );
    }
    for (const name of ['nobody', 'toString', 'resourceName', '']) {
      assert.equal(
        codeOf(() => checkCreate(definition, { ...smallest(definition), [name]: 'x' })),
        4000,
        name,
      );
    }
  });

  test(`${member}: TS-0004 7.3.3.3: a value of the wrong type is 4000 at CREATE, also where nothing is supported`, () => {
    for (const attribute of created.filter(({ type }) => type !== 'xs:anyType')) {
      const accepted = strangers.filter((value) => {
        const given = { ...smallest(definition), [attribute.short]: value };
        return codeOf(() => checkCreate(definition, given)) !== 4000;
      });
      // A boolean may be true, an empty object may hold no members, an empty list no values; a string may be anything.
      assert.ok(accepted.length <= 1, `${attribute.short} takes ${JSON.stringify(accepted)}`);
      const element = { ...smallest(definition), [attribute.short]: attribute.list ? 'x' : [sample(attribute)] };
      assert.equal(
        codeOf(() => checkCreate(definition, element)),
        4000,
        `${attribute.short}: list or not`,
      );
    }
  });

  test(`${member}: TS-0004 8.4.2: null is 4000 at CREATE, but for cr`, () => {
    for (const { short } of created.filter(({ short }) => short !== 'cr')) {
      assert.equal(
        codeOf(() => checkCreate(definition, { ...smallest(definition), [short]: null })),
        4000,
        short,
      );
    }
  });

  test(`${member}: TS-0004 7.3.3.4: each attribute that an UPDATE may carry is accepted alone, or 5001`, () => {
    for (const attribute of updated) {
      const expected = attribute.supported === false ? 5001 : 0;
      assert.equal(
        codeOf(() => checkUpdate(definition, { [attribute.short]: sample(attribute) })),
        expected,
        attribute.short,
      );
    }
  });

  test(`${member}: TS-0004 7.3.3.4: NP and unknown attributes are 4000 at UPDATE`, () => {
    for (const attribute of attributes.filter(({ update }) => update === 'NP')) {
      assert.equal(
        codeOf(() => checkUpdate(definition, { [attribute.short]: sample(attribute) })),
        4000,
        attribute.short,
      );
      assert.equal(
        codeOf(() => checkUpdate(definition, { [attribute.short]: null })),
        4000,
        `${attribute.short}: null`,
      );
    }
    assert.equal(
      codeOf(() => checkUpdate(definition, { nobody: null })),
      4000,
    );
  });

  test(`${member}: TS-0004 7.3.3.4: null removes what may be absent; where the multiplicity is 1 it is 4000, but for et`, () => {
    for (const { short, multiplicity } of updated) {
      const expected = multiplicity.startsWith('1') && short !== 'et' ? 4000 : 0;
      assert.equal(
        codeOf(() => checkUpdate(definition, { [short]: null })),
        expected,
        short,
      );
    }
  });

  test(`${member}: TS-0004 7.3.3.4: a value of the wrong type is 4000 at UPDATE`, () => {
    for (const { short, list, type } of updated) {
      if (type === 'xs:anyType') continue;
      assert.equal(
        codeOf(() => checkUpdate(definition, { [short]: list ? 'x' : ['x'] })),
        4000,
        short,
      );
    }
  });

  test(`${member}: TS-0004 7.3.3.7: what an UPDATE leaves must still have what the standard wants`, () => {
    const whole = smallest(definition);
    assert.equal(
      codeOf(() => checkResult(definition, whole)),
      0,
    );
    for (const { short, multiplicity } of definition.mandatory.filter((it) => it.multiplicity.startsWith('1'))) {
      assert.equal(
        codeOf(() => checkResult(definition, { ...whole, [short]: undefined })),
        4000,
        `${short} ${multiplicity}`,
      );
    }
  });
}

test('TS-0004 7.4.3 srt: the types of this slice, ascending', () => {
  assert.deepEqual(supportedResourceTypes, [1, 2, 3, 4, 5, 23]);
});

test('TS-0004 7.4: no subscription below an instance or a subscription (5203), no AE below an AE (4108)', () => {
  for (const [parent, child, allowed] of [
    [4, 23, false],
    [23, 23, false],
    [1, 23, true],
    [2, 2, false],
    [5, 2, true],
    [3, 3, true],
    [3, 4, true],
    [5, 4, false],
    [2, 28, true],
    [23, 18, true],
    [3, 2, false],
    [3, 1, false],
    [99, 3, false],
  ] as const) {
    assert.equal(isChildType(parent, child), allowed, `${child} below ${parent}`);
  }
});

test('TS-0004 7.4.3, TS-0004 7.4.7, TS-0004 7.3.2.1: CSEBase is only read and notified, an instance is never updated', () => {
  assert.deepEqual(resourceTypeByNumber(5)?.operations, [Operation.retrieve, Operation.notify]);
  assert.equal(resourceTypeByNumber(4)?.operations.includes(Operation.update), false);
  assert.deepEqual(resourceTypeByNumber(3)?.virtualChildren, ['la', 'ol']);
  assert.deepEqual(resourceTypeByNumber(23)?.virtualChildren, ['ntsr']);
});

test('TS-0004 6.3.4.2.1: numbers that mean nothing are not known', () => {
  for (const type of [0, 33, 52, 59, 67, 10_006, 10_033, 20_001, -1, 1.5])
    assert.ok(!isKnownResourceType(type), `${type}`);
  for (const type of [1, 51, 58, 66, 10_005, 10_066]) assert.ok(isKnownResourceType(type), `${type}`);
});
