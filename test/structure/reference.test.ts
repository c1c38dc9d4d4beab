/** What an operator reads about settings and metrics is complete, and is what the code says. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { knownSettings } from '../../services/cli/commands/known-settings.ts';
import { limitRows } from '../../services/cli/reference/limit-rows.ts';
import type { Setting } from '../../services/platform/setting-types.ts';
import type { SettingDefinitions } from '../../services/platform/settings.ts';
import { projectFiles, readProjectFile, root } from './sources.ts';

/** All that the project defines: what each configuration exports, by `file: name`. */
async function allSettings(): Promise<[place: string, name: string, Setting<unknown>][]> {
  const files = projectFiles().filter((file) => /^services\/.*(config|settings|setting-pieces)\.ts$/.test(file));
  const modules = await Promise.all(
    files.map(async (file) => [file, (await import(join(root, file))) as Record<string, unknown>] as const),
  );
  return modules.flatMap(([file, exported]) =>
    Object.values(exported)
      .filter(isDefinitions)
      .flatMap((definitions) => Object.entries(definitions))
      .map(([name, setting]): [string, string, Setting<unknown>] => [`${file}: ${name}`, name, setting]),
  );
}

function isDefinitions(value: unknown): value is SettingDefinitions {
  if (typeof value !== 'object' || value === null) return false;
  const members = Object.values(value);
  return members.length > 0 && members.every((each) => typeof each === 'object' && each !== null && 'schema' in each);
}

/** Numbers that name something instead of counting it. */
function isName(name: string): boolean {
  return /[pP]ort$/.test(name) || name === 'ordinal';
}

const sentence = /^\S.*\.$/;
const all = await allSettings();

describe('settings', () => {
  it('are found, also those of the processes', () => {
    assert.ok(all.length > 100);
    const files = new Set(all.map(([place]) => place.split(':')[0]));
    for (const room of ['ingress', 'resource-worker', 'responder', 'embedded']) {
      assert.ok(files.has(`services/${room}/config.ts`), room);
    }
  });

  it('say in a sentence what they do', () => {
    const silent = all.filter(([, , setting]) => setting.sentence.length < 10 || !sentence.test(setting.sentence));
    assert.deepEqual(
      silent.map(([place, , setting]) => `${place}: ${setting.sentence}`),
      [],
    );
  });

  it('that are numbers have a unit, unless the number is a name', () => {
    const bare = all.filter(
      ([, name, { type, unit }]) =>
        ['number', 'duration', 'size', 'share'].includes(type) && unit === '' && !isName(name),
    );
    assert.deepEqual(
      bare.map(([place]) => place),
      [],
    );
  });

  it('of every configuration can be given to some process', () => {
    const known = knownSettings();
    assert.deepEqual(
      all.filter(([, name]) => !known.includes(name)).map(([place]) => place),
      [],
    );
  });
});

describe('limits', () => {
  it('say where they are checked, and which setting that exists changes them', () => {
    const files = projectFiles();
    const rows = limitRows();
    assert.ok(rows.length > 20);
    for (const { what, checkedIn, change, bound, beyond } of rows) {
      assert.ok(
        files.some((file) => file.startsWith(`${checkedIn}/`)),
        what,
      );
      assert.ok(bound !== '' && beyond !== '', what);
      const flag = /--([a-z-]+)/.exec(change)?.[1];
      const name = flag?.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
      assert.ok(change === 'fixed' || knownSettings().includes(name ?? ''), `${what}: ${change}`);
    }
  });
});

describe('the pages of the documentation', () => {
  for (const [page, command] of [
    ['docs/settings.md', 'settings'],
    ['docs/metrics.md', 'metrics-table'],
    ['docs/limits.md', 'limits-table'],
  ] as const) {
    it(`${page} is what the code says`, () => {
      const launcher = join(root, 'services', 'cli', 'launch.mjs');
      const printed = execFileSync(process.execPath, [launcher, command], { encoding: 'utf8' });
      assert.equal(readProjectFile(page), printed, `renew it: npx in-cse ${command} > ${page}`);
    });
  }
});
