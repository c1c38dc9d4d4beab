import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  createPasswordChecker,
  formatPasswordHash,
  hashPassword,
  mostIterations,
  newPassword,
  parsePasswordHash,
} from '../../../services/platform/password-hash.ts';

const { matches, pretend } = createPasswordChecker();

describe('kept passwords (issue 4 §1: salted hashes by a kept way)', () => {
  it('match themselves, and nothing else', async () => {
    const hash = await hashPassword('geheim', 100);
    assert.equal(await matches('geheim', hash), true);
    for (const other of ['', 'Geheim', 'geheim ', 'geheim!']) assert.equal(await matches(other, hash), false);
  });

  it('are salted: the same password never looks the same, and the salt is what Mosquitto and EMQX can read', async () => {
    const [one, two] = [await hashPassword('x', 100), await hashPassword('x', 100)];
    assert.notEqual(one.hash, two.hash);
    const salt = Buffer.from(one.salt, 'base64');
    assert.equal(salt.length, 12);
    assert.match(salt.toString('latin1'), /^[\x21-\x7e]+$/);
    assert.equal(Buffer.from(one.hash, 'base64').length, 64);
  });

  it('are PBKDF2 with SHA-512: the test vector of a password file that mosquitto_passwd made', async () => {
    const made = {
      iterations: 101,
      salt: '+e+pnP/+GiSwV6/m',
      hash: '+NpYp8bG90LBzOV1Dg4SYTouBc5dEYHDS7hIZuS0w4+3pQ71dKyWrdiAUKWkzBh4Z5u7jSExl0/D2088hdgByw==',
    };
    assert.equal(await matches('secret', made), true);
  });

  it('that nobody has match nothing', async () => {
    assert.equal(await pretend('x'), false);
  });

  it('are drawn long and plain enough for a command line', () => {
    const [one, two] = [newPassword(), newPassword()];
    assert.notEqual(one, two);
    assert.match(one, /^[A-Za-z0-9_-]{32}$/);
    for (let tries = 0; tries < 500; tries++) assert.notEqual(newPassword()[0], '-');
  });

  it('a damaged hash matches nothing', async () => {
    const hash = await hashPassword('x', 100);
    assert.equal(await matches('x', { ...hash, hash: hash.hash.slice(0, 8) }), false);
    assert.equal(await matches('x', { ...hash, hash: '' }), false);
  });

  it('are written and read as Mosquitto has them, and nothing else is read', async () => {
    const hash = await hashPassword('x', 101);
    const text = formatPasswordHash(hash);
    assert.match(text, /^\$7\$101\$[A-Za-z0-9+/]{16}\$[A-Za-z0-9+/]{86}==$/);
    assert.deepEqual(parsePasswordHash(text), hash);
    const wrong = [
      '',
      'secret',
      text.replace('$7$', '$6$'),
      text.replace('$101$', '$0$'),
      text.replace('$101$', '$99999999$'),
      text.replace('$101$', '$1e3$'),
      text.replace(hash.salt, 'c2FsdA=='),
      text.replace(hash.hash, 'aGFzaA=='),
      `${text}\nroot:${text}`,
    ];
    for (const each of wrong) assert.equal(parsePasswordHash(each), undefined, each);
  });

  it('that would keep a core busy for long are not even tried', async () => {
    const hash = await hashPassword('x', 1);
    assert.equal(await matches('x', { ...hash, iterations: mostIterations + 1 }), false);
    assert.equal(await matches('x', { ...hash, iterations: 0.5 }), false);
  });
});
