import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { postgresSource } from '../../../../services/adapters/postgres/address.ts';

describe('the address of the database', () => {
  const folder = mkdtempSync(join(tmpdir(), 'postgres-'));
  const ca = join(folder, 'ca.pem');
  writeFileSync(ca, 'authority');
  after(() => rmSync(folder, { recursive: true }));

  it('names host, port, user, password and database, decoded', () => {
    const { current, files } = postgresSource('postgres://us%40er:p%2Fw%3Ad@db:6432/the%20name');
    const target = { host: 'db', port: 6432, user: 'us@er', password: 'p/w:d', database: 'the name', ssl: false };
    assert.deepEqual(current(), target);
    assert.deepEqual(files, []);
    const short = { host: '::1', port: 5432, user: 'app', database: 'app', ssl: false };
    assert.deepEqual(postgresSource('postgresql://app@[::1]').current(), short);
    assert.equal(postgresSource('postgres://u@/x?host=/run/postgresql').current().host, '/run/postgresql');
  });

  it('takes a password that is said beside it first', () => {
    assert.equal(postgresSource({ url: 'postgres://u:old@db', password: 'new' }).current().password, 'new');
  });

  it('asks for TLS in several ways, all of which check the certificate', () => {
    for (const query of [
      `?ca=${ca}`,
      `?sslrootcert=${ca}`,
      `?sslmode=require&ca=${ca}`,
      `?sslmode=verify-full&ca=${ca}`,
    ]) {
      const { current, files } = postgresSource(`postgres://u@db/x${query}`);
      assert.deepEqual(current().ssl, { rejectUnauthorized: true, ca: Buffer.from('authority') }, query);
      assert.deepEqual(files, [ca]);
    }
    assert.deepEqual(postgresSource('postgres://u@db/x?sslmode=require').current().ssl, { rejectUnauthorized: true });
  });

  it('checks no certificate only where that is said in so many words', () => {
    for (const query of ['?insecure=1', '?sslmode=require&insecure=1']) {
      assert.deepEqual(postgresSource(`postgres://u@db/x${query}`).current().ssl, { rejectUnauthorized: false });
    }
  });

  it('is refused with a reason that holds no password', () => {
    const wrong: [string, RegExp][] = [
      ['mysql://u:secret@db', /must be a URL/],
      ['postgres://u:secret@db/x?sslmode=prefer', /fall back to less/],
      ['postgres://u:secret@db/x?sslmode=no-verify', /fall back to less/],
      [`postgres://u:secret@db/x?sslmode=disable&ca=${ca}`, /need sslmode=verify-full/],
      ['postgres://u:secret@db/x?sslmod=verify-full', /unknown parameter sslmod/],
      ['postgres://u:secret@db/x?ca=/nowhere', /ENOENT/],
    ];
    for (const [url, reason] of wrong) {
      assert.throws(
        () => postgresSource(url),
        (error: Error) => reason.test(error.message) && !error.message.includes('secret'),
        url,
      );
    }
  });

  it('stays what it was while its files are away', () => {
    const { current } = postgresSource(`postgres://u@db/x?ca=${ca}`);
    rmSync(ca);
    assert.equal(String((current().ssl as { ca: Buffer }).ca), 'authority');
    writeFileSync(ca, 'another');
    assert.equal(String((current().ssl as { ca: Buffer }).ca), 'another');
  });
});
