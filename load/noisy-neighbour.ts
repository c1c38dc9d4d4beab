/**
 * What a noisy neighbour costs the others: quiet AEs create at a steady rate, first alone, then beside one that sends 5,000
 * requests a second, in the same run. Open loop on both sides: nobody waits for answers before the next request. On a machine
 * that also runs the broker and both clients, much of the difference is theirs: so also beside a neighbour that sends what it
 * may, and the rest to an echo, which costs broker and clients as much. What is left is what the excess costs in the CSE.
 *
 *   npm run noise                         the embedded process
 *   npm run noise -- cluster              1+1+1 processes on Mosquitto, Kafka, Postgres and Redis of this machine
 *     --rate 5000  --originators 1  --seconds 20  --rounds 3
 *     --cse              the noise comes from a CSE of its own, of whose originators (64) none sends much; it has a quota
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { readArguments } from './arguments.ts';
import { startClusterSubject, startEmbeddedSubject } from './bench-subject.ts';
import { ask, connectAes } from './closed-loop.ts';
import { echoCse, startEcho } from './echo.ts';

interface Cse {
  /** In topics. */
  level: string;
  name: string;
}

const cse: Cse = { level: 'id-in', name: 'cse-in' };
const noisyCse: Cse = { level: 'id-noisy', name: 'cse-noisy' };
/** What an operator would grant it on a machine like this: requests/s. */
const noisyQuota = 200;
/** What one originator may send, as by default: requests/s. */
const originatorRate = 100;
const environment = {
  IN_CSE_ORIGINATOR_RATE: String(originatorRate),
  IN_CSE_MORE_CSES: JSON.stringify([
    { cseId: `/${noisyCse.level}`, cseName: noisyCse.name, spId: '//sp-noisy.example', quotaRequests: noisyQuota },
  ]),
};
const quietAes = 16;
/** Each of them, a second. */
const quietRate = 5;

interface Quiet {
  p50: number;
  p99: number;
  unanswered: number;
  refused: number;
  sent: number;
  /** Of the machine's CPU time, 0 … 1: beyond some 0.8 what is measured is the queue for a CPU. */
  busy: number;
}

/** Requests/s. */
interface NoiseTerms {
  toCse: number;
  toEcho: number;
  seconds: number;
}

interface Noise {
  /** To the CSE. */
  sent: number;
  /** Answers by status code; 0: none in ten seconds (the embedded broker reads no faster of who is refused). */
  codes: Record<string, number>;
}

type Connections = Awaited<ReturnType<typeof connectAes>>;

async function register(connections: Connections, stems: readonly string[], { name }: Cse): Promise<void> {
  const must = async (index: number, rqi: string, primitive: object) => {
    const connection = connections[index];
    const code = connection && (await ask(connection, stems[index] ?? '', `${process.pid}.${rqi}`, primitive));
    if (code !== 2001) throw new Error(`the preparation got ${String(code)}`);
  };
  for (const [index, stem] of stems.entries()) {
    const body = { 'm2m:ae': { rn: stem, api: 'Nnoise', rr: true, srv: ['3'] } };
    await must(index, `a${stem}`, { op: 1, ty: 2, to: name, pc: body });
    await must(index, `c${stem}`, { op: 1, ty: 3, to: `${name}/${stem}`, pc: { 'm2m:cnt': { rn: 'c', mni: 100 } } });
  }
}

const creation = (stem: string, { name }: Cse) => ({
  op: 1,
  ty: 4,
  rcn: 0,
  to: `${name}/${stem}/c`,
  pc: { 'm2m:cin': { con: '21.5' } },
});

/** Sends at a steady rate whatever comes back, and tells of every answer. */
async function send(
  connections: Connections,
  stems: readonly string[],
  terms: { perSecond: number; seconds: number; at: Cse },
  answered: (code: number | undefined, took: number) => void,
): Promise<number> {
  const tick = 5;
  const run = `${process.pid.toString(36)}${Date.now().toString(36)}`;
  const begun = performance.now();
  const pending: Promise<void>[] = [];
  let sent = 0;
  for (;;) {
    const elapsed = performance.now() - begun;
    if (elapsed >= terms.seconds * 1000) break;
    for (const due = (elapsed / 1000) * terms.perSecond; sent < due; sent++) {
      const index = sent % stems.length;
      const connection = connections[index];
      if (connection === undefined) continue;
      const at = performance.now();
      const stem = stems[index] ?? '';
      pending.push(
        ask(connection, stem, `${run}.${sent}`, creation(stem, terms.at)).then((code) =>
          answered(code, performance.now() - at),
        ),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, tick));
  }
  await Promise.all(pending);
  return sent;
}

async function measureQuiet(connections: Connections, stems: readonly string[], seconds: number): Promise<Quiet> {
  const latencies: number[] = [];
  const result = { unanswered: 0, refused: 0 };
  const before = machineTimes();
  const sent = await send(connections, stems, { perSecond: quietAes * quietRate, seconds, at: cse }, (code, took) => {
    if (code === 2001) latencies.push(took);
    else if (code === undefined) result.unanswered++;
    else result.refused++;
  });
  const after = machineTimes();
  const busy = 1 - (after.idle - before.idle) / (after.all - before.all);
  latencies.sort((a, b) => a - b);
  const quantile = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? Number.NaN;
  return { p50: quantile(0.5), p99: quantile(0.99), sent, busy, ...result };
}

/** CPU time of the whole machine since it began, ms. */
function machineTimes(): { idle: number; all: number } {
  let [idle, all] = [0, 0];
  for (const { times } of cpus()) {
    idle += times.idle;
    for (const time of Object.values(times)) all += time;
  }
  return { idle, all };
}

