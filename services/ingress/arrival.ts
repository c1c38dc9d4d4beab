import type { InboundMessage } from '../ports/device-link.ts';
import type { Spending } from './limits/admission.ts';
import type { ReadableTopic } from './topic-reader.ts';

/** A message on its way through ingress, from reception to its acknowledgement. */
export interface Arrival {
  readonly message: InboundMessage;
  /** Name of the device link that it came by. */
  readonly broker: string;
  readonly topic: ReadableTopic;
  /** Monotonic time of reception, ms. */
  readonly at: number;
  /** What it draws on until it is settled; undefined before it is let in and after. */
  spending?: Spending | undefined;
}
