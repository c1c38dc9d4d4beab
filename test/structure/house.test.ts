import assert from 'node:assert/strict';
import { basename, dirname } from 'node:path';
import { describe, it } from 'node:test';
import { codeOnly, projectFiles, readProjectFile, sourceFiles } from './sources.ts';

const sources = sourceFiles().map((file) => ({ file, text: readProjectFile(file) }));

/** `file:line` of every match in the code of every source that `counts` names. */
function findInCode(pattern: RegExp, counts: (file: string) => boolean = () => true): string[] {
  return sources.filter(({ file }) => counts(file)).flatMap(({ file, text }) => linesOf(file, codeOnly(text), pattern));
}

function linesOf(file: string, text: string, pattern: RegExp): string[] {
  return text.split('\n').flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1}`] : []));
}

const kebab = /^[a-z0-9]+(-[a-z0-9]+)*$/;
// In the place of a type; a variable may have that name.
const typeAny = /(?:[:<|&]|\bas|=>)\s*any\b(?!\s*[(=:?.])|,\s*any\s*>|\bany\[\]/;
const defaultExport = /\bexport\s+default\b|\bas\s+default\b/;
const environment = /\bprocess\s*\.\s*env\b|\bprocess\s*\[\s*'|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/;

describe('names', () => {
  it('has no room for everything and nothing', () => {
    const folders = new Set(projectFiles().flatMap((file) => dirname(file).split('/')));
    assert.deepEqual(
      ['utils', 'util', 'common', 'helpers', 'shared', 'misc', 'lib'].filter((name) => folders.has(name)),
      [],
    );
  });

  it('writes folders and files in kebab case', () => {
    const odd = sourceFiles().filter((file) => {
      const name = basename(file).replace(/(\.test|\.d)?\.m?[jt]s$/, '');
      return ![...dirname(file).split('/'), name].every((part) => kebab.test(part));
    });
    assert.deepEqual(odd, []);
  });

  it('has named exports only', () => {
    assert.ok(defaultExport.test('export default function f() {}'));
    assert.deepEqual(findInCode(defaultExport), []);
  });
});

describe('sources', () => {
  it('are files of one idea: none has more than 400 lines', () => {
    const long = sources.map(({ file, text }) => ({ file, lines: text.trimEnd().split('\n').length }));
    assert.deepEqual(
      long.filter(({ lines }) => lines > 400),
      [],
    );
  });

  it('never say any', () => {
    for (const line of ['let a: any', 'x as any', 'Map<string, any>', 'any[]']) assert.ok(typeAny.test(line), line);
    for (const line of ['Promise.any(x)', 'many', 'any(of)', '{ any: 1 }', 'if (!any) return'])
      assert.ok(!typeAny.test(line), line);
    assert.deepEqual(findInCode(typeAny), []);
  });

  it('read the environment in configuration only', () => {
    for (const line of ['process.env.CI', "process['env']", 'const { env } = process'])
      assert.ok(environment.test(line));
    const configuration =
      /^(services\/platform\/settings[^/]*\.ts|services\/[^/]+\/config\.ts|infra\/.*|test\/.*|load\/.*)$/;
    assert.deepEqual(
      findInCode(environment, (file) => !configuration.test(file)),
      [],
    );
  });

  it('make no promise for later', () => {
    const promise = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'HA' + 'CK'].join('|')})\\b`);
    const found = sources.flatMap(({ file, text }) => linesOf(file, text, promise));
    assert.deepEqual(found, []);
  });
});

describe('contract suites', () => {
  it('report first, so that no test is missing in the table adapter × contract', () => {
    const suites = sources.filter(({ file }) => file.startsWith('test/contract/'));
    const beginnings = suites.flatMap(({ file, text }) =>
      [...text.matchAll(/^ {0,2}describe\(.*\n(.*)/gm)].map((match) => ({ file, first: (match[1] ?? '').trim() })),
    );
    assert.ok(beginnings.length >= 8);
    assert.deepEqual(
      beginnings.filter(({ first }) => !first.startsWith('reportContract(')),
      [],
    );
  });
});

describe('what is committed', () => {
  it('names no place of one machine', () => {
    // Written in pieces, so that this file does not name them either.
    const places = [
      '(^|[\\s\'"`(=:])/wo' + 'rk(/|\\b)',
      '\\.\\./sha' + 'red/',
      'sha' + 'red/(design|spec|bench|local)',
    ];
    const pattern = new RegExp(places.join('|'));
    assert.ok(pattern.test('see /wo' + 'rk/main'));
    const texts = projectFiles().filter((file) => !/\.(png|ico|gz|zip|woff2?)$/.test(file));
    assert.deepEqual(
      texts.flatMap((file) => linesOf(file, readProjectFile(file), pattern)),
      [],
    );
  });

  it('fetches packages from the public registry', () => {
    const lock = readProjectFile('package-lock.json');
    const hosts = [...lock.matchAll(/"resolved": "https?:\/\/([^/"]+)/g)].map((match) => match[1]);
    assert.deepEqual(
      hosts.filter((host) => host !== 'registry.npmjs.org'),
      [],
    );
  });
});
