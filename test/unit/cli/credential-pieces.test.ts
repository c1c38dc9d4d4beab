/** Who a credential stands for, and what becomes of it (issue 4 §1; promise 4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WrongArgument } from '../../../services/cli/client/attribute-values.ts';
import { credentialJson, credentialTable } from '../../../services/cli/credentials/credential-text.ts';
import { assertFree, revoked, rotated, stateOf } from '../../../services/cli/credentials/lifetimes.ts';
import {
  aeIdentity,
  cseIdentity,
  registrationIdentity,
  serviceIdentity,
} from '../../../services/cli/credentials/new-credential.ts';
import type { Credential, PasswordHash } from '../../../services/ports/credential-store.ts';

const cse = '/id-in';
const now = 1_000_000;

describe('a new credential', () => {
  it('of a C-type AE speaks as the AE in both forms of its ID (TS-0010 6.4.2)', () => {
    const expected = { name: 'Cpump@id-in', kind: 'ae', cse: 'id-in', levels: ['Cpump', 'id-in:Cpump'] };
    assert.deepEqual(aeIdentity({ id: 'Cpump' }, cse), expected);
    assert.deepEqual(aeIdentity({ id: '/id-in/Cpump' }, cse), expected);
  });

  it('of an S-type AE has the one form of its ID', () => {
    assert.deepEqual(aeIdentity({ id: 'Smeter', name: 'meter' }, cse), {
      name: 'meter',
      kind: 'ae',
      cse: 'id-in',
      levels: ['Smeter'],
    });
  });

  it('of an AE that registers itself has its Credential-ID', () => {
    assert.equal(
      aeIdentity({ id: 'Cpump', credentialId: '2-pump@as.example' }, cse).credentialLevel,
      '2-pump@as.example',
    );
  });

  it('of a remote CSE speaks as it', () => {
    const expected = { name: 'mn-1@id-in', kind: 'cse', cse: 'id-in', levels: ['mn-1'] };
    assert.deepEqual(cseIdentity({ id: '/mn-1' }, cse), expected);
    assert.deepEqual(cseIdentity({ id: 'mn-1' }, cse), expected);
    assert.deepEqual(cseIdentity({ id: '//other.example/mn-1', name: 'far' }, cse).levels, [':other.example:mn-1']);
  });

  it('of a registration speaks as nobody, or from the start as the AE that it will be', () => {
    assert.deepEqual(registrationIdentity({ id: 'new-7' }, cse), {
      name: 'new-7@id-in',
      kind: 'registration',
      cse: 'id-in',
      levels: [],
      credentialLevel: 'new-7',
    });
    const { kind, levels, credentialLevel } = registrationIdentity({ id: 'new-7', as: ['Cpump'] }, cse);
    assert.deepEqual([kind, levels, credentialLevel], ['ae', ['Cpump', 'id-in:Cpump'], 'new-7']);
  });

  it('of a service is for all CSEs', () => {
    assert.deepEqual(serviceIdentity({ id: 'in-cse' }), { name: 'in-cse', kind: 'service', levels: [] });
  });

  const refused: [what: string, make: () => unknown][] = [
    ['an AE-ID with a wildcard', () => aeIdentity({ id: 'C+' }, cse)],
    ['an AE-ID of several levels', () => aeIdentity({ id: 'Ca/Cb' }, cse)],
    ['an AE-ID of another CSE', () => aeIdentity({ id: '/id-two/Cpump' }, cse)],
    ['an AE-ID that is none', () => aeIdentity({ id: 'pump' }, cse)],
    ['the letter that asks for an AE-ID', () => aeIdentity({ id: 'C' }, cse)],
    ['the hosting CSE as an AE', () => aeIdentity({ id: '/Sin' }, '/Sin')],
    ['the hosting CSE as a remote one', () => cseIdentity({ id: '/id-in' }, cse)],
    ['a CSE-ID that a topic shows as an AE', () => cseIdentity({ id: '/Cgate' }, cse)],
    ['a CSE-ID that a topic shows as an AE in a longer form', () => cseIdentity({ id: '/id-in/Cgate' }, cse)],
    ['a Credential-ID with a wildcard', () => registrationIdentity({ id: '+' }, cse)],
    ['a Credential-ID of several levels', () => registrationIdentity({ id: 'a/b' }, cse)],
    ['a user name with a wildcard', () => aeIdentity({ id: 'Cpump', name: '#' }, cse)],
    ['a user name that begins a file line', () => serviceIdentity({ id: 'a:b' })],
    ['a user name that is too long', () => serviceIdentity({ id: 'x'.repeat(129) })],
  ];
  for (const [what, make] of refused) it(`is refused for ${what}`, () => assert.throws(make, WrongArgument));
});

const hash = (name: string, until?: number): PasswordHash => ({
  iterations: 1,
  salt: name,
  hash: name,
  ...(until === undefined ? {} : { until }),
});

const pump: Credential = {
  name: 'Cpump@id-in',
  kind: 'ae',
  cse: 'id-in',
  levels: ['Cpump'],
  passwords: [hash('first')],
  createdAt: 1,
};

describe('rotation', () => {
  const rotate = (current: Credential | undefined, overlap: number) =>
    rotated(pump.name, current, { password: hash('next'), overlap, now }).passwords;

  it('leaves the old password until the overlap ends', () => {
    assert.deepEqual(rotate(pump, 60), [hash('next'), hash('first', now + 60)]);
  });

  it('never makes an old password last longer than it did, and forgets those that have ended', () => {
    const twice = { ...pump, passwords: [hash('second'), hash('first', now + 5), hash('zeroth', now)] };
    assert.deepEqual(rotate(twice, 60), [hash('next'), hash('second', now + 60), hash('first', now + 5)]);
  });

  it('without an overlap ends the old ones at once', () => assert.deepEqual(rotate(pump, 0), [hash('next')]));

  it('is refused for one that is not in force, or has no password', () => {
    assert.throws(() => rotate(undefined, 0), /There is no credential Cpump@id-in/);
    assert.throws(() => rotate({ ...pump, revokedAt: 5 }, 0), /is revoked/);
    assert.throws(() => rotate({ ...pump, expiresAt: now }, 0), /is expired/);
    assert.throws(() => rotate({ ...pump, passwords: [] }, 0), /only its certificate/);
  });
});

describe('revocation and names', () => {
  it('is for good and forgets the passwords', () => {
    const ended = revoked(pump.name, pump, now);
    assert.deepEqual(ended, { ...pump, passwords: [], revokedAt: now });
    assert.equal(revoked(pump.name, ended, now + 1), undefined);
    assert.throws(() => revoked(pump.name, undefined, now), /There is no credential/);
  });

  it('a name is given again only where it is not in force and somebody says so', () => {
    assertFree(pump.name, undefined, false, now);
    assert.throws(() => assertFree(pump.name, pump, true, now), /is taken: rotate it/);
    const ended = { ...pump, revokedAt: 5 };
    assert.throws(() => assertFree(pump.name, ended, false, now), /is revoked: say --replace/);
    assertFree(pump.name, ended, true, now);
    assertFree(pump.name, { ...pump, expiresAt: now }, true, now);
  });

  it('its state is that of the moment', () => {
    assert.equal(stateOf({ ...pump, expiresAt: now + 1 }, now), 'in force');
    assert.equal(stateOf({ ...pump, expiresAt: now }, now), 'expired');
    assert.equal(stateOf({ ...pump, expiresAt: now, revokedAt: now }, now), 'revoked');
  });
});

describe('a list', () => {
  it('tells everything but hashes and salts', () => {
    const secret: PasswordHash = { iterations: 101, salt: 'SALT', hash: 'HASH' };
    const all = [{ ...pump, expiresAt: now * 2, passwords: [secret, { ...secret, until: now + 60_000 }] }];
    const texts = [credentialTable(all, now), JSON.stringify(all.map((each) => credentialJson(each, now)))];
    for (const text of texts) {
      assert.doesNotMatch(text, /SALT|HASH/);
      for (const part of ['Cpump@id-in', '/id-in', '1970-01-01T00:33:20Z', '1970-01-01T00:17:40Z', 'in force']) {
        assert.ok(text.includes(part), `${part} in ${text}`);
      }
    }
  });
});
