/** `in-cse canary` (issue 4 §4): a real round trip at an interval, with its time and its failures exported. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePorts } from '../../infra/local/free-ports.ts';
import { Program } from '../../infra/local/program.ts';
import { openWorkFolder } from '../../infra/local/work-folder.ts';
import { until } from './device.ts';
import { type EmbeddedProcess, startEmbeddedProcess } from './embedded-process.ts';

const launcher = join(import.meta.dirname, '..', '..', 'services', 'cli', 'launch.mjs');

describe('in-cse canary', () => {
  let system: EmbeddedProcess;
  before(async () => {
    system = await startEmbeddedProcess({ keep: true });
  });
  after(() => system?.stop());

  function once(url: string) {
    const args = [launcher, 'canary', '--once', '--mqtt-url', url, '--canary-time-limit', '1s'];
    return spawnSync(process.execPath, args, { encoding: 'utf8' });
  }

  it('--once says how long each step took, twice in a row', () => {
    for (const _ of [1, 2]) {
      const { status, stdout, stderr } = once(system.url);
      assert.match(stdout, /^ok, create [\d.]+ ms, latest [\d.]+ ms, delete [\d.]+ ms\n$/, stderr);
      assert.equal(status, 0);
    }
  });

  it('--once tells by its exit code that nobody answers', () => {
    const { status, stderr } = once('mqtt://127.0.0.1:1');
    assert.equal(status, 3, stderr);
    assert.match(stderr, /Nobody listens/);
  });

  it('counts round trips, and those that fail while the CSE is away', async () => {
    const folder = openWorkFolder('canary');
    const [adminPort = 0] = await freePorts(1);
    const fast = ['--canary-interval', '100ms', '--canary-time-limit', '500ms'];
    const program = new Program({
      name: 'canary',
      folder,
      command: process.execPath,
      args: [launcher, 'canary', '--mqtt-url', system.url, '--admin-port', `${adminPort}`, ...fast],
      environment: process.env,
      ready: /the canary flies/,
    });
    const rounds = async (result: string) => {
      const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      return Number(new RegExp(`^incse_canary_rounds_total\\{result="${result}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    };
    try {
      await program.start();
      await until('round trips succeed', async () => (await rounds('ok')) >= 3);
      await system.kill();
      await until('failures are counted', async () => (await rounds('unanswered')) >= 1);
      await system.start();
      const before = await rounds('ok');
      await until('round trips succeed again', async () => (await rounds('ok')) >= before + 2);
      assert.equal(await rounds('wrong'), 0);
    } finally {
      await program.end();
      await folder.remove();
    }
  });
});
