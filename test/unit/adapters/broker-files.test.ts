/** The files for Mosquitto and HiveMQ CE, as far as no broker is needed; the real ones judge them in test/parts. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { renderAccessFiles as renderHiveMq } from '../../../services/adapters/hivemq/access-files.ts';
import { renderAccessFiles as renderMosquitto } from '../../../services/adapters/mosquitto/access-files.ts';
import type { AccessFile } from '../../../services/ports/access-file.ts';
import type { Credential } from '../../../services/ports/credential-store.ts';
import { allCredentials, hashOf } from '../../fixtures/broker-access/credentials.ts';
import { scope } from '../../fixtures/broker-access/identities.ts';

const [first, second, third] = allCredentials() as [Credential, Credential, Credential];

function textOf(files: readonly AccessFile[], name: string): string {
  const file = files.find((each) => each.name === name);
  assert.ok(file);
  return file.text;
}

for (const [broker, render] of Object.entries({ mosquitto: renderMosquitto, hivemq: renderHiveMq })) {
  describe(`files for ${broker}`, () => {
    it('leave out who is revoked or has expired at that moment, and keep who is not yet', () => {
      const credentials = [{ ...first, revokedAt: 5 }, { ...second, expiresAt: 6 }, third];
      const all = (now: number) =>
        render(credentials, scope, now)
          .map(({ text }) => text)
          .join('');
      assert.deepEqual([all(4).includes(first.name), all(5).includes(first.name)], [true, false]);
      assert.deepEqual([all(5).includes(second.name), all(6).includes(second.name)], [true, false]);
      assert.equal(all(6).includes(third.name), true);
    });

    it('mark what holds hashes as secret, and nothing else holds any', () => {
      for (const { secret, text } of render(allCredentials(), scope, 1)) {
        assert.equal(text.includes(first.passwords[0]?.hash ?? ''), secret);
      }
    });
  });
}

describe('two passwords during a rotation', () => {
  const [newer, older] = [hashOf('newer'), hashOf('older', 9)];
  const rotated = [{ ...first, passwords: [newer, older] }];

  it('Mosquitto gets the newest', () => {
    const text = textOf(renderMosquitto(rotated, scope, 1), 'passwords');
    assert.equal(text, `${first.name}:$7$101$${newer.salt}$${newer.hash}\n`);
  });

  it('HiveMQ gets both with their ends, until then', () => {
    const passwords = (now: number) =>
      textOf(renderHiveMq(rotated, scope, now), 'in-cse-access.txt')
        .split('\n')
        .filter((line) => line.startsWith('password'));
    assert.deepEqual(passwords(8), [
      `password\t101\t${newer.salt}\t${newer.hash}\t-`,
      `password\t101\t${older.salt}\t${older.hash}\t9`,
    ]);
    assert.equal(passwords(9).length, 1);
  });

  it('without a password only the certificate is accepted, so Mosquitto has a role and no line', () => {
    const files = renderMosquitto([{ ...first, passwords: [] }], scope, 1);
    assert.equal(textOf(files, 'passwords'), '');
    assert.ok(textOf(files, 'dynamic-security.json').includes(first.name));
  });
});
