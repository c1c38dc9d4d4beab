/** Byte strings of a batch in one buffer: it changes hands without a copy, and no object crosses between threads. */

export interface PackedBytes {
  bytes: Uint8Array<ArrayBuffer>;
  /** Where each one ends. */
  ends: Uint32Array<ArrayBuffer>;
}

export function packBytes(parts: readonly Uint8Array[]): PackedBytes {
  let total = 0;
  for (const part of parts) total += part.byteLength;
  const bytes = new Uint8Array(total);
  const ends = new Uint32Array(parts.length);
  let end = 0;
  parts.forEach((part, index) => {
    bytes.set(part, end);
    end += part.byteLength;
    ends[index] = end;
  });
  return { bytes, ends };
}

/** Views into the same memory. */
export function unpackBytes({ bytes, ends }: PackedBytes): Uint8Array[] {
  const parts: Uint8Array[] = [];
  let start = 0;
  for (const end of ends) {
    parts.push(bytes.subarray(start, end));
    start = end;
  }
  return parts;
}

export function buffersOf(packed: PackedBytes): ArrayBuffer[] {
  return [packed.bytes.buffer, packed.ends.buffer];
}
