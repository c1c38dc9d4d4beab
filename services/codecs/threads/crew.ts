/**
 * Threads that answer tasks, one task each at a time. A thread that dies or takes too long rejects its task and is
 * replaced; tasks that no thread has begun wait.
 */
import { Worker } from 'node:worker_threads';
import type { FromThread, ToThread } from './messages.ts';

/** A task took its thread down. */
export class ThreadFailed extends Error {
  override name = 'ThreadFailed';
}

/** Threads do not start here, whatever the task. */
export class NoThreads extends Error {
  override name = 'NoThreads';
}

/** The crew was closed while the task was out or waiting. */
export class CrewClosed extends Error {
  override name = 'CrewClosed';
}

export interface CrewOptions {
  threads: number;
  /** Longest time for a task, ms, from the moment a thread has it. */
  timeLimit: number;
  /** Module that a thread runs. */
  entry: URL;
  /** A thread is gone, and replaced if it had ever worked. */
  failed(reason: Error): void;
}

interface Job {
  task: ToThread;
  transfer: ArrayBuffer[];
  resolve(answer: FromThread): void;
  reject(reason: Error): void;
}

/** Threads that never became ready, in a row, before none is started any more. */
const startLimit = 3;

/** Heap of a thread, MB: a batch that wants more fails instead of the process. */
const heapLimit = 256;

export class Crew {
  private readonly options: CrewOptions;
  private readonly members = new Set<Member>();
  private readonly waiting: Job[] = [];
  private readonly endings = new Set<Promise<unknown>>();
  private failedStarts = 0;
  private closed = false;

  constructor(options: CrewOptions) {
    this.options = options;
    for (let index = 0; index < options.threads; index++) this.hire();
  }

  /** Rejects with ThreadFailed if the task took its thread down, with NoThreads if there are none, with CrewClosed. */
  run(task: ToThread, transfer: ArrayBuffer[]): Promise<FromThread> {
    if (this.closed) return Promise.reject(new CrewClosed('the codec threads are closed'));
    if (this.members.size === 0) return Promise.reject(new NoThreads('there are no codec threads'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ task, transfer, resolve, reject });
      this.assign();
    });
  }

  /** Threads that are at work and that are not, and tasks that no thread has begun. */
  get state(): { busy: number; idle: number; waiting: number } {
    let idle = 0;
    for (const member of this.members) if (member.idle) idle++;
    return { busy: this.members.size - idle, idle, waiting: this.waiting.length };
  }

  /** Rejects what is out and leaves no thread behind. */
  async close(): Promise<void> {
    this.closed = true;
    const reason = new CrewClosed('the codec threads are closed');
    this.rejectWaiting(reason);
    for (const member of [...this.members]) member.dismiss(reason);
    await Promise.all(this.endings);
  }

  private hire(): void {
    this.members.add(
      new Member(this.options, {
        idle: () => {
          this.failedStarts = 0;
          this.assign();
        },
        gone: (member, reason, ending) => this.replace(member, reason, ending),
      }),
    );
  }

  private replace(member: Member, reason: Error, ending: Promise<unknown>): void {
    this.members.delete(member);
    this.endings.add(ending);
    void ending.finally(() => this.endings.delete(ending));
    if (this.closed) return;
    this.options.failed(reason);
    if (!member.wasReady) this.failedStarts++;
    if (this.failedStarts < startLimit) this.hire();
    else if (this.members.size === 0) this.rejectWaiting(new NoThreads('codec threads do not start'));
  }

  private assign(): void {
    for (const member of this.members) {
      if (this.waiting.length === 0) return;
      if (member.idle) {
        const job = this.waiting.shift();
        if (job !== undefined) member.take(job);
      }
    }
  }

  private rejectWaiting(reason: Error): void {
    for (const job of this.waiting.splice(0)) job.reject(reason);
  }
}

interface MemberEvents {
  idle(): void;
  /** Called once. `ending` settles when the thread is no more. */
  gone(member: Member, reason: Error, ending: Promise<unknown>): void;
}

class Member {
  wasReady = false;
  private readonly worker: Worker;
  private readonly timeLimit: number;
  private readonly events: MemberEvents;
  private job: Job | undefined;
  private timer: NodeJS.Timeout | undefined;
  private gone = false;

  constructor(options: CrewOptions, events: MemberEvents) {
    this.timeLimit = options.timeLimit;
    this.events = events;
    this.worker = new Worker(options.entry, { resourceLimits: { maxOldGenerationSizeMb: heapLimit } });
    this.worker.on('message', (message: FromThread) => this.received(message));
    this.worker.on('messageerror', (reason) => this.dismiss(reason));
    this.worker.on('error', (reason) => this.dismiss(reason instanceof Error ? reason : new Error(String(reason))));
    this.worker.on('exit', (code) => this.dismiss(new Error(`a codec thread ended with code ${code}`)));
  }

  get idle(): boolean {
    return this.wasReady && !this.gone && this.job === undefined;
  }

  take(job: Job): void {
    this.job = job;
    this.timer = setTimeout(
      () => this.dismiss(new Error(`a codec thread took over ${this.timeLimit} ms`)),
      this.timeLimit,
    );
    this.worker.postMessage(job.task, job.transfer);
  }

  /** Ends the thread; its task, if it has one, is rejected. */
  dismiss(reason: Error): void {
    if (this.gone) return;
    this.gone = true;
    clearTimeout(this.timer);
    this.job?.reject(reason instanceof CrewClosed ? reason : new ThreadFailed(reason.message));
    this.job = undefined;
    this.events.gone(this, reason, this.worker.terminate());
  }

  private received(message: FromThread): void {
    if (this.gone) return;
    if (message.kind === 'ready') {
      this.wasReady = true;
    } else {
      clearTimeout(this.timer);
      const { job } = this;
      this.job = undefined;
      job?.resolve(message);
    }
    this.events.idle();
  }
}
