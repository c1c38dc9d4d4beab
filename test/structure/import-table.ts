/** Which room may import what (docs: the table of rooms). Types count like everything else. There are no exceptions. */
import { posix } from 'node:path';

/** Where a file belongs: a room of services (`adapters/kafka` is one), or `infra`, `load`, `test`. */
export interface Place {
  room: string;
  /** A process's main.ts, which puts the parts together. */
  main: boolean;
}

interface Rule {
  /** Rooms, beside its own; `adapters` means each of them. */
  rooms: readonly string[];
  /** Packages of npm. */
  packages: 'none' | 'all' | readonly string[];
  /** `node:*`. */
  node: boolean;
}

const flows = ['ingress', 'resource-worker', 'responder', 'broker-access'];
const innerRooms = ['core', 'contracts', 'codecs', 'ports', 'platform'];

/**
 * The clients that an adapter is there for. `pglite` is a second engine below the SQL of `postgres` and needs no exception:
 * both sides know only the port `SqlDatabase`, and who composes them (embedded, tests) imports both.
 */
const clients: Record<string, readonly string[]> = {
  aedes: ['aedes', 'ws'],
  file: ['proper-lockfile'],
  kafka: ['kafkajs'],
  memory: ['lru-cache', 'rate-limiter-flexible'],
  mqtt: ['mqtt'],
  pglite: ['@electric-sql/pglite'],
  postgres: ['pg', 'postgrator'],
  redis: ['ioredis', 'rate-limiter-flexible'],
};

/** The one parser of a codec. */
const parsers: Record<string, string> = { xml: 'fast-xml-parser' };

const flowRule: Rule = { rooms: innerRooms, packages: 'none', node: true };

const rules: Record<string, Rule> = {
  core: { rooms: [], packages: 'none', node: false },
  platform: { rooms: [], packages: 'all', node: true },
  contracts: { rooms: ['core'], packages: 'none', node: true },
  codecs: { rooms: ['core'], packages: 'none', node: true },
  ports: { rooms: ['core'], packages: 'none', node: true },
  ingress: flowRule,
  'resource-worker': flowRule,
  responder: flowRule,
  // Tells brokers who may connect and do what.
  'broker-access': flowRule,
  // Composes the three flows.
  embedded: { rooms: [...innerRooms, ...flows, 'adapters'], packages: 'all', node: true },
  // Starts any process.
  cli: { rooms: [...innerRooms, ...flows, 'adapters', 'embedded', 'infra'], packages: 'all', node: true },
  infra: { rooms: [], packages: 'all', node: true },
  load: { rooms: [...innerRooms, ...flows, 'adapters', 'embedded', 'cli', 'infra'], packages: 'all', node: true },
  test: {
    rooms: [...innerRooms, ...flows, 'adapters', 'embedded', 'cli', 'infra', 'load'],
    packages: 'all',
    node: true,
  },
};

export function placeOf(file: string): Place {
  const [top = '', room = '', adapter = ''] = file.split('/');
  if (top !== 'services') return { room: top, main: false };
  if (room === 'adapters') return { room: `adapters/${adapter}`, main: false };
  return { room, main: file === `services/${room}/main.ts` };
}

function ruleOf({ room, main }: Place, file: string): Rule | undefined {
  if (room.startsWith('adapters/')) {
    const packages = clients[room.slice('adapters/'.length)] ?? [];
    return { rooms: ['ports', 'contracts', 'core', 'platform'], packages, node: true };
  }
  if (main && flows.includes(room)) return { rooms: [...innerRooms, 'adapters'], packages: 'all', node: true };
  const rule = rules[room];
  if (room !== 'codecs' || rule === undefined) return rule;
  const parser = Object.entries(parsers).find(([codec]) => posix.basename(file).startsWith(codec))?.[1];
  return parser === undefined ? rule : { ...rule, packages: [parser] };
}

/** Package of a bare specifier: `@scope/name/path` is `@scope/name`. */
export function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

/** Why `file` must not import `specifier`; undefined if it may. */
export function importFault(file: string, specifier: string): string | undefined {
  const place = placeOf(file);
  const rule = ruleOf(place, file);
  if (rule === undefined) return `${file}: ${place.room} is not a room of the house`;
  const fault = `${file}: ${place.room} must not import ${specifier}`;
  if (specifier.startsWith('node:')) return rule.node ? undefined : fault;
  if (!specifier.startsWith('.')) {
    if (rule.packages === 'all') return undefined;
    return rule.packages !== 'none' && rule.packages.includes(packageOf(specifier)) ? undefined : fault;
  }
  const target = placeOf(posix.join(posix.dirname(file), specifier));
  if (target.room === place.room) return undefined;
  const room = target.room.startsWith('adapters/') ? 'adapters' : target.room;
  return rule.rooms.includes(room) ? undefined : fault;
}
