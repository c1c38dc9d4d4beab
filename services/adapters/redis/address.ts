/** From the URL of the cache to the options of its client. */
import { isIP } from 'node:net';
import type { RedisOptions } from 'ioredis';
import { type Address, asAddress } from '../../platform/addresses.ts';
import { lastGood, pathsOf, readTlsFiles, type TlsFiles } from '../../platform/files.ts';

/** Where to connect, and as whom. `password` and `tls` are absent where there are none. */
export type RedisTarget = Pick<RedisOptions, 'host' | 'port' | 'username' | 'password' | 'db' | 'tls'>;

export interface RedisSource {
  /** For the connection that is made next: reads secrets and certificates anew. */
  current(): RedisTarget;
  /** Files whose change means that the connection is to be made anew. */
  files: readonly string[];
}

const parameters = ['ca', 'cert', 'key', 'insecure'];

/**
 * Reads `redis://host:6379/0` or `rediss://user:password@host:6380/0?ca=/path/ca.pem`. Parameters of rediss: `ca`, `cert`,
 * `key` (PEM files), `insecure=1` (any certificate); otherwise certificate and name are checked. Throws an Error that names
 * what is wrong, never a password.
 */
export function redisSource(given: string | Address): RedisSource {
  const address = asAddress(given);
  const current = lastGood(() => readTarget(address));
  current();
  const { tls } = takeApart(address.url);
  return { current, files: [...(address.files ?? []), ...(tls === undefined ? [] : pathsOf(tls))] };
}

function readTarget({ url: text, password }: Address): RedisTarget {
  const { url, tls } = takeApart(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const username = decodeURIComponent(url.username);
  const secret = password ?? decodeURIComponent(url.password);
  const database = url.pathname.slice(1);
  return {
    host: host === '' ? 'localhost' : host,
    port: url.port === '' ? 6379 : Number(url.port),
    db: database === '' ? 0 : Number(database),
    ...(username === '' ? {} : { username }),
    ...(secret === '' ? {} : { password: secret }),
    ...(tls === undefined ? {} : { tls: { ...readTlsFiles(tls), ...(isIP(host) === 0 ? { servername: host } : {}) } }),
  };
}

function takeApart(text: string): { url: URL; tls: TlsFiles | undefined } {
  const url = URL.parse(text);
  if (url === null || !/^rediss?:$/.test(url.protocol)) {
    throw new Error('an address of a cache must be a URL like redis://host:6379');
  }
  const query = url.searchParams;
  const encrypted = url.protocol === 'rediss:';
  const files: TlsFiles = {};
  for (const [name, value] of query) {
    if (!parameters.includes(name)) throw new Error(`unknown parameter ${name} in the address of the cache`);
    if (!encrypted) throw new Error('certificates in the address of the cache need rediss://');
    if (name === 'insecure') files.insecure = value === '1';
    else files[name as 'ca' | 'cert' | 'key'] = value;
  }
  return { url, tls: encrypted ? files : undefined };
}
