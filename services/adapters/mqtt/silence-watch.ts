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
  /** It was silent for about `silence` ms. */
  distrust(silence: number): void;
}

/** Looks within a limit; a probe at each of them from the second silent one on. */
const looks = 12;
/** Where making it anew did not help it may be the broker's way: each time it is trusted twice as long, up to so many times. */
const longestPatience = 32;

export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  readonly #timer: NodeJS.Timeout;
  readonly #interval: number;
  /** Looks since something arrived. */
  #silent = 0;
  #patience = 1;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
    this.#interval = options.limit / looks;
    this.#timer = setInterval(() => this.#look(), this.#interval).unref();
  }

  /** Something arrived. Called for every message: it reads no clock. */
  heard(): void {
    this.#silent = 0;
    this.#patience = 1;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const { isListening, probe, distrust } = this.#options;
    this.#silent = isListening() ? this.#silent + 1 : 0;
    if (this.#silent >= looks * this.#patience) {
      const silence = this.#silent * this.#interval;
      this.#silent = 0;
      this.#patience = Math.min(longestPatience, this.#patience * 2);
      distrust(silence);
    } else if (this.#silent >= 2) {
      probe();
    }
  }
}
