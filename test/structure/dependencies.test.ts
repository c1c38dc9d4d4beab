/** What reaches production: pinned, with checksums, under licences that an operator may live with, and without known holes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { readProjectFile } from './sources.ts';

interface LockedPackage {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
}

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const manifest = JSON.parse(readProjectFile('package.json')) as Manifest;
const lock = JSON.parse(readProjectFile('package-lock.json')) as { packages: Record<string, LockedPackage> };
const production = Object.entries(lock.packages).filter(([path, { dev }]) => path !== '' && dev !== true);

/** None of them asks anything of who runs the service. */
const permissive = [
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  '(MIT OR Apache-2.0)',
];

describe('dependencies', () => {
  it('are pinned to one version each', () => {
    for (const [name, version] of Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })) {
      assert.match(version, /^\d+\.\d+\.\d+$/, name);
    }
  });

  it('come with a checksum, from the public registry', () => {
    for (const [path, { integrity, resolved }] of Object.entries(lock.packages)) {
      if (path === '') continue;
      assert.match(integrity ?? '', /^sha512-/, path);
      if (resolved !== undefined) assert.equal(new URL(resolved).host, 'registry.npmjs.org', path);
    }
  });

  it('that reach production are under permissive licences, and run nothing when they are installed', () => {
    assert.ok(production.length > 30);
    for (const [path, { license, hasInstallScript }] of production) {
      assert.ok(permissive.includes(license ?? ''), `${path}: ${license}`);
      assert.notEqual(hasInstallScript, true, path);
    }
  });

  it('that reach production have no known vulnerability (npm audit)', (t) => {
    const { stdout } = spawnSync('npm', ['audit', '--omit=dev', '--json'], { encoding: 'utf8', timeout: 60_000 });
    const report = readReport(stdout);
    // A mirror, or a machine without a network, has no such service: `npm run audit` says so too.
    if (report === undefined) return t.skip('the registry offers no audit');
    assert.deepEqual(Object.keys(report.vulnerabilities), []);
  });
});

function readReport(text: string): { vulnerabilities: object } | undefined {
  try {
    const report = JSON.parse(text) as { vulnerabilities?: object };
    return report.vulnerabilities === undefined ? undefined : { vulnerabilities: report.vulnerabilities };
  } catch {
    return undefined;
  }
}
