/** Acknowledgements of one network connection: in order of arrival, and never on a later connection (R28). */
import type { InboundMessage } from '../../ports/device-link.ts';
import type { Budget } from './budget.ts';
import { encodeAcknowledgements } from './packets.ts';

/** A PUBLISH that was handed over. */
export class Arrival implements InboundMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly duplicate: boolean;
  readonly retained: boolean;
  readonly connection: number;
  /** Packet identifier; 0 for QoS 0, which nobody acknowledges. */
  readonly identifier: number;
  readonly #epoch: Epoch;
  done = false;

  constructor(
    epoch: Epoch,
    connection: number,
    identifier: number,
    packet: { topic: string; payload: Uint8Array; dup: boolean; retain: boolean },
  ) {
    this.topic = packet.topic;
    this.payload = packet.payload;
    this.duplicate = packet.dup;
    this.retained = packet.retain;
    this.connection = connection;
    this.identifier = identifier;
    this.#epoch = epoch;
  }

  acknowledge(): void {
    if (this.done || this.identifier === 0) return;
    this.done = true;
    this.#epoch.finished(this);
  }

  abandoned(): boolean {
    return this.identifier !== 0 && this.#epoch.abandoned;
  }
}

/** The messages of one connection that are not acknowledged. */
export class Epoch {
  readonly #budget: Budget;
  readonly #write: (bytes: Buffer) => void;
  /** In order of arrival; what lies before `#head` is acknowledged. */
  #arrivals: Arrival[] = [];
  #head = 0;
  readonly #open = new Uint8Array(65_536);
  #flushing = false;
  #live = true;
  #redelivered = true;
  #anyArrived = false;
  #leftOpen = 0;

  constructor(budget: Budget, write: (bytes: Buffer) => void) {
    this.#budget = budget;
    this.#write = write;
  }

  get live(): boolean {
    return this.#live;
  }

  /** The connection is gone and, as far as is known, the broker will deliver again what it had not acknowledged. */
  get abandoned(): boolean {
    return !this.#live && this.#redelivered;
  }

  get anyArrived(): boolean {
    return this.#anyArrived;
  }

  /** How many were not acknowledged when the connection ended. */
  get leftOpen(): number {
    return this.#leftOpen;
  }

  /** How many are not acknowledged. */
  get size(): number {
    return this.#arrivals.length - this.#head;
  }

  /** True while an earlier PUBLISH with this identifier is not acknowledged. */
  isOpen(identifier: number): boolean {
    return this.#open[identifier] === 1;
  }

  add(arrival: Arrival): void {
    this.#anyArrived = true;
    this.#open[arrival.identifier] = 1;
    this.#arrivals.push(arrival);
    this.#budget.take(arrival.payload.length);
  }

  finished(arrival: Arrival): void {
    if (!this.#live || this.#flushing || arrival !== this.#arrivals[this.#head]) return;
    this.#flushing = true;
    setImmediate(() => this.flush());
  }

  /** Sends what is done from the oldest on. */
  flush(): void {
    this.#flushing = false;
    if (!this.#live) return;
    const identifiers: number[] = [];
    let bytes = 0;
    for (let next = this.#arrivals[this.#head]; next?.done === true; next = this.#arrivals[this.#head]) {
      identifiers.push(next.identifier);
      this.#open[next.identifier] = 0;
      bytes += next.payload.length;
      this.#head += 1;
    }
    if (identifiers.length === 0) return;
    if (this.#head === this.#arrivals.length || this.#head >= 4096) {
      this.#arrivals = this.#arrivals.slice(this.#head);
      this.#head = 0;
    }
    this.#write(encodeAcknowledgements(identifiers));
    this.#budget.release(identifiers.length, bytes);
  }

  /** The connection is gone: what is acknowledged from now on is not sent. */
  end(): void {
    if (!this.#live) return;
    this.#live = false;
    let bytes = 0;
    for (let at = this.#head; at < this.#arrivals.length; at++) bytes += this.#arrivals[at]?.payload.length ?? 0;
    const count = this.size;
    this.#leftOpen = count;
    this.#arrivals = [];
    this.#head = 0;
    this.#budget.release(count, bytes);
  }

  /** The next connection found no session: the broker forgot what it had out to this one (R18). */
  forgotten(): void {
    this.#redelivered = false;
  }
}
