/**
 * Health of a cluster whose parts go away and come back (issue 4 §4): liveness depends on none of them, readiness fails within
 * seconds and comes back by itself, and what arrives meanwhile is answered with its right code (R29), never 4004.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import pg from 'pg';
import { type Cluster, type ProcessKind, startCluster } from '../../infra/local/cluster.ts';
import { withParts } from '../parts/with-parts.ts';
import { type Answer, Device, until } from './device.ts';

const parts = withParts(
  { mosquitto: true, kafka: { quickFailover: true }, postgres: true, redis: true },
  { own: true },
);

/** Readiness must have failed, and be back, within so many ms; Kafka needs some to elect a coordinator again. */
const seconds = 6000;
const backWithin = 30_000;
/** A probe that hangs must be answered all the same. */
const probeLimit = 2000;

const kinds: ProcessKind[] = ['ingress', 'resource-worker', 'responder'];

describe('health of a cluster', { skip: parts.skip }, () => {
  let cluster: Cluster;
  let device: Device;

  before(async () => {
    const [broker, kafka, postgres, redis] = await Promise.all([
      parts.mosquitto(),
      parts.kafka(),
      parts.postgres(),
      parts.redis(),
    ]);
    cluster = await startCluster({
      parts: { broker, kafka, postgres, redis },
      ingress: 1,
      workers: 1,
      responders: 1,
      partitions: 4,
    });
    device = await Device.open({ url: broker.url, cse: 'id-in', level: 'Chealth' });
    const pc = { 'm2m:ae': { rn: 'health', api: 'Nhealth', rr: true, srv: ['3'] } };
    await device.must(2001, { op: 1, to: 'cse-in', ty: 2, pc });
    await device.must(2001, { op: 1, to: 'cse-in/health', ty: 3, pc: { 'm2m:cnt': { rn: 'kept' } } });
  });
  after(async () => {
    await device?.close();
    await cluster?.stop();
  });

  async function readiness(kind: ProcessKind): Promise<{ status: number; checks: Record<string, boolean> }> {
    const asked = performance.now();
    const response = await fetch(`${cluster.process(kind).adminUrl}/readyz`);
    const { checks } = (await response.json()) as { checks: Record<string, boolean> };
    const took = performance.now() - asked;
    assert.ok(took < probeLimit, `${kind} took ${took} ms to say whether it is ready`);
    return { status: response.status, checks };
  }

  /** Resolves when the check of that name has made the process not ready. Alive it must be all the time. */
  async function failsAt(kind: ProcessKind, check: string): Promise<void> {
    await until(
      `${kind} is not ready because of ${check}`,
      async () => {
        const { status, checks } = await readiness(kind);
        return status === 503 && checks[check] === false;
      },
      seconds,
    );
    const alive = await fetch(`${cluster.process(kind).adminUrl}/livez`);
    assert.equal(alive.status, 200, `${kind} is alive`);
  }

  const staysReady = async (kind: ProcessKind) => assert.equal((await readiness(kind)).status, 200, `${kind} is ready`);

  const isBack = (kind: ProcessKind) =>
    until(`${kind} is ready again`, async () => (await readiness(kind)).status === 200, backWithin);

  function create(con: string): Promise<Answer> {
    return device.request({ op: 1, to: 'cse-in/health/kept', ty: 4, pc: { 'm2m:cin': { con } } }, { every: 2000 });
  }

  /** Shed requests (R29) are answered 5000 and may be repeated; nothing else but the right code may come. */
  async function answeredRightly(first: Promise<Answer>, con: string): Promise<void> {
    let answer = await first;
    for (let tries = 0; answer.rsc === 5000 && tries < 10; tries++) answer = await create(con);
    assert.equal(answer.rsc, 2001, JSON.stringify(answer.pc));
  }

  it('every process reports its part of the path', async () => {
    await answeredRightly(create('measured'), 'measured');
    const expected: Record<ProcessKind, RegExp[]> = {
      ingress: [
        /^incse_ingress_received_total [1-9]/m,
        /^incse_log_append_seconds_count\{log="requests"\} [1-9]/m,
        /^incse_stage_seconds_count\{stage="ingress"\} [1-9]/m,
        /^incse_broker_connected\{direction="receiving"\} 1/m,
        /^incse_broker_connected\{direction="publishing"\} 1/m,
        /^incse_codec_threads\{state="idle"\} 1/m,
        /^incse_cache_ready 1/m,
        /^incse_build_info\{.*service="ingress"\} 1/m,
      ],
      'resource-worker': [
        /^incse_requests_total\{operation="create",type="contentInstance",status="2001"\} [1-9]/m,
        /^incse_requests_total\{operation="create",type="container",status="2001"\} 1/m,
        /^incse_flights_total\{outcome="committed"\} [1-9]/m,
        /^incse_oldest_unprocessed_seconds\{log="requests",partition="3"\} 0/m,
        /^incse_log_partitions_assigned\{log="requests"\} 4/m,
        /^incse_pool_connections\{lane="flight",state="idle"\} 1/m,
        /^incse_cache_requests_total\{cache="partition",result="hit"\} [1-9]/m,
        /^incse_emission_backlog_rows\{partition="0"\} 0/m,
        /^incse_exchanges_open\{purpose="verification"\} 0/m,
      ],
      responder: [
        /^incse_answer_seconds_count [1-9]/m,
        /^incse_outbound_records_total\{result="published"\} [1-9]/m,
        /^incse_oldest_unprocessed_seconds\{log="outbound",partition="3"\} 0/m,
      ],
    };
    for (const kind of kinds) {
      // The device may have its answer before that is counted.
      await until(
        `${kind} reports`,
        async () => {
          const text = await cluster.process(kind).metrics();
          return expected[kind].every((line) => line.test(text));
        },
        seconds,
      ).catch(async (error) => {
        const text = await cluster.process(kind).metrics();
        throw new Error(`${kind} lacks ${expected[kind].filter((line) => !line.test(text)).join(' ')}`, {
          cause: error,
        });
      });
    }
  });

  it('R12: while the database hangs the worker is not ready, and what comes waits', async () => {
    cluster.parts.postgres.pause();
    let isAnswered = false;
    const waiting = create('while the database hung').finally(() => {
      isAnswered = true;
    });
    await failsAt('resource-worker', 'store');
    await staysReady('ingress');
    await staysReady('responder');
    assert.equal(isAnswered, false, 'it waits in the log');
    cluster.parts.postgres.resume();
    await answeredRightly(waiting, 'while the database hung');
    await isBack('resource-worker');
  });

  it('R12: the same where the database is gone', async () => {
    await cluster.parts.postgres.kill();
    const waiting = create('while the database was gone');
    const reading = device.request({ op: 2, to: 'cse-in/health/kept' }, { every: 2000 });
    await failsAt('resource-worker', 'store');
    const age = /incse_oldest_unprocessed_seconds\{log="requests",partition="\d+"\} (?!0$)\S+$/m;
    const worker = cluster.process('resource-worker');
    await until('the age of what waits is reported', async () => age.test(await worker.metrics()), seconds);
    await cluster.parts.postgres.start();
    await answeredRightly(waiting, 'while the database was gone');
    assert.equal((await reading).rsc, 2000, 'never 4004');
    await isBack('resource-worker');
  });

  it('the worker is not ready while migrations are behind', async () => {
    const client = new pg.Client({ connectionString: cluster.parts.postgres.url });
    await client.connect();
    try {
      await client.query('create table aside as select * from schema_version');
      await client.query('delete from schema_version where version = (select max(version) from schema_version)');
      await failsAt('resource-worker', 'store');
      await client.query('truncate schema_version');
      await client.query('insert into schema_version select * from aside');
      await isBack('resource-worker');
    } finally {
      await client.query('drop table aside');
      await client.end();
    }
  });

  it('R28: without the broker ingress and responder are not ready, and what was sent is answered later', async () => {
    await cluster.parts.broker.kill();
    const waiting = create('while the broker was gone');
    await failsAt('ingress', 'mqtt');
    await failsAt('responder', 'mqtt');
    await staysReady('resource-worker');
    await cluster.parts.broker.start();
    await answeredRightly(waiting, 'while the broker was gone');
    await isBack('ingress');
    await isBack('responder');
  });

  it('R28, R29: without Kafka nobody is ready, and what was sent is answered later', async () => {
    await cluster.parts.kafka.kill();
    const waiting = create('while Kafka was gone');
    await Promise.all(kinds.map((kind) => failsAt(kind, 'log')));
    await cluster.parts.kafka.start();
    await answeredRightly(waiting, 'while Kafka was gone');
    await Promise.all(kinds.map(isBack));
    const worker = await readiness('resource-worker');
    assert.equal(worker.checks.partitions, true, 'the worker has its partitions again');
  });

  it('who drains is not ready', async () => {
    // A drain that hangs, because the log does.
    const responder = cluster.process('responder');
    cluster.parts.kafka.pause();
    try {
      process.kill(responder.pid ?? 0, 'SIGTERM');
      await failsAt('responder', 'running');
    } finally {
      cluster.parts.kafka.resume();
    }
    assert.equal(await responder.exited(), undefined, 'it ended by itself');
  });
});
