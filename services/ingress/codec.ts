/** What ingress needs of the codecs; the pool of `codecs/threads` has it. */
import type { DecodedPrimitive, Payload } from '../codecs/ingress-batch.ts';
import type { Serialization } from '../contracts/records.ts';

export interface IngressCodec {
  /** One result per payload, in their order. Never rejects: what cannot be read, or kills its thread twice, is `undecodable` (R28). */
  decode(batch: readonly Payload[]): Promise<DecodedPrimitive[]>;
  /** A primitive in its JSON wire form, in a serialization. Rejects if that cannot be done. */
  encodeText(json: string, serialization: Serialization): Promise<Uint8Array | string>;
}
