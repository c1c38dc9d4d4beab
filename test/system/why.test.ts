/** `in-cse why` (issue 4 §4): what became of a request and why it was refused, as an operator asks on a machine that runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { type Cluster, startCluster } from '../../infra/local/cluster.ts';
import { withParts } from '../parts/with-parts.ts';
import { Device } from './device.ts';
import { type EmbeddedProcess, launcher, startEmbeddedProcess } from './embedded-process.ts';

interface Said {
  code: number;
  out: string;
  error: string;
}

/** What it says, and its exit code. */
function why(...options: string[]): Promise<Said> {
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, 'why', ...options], (error, out, text) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, error: text }),
    );
  });
}

const registration = (rn: string) => ({ 'm2m:ae': { rn, api: 'Ntest', rr: true, srv: ['3'] } });
const secret = 'not-to-be-printed';

/** An AE with a container, and a stranger who is refused it. */
async function trespass(owner: Device, stranger: Device): Promise<void> {
  await owner.must(2001, { op: 1, to: 'cse-in', ty: 2, rqi: 'w-reg', pc: registration('owner') });
  await owner.must(2001, { op: 1, to: 'cse-in/owner', ty: 3, rqi: 'w-cnt', pc: { 'm2m:cnt': { rn: 'tank' } } });
  await owner.must(2001, { op: 1, to: 'cse-in/owner/tank', ty: 4, rqi: 'w-cin', pc: { 'm2m:cin': { con: secret } } });
  const cin = { 'm2m:cin': { con: secret } };
  await stranger.must(4103, { op: 1, to: 'cse-in/owner/tank', ty: 4, rqi: 'w-create', pc: cin });
  await stranger.must(4103, { op: 2, to: 'cse-in/owner/tank', rqi: 'w-read' });
}

const parts = withParts({ mosquitto: true, kafka: 1, postgres: true, redis: true }, { own: true });

