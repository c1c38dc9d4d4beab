/**
 * What the real parts need on this machine: finds it, installs it where that is allowed, or says in one line what is missing.
 * A container engine is never asked: what is called docker may have none behind it.
 *
 *   node infra/local/prerequisites.ts [--install] [part …]
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export type PartName = 'kafka' | 'artemis' | 'hivemq' | 'zipkin' | 'mosquitto' | 'postgres' | 'redis';
/** Parts, and the clients of others that a test drives us with. */
export type Need = PartName | 'mosquitto-clients' | 'paho-mqtt';

interface Requirement {
  /** As a person would call it. */
  what: string;
  /** Debian packages that bring it. */
  packages: string[];
  present(): boolean;
}

const java: Requirement[] = [
  { what: 'Java 17 or newer (JDK)', packages: ['default-jdk-headless'], present: hasJava },
  { what: 'Maven', packages: ['maven'], present: () => locateTool('mvn') !== undefined },
];

const requirements: Record<Need, Requirement[]> = {
  kafka: java,
  artemis: java,
  hivemq: java,
  zipkin: java,
  mosquitto: [
    {
      what: 'Mosquitto',
      packages: ['mosquitto'],
      present: () => locateTool('mosquitto') !== undefined && locateTool('mosquitto_passwd') !== undefined,
    },
  ],
  postgres: [{ what: 'PostgreSQL 15 or newer (server)', packages: ['postgresql'], present: hasPostgres }],
  redis: [{ what: 'Redis', packages: ['redis-server'], present: () => locateTool('redis-server') !== undefined }],
  'mosquitto-clients': [
    {
      what: 'mosquitto_pub and mosquitto_sub',
      packages: ['mosquitto-clients'],
      present: () => locateTool('mosquitto_pub') !== undefined && locateTool('mosquitto_sub') !== undefined,
    },
  ],
  'paho-mqtt': [
    {
      what: 'Python 3 with paho-mqtt',
      packages: ['python3', 'python3-paho-mqtt'],
      present: () => locatePythonWithPaho() !== undefined,
    },
  ],
};

export const allNeeds = Object.keys(requirements) as Need[];

/** Path of an executable: of PostgreSQL's own folders (newest first), of PATH, or where Debian puts servers. */
export function locateTool(name: string): string | undefined {
  const path = (process.env.PATH ?? '').split(delimiter);
  const folders = [...postgresFolders(), ...path, '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function postgresFolders(): string[] {
  const root = '/usr/lib/postgresql';
  let versions: string[];
  try {
    versions = readdirSync(root);
  } catch {
    return [];
  }
  const numbers = versions.map(Number).filter((version) => version >= 15);
  return numbers.sort((a, b) => b - a).map((version) => join(root, String(version), 'bin'));
}

function hasPostgres(): boolean {
  const postgres = locateTool('postgres');
  return postgres !== undefined && locateTool('initdb') !== undefined && firstNumber(postgres, '--version') >= 15;
}

function hasJava(): boolean {
  return locateTool('javac') !== undefined && firstNumber('java', '-version') >= 17;
}

/** Of what the program says about its version; 0 if it cannot be run. */
function firstNumber(command: string, option: string): number {
  const { stdout, stderr } = spawnSync(command, [option], { encoding: 'utf8' });
  return Number(/\d+/.exec(`${stdout ?? ''}${stderr ?? ''}`)?.[0] ?? 0);
}

/** A Python that has paho-mqtt: the system's own may have it where the first on PATH has not. */
export function locatePythonWithPaho(): string | undefined {
  return ['python3', '/usr/bin/python3'].find(
    (python) => spawnSync(python, ['-c', 'import paho.mqtt.client'], { stdio: 'ignore' }).status === 0,
  );
}

/** One line about what is missing for `needs` and the command that installs it; undefined if all is there. */
export function missingLine(needs: readonly Need[]): string | undefined {
  const lacking = needs.filter((need) => requirements[need].some((each) => !each.present()));
  if (lacking.length === 0) return undefined;
  const missing = missingRequirements(needs);
  const command = `apt-get install -y --no-install-recommends ${packagesOf(missing).join(' ')}`;
  return `${lacking.join(', ')}: missing ${missing.map(({ what }) => what).join(', ')}. Install: sudo ${command}`;
}

function missingRequirements(needs: readonly Need[]): Requirement[] {
  return [...new Set(needs.flatMap((need) => requirements[need]))].filter((each) => !each.present());
}

function packagesOf(missing: Requirement[]): string[] {
  return [...new Set(missing.flatMap(({ packages }) => packages))];
}

/** In CI nothing may be missing, and everything may be installed. */
export function isCi(): boolean {
  return process.env.CI === 'true';
}

/**
 * Installs what is missing for `needs` by apt, as root or by a sudo that asks nothing. Does nothing elsewhere; ask
 * `missingLine` afterwards. Output of apt is shown only if it fails.
 */
export function installMissing(needs: readonly Need[]): void {
  const packages = packagesOf(missingRequirements(needs));
  if (packages.length === 0 || locateTool('apt-get') === undefined) return;
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  for (const step of [['update', '-qq'], install]) {
    const [command = '', ...args] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...step];
    const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
    if (status !== 0) process.stderr.write(`apt-get ${step.join(' ')} failed\n${error?.message ?? stdout + stderr}\n`);
  }
}

function main(args: string[]): void {
  const named = args.filter((arg) => !arg.startsWith('--'));
  const unknown = named.filter((name) => !allNeeds.includes(name as Need));
  if (unknown.length > 0) {
    process.stderr.write(`unknown: ${unknown.join(', ')}; known: ${allNeeds.join(', ')}\n`);
    process.exitCode = 2;
    return;
  }
  const needs = named.length > 0 ? (named as Need[]) : allNeeds;
  if (args.includes('--install')) installMissing(needs);
  const line = missingLine(needs);
  process.stdout.write(`${line ?? 'everything is there'}\n`);
  if (line !== undefined) process.exitCode = 1;
}

if (import.meta.main) main(process.argv.slice(2));
