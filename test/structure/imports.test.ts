import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, posix } from 'node:path';
import { describe, it } from 'node:test';
import { importFault, packageOf } from './import-table.ts';
import { importsOf, readProjectFile, root, sourceFiles } from './sources.ts';

interface Manifest {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}

const imports = sourceFiles().flatMap((file) =>
  importsOf(readProjectFile(file)).map((specifier) => ({ file, specifier })),
);

describe('the table of rooms', () => {
  it('holds for every import, without exceptions', () => {
    const faults = imports.map(({ file, specifier }) => importFault(file, specifier));
    assert.deepEqual(
      faults.filter((fault) => fault !== undefined),
      [],
    );
  });

  it('sees all the sources', () => {
    for (const room of ['core', 'contracts', 'ports', 'platform', 'codecs', 'adapters']) {
      assert.ok(
        sourceFiles().some((file) => file.startsWith(`services/${room}/`)),
        room,
      );
    }
    assert.ok(imports.length > 100);
  });

  it('finds what it forbids', () => {
    const forbidden: [string, string][] = [
      ['services/core/operations/create.ts', 'node:crypto'],
      ['services/core/operations/create.ts', 'zod'],
      ['services/core/operations/create.ts', '../../ports/clock.ts'],
      ['services/contracts/frame.ts', '../ports/clock.ts'],
      ['services/platform/logging.ts', '../core/cse.ts'],
      ['services/codecs/json.ts', 'fast-xml-parser'],
      ['services/codecs/json.ts', '../contracts/frame.ts'],
      ['services/adapters/kafka/client.ts', 'mqtt'],
      ['services/adapters/kafka/client.ts', '../mqtt/line.ts'],
      ['services/adapters/kafka/client.ts', '../../codecs/json.ts'],
      ['services/adapters/pglite/pglite-database.ts', '../postgres/sql-resource-store.ts'],
      ['services/adapters/postgres/sql-resource-store.ts', '@electric-sql/pglite'],
      ['services/ingress/ingress.ts', '../adapters/kafka/client.ts'],
      ['services/ingress/ingress.ts', '../responder/responder.ts'],
      ['services/ingress/ingress.ts', 'mqtt'],
      ['services/ingress/main.ts', '../responder/responder.ts'],
      ['services/ingress/main.ts', '../../test/parts/with-parts.ts'],
      ['services/embedded/main.ts', '../../infra/local/kafka.ts'],
      ['infra/local/kafka.ts', '../../services/core/cse.ts'],
      ['load/bench.ts', '../test/parts/with-parts.ts'],
      ['services/helpers/text.ts', 'node:fs'],
    ];
    for (const [file, specifier] of forbidden)
      assert.ok(importFault(file, specifier) !== undefined, `${file} ${specifier}`);
  });

  it('lets through what it allows', () => {
    const allowed: [string, string][] = [
      ['services/core/operations/create.ts', '../resource.ts'],
      ['services/codecs/xml.ts', 'fast-xml-parser'],
      ['services/codecs/threads/pool.ts', 'node:worker_threads'],
      ['services/adapters/pglite/store.ts', '@electric-sql/pglite/worker'],
      ['services/adapters/kafka/client.ts', '../../ports/request-log.ts'],
      ['services/ingress/steps/admit.ts', '../../codecs/json.ts'],
      ['services/ingress/main.ts', '../adapters/kafka/client.ts'],
      ['services/embedded/main.ts', '../ingress/ingress.ts'],
      ['services/cli/main.ts', '../../infra/local/kafka.ts'],
      ['test/unit/core/create.test.ts', '../../../services/core/cse.ts'],
    ];
    for (const [file, specifier] of allowed) assert.equal(importFault(file, specifier), undefined);
  });

  it('reads imports in every form', () => {
    const source = `
      import type { A } from './a.ts';
      import {
        b,
        type C,
      } from "./b.ts";
      import './c.ts';
      export * from './d.ts';
      export { e } from './e.ts';
      const f = await import('./f.ts');
      type G = import('./g.ts').G;
      // import './no.ts';
      /* from './no.ts' */
      const text = 'it says // import nothing';
      import h from './h.ts';
    `;
    assert.deepEqual(
      importsOf(source).sort(),
      ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => `./${name}.ts`),
    );
  });
});

describe('imports', () => {
  it('name files that are there, with their ending', () => {
    const missing = imports.filter(
      ({ file, specifier }) =>
        specifier.startsWith('.') && !existsSync(join(root, posix.join(posix.dirname(file), specifier))),
    );
    assert.deepEqual(missing, []);
  });

  it('name packages that package.json has; services none that are for development', () => {
    const { dependencies, devDependencies } = JSON.parse(readProjectFile('package.json')) as Manifest;
    const known = (file: string) =>
      file.startsWith('services/') ? dependencies : { ...dependencies, ...devDependencies };
    const unknown = imports.filter(
      ({ file, specifier }) => !/^(\.|node:)/.test(specifier) && !(packageOf(specifier) in known(file)),
    );
    assert.deepEqual(unknown, []);
  });
});
