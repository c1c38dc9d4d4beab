/** Devices that a guarded broker knows: credentials made in advance, from which tests take theirs. */
import type { BrokerIdentity } from '../../services/core/broker-access/identity.ts';
import type { Credential } from '../../services/ports/credential-store.ts';
import { credentialOf, passwordOf } from '../fixtures/broker-access/credentials.ts';
import type { DeviceOptions } from './device.ts';
import { admin, firstCse } from './settings.ts';
import type { Target } from './system.ts';

type Admission = NonNullable<Target['admission']>;

/** How many AE-IDs of each kind the tests may use up. */
const stems = { C: 300, Sother: 5 };
/** A credential may have one connection at a time (Mosquitto), and several tests at a time are the admin. */
const admins = 8;

export class AdmittedDevices implements Admission {
  readonly identities: readonly BrokerIdentity[];
  readonly #ca: Buffer;
  readonly #used = new Map<string, number>();

  constructor(ca: Buffer) {
    this.#ca = ca;
    this.identities = [
      ...Object.entries(stems).flatMap(([prefix, count]) => numbered(count).map((at) => aeOf(stemOf(prefix, at)))),
      ...numbered(admins).map((at) => aeOf(admin, `${admin}.${at}`)),
      { ...aeOf('mn-other'), kind: 'cse' },
    ];
  }

  credentials(): Credential[] {
    return this.identities.map(credentialOf);
  }

  newStem(prefix: string): string {
    return stemOf(prefix, this.#next(prefix));
  }

  optionsOf(level: string): Partial<DeviceOptions> {
    const known = this.identities.filter(({ levels }) => levels.includes(level));
    const identity = known[this.#next(`at ${level}`) % known.length];
    if (identity === undefined) throw new Error(`nobody is admitted as ${level}: more of that kind are needed`);
    return { tls: { ca: this.#ca }, login: { username: identity.name, password: passwordOf(identity) } };
  }

  #next(what: string): number {
    const count = this.#used.get(what) ?? 0;
    this.#used.set(what, count + 1);
    return count;
  }
}

/** As `in-cse credentials create` names it. */
export function aeOf(stem: string, name = stem): BrokerIdentity {
  const { level } = firstCse;
  return { name: `${name}@${level}`, kind: 'ae', cse: level, levels: [stem, `${level}:${stem}`] };
}

function stemOf(prefix: string, at: number): string {
  return `${prefix}-known${at}`;
}

function numbered(count: number): number[] {
  return Array.from({ length: count }, (_, at) => at);
}
