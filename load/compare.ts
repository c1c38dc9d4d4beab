/**
 * The benchmark of this checkout against that of another one, side by side: in turn, so that a machine whose speed drifts
 * drifts for both, with the ratio of each pair.
 *
 *   npm run compare -- ../before [--rounds 3] [-- cluster --concurrency 32,256 --seconds 5]
 *
 * Everything behind the second `--` goes to both benchmarks as it is.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readArguments } from './arguments.ts';
import type { BenchReport, Measurement } from './bench-report.ts';

/** What is compared, of one workload at one concurrency. */
interface Figures {
  perSecond: number;
  p50: number;
  cpuMicros: number;
}

const here = join(import.meta.dirname, '..');

function runBenchmark(checkout: string, args: readonly string[], file: string): Map<string, Figures> {
  const node = join(checkout, 'node_modules', '.bin', 'node');
  const { status, stderr } = spawnSync(node, [join(checkout, 'load', 'bench.ts'), ...args, '--json', file], {
    cwd: checkout,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (status !== 0) throw new Error(`the benchmark of ${checkout} failed: ${stderr.slice(-2000)}`);
  const { measurements } = JSON.parse(readFileSync(file, 'utf8')) as BenchReport;
  const ours = measurements.filter(({ subject }) => subject === 'in-cse');
  return new Map(ours.map((each) => [`${each.workload}, c=${each.concurrency}`, figuresOf(each)]));
}

function figuresOf({ perSecond, p50, cpuMicros }: Measurement): Figures {
  return { perSecond, p50, cpuMicros: Object.values(cpuMicros).reduce((sum, each) => sum + each, 0) };
}

/** Who begins alternates, since a machine may be slower after its first minutes. */
function runPair(other: string, args: readonly string[], round: number, folder: string) {
  const run = (checkout: string, name: string) => runBenchmark(checkout, args, join(folder, `${name}-${round}.json`));
  if (round % 2 === 0) {
    const before = run(other, 'other');
    return { before, after: run(here, 'here') };
  }
  const after = run(here, 'here');
  return { before: run(other, 'other'), after };
}

function summary(pairs: readonly { before: Map<string, Figures>; after: Map<string, Figures> }[]): string[] {
  const keys = [...(pairs[0]?.after.keys() ?? [])];
  return keys.map((key) => {
    const ratio = (name: keyof Figures) => {
      const ratios = pairs.flatMap(({ before, after }) => {
        const [b, a] = [before.get(key), after.get(key)];
        return a === undefined || b === undefined ? [] : [a[name] / b[name]];
      });
      return spread(ratios);
    };
    return `| ${key} | ${ratio('perSecond')} | ${ratio('p50')} | ${ratio('cpuMicros')} |`;
  });
}

function spread(values: number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
  return `${middle.toFixed(2)} (${(sorted[0] ?? Number.NaN).toFixed(2)}–${(sorted.at(-1) ?? Number.NaN).toFixed(2)})`;
}

function main(): void {
  const own = process.argv.slice(2);
  const split = own.indexOf('--');
  const { values, positionals } = readArguments({
    args: split < 0 ? own : own.slice(0, split),
    allowPositionals: true,
    options: { rounds: { type: 'string', default: '3' } },
  });
  const [other] = positionals;
  if (other === undefined) {
    console.error('name the other checkout, with its packages installed: npm run compare -- ../before');
    process.exit(2);
  }
  const args = split < 0 ? ['cluster', '--concurrency', '32,256', '--seconds', '5'] : own.slice(split + 1);
  const folder = mkdtempSync(join(tmpdir(), 'in-cse-compare-'));
  try {
    const pairs = Array.from({ length: Number(values.rounds) }, (_, round) => {
      console.error(`round ${round + 1}`);
      return runPair(resolve(other), args, round, folder);
    });
    console.log(`Here against ${other}: median ratio of ${pairs.length} pairs (least–most). ${args.join(' ')}\n`);
    console.log('| workload | requests/s | p50 | Node CPU a request |\n| --- | --- | --- | --- |');
    for (const line of summary(pairs)) console.log(line);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main();
