/** What a benchmark run found, as a table and as JSON. */
import type { LoopResult } from './closed-loop.ts';

export interface Measurement extends LoopResult {
  /** `in-cse`, `bare pipeline`, `echo`. */
  subject: string;
  workload: string;
  concurrency: number;
  /** Node CPU, µs a request, by kind of process; the load client is not among them. */
  cpuMicros: Record<string, number>;
  /** Mean records per batch, by stage. */
  batches?: Record<string, number>;
}

export interface BenchReport {
  mode: string;
  /** One node is the development setting, three with RF 3 and min ISR 2 the promised one. */
  kafka: string;
  broker: string;
  node: string;
  cpus: string;
  measurements: Measurement[];
}

/** Share of the same load on another subject, in percent. */
export function shareOf(report: BenchReport, measurement: Measurement, subject: string): number | undefined {
  const other = report.measurements.find(
    (each) =>
      each.subject === subject &&
      each.concurrency === measurement.concurrency &&
      // The bare pipeline and the echo know one workload: creates, spread.
      (each.workload === measurement.workload || each.workload === 'create-spread'),
  );
  return other === undefined || other.perSecond === 0 ? undefined : (measurement.perSecond / other.perSecond) * 100;
}

const columns = [
  'subject',
  'workload',
  'c',
  'req/s',
  'p50',
  'p95',
  'p99',
  'CPU µs',
  '% bare',
  '% echo',
  'lost',
  'batches',
];

export function tableOf(report: BenchReport): string {
  const rows = report.measurements.map((each) => [
    each.subject,
    each.workload,
    String(each.concurrency),
    each.perSecond.toFixed(0),
    each.p50.toFixed(1),
    each.p95.toFixed(1),
    each.p99.toFixed(1),
    sum(each.cpuMicros).toFixed(0),
    percent(each.subject === 'in-cse' ? shareOf(report, each, 'bare pipeline') : undefined),
    percent(each.subject === 'in-cse' ? shareOf(report, each, 'echo') : undefined),
    String(each.unanswered + sum(each.unexpected)),
    Object.entries(each.batches ?? {})
      .map(([stage, records]) => `${stage} ${records.toFixed(1)}`)
      .join(', '),
  ]);
  const widths = columns.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(columns), ...rows.map(line)].join('\n');
}

/** CPU by kind of process, a line for each measurement of the product. */
export function cpuLines(report: BenchReport): string {
  return report.measurements
    .filter(({ subject }) => subject !== 'echo')
    .map(({ subject, workload, concurrency, cpuMicros }) => {
      const parts = Object.entries(cpuMicros).map(([kind, micros]) => `${kind} ${micros.toFixed(0)}`);
      return `${subject} ${workload} c=${concurrency}: ${parts.join(', ')} µs a request`;
    })
    .join('\n');
}

function sum(values: Record<string, number>): number {
  return Object.values(values).reduce((total, value) => total + value, 0);
}

function percent(share: number | undefined): string {
  return share === undefined ? '' : `${share.toFixed(0)} %`;
}
