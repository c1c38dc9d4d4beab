/** What a publisher has to send and has out, in the order of the calls, over all its connections. Knows no network. */
import { type PublishFailed as Failure, PublishFailed } from '../../ports/device-link.ts';
import { type OutgoingPublish, publishSize } from './packets.ts';

/** A publish from the call to its end. */
export class QueuedPublish implements OutgoingPublish {
  readonly topic: string;
  readonly payload: Uint8Array | string;
  readonly topicBytes: number;
  readonly payloadBytes: number;
  identifier = 0;
  /** Connections lost while it was out. */
  losses = 0;
  /** Connections lost while it was the only one out. */
  blamed = 0;
  settled = false;
  timer: NodeJS.Timeout | undefined;
  readonly #resolve: () => void;
  readonly #reject: (reason: Error) => void;

  constructor(topic: string, payload: Uint8Array | string, resolve: () => void, reject: (reason: Error) => void) {
    this.topic = topic;
    this.payload = payload;
    this.topicBytes = Buffer.byteLength(topic);
    this.payloadBytes = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  done(): void {
    if (this.settled) return;
    this.#settle();
    this.#resolve();
  }

  failed(reason: Error): void {
    if (this.settled) return;
    this.#settle();
    this.#reject(reason);
  }

  #settle(): void {
    this.settled = true;
    if (this.timer !== undefined) clearTimeout(this.timer);
  }
}

export interface PublishLimits {
  /** Most publishes out at a time: our own bound and the server's receive maximum. */
  window: number;
  /** Most payload bytes out at a time (one larger publish still goes, alone). */
  windowBytes: number;
  /** Largest packet that the server takes. */
  maximumPacketSize: number;
  version: 4 | 5;
}

/** After so many lost connections a publish is sent alone, to find out whether it is what takes them down (R26). */
const suspectAfter = 2;
/** Lost connections with nothing else out after which it is given up. */
const blamedLimit = 3;

export class PublishQueue {
  #waiting: QueuedPublish[] = [];
  #head = 0;
  #out = new Map<number, QueuedPublish>();
  #outBytes = 0;
  #next = 0;
  #disconnects = 0;

  get size(): number {
    return this.#waiting.length - this.#head + this.#out.size;
  }

  get out(): number {
    return this.#out.size;
  }

  get disconnects(): number {
    return this.#disconnects;
  }

  add(publish: QueuedPublish): void {
    this.#waiting.push(publish);
  }

  /** What may be sent now, marked as out. */
  take(limits: PublishLimits): QueuedPublish[] {
    const taken: QueuedPublish[] = [];
    while (this.#head < this.#waiting.length && this.#out.size < limits.window) {
      const publish = this.#waiting[this.#head] as QueuedPublish;
      if (publish.settled || this.#tooLarge(publish, limits)) {
        this.#head += 1;
        continue;
      }
      if (!this.#mayGo(publish, limits)) break;
      this.#head += 1;
      publish.identifier = this.#identifier();
      this.#out.set(publish.identifier, publish);
      this.#outBytes += publish.payloadBytes;
      taken.push(publish);
    }
    if (this.#head === this.#waiting.length || this.#head >= 4096) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }

  #mayGo(publish: QueuedPublish, limits: PublishLimits): boolean {
    if (this.#out.size === 0) return true;
    if (publish.losses >= suspectAfter) return false;
    const [oldest] = this.#out.values();
    if (oldest !== undefined && oldest.losses >= suspectAfter) return false;
    return this.#outBytes + publish.payloadBytes <= limits.windowBytes;
  }

  #tooLarge(publish: QueuedPublish, limits: PublishLimits): boolean {
    if (publishSize(publish, limits.version) <= limits.maximumPacketSize) return false;
    publish.failed(new PublishFailed(`the broker takes packets of at most ${limits.maximumPacketSize} bytes`));
    return true;
  }

  #identifier(): number {
    do {
      this.#next = this.#next >= 65_535 ? 1 : this.#next + 1;
    } while (this.#out.has(this.#next));
    return this.#next;
  }

  /** PUBACK came; `failure` if its reason code says so. */
  acknowledged(identifier: number, failure: Failure | undefined): void {
    const publish = this.#out.get(identifier);
    if (publish === undefined) return;
    this.#out.delete(identifier);
    this.#outBytes -= publish.payloadBytes;
    if (failure === undefined) publish.done();
    else publish.failed(failure);
  }

  /** The connection is gone: what was out goes first on the next one, in the old order. */
  lost(): void {
    if (this.#out.size === 0) return;
    this.#disconnects += 1;
    const again = [...this.#out.values()];
    const [alone] = again;
    for (const publish of again) publish.losses += 1;
    if (again.length === 1 && alone !== undefined && alone.losses > suspectAfter) {
      alone.blamed += 1;
      if (alone.blamed >= blamedLimit) {
        alone.failed(new PublishFailed(`${alone.losses} connections were lost while it was being sent`));
      }
    }
    this.#waiting = again.concat(this.#waiting.slice(this.#head));
    this.#head = 0;
    this.#out = new Map();
    this.#outBytes = 0;
  }

  /** Ends everything that is not acknowledged. */
  failAll(reason: Error): void {
    const all = [...this.#out.values(), ...this.#waiting.slice(this.#head)];
    this.#waiting = [];
    this.#head = 0;
    for (const publish of all) publish.failed(reason);
  }
}
