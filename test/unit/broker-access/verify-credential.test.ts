/** Who is let in (promise 4; issue 4 §1): in force, by password or certificate, and a refusal costs the same for everybody. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  endOf,
  nameOfAttempt,
  stillInForce,
  verifyCredential,
} from '../../../services/broker-access/verify-credential.ts';
import type { ConnectAttempt } from '../../../services/ports/broker-access.ts';
import type { Credential } from '../../../services/ports/credential-store.ts';
import { identities } from '../../fixtures/broker-access/identities.ts';
import { credentialOf, hashOf, passwordOf, quickChecks } from './support.ts';

const { pump, valve } = identities;
const password = passwordOf(pump);
const now = 1000;

async function outcome(credential: Credential | undefined, attempt: ConnectAttempt): Promise<string> {
  const verdict = await verifyCredential(credential, attempt, now, quickChecks());
  if ('refused' in verdict) return verdict.refused;
  return verdict.password === undefined ? 'certificate' : 'password';
}

describe('a credential', () => {
  const byPassword = { name: pump.name, password };
  const byCertificate = { commonName: pump.name };
  const revoked = { revokedAt: 1 };
  const rows: [what: string, Credential | undefined, ConnectAttempt, expected: string][] = [
    ['the right password', credentialOf(pump), byPassword, 'password'],
    ['a wrong password', credentialOf(pump), { ...byPassword, password: 'x' }, 'wrong password'],
    ['no password', credentialOf(pump), { name: pump.name }, 'no password'],
    ['an empty password', credentialOf(pump), { name: pump.name, password: '' }, 'no password'],
    ['a name that does not exist', undefined, byPassword, 'unknown name'],
    ['one that was revoked', credentialOf(pump, revoked), byPassword, 'revoked'],
    ['a certificate of one that was revoked', credentialOf(pump, revoked), byCertificate, 'revoked'],
    ['one that has expired', credentialOf(pump, { expiresAt: now }), byPassword, 'expired'],
    ['one that expires later', credentialOf(pump, { expiresAt: now + 1 }), byPassword, 'password'],
    ['a certificate', credentialOf(pump), byCertificate, 'certificate'],
    ['a certificate where there is no password', credentialOf(pump, { passwords: [] }), byCertificate, 'certificate'],
    ['a password where there is none', credentialOf(pump, { passwords: [] }), byPassword, 'wrong password'],
    ['a certificate beside the right password', credentialOf(pump), { ...byPassword, ...byCertificate }, 'password'],
    [
      'a certificate beside a wrong password',
      credentialOf(pump),
      { ...byPassword, password: 'x', ...byCertificate },
      'wrong password',
    ],
    [
      'the old password after a rotation, for a while',
      credentialOf(pump, { passwords: [hashOf('new'), hashOf(password, { until: now + 1 })] }),
      byPassword,
      'password',
    ],
    [
      'the old password when that is over',
      credentialOf(pump, { passwords: [hashOf('new'), hashOf(password, { until: now })] }),
      byPassword,
      'wrong password',
    ],
  ];
  for (const [what, credential, attempt, expected] of rows) {
    it(`${what}: ${expected}`, async () => assert.equal(await outcome(credential, attempt), expected));
  }

  it('is checked as long for a name that does not exist as for one that does', async () => {
    const checks = quickChecks();
    await verifyCredential(undefined, byPassword, now, checks);
    assert.deepEqual([checks.matched, checks.pretended], [0, 1]);
    await verifyCredential(credentialOf(pump), { ...byPassword, password: 'x' }, now, checks);
    assert.deepEqual([checks.matched, checks.pretended], [1, 1]);
    await verifyCredential(credentialOf(pump, { passwords: [] }), byPassword, now, checks);
    await verifyCredential(credentialOf(pump, revoked), byPassword, now, checks);
    assert.deepEqual([checks.matched, checks.pretended], [2, 2]);
  });

  it('is named by user name or common name, and not by both if they differ', () => {
    assert.deepEqual(nameOfAttempt({ name: 'a' }), { name: 'a' });
    assert.deepEqual(nameOfAttempt({ commonName: 'a' }), { name: 'a' });
    assert.deepEqual(nameOfAttempt({ name: 'a', commonName: 'a' }), { name: 'a' });
    assert.deepEqual(nameOfAttempt({ name: 'a', commonName: 'b' }), { refused: 'two identities' });
    assert.deepEqual(nameOfAttempt({ name: '', password: 'x' }), { refused: 'no identity' });
    for (const name of ['+', '#', 'a/b', '$a', 'a\0', 'a b', 'x'.repeat(129)]) {
      assert.deepEqual(nameOfAttempt({ name }), { refused: 'not a name' }, name);
    }
  });
});

describe('who is connected', () => {
  const admitted = credentialOf(pump);
  const [used] = admitted.passwords;
  const rows: [what: string, Credential | undefined, stays: boolean][] = [
    ['nothing has changed', credentialOf(pump), true],
    ['it is gone', undefined, false],
    ['it was revoked', credentialOf(pump, { revokedAt: 1 }), false],
    ['it has expired', credentialOf(pump, { expiresAt: now }), false],
    ['there is a new password and the old one counts a while', rotated(now + 1), true],
    ['there is a new password and the old one no longer counts', rotated(now), false],
    ['there is another password', credentialOf(pump, { passwords: [hashOf('other')] }), false],
    ['it stands for somebody else', { ...credentialOf(pump), levels: valve.levels }, false],
    ['it is of another kind', { ...credentialOf(pump), kind: 'cse' }, false],
    ['it is at another CSE', { ...credentialOf(pump), cse: 'id-two' }, false],
    ['it registers with another credential', { ...credentialOf(pump), credentialLevel: 'other' }, false],
  ];
  for (const [what, current, stays] of rows) {
    it(`${stays ? 'stays' : 'goes'} when ${what}`, () => {
      assert.equal(stillInForce(current, admitted, used, now), stays);
    });
  }

  it('by certificate stays when passwords change, and goes when it is revoked', () => {
    assert.equal(stillInForce(credentialOf(pump, { passwords: [] }), admitted, undefined, now), true);
    assert.equal(stillInForce(credentialOf(pump, { revokedAt: 1 }), admitted, undefined, now), false);
  });

  it('ends with the credential or the password, whichever is first', () => {
    assert.equal(endOf(admitted, used), undefined);
    assert.equal(endOf(credentialOf(pump, { expiresAt: 7 }), hashOf('x', { until: 5 })), 5);
    assert.equal(endOf(credentialOf(pump, { expiresAt: 3 }), hashOf('x', { until: 5 })), 3);
  });

  function rotated(until: number): Credential {
    return credentialOf(pump, { passwords: [hashOf('new'), hashOf(password, { until })] });
  }
});
