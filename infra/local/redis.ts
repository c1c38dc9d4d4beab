/** Redis: one node. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { type Part, startNodes } from './part.ts';
import { locateTool } from './prerequisites.ts';
import { Program } from './program.ts';
import { openWorkFolder } from './work-folder.ts';

export interface RedisOptions {
  /** Bytes; the least recently used goes first. 64 MB by default. */
  maximumMemory?: number;
  /** TLS only, for one user; the url has the parameters that our client needs. */
  secured?: {
    /** Those of the server are taken up at every start. */
    certificates: Certificates;
    user: string;
    /** The password that the user begins with, also after a restart. */
    password: string;
    /** Clients must show a certificate of the authority. */
    clientCertificate?: boolean;
  };
}

/** The url is `redis://host:port`. It keeps nothing over a restart: a cache. */
export async function startRedis(options: RedisOptions = {}): Promise<Part> {
  const { maximumMemory = 64 * 1024 * 1024, secured } = options;
  const [port = 0] = await freePorts(1);
  const folder = openWorkFolder('redis');
  const url =
    secured === undefined
      ? `redis://127.0.0.1:${port}`
      : `rediss://${secured.user}:${encodeURIComponent(secured.password)}@127.0.0.1:${port}` +
        `/?ca=${secured.certificates.caFile}`;
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder.path,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
    maxmemory: String(maximumMemory),
    'maxmemory-policy': 'allkeys-lru',
    ...(secured === undefined ? {} : secure(folder.path, port, secured)),
  };
  return startNodes({
    name: 'redis',
    url,
    urls: [url],
    folder,
    programs: [
      new Program({
        name: 'redis',
        folder,
        command: locateTool('redis-server') ?? 'redis-server',
        args: Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
        ready: /Ready to accept connections/,
      }),
    ],
  });
}

function secure(
  folder: string,
  port: number,
  { certificates, user, password, clientCertificate = false }: NonNullable<RedisOptions['secured']>,
): Record<string, string> {
  const aclfile = join(folder, 'users.acl');
  writeFileSync(aclfile, `user default off\nuser ${user} on >${password} ~* &* +@all\n`, { mode: 0o600 });
  return {
    port: '0',
    aclfile,
    'tls-port': String(port),
    'tls-ca-cert-file': certificates.caFile,
    'tls-cert-file': certificates.server.certFile,
    'tls-key-file': certificates.server.keyFile,
    'tls-auth-clients': clientCertificate ? 'yes' : 'no',
  };
}
