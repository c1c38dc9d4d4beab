/**
 * What tracing costs: CPU per request of an embedded CSE with tracing beside one without, both under the same load at the same
 * moment, so that whatever the machine does otherwise falls on both. They change places from round to round, and every third
 * round is the control: both without. What the control shows is the machine's, and nothing smaller can be told from it.
 * Spans go by OTLP to a collector in this process, whose CPU is not counted.
 *
 *   node load/tracing-cost.ts [--share 0.01] [--rounds 12] [--warm-up 8] [--seconds 12] [--concurrency 128]
 */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readArguments } from './arguments.ts';
import { startEmbeddedSubject } from './bench-subject.ts';
import { startLoadClient } from './client-process.ts';
import { cpuByKind } from './cpu.ts';

/** `null`: the control. Else which of the two places traces. */
type Traced = 0 | 1 | null;

interface Round {
  traced: Traced;
  /** CPU µs a request, by place. */
  micros: [number, number];
}

interface Load {
  environment: Record<string, string>;
  warmUp: number;
  seconds: number;
  concurrency: number;
}

async function startSink() {
  const received = { exports: 0, bytes: 0 };
  const server = createServer((request, response) => {
    received.exports += 1;
    request.on('data', (chunk: Buffer) => {
      received.bytes += chunk.length;
    });
    request.on('end', () => response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, received };
}

/** One of the two: a CSE of its own, and a client of its own. */
async function startPlace(environment: Record<string, string>) {
  const subject = await startEmbeddedSubject(false, undefined, false, environment);
  const client = startLoadClient();
  await client.prepare({ url: subject.url, cse: 'id-in', cseName: 'cse-in', aes: 32, containers: 64 }, true);
  const cpu = () => cpuByKind(subject.processes).embedded ?? 0;
  return {
    /** CPU µs a request. */
    async measure(seconds: number, concurrency: number): Promise<number> {
      const before = cpu();
      const { requests, unanswered, unexpected } = await client.loop('create-spread', concurrency, seconds);
      if (unanswered > 0 || Object.keys(unexpected).length > 0) {
        throw new Error(`not only creates were measured: ${unanswered} unanswered, ${JSON.stringify(unexpected)}`);
      }
      return ((cpu() - before) * 1e6) / requests;
    },
    async stop(): Promise<void> {
      await client.stop();
      await subject.stop();
    },
  };
}

async function runRound(traced: Traced, load: Load): Promise<Round> {
  const off = { OTEL_SDK_DISABLED: 'true' };
  const places = [
    await startPlace(traced === 0 ? load.environment : off),
    await startPlace(traced === 1 ? load.environment : off),
  ] as const;
  try {
    const both = (seconds: number) => Promise.all(places.map((each) => each.measure(seconds, load.concurrency)));
    await both(load.warmUp);
    const [first = 0, second = 0] = await both(load.seconds);
    const what = traced === null ? 'control' : `traced ${traced === 0 ? 'first' : 'second'}`;
    console.error(`${what.padEnd(13)} ${first.toFixed(1)} and ${second.toFixed(1)} µs a request`);
    return { traced, micros: [first, second] };
  } finally {
    await Promise.all(places.map((each) => each.stop()));
  }
}

/** Mean of the logarithms, and its standard error, as factors. */
function summaryOf(name: string, logarithms: readonly number[]): void {
  const count = logarithms.length;
  const mean = logarithms.reduce((sum, each) => sum + each, 0) / count;
  const spread = Math.sqrt(logarithms.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (count - 1));
  const percent = (value: number) => `${((Math.exp(value) - 1) * 100).toFixed(1)} %`;
  console.log(
    `${name}: ${percent(mean)} ± ${((spread / Math.sqrt(count)) * 100).toFixed(1)} % (standard error of ${count}); ` +
      logarithms.map(percent).join(', '),
  );
}

async function main(): Promise<void> {
  const { values } = readArguments({
    options: {
      share: { type: 'string', default: '0.01' },
      rounds: { type: 'string', default: '12' },
      'warm-up': { type: 'string', default: '8' },
      seconds: { type: 'string', default: '12' },
      concurrency: { type: 'string', default: '128' },
    },
  });
  const sink = await startSink();
  const load: Load = {
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: sink.url,
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: values.share,
    },
    warmUp: Number(values['warm-up']),
    seconds: Number(values.seconds),
    concurrency: Number(values.concurrency),
  };
  const order: Traced[] = [0, 1, null];
  const rounds: Round[] = [];
  for (let round = 0; round < Number(values.rounds); round++) {
    rounds.push(await runRound(order[round % order.length] ?? null, load));
  }
  console.log(`share ${values.share}; ${sink.received.exports} exports, ${sink.received.bytes} bytes of spans`);
  const logarithms = (wanted: (round: Round) => boolean) =>
    rounds
      .filter(wanted)
      .map(({ traced, micros: [first, second] }) => Math.log(traced === 0 ? first / second : second / first));
  summaryOf(
    'control, second place against first',
    logarithms(({ traced }) => traced === null),
  );
  summaryOf(
    'CPU per request, with tracing against without',
    logarithms(({ traced }) => traced !== null),
  );
}

await main();
process.exit();
