/**
 * The benchmark: closed loop over MQTT QoS 1 with 32 AEs, and in the same run the ceilings to compare with.
 *
 *   npm run bench                        the embedded process, in memory; with --data in a folder
 *   npm run bench -- cluster             1+1+1 processes on Mosquitto, Kafka, Postgres and Redis of this machine
 *     --kafka 1|3        nodes: 1 is the development setting, 3 (RF 3, min ISR 2) the promised one
 *     --ceiling          also the bare pipeline on the same servers
 *     --concurrency 1,32,256  --seconds 8  --partitions 24  --json FILE
 *     --stored 1000000   first stores so many instances (what does a full store cost?)
 *     --profile DIR      CPU profiles of the processes, and the top ten of each
 */

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { readArguments } from './arguments.ts';
import { type BatchCounts, meanBatches, readBatchCounts } from './batch-sizes.ts';
import { type BenchReport, cpuLines, type Measurement, tableOf } from './bench-report.ts';
import { type BenchSubject, startClusterSubject, startEmbeddedSubject } from './bench-subject.ts';
import { startCeiling } from './ceiling.ts';
import { type LoadClient, startLoadClient, type Workload } from './client-process.ts';
import { cpuByKind } from './cpu.ts';
import { echoCse, startEcho } from './echo.ts';
import { printTopTen } from './profile.ts';

const aes = 32;
const containers = 64;
const workloads: Workload[] = ['create-spread', 'create-hot', 'retrieve-latest'];
/** Before each measurement, so that caches are warm and code is compiled. */
const warmUpSeconds = 2;

interface Run {
  client: LoadClient;
  seconds: number;
  concurrency: number[];
  report: BenchReport;
}

interface Measured {
  subject: string;
  workload: Workload;
  concurrency: number;
  processes: readonly { kind: string; pid: number }[];
  adminUrls?: readonly string[];
  acceptAnything?: boolean;
}

async function measure(run: Run, { adminUrls = [], ...what }: Measured): Promise<void> {
  const { client, seconds, report } = run;
  await client.loop(what.workload, what.concurrency, warmUpSeconds, what.acceptAnything);
  const batchesBefore: BatchCounts = await readBatchCounts(adminUrls);
  const before = cpuByKind(what.processes);
  const result = await client.loop(what.workload, what.concurrency, seconds, what.acceptAnything);
  const after = cpuByKind(what.processes);
  const cpuMicros = Object.fromEntries(
    Object.keys(after).map((kind) => [kind, (((after[kind] ?? 0) - (before[kind] ?? 0)) * 1e6) / result.requests]),
  );
  const { subject, workload, concurrency } = what;
  const measurement: Measurement = { subject, workload, concurrency, cpuMicros, ...result };
  if (adminUrls.length > 0) measurement.batches = meanBatches(batchesBefore, await readBatchCounts(adminUrls));
  report.measurements.push(measurement);
  console.error(
    `${subject} ${workload} c=${concurrency}: ${result.perSecond.toFixed(0)}/s, p50 ${result.p50.toFixed(1)} ms`,
  );
}

async function measureEcho(run: Run, subject: BenchSubject): Promise<void> {
  const echo = await startEcho(subject.url);
  try {
    await run.client.prepare({ url: subject.url, cse: echoCse, cseName: 'cse-in', aes, containers }, false);
    for (const concurrency of run.concurrency) {
      const processes = [{ kind: 'echo', pid: echo.pid }];
      await measure(run, { subject: 'echo', workload: 'create-spread', concurrency, processes, acceptAnything: true });
    }
  } finally {
    await echo.stop();
  }
}

async function measureCeiling(run: Run, subject: BenchSubject): Promise<void> {
  if (subject.ceiling === undefined) throw new Error('the bare pipeline needs the cluster');
  const ceiling = await startCeiling(subject.ceiling);
  try {
    await run.client.prepare({ url: subject.url, cse: subject.ceiling.cse, cseName: 'cse-in', aes, containers }, false);
    for (const concurrency of run.concurrency) {
      const { processes } = ceiling;
      await measure(run, { subject: 'bare pipeline', workload: 'create-spread', concurrency, processes });
    }
  } finally {
    await ceiling.stop();
  }
}

async function measureProduct(run: Run, subject: BenchSubject): Promise<void> {
  const { processes, adminUrls, url } = subject;
  await run.client.prepare({ url, cse: 'id-in', cseName: 'cse-in', aes, containers }, true);
  for (const workload of workloads) {
    for (const concurrency of run.concurrency) {
      await measure(run, { subject: 'in-cse', workload, concurrency, processes, adminUrls });
    }
  }
}

/** Stores instances until there are so many, and measures creates and reads again. */
async function measureFullStore(run: Run, subject: BenchSubject, stored: number): Promise<void> {
  let count = run.report.measurements
    .filter((each) => each.subject === 'in-cse' && each.workload.startsWith('create'))
    .reduce((total, { requests }) => total + requests, 0);
  while (count < stored) {
    count += (await run.client.loop('create-spread', 512, 20)).requests;
    console.error(`${count} instances stored`);
  }
  const { processes, adminUrls } = subject;
  for (const workload of ['create-spread', 'retrieve-latest'] as const) {
    await measure(run, { subject: `in-cse, ${count} stored`, workload, concurrency: 256, processes, adminUrls });
  }
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments({
    allowPositionals: true,
    options: {
      kafka: { type: 'string', default: '1' },
      ceiling: { type: 'boolean', default: false },
      concurrency: { type: 'string', default: '1,32,256' },
      seconds: { type: 'string', default: '8' },
      partitions: { type: 'string', default: '24' },
      json: { type: 'string' },
      stored: { type: 'string' },
      data: { type: 'boolean', default: false },
      profile: { type: 'string' },
    },
  });
  const mode = positionals[0] ?? 'embedded';
  const subject =
    mode === 'cluster'
      ? await startClusterSubject({
          kafka: values.kafka === '3' ? 3 : 1,
          partitions: Number(values.partitions),
          ...(values.profile === undefined ? {} : { profile: values.profile }),
        })
      : await startEmbeddedSubject(values.data, values.profile);
  const client = startLoadClient();
  const report: BenchReport = {
    mode,
    kafka: subject.kafka,
    broker: subject.broker,
    node: process.version,
    cpus: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown'}`,
    measurements: [],
  };
  const run: Run = {
    client,
    seconds: Number(values.seconds),
    concurrency: values.concurrency.split(',').map(Number),
    report,
  };
  try {
    await measureEcho(run, subject);
    if (values.ceiling) await measureCeiling(run, subject);
    await measureProduct(run, subject);
    if (values.stored !== undefined) await measureFullStore(run, subject, Number(values.stored));
  } finally {
    await client.stop();
    await subject.stop();
  }
  console.log(`${report.mode}, ${report.broker}, ${report.kafka}, Node ${report.node}, ${report.cpus}\n`);
  console.log(tableOf(report));
  console.log(`\nNode CPU\n${cpuLines(report)}`);
  if (values.profile !== undefined) printTopTen(values.profile);
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(report, undefined, 2)}\n`);
}

await main();
process.exit();
