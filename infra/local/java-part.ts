/** Jars and launcher of a part that runs on Java, fetched and compiled once into `.cache/java`. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const sources = join(import.meta.dirname, 'java');
const cache = join(import.meta.dirname, '..', '..', '.cache', 'java');

export const javaParts = ['kafka', 'artemis', 'hivemq', 'zipkin'] as const;
export type JavaPart = (typeof javaParts)[number];

/**
 * Arguments for `java` up to the main class. A part of its own folder `java/<part>`: a pom.xml that names its jars and, where
 * it has one, a launcher. What was made of them is kept as long as neither changes. Needs Maven and a JDK the first time.
 */
export async function javaArguments(part: JavaPart, heap: string): Promise<string[]> {
  const ready = await prepareJavaPart(part);
  const logging = join(sources, part, 'log4j2.properties');
  return [
    '-Xms64m',
    `-Xmx${heap}`,
    // Small and quick to start: the machine is shared with everything else.
    '-XX:+UseSerialGC',
    '-XX:TieredStopAtLevel=1',
    '-Xshare:auto',
    // Would leave a file in the system's temporary folder when killed.
    '-XX:-UsePerfData',
    '-Djava.net.preferIPv4Stack=true',
    ...(existsSync(logging) ? [`-Dlog4j2.configurationFile=${logging}`] : []),
    '-cp',
    `${join(ready, 'classes')}:${join(ready, 'lib', '*')}`,
  ];
}

/** Fetches and compiles unless that was done; returns the folder with `lib` and `classes`. Safe in several processes. */
export async function prepareJavaPart(part: JavaPart): Promise<string> {
  const source = join(sources, part);
  const files = readdirSync(source).filter((name) => name === 'pom.xml' || name.endsWith('.java'));
  const hash = createHash('sha256');
  for (const name of files.sort()) hash.update(readFileSync(join(source, name)));
  const ready = join(cache, part, hash.digest('hex').slice(0, 16));
  if (existsSync(ready)) return ready;
  mkdirSync(join(cache, part), { recursive: true });
  // Made aside and renamed, so that a half-made one is never used.
  const making = mkdtempSync(join(cache, part, 'making-'));
  try {
    await fetchJars(source, making);
    await compile(source, making, files);
    renameSync(making, ready);
  } catch (error) {
    rmSync(making, { recursive: true, force: true });
    // Another process may have been quicker.
    if (!existsSync(ready)) throw error;
  }
  return ready;
}

async function fetchJars(source: string, into: string): Promise<void> {
  const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${join(into, 'lib')}`, '-DincludeScope=runtime'];
  try {
    await run('mvn', ['-B', '-q', '-ntp', '-f', join(source, 'pom.xml'), ...goal], { maxBuffer: 1 << 26 });
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    const first = `${stdout ?? ''}${stderr ?? ''}`.split('\n').find((line) => line.startsWith('[ERROR]'));
    throw new Error(`Maven could not fetch what ${source}/pom.xml names: ${first ?? String(error)}`);
  }
}

async function compile(source: string, into: string, files: string[]): Promise<void> {
  const launchers = files.filter((name) => name.endsWith('.java')).map((name) => join(source, name));
  mkdirSync(join(into, 'classes'));
  if (launchers.length === 0) return;
  const options = ['--release', '17', '-cp', join(into, 'lib', '*'), '-d', join(into, 'classes')];
  await run('javac', [...options, ...launchers]);
}
