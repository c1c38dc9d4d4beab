/**
 * Runs everything that `npm test` promises, section after section, and prints one line per test file, what failed in full, the
 * table adapter × contract, and a total.
 *
 *   node test/run.ts [--only unit,contract] [--install]
 */
import { spawn } from 'node:child_process';
import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { javaParts, prepareJavaPart } from '../infra/local/java-part.ts';
import { allNeeds, installMissing, isCi, missingLine } from '../infra/local/prerequisites.ts';
import { openWorkFolder } from '../infra/local/work-folder.ts';
import { contractMatrix, contractReportVariable, readContractRows } from './parts/contract-report.ts';
import { runFiles } from './run-files.ts';
import { addCounts, type Counts, countLines, noCounts, type SectionResult, seconds, totalLine } from './run-totals.ts';

interface Section {
  name: string;
  files: string[];
  /** Programs that count as a test each: what they print is shown if they fail. */
  programs?: { name: string; command: string[] }[];
  /** Test files at a time. Two fill two cores; where a file starts a whole cluster, one. */
  concurrency: number;
}

const root = join(import.meta.dirname, '..');
const tool = (name: string) => join(root, 'node_modules', '.bin', name);

const sections: Section[] = [
  {
    name: 'check',
    programs: [
      { name: 'tsc --noEmit', command: [tool('tsc'), '--noEmit'] },
      { name: 'biome ci', command: [tool('biome'), 'ci', '--colors=off', '.'] },
    ],
    files: ['test/structure/**/*.test.ts'],
    concurrency: 2,
  },
  { name: 'unit', files: ['test/unit/**/*.test.ts'], concurrency: 2 },
  { name: 'parts', files: ['test/parts/**/*.test.ts'], concurrency: 1 },
  { name: 'contract', files: ['test/contract/**/*.test.ts'], concurrency: 2 },
  { name: 'fuzz', files: ['test/fuzz/**/*.test.ts'], concurrency: 1 },
  { name: 'simulation', files: ['test/simulation/**/*.test.ts'], concurrency: 2 },
  { name: 'system', files: ['test/system/**/*.test.ts'], concurrency: 1 },
  { name: 'kills', files: ['test/kills/**/*.test.ts'], concurrency: 1 },
  { name: 'foreign', files: ['test/foreign/**/*.test.ts'], concurrency: 1 },
];

/** Sections that want real parts: only for them is it worth looking for what is missing. */
const wantParts = ['parts', 'contract', 'system', 'kills', 'foreign'];

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, install: { type: 'boolean', default: false } } });
  const chosen = values.only?.split(',') ?? sections.map(({ name }) => name);
  const unknown = chosen.filter((name) => !sections.some((section) => section.name === name));
  if (unknown.length > 0) {
    console.error(`no section ${unknown.join(', ')}; there are ${sections.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  if (chosen.some((name) => wantParts.includes(name))) await prepareMachine(values.install);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

  const folder = openWorkFolder('run');
  const report = join(folder.path, 'contracts.jsonl');
  process.env[contractReportVariable] = report;
  const begun = performance.now();
  const results: SectionResult[] = [];
  try {
    for (const section of sections.filter(({ name }) => chosen.includes(name))) {
      if (!interrupted.signal.aborted) results.push(await runSection(section, interrupted.signal));
    }
    if (existsSync(report))
      console.log(`\nadapter × contract, tests passed/total\n${contractMatrix(readContractRows(report))}`);
  } finally {
    await folder.remove();
  }
  const total = results.map(({ counts }) => counts).reduce(addCounts, noCounts);
  console.log('');
  for (const { name, counts, milliseconds } of results) {
    console.log(`${name.padEnd(12)} ${totalLine(counts).padEnd(40)} ${seconds(milliseconds)}`);
  }
  console.log(countLines(total, performance.now() - begun));
  console.log(totalLine(total));
  if (interrupted.signal.aborted) return 130;
  if (total.tests === 0) console.error('no test was found');
  return total.failed > 0 || total.tests === 0 ? 1 : 0;
}

/** Parts may be installed in CI, or if asked for; elsewhere one line says what is missing, and its tests are skipped. */
async function prepareMachine(install: boolean): Promise<void> {
  if (install || isCi()) installMissing(allNeeds);
  const line = missingLine(allNeeds);
  if (line !== undefined) console.log(`${isCi() ? 'missing' : 'some tests will be skipped'}: ${line}`);
  // One after the other, before tests want them at the same time: Maven's own store is not made for that.
  for (const part of javaParts) {
    if (missingLine([part]) === undefined) await prepareJavaPart(part);
  }
}

async function runSection(section: Section, signal: AbortSignal): Promise<SectionResult> {
  const { name, programs = [], concurrency } = section;
  const begun = performance.now();
  console.log(`\n== ${name}`);
  let counts: Counts = noCounts;
  for (const program of programs) counts = addCounts(counts, await runProgram(program.name, program.command, signal));
  const files = globSync(section.files, { cwd: root }).sort();
  if (files.length > 0) {
    const paths = files.map((file) => join(root, file));
    counts = addCounts(counts, await runFiles(paths, { root, concurrency, signal }));
  } else if (programs.length === 0) console.log('no test files yet');
  const milliseconds = performance.now() - begun;
  if (counts.tests > 0) console.log(countLines(counts, milliseconds));
  return { name, counts, milliseconds };
}

async function runProgram(name: string, [command = '', ...args]: string[], signal: AbortSignal): Promise<Counts> {
  const begun = performance.now();
  const child = spawn(command, args, { cwd: root, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  const code = await new Promise<number | null>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(null);
    });
    child.once('close', resolve);
  });
  const passed = code === 0;
  console.log(`${passed ? 'ok  ' : 'FAIL'} ${name} (${seconds(performance.now() - begun)})`);
  if (!passed) console.log(output.trimEnd());
  return { ...noCounts, tests: 1, passed: passed ? 1 : 0, failed: passed ? 0 : 1 };
}

process.exitCode = await main();
