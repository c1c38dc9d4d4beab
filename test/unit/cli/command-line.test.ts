/** The command as a person runs it, where no server is needed. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';

const root = join(import.meta.dirname, '..', '..', '..');
const launcher = join(root, 'services', 'cli', 'launch.mjs');
const folder = mkdtempSync(join(tmpdir(), 'in-cse-unit-'));
after(() => rmSync(folder, { recursive: true }));

function inCse(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH },
  });
  return { status, stdout, stderr };
}

describe('in-cse', () => {
  it('says its version, which stands in package.json alone', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
    assert.deepEqual(inCse('--version'), { status: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('explains itself and every command, with examples', () => {
    const help = inCse('--help');
    assert.equal(help.status, 0);
    const commands = ['start', 'ingress', 'resource-worker', 'responder', 'migrate', 'dead-letters', 'cluster'];
    for (const name of [...commands, 'create', 'retrieve', 'update', 'delete', 'discover', 'listen']) {
      assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
    }
    assert.match(inCse('create', '--help').stdout, /Examples:\n {2}in-cse create ae --from Cme/);
    assert.match(inCse('start', '--help').stdout, /--cse-id <text>[\s\S]*default \/id-in/);
  });

  it('ends with 2 on wrong use, and says what is wrong', () => {
    const cases: [string[], RegExp][] = [
      [['fly'], /unknown command 'fly'/],
      [['start', '--nope'], /unknown option '--nope'/],
      [['start', '--mqtt-port', 'x', '--cse-id', 'y'], /2 settings are wrong:[\s\S]*--mqtt-port[\s\S]*--cse-id/],
      [['ingress'], /3 settings are wrong:[\s\S]*--mqtt-url \(or IN_CSE_MQTT_URL\) must be given/],
      [['create', 'thing', '--from', 'Cme'], /"thing" is not a resource type/],
      [['create', 'container', 'cse-in/x'], /--from/],
      [['retrieve', 'cse-in'], /--from/],
      [['retrieve', 'cse-in', '--from', 'Cme', '--timeout', '0'], /--timeout/],
    ];
    for (const [args, message] of cases) {
      const { status, stderr } = inCse(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, message);
    }
  });

  it('ends with 3 when nobody is there', () => {
    const { status, stderr } = inCse('retrieve', 'cse-in', '--from', 'Cme', '--url', 'mqtt://127.0.0.1:1');
    assert.equal(status, 3);
    assert.match(stderr, /Nobody listens at mqtt:\/\/127\.0\.0\.1:1/);
  });
});

describe('the launcher', () => {
  /** A copy that takes this Node for too old, beside whatever stands for the product. */
  function oldNode(localNode: string | undefined) {
    const place = mkdtempSync(join(folder, 'old-'));
    const cli = join(place, 'services', 'cli');
    mkdirSync(cli, { recursive: true });
    writeFileSync(join(place, 'package.json'), '{"type":"module"}');
    copyFileSync(launcher, join(cli, 'launch.mjs'));
    writeFileSync(join(cli, 'launch.mjs'), readFileSync(launcher, 'utf8').replace('needed = 24', 'needed = 9999'));
    writeFileSync(join(cli, 'main.ts'), 'process.stdout.write(process.argv.slice(2).join()); process.exit(7);');
    if (localNode !== undefined) {
      const bin = join(place, 'node_modules', 'node', 'bin');
      mkdirSync(bin, { recursive: true });
      writeFileSync(join(bin, 'node'), localNode, { mode: 0o755 });
    }
    return spawnSync(process.execPath, [join(cli, 'launch.mjs'), 'a', 'b'], { encoding: 'utf8' });
  }

  it('takes the Node of the checkout where the running one is too old, and passes its exit code on', () => {
    const { status, stdout } = oldNode(`#!/bin/sh\nexec '${process.execPath}' "$@"\n`);
    assert.equal(stdout, 'a,b');
    assert.equal(status, 7);
  });

  it('ends by the signal that ended the command', () => {
    assert.equal(oldNode('#!/bin/sh\nkill -KILL $$\n').signal, 'SIGKILL');
  });

  it('says what is missing where there is none', () => {
    const { status, stderr } = oldNode(undefined);
    assert.equal(status, 1);
    assert.match(stderr, /needs Node\.js 9999 or newer and this is v[\s\S]*npm ci/);
  });
});
