/** One server program that can be started, killed and started again, with its log and pid file in a work folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive, processorSeconds, processTree } from './process-tree.ts';
import type { WorkFolder } from './work-folder.ts';

export interface ProgramOptions {
  /** Names its log and pid file. */
  name: string;
  folder: WorkFolder;
  command: string;
  args: string[];
  environment?: NodeJS.ProcessEnv;
  /** Run as this user (only root can). */
  user?: { uid: number; gid: number } | undefined;
  /** Before every start, as to take up files that were replaced meanwhile. */
  prepare?: () => void;
  /** The line of its log that says it serves. */
  ready: RegExp;
  /** ms that it may take until then. */
  readyWithin?: number;
  /** Ends it in good order, everything saved. */
  stopSignal?: NodeJS.Signals;
  /** Ends it when nobody needs its data any more; SIGKILL unless it would leave something behind. */
  endSignal?: NodeJS.Signals;
}

const defaultReadyWithin = 60_000;
const pollInterval = 20;

export class Program {
  readonly #options: ProgramOptions;
  readonly #log: string;
  readonly #pidFile: string;
  #child: ChildProcess | undefined;
  #endedBy: NodeJS.Signals | undefined;

  constructor(options: ProgramOptions) {
    this.#options = options;
    this.#log = join(options.folder.path, `${options.name}.log`);
    this.#pidFile = join(options.folder.path, `${options.name}.pid`);
  }

  /** undefined while it does not run. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** The signal that ended its last run, whoever sent it. */
  get endedBy(): NodeJS.Signals | undefined {
    return this.#endedBy;
  }

  /** Resolves when it serves; at once if it already runs. Rejects with the end of its log if it cannot. */
  async start(): Promise<void> {
    if (this.#child !== undefined) return;
    const { name, folder, command, args, environment, user, endSignal = 'SIGKILL' } = this.#options;
    this.#options.prepare?.();
    const output = openSync(this.#log, 'a');
    const from = statSync(this.#log).size;
    const child = spawn(command, args, {
      cwd: folder.path,
      // In a session of its own: Ctrl-C in a terminal must not end it before its clients.
      detached: true,
      stdio: ['ignore', output, output],
      ...(environment === undefined ? {} : { env: environment }),
      ...(user ?? {}),
    });
    closeSync(output);
    folder.guard(child, endSignal);
    child.unref();
    let failure: Error | undefined;
    child.once('error', (error) => {
      failure = error;
      this.#child = undefined;
    });
    child.once('exit', (_code, signal) => {
      this.#endedBy = signal ?? undefined;
      if (this.#child === child) this.#child = undefined;
    });
    this.#child = child;
    if (child.pid !== undefined) writeFileSync(this.#pidFile, `${child.pid}\n`);
    const deadline = Date.now() + (this.#options.readyWithin ?? defaultReadyWithin);
    while (!this.#options.ready.test(readFileSync(this.#log).subarray(from).toString())) {
      if (this.#child !== child) throw new Error(`${name} did not start: ${failure?.message ?? this.#lastLines(from)}`);
      if (Date.now() > deadline) {
        await this.kill();
        throw new Error(`${name} was not ready in time: ${this.#lastLines(from)}`);
      }
      await pause(pollInterval);
    }
  }

  #lastLines(from: number): string {
    return readFileSync(this.#log).subarray(from).toString().trimEnd().split('\n').slice(-15).join('\n');
  }

  /** Ends it in good order; after `within` ms by SIGKILL. */
  async stop(within = 15_000): Promise<void> {
    await this.#signal(this.#options.stopSignal ?? 'SIGTERM', within);
  }

  /** Ends it for good, in the quickest way that leaves nothing behind. */
  async end(): Promise<void> {
    await this.#signal(this.#options.endSignal ?? 'SIGKILL', 5000);
  }

  /** kill -9 of the process and all its descendants; they are gone when it resolves. */
  async kill(): Promise<void> {
    await this.#signal('SIGKILL', 5000);
  }

  /** SIGSTOP: it hangs, and keeps its connections. */
  pause(): void {
    this.#signalAll('SIGSTOP');
  }

  /** SIGCONT. */
  resume(): void {
    this.#signalAll('SIGCONT');
  }

  /** To its children too: a server that answers by them would not hang without. */
  #signalAll(signal: NodeJS.Signals): void {
    for (const member of this.pid === undefined ? [] : processTree(this.pid)) {
      try {
        process.kill(member, signal);
      } catch {
        // It has just ended.
      }
    }
  }

  /** Seconds of processor time used so far, since its last start. */
  processorSeconds(): number {
    return this.pid === undefined ? 0 : processorSeconds(this.pid);
  }

  async #signal(signal: NodeJS.Signals, within: number): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    const members = processTree(child.pid);
    child.kill(signal);
    child.kill('SIGCONT');
    if (signal === 'SIGKILL') killAll(members);
    const deadline = Date.now() + within;
    // Until each is gone, not only the first: a database's processes outlive it for a moment.
    while (this.#child === child || members.some(isAlive)) {
      if (Date.now() > deadline) killAll(members);
      await pause(5);
    }
    rmSync(this.#pidFile, { force: true });
  }
}

function killAll(pids: number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It was gone already.
    }
  }
}
