/** After so many failures in a row nothing is asked any more until a probe succeeds. */
const patience = 3;
const firstPause = 100;
const longestPause = 5_000;

export interface BreakerOptions {
  /** Rejects while the server is away. */
  probe(): Promise<unknown>;
  changed(open: boolean): void;
}

/** Keeps callers from waiting for a server that does not answer: probes in the background find out when it does again. */
export class Breaker {
  readonly #options: BreakerOptions;
  #failures = 0;
  #open = false;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: BreakerOptions) {
    this.#options = options;
  }

  isOpen(): boolean {
    return this.#open;
  }

  succeeded(): void {
    this.#failures = 0;
  }

  failed(): void {
    this.#failures++;
    if (this.#open || this.#stopped || this.#failures < patience) return;
    this.#open = true;
    this.#options.changed(true);
    this.#probeAfter(firstPause);
  }

  /** The server is there again. */
  recovered(): void {
    clearTimeout(this.#timer);
    this.#failures = 0;
    if (!this.#open) return;
    this.#open = false;
    this.#options.changed(false);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #probeAfter(pause: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      this.#options.probe().then(
        () => this.recovered(),
        () => this.#probeAfter(Math.min(longestPause, pause * 2)),
      );
    }, pause);
    this.#timer.unref();
  }
}
