/** What runs: the version has one source, package.json; the commit is that of the checkout, or what the build wrote down. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));

export function productVersion(): string {
  return (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }).version;
}

/** 12 digits of the commit: from the file `COMMIT` of a build, else from git; `unknown` where neither is there. */
export function productCommit(): string {
  const commit = readLine('COMMIT') ?? commitOfCheckout();
  return commit !== undefined && /^[0-9a-f]{12,64}$/.test(commit) ? commit.slice(0, 12) : 'unknown';
}

function commitOfCheckout(): string | undefined {
  const head = readLine('.git/HEAD');
  const reference = head?.startsWith('ref: ') === true ? head.slice('ref: '.length) : undefined;
  if (reference === undefined) return head;
  return readLine(join('.git', reference)) ?? packedCommit(reference);
}

function packedCommit(reference: string): string | undefined {
  const lines = readText('.git/packed-refs')?.split('\n') ?? [];
  return lines.find((line) => line.endsWith(` ${reference}`))?.split(' ')[0];
}

function readLine(path: string): string | undefined {
  return readText(path)?.split('\n')[0]?.trim();
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}
