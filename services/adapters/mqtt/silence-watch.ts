/**
 * Notices a connection that lives and delivers nothing more: some brokers forget a member of a share group, acknowledge what
 * is published to it, and keep it. Silence alone says nothing, so it is broken by a probe of our own; what stays silent in
 * spite of several is connected anew, which heals it. Another member may have got all the probes: then that was needless,
 * and harmless.
 */

export interface SilenceWatchOptions {
  /** ms of silence after which a connection is distrusted. */
  limit: number;
  /** False while nothing can come, or what came waits for its acknowledgement: that is no silence. */
  isListening(): boolean;
  /** Publishes what this connection, or another of its group, should receive. */
  probe(): void;
  /** It was silent for `silence` ms. */
  distrust(silence: number): void;
}

/** Looks, and after two of them probes, within a limit. */
const looks = 12;
/** Where making it anew did not help it may be the broker's way: each time it is trusted twice as long, up to so many times. */
const longestPatience = 32;

export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #silentSince = performance.now();
  #patience = 1;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#look(), options.limit / looks).unref();
  }

  /** Something arrived. */
  heard(): void {
    this.#silentSince = performance.now();
    this.#patience = 1;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { limit, isListening, probe, distrust } = this.#options;
    if (!isListening()) {
      this.#silentSince = performance.now();
      return;
    }
    const silence = performance.now() - this.#silentSince;
    if (silence >= limit * this.#patience) {
      this.#silentSince = performance.now();
      this.#patience = Math.min(longestPatience, this.#patience * 2);
      distrust(silence);
    } else if (silence >= (limit / looks) * 2) {
      probe();
    }
  }
}
