import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { redisSource } from '../../../../services/adapters/redis/address.ts';

describe('the address of the cache', () => {
  it('names host, port, database, user and password, decoded', () => {
    assert.deepEqual(redisSource('redis://cache').current(), { host: 'cache', port: 6379, db: 0 });
    assert.deepEqual(redisSource('redis://us%40er:p%2Fw@[::1]:7000/3').current(), {
      host: '::1',
      port: 7000,
      db: 3,
      username: 'us@er',
      password: 'p/w',
    });
    assert.equal(redisSource({ url: 'redis://u:old@cache', password: 'new' }).current().password, 'new');
  });

  it('checks certificate and name with rediss, unless it is said in so many words', () => {
    const { tls } = redisSource('rediss://cache').current();
    assert.deepEqual(tls, { rejectUnauthorized: true, servername: 'cache' });
    // An address has no place in SNI (RFC 6066 section 3).
    assert.deepEqual(redisSource('rediss://10.0.0.1/?insecure=1').current().tls, { rejectUnauthorized: false });
  });

  it('is refused with a reason that holds no password', () => {
    const wrong: [string, RegExp][] = [
      ['http://u:secret@cache', /must be a URL/],
      ['redis://u:secret@cache/?ca=x', /need rediss/],
      ['redis://u:secret@cache/?insecure=1', /need rediss/],
      ['rediss://u:secret@cache/?rejectUnauthorized=false', /unknown parameter/],
      ['rediss://u:secret@cache/?ca=/nowhere', /ENOENT/],
    ];
    for (const [url, reason] of wrong) {
      assert.throws(
        () => redisSource(url),
        (error: Error) => reason.test(error.message) && !error.message.includes('secret'),
        url,
      );
    }
  });
});