describe('in-cse why of a cluster', { skip: parts.skip }, () => {
  let cluster: Cluster;
  let place: string[];
  const open: Device[] = [];

  before(async () => {
    const [broker, kafka, postgres, redis] = await Promise.all([
      parts.mosquitto(),
      parts.kafka(),
      parts.postgres(),
      parts.redis(),
    ]);
    const processes = { ingress: 1, workers: 1, responders: 1, partitions: 4 };
    cluster = await startCluster({ parts: { broker, kafka, postgres, redis }, ...processes });
    place = ['--kafka-url', kafka.url, '--postgres-url', postgres.url];
    for (const level of ['Cowner', 'Cstranger']) open.push(await Device.open({ url: broker.url, cse: 'id-in', level }));
    const [owner, stranger] = open as [Device, Device];
    await trespass(owner, stranger);
  });
  after(async () => {
    await Promise.all(open.map((each) => each.close()));
    await cluster?.stop();
  });

  it('tells a refused create: where it came from, its answer, and the access decision, never its content', async () => {
    const [{ code, out, error }, shown] = await Promise.all([
      why('--rqi', 'w-create', ...place),
      why('--rqi', 'w-create', '--show-content', ...place),
    ]);
    assert.equal(code, 0, error);
    assert.match(out, /create contentInstance \(4\) below cse-in\/owner\/tank/);
    assert.match(out, /by +\/id-in\/Cstranger, rqi w-create, to \/id-in/);
    assert.match(out, /came +from broker default, topic level Cstranger; requests log, partition \d, offset \d+/);
    assert.match(out, /answered +4103 ORIGINATOR_HAS_NO_PRIVILEGE, \d+ ms later: No policy permits/);
    assert.match(out, /"The originator may not create something below this resource/);
    assert.match(out, /outbound log, partition \d, offset \d+; journal, partition \d, version \d+; the broker has it/);
    assert.match(out, /now +sent anew it would be answered 4103/);
    assert.match(
      out,
      /owner\/tank \(.*\) links no policies, so only its creator has rights, and that is \/id-in\/Cowner/,
    );
    assert.ok(!out.includes(secret));
    assert.ok(shown.out.includes(secret));
  });

  it('tells by originator, newest first, also reads, which need no journal (R14)', async () => {
    const { out } = await why('--originator', 'Cstranger', '--json', ...place);
    const stories = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      stories.map(({ requestIdentifier, answers, now }) => [requestIdentifier, answers[0].code, now.permitted]),
      [
        ['w-read', 4103, false],
        ['w-create', 4103, false],
      ],
    );
    assert.ok(!out.includes(secret));
  });

  it('tells what succeeded, and that a repeat changed nothing (R16)', async () => {
    const [owner] = open as [Device];
    await owner.must(2001, { op: 1, to: 'cse-in/owner/tank', ty: 4, rqi: 'w-cin', pc: { 'm2m:cin': { con: secret } } });
    const { code, out } = await why('--rqi', 'w-cin', '--originator', '/id-in/Cowner', ...place);
    assert.equal(code, 0, out);
    assert.equal(out.match(/^ {2}answered +2001 CREATED/gm)?.length, 2);
    assert.equal(out.match(/repeat +of the request of .* changed nothing/g)?.length, 1);
    assert.match(out, /the originator is its creator: all is permitted/);
  });

  it('tells that a request waits in the log while no worker runs', async () => {
    const [owner] = open as [Device];
    const worker = cluster.process('resource-worker');
    await worker.kill('SIGKILL');
    const pending = owner.must(2000, { op: 2, to: 'cse-in/owner', rqi: 'w-waits' });
    try {
      let said = await why('--rqi', 'w-waits', ...place);
      for (let tries = 0; said.code !== 0 && tries < 5; tries++) said = await why('--rqi', 'w-waits', ...place);
      assert.match(said.out, /answer +none yet: it waits in the log, (next|\d+ records before it)/);
      assert.match(said.out, /now +sent anew it would be answered 2000 OK/);
    } finally {
      await worker.start();
      await pending;
    }
  });

  it('says what to try where nothing is found, and what is wrong, in one exit code each', async () => {
    const [unknown, ...wrong] = await Promise.all([
      why('--rqi', 'w-none', ...place),
      why('--rqi', 'x', '--cse-id', '/none', ...place),
      why(...place),
      why('--rqi', 'x'),
    ]);
    assert.equal(unknown.code, 1);
    assert.match(unknown.error, /Nothing is found of such a request/);
    assert.match(unknown.error, /larger --since/);
    assert.deepEqual(
      wrong.map(({ code }) => code),
      [1, 2, 2],
    );
  });

  it('tells what would be decided of a request that nobody sent', async () => {
    const postgres = place.slice(2);
    const asked = ['--operation', 'create', '--type', 'instance', '--to', 'cse-in/owner/tank'];
    const [refused, permitted] = await Promise.all(
      ['Cstranger', 'Cowner'].map((originator) => why('--originator', originator, ...asked, ...postgres)),
    );
    assert.ok(refused && permitted);
    assert.equal(refused.code, 1, refused.error);
    assert.match(refused.out, /now +it would be answered 4103/);
    assert.equal(permitted.code, 0, permitted.error);
    assert.match(permitted.out, /it would be permitted/);
  });
});

describe('in-cse why of an embedded CSE', () => {
  let embedded: EmbeddedProcess;
  before(async () => {
    embedded = await startEmbeddedProcess({ keep: true });
    const open: Device[] = [];
    for (const level of ['Cowner', 'Cstranger'])
      open.push(await Device.open({ url: embedded.url, cse: 'id-in', level }));
    const [owner, stranger] = open as [Device, Device];
    await trespass(owner, stranger);
    await Promise.all(open.map((each) => each.close()));
  });
  after(() => embedded.stop());

  it('tells of what changed or would have, once it is stopped; while it runs, that it runs', async () => {
    const data = ['--data', embedded.dataFolder];
    const running = await why('--rqi', 'w-create', ...data);
    assert.equal(running.code, 1);
    assert.match(running.error, /uses the data folder/);
    await embedded.kill();
    const refused = await why('--rqi', 'w-create', ...data);
    assert.equal(refused.code, 0, refused.error);
    assert.match(refused.out, /answered +4103 ORIGINATOR_HAS_NO_PRIVILEGE/);
    assert.match(refused.out, /journal, partition \d, version \d+/);
    const asked = ['--operation', 'retrieve', '--to', 'cse-in/owner/tank/la', '--originator', 'Cstranger'];
    const supposed = await why(...asked, ...data);
    assert.equal(supposed.code, 1, supposed.error);
    assert.match(supposed.out, /has no policies of its own; those of owner\/tank/);
  });
});
