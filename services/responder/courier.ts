/**
 * Publishes to one broker, in the order of the calls: opens its publisher when there is something to send, and waits for an
 * own broker as long as it takes. That one message takes the connection down again and again is found out by the publisher,
 * which knows what was out each time; it then fails that message alone (R26).
 */
import type { Clock } from '../ports/clock.ts';
import { type Publisher, PublishFailed } from '../ports/device-link.ts';
import type { Letter } from './outbound-entry.ts';

export interface CourierOptions {
  /** Opens a publisher; the courier closes it. Rejects with PublishFailed if this broker may not be used at all. */
  open(): Promise<Publisher>;
  clock: Clock;
  /** ms a publish may take, connection included; undefined for own brokers, which are waited for. */
  timeLimit: number | undefined;
  published(letter: Letter): void;
  /** Will not succeed by waiting. */
  failed(letter: Letter, reason: string): void;
  /** The publisher was closed under it: nobody knows whether it arrived. */
  unknown(letter: Letter, reason: unknown): void;
}

/** Pause before an own broker that could not be opened is tried again, ms. */
const reopenPause = 1000;

export class Courier {
  readonly #options: CourierOptions;
  #publisher: Publisher | undefined;
  #opening = false;
  #closed = false;
  /** Not handed to the publisher yet, because there is none. */
  #queue: Letter[] = [];
  #out = 0;
  /** Monotonic time of the last letter, ms. */
  lastUsed: number;

  constructor(options: CourierOptions) {
    this.#options = options;
    this.lastUsed = options.clock.monotonic();
  }

  send(letter: Letter): void {
    this.lastUsed = this.#options.clock.monotonic();
    if (this.#publisher !== undefined) {
      this.#put(this.#publisher, letter);
    } else {
      this.#queue.push(letter);
      this.#open();
    }
  }

  idle(): boolean {
    return this.#queue.length === 0 && this.#out === 0;
  }

  ready(): boolean {
    return this.#publisher?.ready() ?? false;
  }

  /** Opens the connection before there is anything to send. */
  warmUp(): void {
    if (this.#publisher === undefined) this.#open();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#publisher?.close();
  }

  #put(publisher: Publisher, letter: Letter): void {
    const { timeLimit } = this.#options;
    this.#out += 1;
    publisher
      .publish(letter.entry.head.topic, letter.payload, timeLimit === undefined ? undefined : { timeLimit })
      .then(
        () => {
          this.#out -= 1;
          this.#options.published(letter);
        },
        (reason: unknown) => {
          this.#out -= 1;
          if (reason instanceof PublishFailed) this.#options.failed(letter, reason.message);
          else this.#options.unknown(letter, reason);
        },
      );
  }

  #open(): void {
    if (this.#opening || this.#closed) return;
    this.#opening = true;
    const { timeLimit } = this.#options;
    let givenUp = false;
    const cancel =
      timeLimit === undefined
        ? undefined
        : this.#options.clock.after(timeLimit, () => {
            givenUp = true;
            this.#opening = false;
            this.#failWaiting('the broker was not reached in time');
          });
    this.#options.open().then(
      (publisher) => {
        cancel?.();
        if (givenUp || this.#closed) publisher.close().catch(() => {});
        else this.#opened(publisher);
      },
      (reason: unknown) => {
        cancel?.();
        if (!givenUp) this.#notOpened(reason);
      },
    );
  }

  #opened(publisher: Publisher): void {
    this.#opening = false;
    this.#publisher = publisher;
    for (const letter of this.#queue.splice(0)) this.#put(publisher, letter);
  }

  #notOpened(reason: unknown): void {
    this.#opening = false;
    const lasting = this.#options.timeLimit !== undefined || reason instanceof PublishFailed;
    if (lasting) this.#failWaiting(reasonOf(reason));
    else this.#options.clock.after(reopenPause, () => this.#open());
  }

  #failWaiting(reason: string): void {
    for (const letter of this.#queue.splice(0)) this.#options.failed(letter, reason);
  }
}

function reasonOf(reason: unknown): string {
  return reason instanceof Error ? reason.message : String(reason);
}
