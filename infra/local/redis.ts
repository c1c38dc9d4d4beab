/** Redis: one node. */
import { freePorts } from './free-ports.ts';
import { type Part, startNodes } from './part.ts';
import { locateTool } from './prerequisites.ts';
import { Program } from './program.ts';
import { openWorkFolder } from './work-folder.ts';

export interface RedisOptions {
  /** Bytes; the least recently used goes first. 64 MB by default. */
  maximumMemory?: number;
}

/** The url is `redis://host:port`. It keeps nothing over a restart: a cache. */
export async function startRedis(options: RedisOptions = {}): Promise<Part> {
  const { maximumMemory = 64 * 1024 * 1024 } = options;
  const [port = 0] = await freePorts(1);
  const folder = openWorkFolder('redis');
  const url = `redis://127.0.0.1:${port}`;
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: folder.path,
    save: '',
    appendonly: 'no',
    daemonize: 'no',
    maxmemory: String(maximumMemory),
    'maxmemory-policy': 'allkeys-lru',
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
