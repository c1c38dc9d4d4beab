/** What one originator, or one CSE, may still send. */
import { TokenBucket } from './token-bucket.ts';

/** 0: no bound. */
export interface Terms {
  /** Requests a second. */
  rate: number;
  /** Requests at once, from what was not used before. */
  burst: number;
  /** Requests that are neither in the log nor answered. */
  inFlight: number;
}

export class Budget {
  /** Of whom, for all who share the rate. */
  readonly key: string;
  inFlight = 0;
  /** Let in since the last report to those who share the rate. */
  spent = 0;
  /** Monotonic time, ms, until which the others have used up the rate. */
  closedUntil = 0;
  /** Monotonic time of the last line in the log, ms. */
  toldAt = -Infinity;
  rate: number;
  /** By all processes together: what may come at once, and no less than the rate. */
  mostASecond: number;
  readonly #bucket: TokenBucket;
  #limit: number;

  constructor(key: string, { rate, burst, inFlight }: Terms, now: number) {
    this.key = key;
    this.rate = rate;
    this.mostASecond = Math.max(rate, burst);
    this.#limit = inFlight;
    this.#bucket = new TokenBucket(rate, Math.max(1, burst), now);
  }

  change({ rate, burst, inFlight }: Terms, now: number): void {
    this.rate = rate;
    this.mostASecond = Math.max(rate, burst);
    this.#limit = inFlight;
    this.#bucket.change(rate, Math.max(1, burst), now);
  }

  /** Why another request may not be let in now; takes a token if it may. */
  refuse(now: number): 'rate' | 'in flight' | undefined {
    if (this.#limit > 0 && this.inFlight >= this.#limit) return 'in flight';
    if (this.rate > 0 && (now < this.closedUntil || !this.#bucket.take(now))) return 'rate';
    return undefined;
  }

  /** After `refuse` has allowed it, and somebody else has not. */
  giveBack(): void {
    this.#bucket.giveBack();
  }

  letIn(): void {
    this.inFlight++;
    this.spent++;
  }
}
