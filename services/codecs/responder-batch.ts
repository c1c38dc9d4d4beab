/** Turns primitives in their JSON wire form, as records carry them, into what receivers read. */
import { codecOf, type SerializationName } from './registry.ts';

export interface WireText {
  json: Uint8Array;
  serialization: SerializationName;
}

/** The bytes to publish, or why there are none. */
export type Encoded = { payload: Uint8Array | string } | { problem: string };

/** One result per primitive, in their order. JSON stays as it is; digits of free content stay in XML. Never throws. */
export function encodeBatch(batch: readonly WireText[]): Encoded[] {
  return batch.map(encodeOne);
}

function encodeOne({ json, serialization }: WireText): Encoded {
  if (serialization === 'json') return { payload: json };
  try {
    return { payload: codecOf(serialization).write(codecOf('json').read(json)) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