/** The noise is made by a process of its own, so that it does not hold up who measures. */
function startNoise(
  url: string,
  at: Cse,
  originators: number,
): { make(terms: NoiseTerms): Promise<Noise>; stop(): Promise<void> } {
  const child: ChildProcess = fork(
    fileURLToPath(import.meta.url),
    ['noise', url, JSON.stringify(at), String(originators)],
    {
      stdio: 'inherit',
    },
  );
  return {
    async make(terms) {
      child.send(terms);
      const [noise] = (await once(child, 'message')) as [Noise];
      return noise;
    },
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

async function serveNoise(url: string, at: Cse, originators: number): Promise<void> {
  const stems = Array.from({ length: originators }, (_, index) => `Cnoise${index}`);
  const connect = (echoed: boolean) =>
    echoed
      ? // Who echoes takes the place of the CSE, so that as many answers come.
        connectAes({ url, cse: echoCse, aes: stems.map((stem) => `${stem}-echo`) })
      : connectAes({ url, cse: at.level, aes: stems });
  const close = (connections: Connections) => Promise.all(connections.map(({ client }) => client.endAsync(true)));
  const make = async ({ toCse, toEcho, seconds }: NoiseTerms) => {
    const codes: Noise['codes'] = {};
    const part = async (echoed: boolean, perSecond: number) => {
      const connections = await connect(echoed);
      const sent = await send(connections, stems, { perSecond, seconds, at }, (code = 0) => {
        if (!echoed) codes[code] = (codes[code] ?? 0) + 1;
      });
      // What was held back goes with the connections: it must not disturb the next measurement.
      await close(connections);
      return sent;
    };
    const [sent] = await Promise.all([part(false, toCse), part(true, toEcho)]);
    process.send?.({ sent, codes } satisfies Noise);
  };
  const registering = await connect(false);
  await register(registering, stems, at);
  await close(registering);
  process.on('message', (task: Parameters<typeof make>[0]) => void make(task));
}

function line(what: string, { p50, p99, busy, sent, unanswered, refused }: Quiet): string {
  const figures = [p50, p99].map((ms) => `${ms.toFixed(1)} ms`.padStart(10)).join(' ');
  return `${what.padEnd(16)}${figures}${`${Math.round(busy * 100)} %`.padStart(8)}   ${sent} sent, ${unanswered} unanswered, ${refused} refused`;
}

function medianOf(values: number[]): string {
  const sorted = [...values].sort((a, b) => a - b);
  return `median ${(sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN).toFixed(2)} of ${sorted.map((each) => each.toFixed(2)).join(', ')}`;
}

async function main(): Promise<void> {
  const { values, positionals } = readArguments({
    allowPositionals: true,
    options: {
      rate: { type: 'string', default: '5000' },
      originators: { type: 'string' },
      cse: { type: 'boolean', default: false },
      seconds: { type: 'string', default: '20' },
      rounds: { type: 'string', default: '3' },
    },
  });
  const [rate, seconds, rounds] = [Number(values.rate), Number(values.seconds), Number(values.rounds)];
  const subject =
    positionals[0] === 'cluster'
      ? await startClusterSubject({ kafka: 1, partitions: 24, limits: true, environment })
      : await startEmbeddedSubject(false, undefined, true, environment);
  const stems = Array.from({ length: quietAes }, (_, index) => `Cquiet${index}`);
  const connections = await connectAes({ url: subject.url, cse: cse.level, aes: stems });
  const echo = await startEcho(subject.url);
  const originators = Number(values.originators ?? (values.cse ? 64 : 1));
  const noise = startNoise(subject.url, values.cse ? noisyCse : cse, originators);
  try {
    await register(connections, stems, cse);
    await measureQuiet(connections, stems, 3);
    console.log(
      `${subject.kafka}; ${quietAes} quiet AEs with ${quietRate} creates/s each; noise ${rate}/s of ${originators} in ${values.cse ? 'another' : 'the same'} CSE`,
    );
    console.log(`${''.padEnd(16)}${'p50'.padStart(10)} ${'p99'.padStart(10)}${'machine'.padStart(8)}`);
    const ratios: { alone: number; permitted: number }[] = [];
    const permitted = values.cse ? noisyQuota : originatorRate;
    const beside = async (toCse: number) => {
      const noisy = noise.make({ toCse, toEcho: rate - toCse, seconds: seconds + 2 });
      await new Promise((resolve) => setTimeout(resolve, 1000));
      return { quiet: await measureQuiet(connections, stems, seconds), made: await noisy };
    };
    for (let round = 0; round < rounds; round++) {
      const alone = await measureQuiet(connections, stems, seconds);
      const modest = await beside(permitted);
      const noisy = await beside(rate);
      console.log(line('alone', alone));
      console.log(line('beside modesty', modest.quiet));
      console.log(line('beside noise', noisy.quiet));
      console.log(`  of ${noisy.made.sent} noisy requests by code: ${JSON.stringify(noisy.made.codes)}`);
      ratios.push({ alone: noisy.quiet.p99 / alone.p99, permitted: noisy.quiet.p99 / modest.quiet.p99 });
    }
    console.log(`p99 beside noise / alone: ${medianOf(ratios.map((each) => each.alone))}`);
    console.log(
      `p99 beside noise / beside ${permitted}/s, the rest to an echo: ${medianOf(ratios.map((each) => each.permitted))}`,
    );
  } finally {
    await noise.stop();
    await echo.stop();
    for (const { client } of connections) await client.endAsync(true);
    await subject.stop();
  }
}

if (process.argv[2] === 'noise') {
  const [url = '', at = '', originators] = process.argv.slice(3);
  await serveNoise(url, JSON.parse(at) as Cse, Number(originators));
} else {
  await main();
  process.exit();
}
