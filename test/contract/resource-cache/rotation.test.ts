/** Password, user and certificates of the cache are replaced while it is in use (issue 4, part 1). */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Part } from '../../../infra/local/part.ts';
import { startRedis } from '../../../infra/local/redis.ts';
import { openRedisCache } from '../../../services/adapters/redis/resource-cache.ts';
import { redisAddressOf } from '../../../services/platform/addresses.ts';
import { redisSettings } from '../../../services/platform/setting-pieces.ts';
import { readSettings } from '../../../services/platform/settings.ts';
import type { ResourceCache } from '../../../services/ports/resource-cache.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { openSecretFiles, type SecretFiles, watchInterval } from '../../parts/secret-files.ts';
import { withParts } from '../../parts/with-parts.ts';

const { skip } = withParts({ redis: true }, { own: true });

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(10)) if (await isTrue()) return;
  assert.fail(`in vain: ${what}`);
}

describe('ResourceCache: redis over TLS, secrets are replaced', { skip }, () => {
  reportContract('resource-cache', 'redis');
  let files: SecretFiles;
  let part: Part;
  let cache: ResourceCache;
  let admin: Redis;
  let connections = 0;

  before(async () => {
    files = await openSecretFiles('app');
  });
  after(() => files?.remove());
  afterEach(async () => {
    await cache?.close();
    admin?.disconnect();
    await part?.stop();
  });

  async function open(clientCertificate: boolean, look = watchInterval): Promise<void> {
    const { certificates, client } = files;
    part = await startRedis({ secured: { certificates, user: 'app', password: 'first', clientCertificate } });
    const port = new URL(part.url).port;
    const certificate = clientCertificate ? `&cert=${client.certFile}&key=${client.keyFile}` : '';
    const address = redisAddressOf(
      readSettings(redisSettings, {
        environment: {
          IN_CSE_REDIS_URL_FILE: files.write(
            'url',
            `rediss://app@localhost:${port}/0?ca=${certificates.caFile}${certificate}\n`,
          ),
          IN_CSE_REDIS_PASSWORD_FILE: files.write('password', 'first\n'),
        },
      }),
    );
    assert.ok(address !== undefined);
    connections = 0;
    cache = await openRedisCache({
      url: address,
      timeLimit: 2000,
      watchInterval: look,
      log: (_, message) => {
        if (message === 'the cache is connected') connections += 1;
      },
    });
    await works();
  }

  async function works(): Promise<void> {
    const version = Date.now();
    await until('a value that comes back', async () => {
      await cache.put([{ key: 'k', version, value: String(version) }]);
      return (await cache.get(['k']))[0] === String(version);
    });
  }

  function asAdmin(password: string): Redis {
    admin = new Redis(part.url.replace('first', password).replace(/\?.*/, ''), {
      tls: { rejectUnauthorized: false },
      retryStrategy: () => null,
    });
    return admin;
  }

  it('a password: the connection is made anew with the new one', async () => {
    await open(false);
    await asAdmin('first').acl('SETUSER', 'app', 'resetpass', '>second');
    files.write('password', 'second');
    await until('another connection', () => connections === 2);
    await works();
  });

  it('a user, and the old one thrown out: goes on as soon as the files have the new one, without watching', async () => {
    await open(false, 1e9);
    const commands = asAdmin('first');
    await commands.acl('SETUSER', 'other', 'on', '>third', '~*', '&*', '+@all');
    files.write('url', `rediss://other@127.0.0.1:${new URL(part.url).port}/0?ca=${files.certificates.caFile}`);
    files.write('password', 'third');
    await commands.acl('DELUSER', 'app').catch(() => undefined);
    await until('another connection', () => connections === 2);
    await works();
  });

  it('authority, server and client certificate: goes on over a server that was started with the new ones', async () => {
    await open(true);
    await files.replaceCertificates();
    await part.restart();
    await until('another connection', () => connections >= 2);
    await works();
  });

  it('a server whose certificate is not of our authority is not used, unless it is said (insecure)', async () => {
    await open(false);
    const address = new URL(part.url);
    address.search = '';
    const refused = await openRedisCache({ url: address.href });
    assert.equal(refused.ready(), false);
    await refused.close();
    const unchecked = await openRedisCache({ url: `${address.href}?insecure=1` });
    assert.equal(unchecked.ready(), true);
    await unchecked.close();
  });
});
