#!/usr/bin/env node
// Runs the command on a Node that runs TypeScript as it is: this one if it is new enough, else the one that `npm ci`
// installed. Plain old JavaScript, since any Node may start it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const needed = 24;
const main = new URL('./main.ts', import.meta.url);

function explain() {
  process.stderr.write(
    `in-cse needs Node.js ${needed} or newer and this is ${process.version}. ` +
      'Run `npm ci` in its folder (that brings the right one along), or install a newer Node.js.\n',
  );
  process.exit(1);
}

function runWith(node) {
  const child = spawn(node, [fileURLToPath(main), ...process.argv.slice(2)], { stdio: 'inherit' });
  // A terminal tells the child of Ctrl-C by itself.
  const interactive = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !interactive) child.kill(signal);
    });
  }
  child.on('error', explain);
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code === null ? 1 : code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}

const local = fileURLToPath(new URL('../../node_modules/node/bin/node', import.meta.url));
if (Number(process.versions.node.split('.')[0]) >= needed) void import(main.href);
else if (existsSync(local)) runWith(local);
else explain();
