/** Our access extension for HiveMQ CE, compiled once into `.cache/java` and put into an extensions folder. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { prepareJavaPart } from './java-part.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const source = join(root, 'infra', 'hivemq-extension');
const cache = join(root, '.cache', 'java', 'hivemq-extension');
const packageFolder = join(source, 'incse', 'access');

export const extensionName = 'in-cse-access';

/** Resolves with the extension's folder in `extensions`: hivemq-extension.xml and the jar; the access file is the caller's. */
export async function installExtension(extensions: string): Promise<string> {
  const jar = await buildJar();
  const folder = join(extensions, extensionName);
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(source, 'hivemq-extension.xml'), join(folder, 'hivemq-extension.xml'));
  copyFileSync(jar, join(folder, `${extensionName}.jar`));
  return folder;
}

/** Path of the jar; compiles where the sources have changed. Needs a JDK the first time. Safe in several processes. */
export async function buildJar(): Promise<string> {
  const files = readdirSync(packageFolder).sort();
  const hash = createHash('sha256');
  for (const name of files) hash.update(readFileSync(join(packageFolder, name)));
  const jar = join(cache, `${hash.digest('hex').slice(0, 16)}.jar`);
  if (existsSync(jar)) return jar;
  const lib = join(await prepareJavaPart('hivemq'), 'lib', '*');
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, 'making-'));
  try {
    const classes = join(making, 'classes');
    const sources = files.map((name) => join(packageFolder, name));
    await run('javac', ['--release', '17', '-cp', lib, '-d', classes, ...sources]);
    const made = join(making, 'extension.jar');
    // HiveMQ finds the main class by META-INF/services.
    await run('jar', ['--create', '--file', made, '-C', classes, '.', '-C', source, 'META-INF']);
    renameSync(made, jar);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return jar;
}
