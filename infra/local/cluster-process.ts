/** One process of the product in a cluster on this machine: a program of its own, with its settings in its environment. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { followFile } from './follow-file.ts';
import { Program } from './program.ts';
import type { WorkFolder } from './work-folder.ts';

export type ProcessKind = 'ingress' | 'resource-worker' | 'responder';

/** Settings as the environment has them: `IN_CSE_FAILPOINTS: 'recv:3'`. */
export type Environment = Record<string, string>;

const command = join(import.meta.dirname, '..', '..', 'services', 'cli', 'main.ts');
const readyWithin = 90_000;
const pollInterval = 50;

/** Arguments for Node that run a command of the product. */
export function commandLine(...args: string[]): string[] {
  return [command, ...args];
}

export class ClusterProcess {
  readonly kind: ProcessKind;
  /** From 1, among its kind. */
  readonly index: number;
  readonly adminUrl: string;
  /** Everything that it has said since the cluster began. */
  readonly logFile: string;
  readonly #folder: WorkFolder;
  readonly #environment: Environment;
  #program: Program;
  #stopFollowing = () => {};

  constructor(options: {
    kind: ProcessKind;
    index: number;
    adminPort: number;
    folder: WorkFolder;
    environment: Environment;
    line?: (text: string) => void;
  }) {
    this.kind = options.kind;
    this.index = options.index;
    this.adminUrl = `http://127.0.0.1:${options.adminPort}`;
    this.#folder = options.folder;
    this.#environment = {
      ...options.environment,
      IN_CSE_ADMIN_PORT: String(options.adminPort),
      IN_CSE_ORDINAL: String(options.index),
      IN_CSE_INSTANCE: this.name,
    };
    this.logFile = join(options.folder.path, `${this.name}.log`);
    this.#program = this.#programWith({});
    if (options.line !== undefined) this.#stopFollowing = followFile(this.logFile, options.line);
  }

  get name(): string {
    return `${this.kind}-${this.index}`;
  }

  /** undefined while it does not run. */
  get pid(): number | undefined {
    return this.#program.pid;
  }

  /** Resolves when it is ready. Rejects with the end of its log if it ends before. */
  async start(environment: Environment = {}): Promise<void> {
    await this.spawn(environment);
    await this.ready();
  }

  /** Resolves as soon as it runs. `environment` holds for this run only. */
  async spawn(environment: Environment = {}): Promise<void> {
    this.#program = this.#programWith(environment);
    await this.#program.start();
  }

  /** Resolves when `/readyz` says so. */
  async ready(): Promise<void> {
    const deadline = Date.now() + readyWithin;
    while (!(await this.#isReady())) {
      if (this.pid === undefined) throw new Error(`${this.name} ended while it started: ${this.#lastLines()}`);
      if (Date.now() > deadline) throw new Error(`${this.name} was not ready in time: ${this.#lastLines()}`);
      await pause(pollInterval);
    }
  }

  /** Resolves when it is gone: by SIGKILL at once, by anything else as soon as it has drained. */
  async kill(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    if (signal === 'SIGKILL') await this.#program.kill();
    else await this.#program.stop(30_000);
  }

  /** Drains it if it runs, and starts it again with these settings beside its own. */
  async restart(environment: Environment = {}): Promise<void> {
    await this.kill('SIGTERM');
    await this.start(environment);
  }

  /** Resolves when it has ended, for whatever reason: with the signal that ended it, if one did. */
  async exited(): Promise<NodeJS.Signals | undefined> {
    while (this.pid !== undefined) await pause(pollInterval);
    return this.#program.endedBy;
  }

  /** Hangs, and keeps its connections. */
  pause(): void {
    this.#program.pause();
  }

  resume(): void {
    this.#program.resume();
  }

  /** Seconds of processor time since its last start. */
  processorSeconds(): number {
    return this.#program.processorSeconds();
  }

  /** What `/metrics` says. */
  async metrics(): Promise<string> {
    return (await fetch(`${this.adminUrl}/metrics`)).text();
  }

  /** Passes on what it has said last; nothing follows. */
  finish(): void {
    this.#stopFollowing();
  }

  #programWith(environment: Environment): Program {
    return new Program({
      name: this.name,
      folder: this.#folder,
      command: process.execPath,
      args: commandLine(this.kind),
      environment: { ...process.env, ...this.#environment, ...environment },
      // Whether it is ready says its admin port, whatever its level of logging.
      ready: /^/,
    });
  }

  async #isReady(): Promise<boolean> {
    try {
      return (await fetch(`${this.adminUrl}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  #lastLines(): string {
    return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-10).join('\n');
  }
}
