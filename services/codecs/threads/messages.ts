/** What goes between the pool and a thread: bytes in one buffer, columns of scalars (architecture §5). */
import type { Operation } from '../../core/primitives.ts';
import type { DecodedPrimitive } from '../ingress-batch.ts';
import type { SerializationName } from '../registry.ts';
import { serializationNames } from '../registry.ts';
import type { PackedBytes } from './packing.ts';

export interface DecodeTask {
  kind: 'decode';
  payloads: PackedBytes;
  /** Place of each payload's serialization in `serializationNames`. */
  serializations: Uint8Array<ArrayBuffer>;
}

export interface EncodeTask {
  kind: 'encode';
  texts: PackedBytes;
  serializations: Uint8Array<ArrayBuffer>;
}

export type ToThread = DecodeTask | EncodeTask;

export type FromThread =
  /** Loaded; tasks are taken from now on. */
  | { kind: 'ready' }
  | { kind: 'decoded'; columns: DecodedColumns }
  /** `problems`: why there are no bytes, at the place of those that failed. */
  | { kind: 'encoded'; payloads: PackedBytes; problems: (string | undefined)[] };

/** Results of a decode task: `numberWidth` numbers and `textWidth` texts each, one after the other. */
export interface DecodedColumns {
  numbers: Float64Array<ArrayBuffer>;
  texts: (string | undefined)[];
}

const numberWidth = 3;
const textWidth = 7;
const kinds = ['request', 'response', 'undecodable'] as const;

export function packDecoded(results: readonly DecodedPrimitive[]): DecodedColumns {
  const numbers = new Float64Array(results.length * numberWidth);
  const texts: (string | undefined)[] = [];
  results.forEach((result, index) => {
    const at = index * numberWidth;
    numbers[at] = kinds.indexOf(result.kind);
    if (result.kind === 'request') {
      numbers[at + 1] = result.operation;
      numbers[at + 2] = result.resourceType ?? Number.NaN;
      texts.push(result.text, result.requestIdentifier, result.to, result.originator, result.resourceName);
      texts.push(result.digest, result.requestExpirationTimestamp);
      return;
    }
    if (result.kind === 'undecodable') numbers[at + 1] = result.code;
    texts.push(result.text, result.requestIdentifier, undefined, undefined, undefined, undefined, undefined);
  });
  return { numbers, texts };
}

export function unpackDecoded({ numbers, texts }: DecodedColumns): DecodedPrimitive[] {
  const results: DecodedPrimitive[] = [];
  for (let index = 0; index * numberWidth < numbers.length; index++) results.push(unpackOne(numbers, texts, index));
  return results;
}

function unpackOne(numbers: Float64Array, texts: (string | undefined)[], index: number): DecodedPrimitive {
  const number = index * numberWidth;
  const at = index * textWidth;
  const text = texts[at] ?? '';
  const requestIdentifier = texts[at + 1];
  const first = numbers[number + 1] ?? 0;
  const resourceType = numbers[number + 2] ?? Number.NaN;
  switch (kinds[numbers[number] ?? -1]) {
    case 'request':
      return {
        kind: 'request',
        text,
        operation: first as Operation,
        to: texts[at + 2] ?? '',
        originator: texts[at + 3],
        requestIdentifier: requestIdentifier ?? '',
        resourceType: Number.isNaN(resourceType) ? undefined : resourceType,
        resourceName: texts[at + 4],
        digest: texts[at + 5] ?? '',
        requestExpirationTimestamp: texts[at + 6],
      };
    case 'response':
      return { kind: 'response', text, requestIdentifier: requestIdentifier ?? '' };
    default:
      return { kind: 'undecodable', code: first, text, requestIdentifier };
  }
}

export function packSerializations(batch: readonly { serialization: SerializationName }[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(batch.length);
  batch.forEach(({ serialization }, index) => {
    packed[index] = serializationNames.indexOf(serialization);
  });
  return packed;
}

export function serializationAt(packed: Uint8Array, index: number): SerializationName {
  return serializationNames[packed[index] ?? 0] ?? 'json';
}
