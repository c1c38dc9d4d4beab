/**
 * Refusals that take their time. Where an unacknowledged message holds back its sender and nobody else, who sends too much is
 * read no faster than it is refused: the rest waits in its own connection and costs nothing. So few at a time, spread over
 * time, that nobody else notices.
 */
import type { Clock } from '../../ports/clock.ts';

/** ms. */
export const refusalPeriod = 10;
/** A period, of all senders together: a thousand a second. */
export const refusalsPerPeriod = 10;
/** Beyond so many a refusal would take longer than many clients wait for a sign of life: it is given at once. */
export const mostSlow = 8000;

export class SlowRefusals {
  readonly #clock: Clock;
  #waiting: (() => void)[] = [];
  /** What lies before it is done. */
  #head = 0;
  #isHurried = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls back later, in order; false: there is no room, and it is to be done now. */
  takes(refuse: () => void): boolean {
    const size = this.#waiting.length - this.#head;
    if (this.#isHurried || size >= mostSlow) return false;
    this.#waiting.push(refuse);
    if (size === 0) this.#releaseLater();
    return true;
  }

  /** The end is near: all at once, now and from now on. */
  hurry(): void {
    this.#isHurried = true;
    this.#release(mostSlow);
  }

  #releaseLater(): void {
    this.#clock.after(refusalPeriod, () => {
      this.#release(refusalsPerPeriod);
      if (this.#waiting.length > 0) this.#releaseLater();
    });
  }

  #release(most: number): void {
    const end = Math.min(this.#waiting.length, this.#head + most);
    const now = this.#waiting.slice(this.#head, end);
    this.#head = end;
    if (end === this.#waiting.length || end >= mostSlow) {
      this.#waiting = this.#waiting.slice(end);
      this.#head = 0;
    }
    for (const refuse of now) refuse();
  }
}
