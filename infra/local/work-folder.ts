/** A temporary folder with a guard: both its processes and itself are gone when the starting process is, however that ends. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const guardScript = join(import.meta.dirname, 'guard.sh');

export interface WorkFolder {
  readonly path: string;
  /** Makes `child` end with this process, by `signal` (after five seconds by SIGKILL). */
  guard(child: ChildProcess, signal: NodeJS.Signals): void;
  /** Removes the folder. Its processes must be gone. */
  remove(): Promise<void>;
}

/** Opens a folder `in-cse-<label>-…` under the system's temporary folder. Others may pass through it (Postgres is one). */
export function openWorkFolder(label: string): WorkFolder {
  const path = mkdtempSync(join(tmpdir(), `in-cse-${label}-`));
  chmodSync(path, 0o711);
  // In a session of its own, so that Ctrl-C reaches the starter alone.
  const guard = spawn('/bin/sh', [guardScript], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  const gone = new Promise<void>((resolve) => guard.once('exit', () => resolve()));
  guard.unref();
  const pipe = guard.stdin;
  // A pipe is a socket underneath; neither it nor the guard may keep a process that is done.
  (pipe as unknown as { unref(): void }).unref();
  pipe.on('error', () => {});
  const tell = (line: string) => pipe.write(`${line}\n`);
  tell(`/ ${path}`);
  return {
    path,
    guard(child, signal) {
      const { pid } = child;
      if (pid === undefined) return;
      tell(`+ ${pid} ${signal.replace('SIG', '')}`);
      child.once('exit', () => tell(`- ${pid}`));
    },
    async remove() {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
      guard.ref();
      pipe.end();
      await gone;
    },
  };
}
