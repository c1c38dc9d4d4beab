/** Offset commits: one at a time, the latest of each partition, no oftener than asked for. A hint, never waited for (R7). */

export class ThrottledCommits {
  readonly #commit: (offsets: Map<number, number>) => Promise<void>;
  readonly #interval: number;
  readonly #failed: (error: unknown) => void;
  #waiting = new Map<number, number>();
  #sent = new Map<number, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(
    interval: number,
    commit: (offsets: Map<number, number>) => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#interval = interval;
    this.#commit = commit;
    this.#failed = failed;
  }

  done(partition: number, offset: number): void {
    const known = this.#waiting.get(partition);
    if (known !== undefined && known >= offset) return;
    this.#waiting.set(partition, offset);
    this.#timer ??= setTimeout(() => void this.flush(), this.#interval).unref();
  }

  /** A partition that is no longer ours is its new owner's to commit. */
  forget(partition: number): void {
    this.#waiting.delete(partition);
    this.#sent.delete(partition);
  }

  /** Commits now what waits; never rejects. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
    if (this.#waiting.size === 0) return;
    this.#sent = this.#waiting;
    this.#waiting = new Map();
    this.#running = this.#commit(this.#sent).catch((error: unknown) => {
      this.#failed(error);
      for (const [partition, offset] of this.#sent) this.done(partition, offset);
    });
    await this.#running;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#waiting.clear();
  }
}
