/** From the URL of a database to the options of its client. */
import type { ClientConfig } from 'pg';
import { type Address, asAddress } from '../../platform/addresses.ts';
import { lastGood, pathsOf, readTlsFiles, type TlsFiles } from '../../platform/files.ts';

/** Where to connect, and as whom. */
export type PostgresTarget = Required<Pick<ClientConfig, 'host' | 'port' | 'user' | 'database' | 'ssl'>> &
  Pick<ClientConfig, 'password' | 'options'>;

export interface PostgresSource {
  /** For the connection that is made next: reads secrets and certificates anew. */
  current(): PostgresTarget;
  /** Files whose change means that connections are to be made anew. */
  files: readonly string[];
}

const parameters = ['ca', 'cert', 'key', 'insecure', 'sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'host', 'options'];
/** What the words of libpq mean here: whoever asks for TLS gets a checked certificate. */
const modes: Record<string, boolean> = { disable: false, require: true, 'verify-ca': true, 'verify-full': true };

/**
 * Reads `postgres://user:password@host:5432/name?sslmode=verify-full&ca=/path/ca.pem`. Parameters: `sslmode` (disable,
 * require, verify-ca, verify-full: the last three check the certificate and its name), `ca`, `cert`, `key` (PEM files; libpq's
 * names sslrootcert, sslcert, sslkey too), `insecure=1` (TLS with any certificate), `host` (of a socket), `options`. One of
 * the TLS parameters is enough to ask for TLS; nothing falls back to less. Throws an Error that names what is wrong, never a
 * password.
 */
export function postgresSource(given: string | Address): PostgresSource {
  const address = asAddress(given);
  const current = lastGood(() => readTarget(address));
  current();
  const { tls } = takeApart(address.url);
  return { current, files: [...(address.files ?? []), ...(tls === undefined ? [] : pathsOf(tls))] };
}

function readTarget({ url: text, password }: Address): PostgresTarget {
  const { url, tls } = takeApart(text);
  const user = decodeURIComponent(url.username);
  const secret = password ?? decodeURIComponent(url.password);
  const options = url.searchParams.get('options');
  return {
    host: url.searchParams.get('host') ?? decodeURIComponent(url.hostname.replace(/^\[|\]$/g, '')),
    port: url.port === '' ? 5432 : Number(url.port),
    user,
    database: decodeURIComponent(url.pathname.slice(1)) || user,
    // False, not absent: PGSSLMODE would decide.
    ssl: tls === undefined ? false : readTlsFiles(tls),
    ...(secret === '' ? {} : { password: secret }),
    ...(options === null ? {} : { options }),
  };
}

function takeApart(text: string): { url: URL; tls: TlsFiles | undefined } {
  // libpq lets a user stand before no host, where `host` names a socket.
  const url = URL.parse(text.replace('@/', '@localhost/'));
  if (url === null || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new Error('a database address must be a URL like postgres://user@host/name');
  }
  const query = url.searchParams;
  for (const name of query.keys()) {
    if (!parameters.includes(name)) throw new Error(`unknown parameter ${name} in the address of the database`);
  }
  return { url, tls: tlsOf(query) };
}

function tlsOf(query: URLSearchParams): TlsFiles | undefined {
  const files: TlsFiles = {};
  for (const [name, libpq] of [
    ['ca', 'sslrootcert'],
    ['cert', 'sslcert'],
    ['key', 'sslkey'],
  ] as const) {
    const file = query.get(name) ?? query.get(libpq);
    if (file !== null) files[name] = file;
  }
  if (query.get('insecure') === '1') files.insecure = true;
  const named = Object.keys(files).length > 0;
  const mode = query.get('sslmode');
  const wanted = mode === null ? named : modes[mode];
  if (wanted === undefined) {
    throw new Error(
      `sslmode=${mode} would fall back to less; say disable, or verify-full (with insecure=1: unchecked)`,
    );
  }
  if (!wanted && named) throw new Error('certificates in the address of the database need sslmode=verify-full');
  return wanted ? files : undefined;
}
