/** Publishing to the clients of the embedded broker. */
import { type Publisher, PublishFailed } from '../../ports/device-link.ts';

export type Deliver = (topic: string, payload: Buffer, callback: (error?: Error | null) => void) => void;

/** A client that stopped reading must not keep the process from ending. */
const closeTimeLimit = 2000;

/**
 * Resolves when aedes has the message in its queues for every session that subscribed to it and has written it to the
 * clients that are connected. For a device that means: with a connection or a persistent session it gets the message (until
 * this process ends), with neither nobody does, as with any broker.
 */
export class EmbeddedPublisher implements Publisher {
  readonly #deliver: Deliver;
  #out = 0;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(deliver: Deliver) {
    this.#deliver = deliver;
  }

  publish(topic: string, payload: Uint8Array | string, options?: { timeLimit?: number }): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the publisher is closed'));
    if (topic === '' || /[+#\0]/.test(topic)) return Promise.reject(new PublishFailed('not a topic to publish to'));
    this.#out += 1;
    return new Promise((resolve, reject) => {
      const timer = options?.timeLimit === undefined ? undefined : setTimeout(() => reject(late()), options.timeLimit);
      this.#deliver(topic, bytesOf(payload), (error) => {
        if (timer !== undefined) clearTimeout(timer);
        if (error === undefined || error === null) resolve();
        else reject(new PublishFailed(error.message));
        this.#out -= 1;
        if (this.#out === 0) this.#idle?.();
      });
    });
  }

  ready(): boolean {
    return !this.#closed;
  }

  /** Always 0: there is no connection that could be lost. */
  disconnects(): number {
    return 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#out === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, closeTimeLimit);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function bytesOf(payload: Uint8Array | string): Buffer {
  if (typeof payload === 'string') return Buffer.from(payload);
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

function late(): Error {
  return new PublishFailed('not delivered within the time limit');
}
