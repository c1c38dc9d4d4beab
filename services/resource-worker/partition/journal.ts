/** How a journal row keeps the records to emit and the keys to remember (see JournalRow). */

/** Which log a record goes to. */
export const TargetLog = { requests: 0, outbound: 1, deadLetters: 2 } as const;
export type TargetLog = (typeof TargetLog)[keyof typeof TargetLog];

/** A record that a batch sends when it has committed. */
export interface Emission {
  log: TargetLog;
  partition: number;
  frame: Buffer;
}

const headLength = 9;
/** Key and shard. */
const keyEntryLength = 18;

export function packEmissions(emissions: readonly Emission[]): Buffer {
  let length = 0;
  for (const emission of emissions) length += headLength + emission.frame.length;
  const packed = Buffer.allocUnsafe(length);
  let at = 0;
  for (const { log, partition, frame } of emissions) {
    packed[at] = log;
    packed.writeUInt32BE(partition, at + 1);
    packed.writeUInt32BE(frame.length, at + 5);
    frame.copy(packed, at + headLength);
    at += headLength + frame.length;
  }
  return packed;
}

export function unpackEmissions(packed: Buffer): Emission[] {
  const emissions: Emission[] = [];
  for (let at = 0; at < packed.length; ) {
    const length = packed.readUInt32BE(at + 5);
    const start = at + headLength;
    emissions.push({
      log: packed[at] as TargetLog,
      partition: packed.readUInt32BE(at + 1),
      frame: packed.subarray(start, start + length),
    });
    at = start + length;
  }
  return emissions;
}

/** A remembered request: its key, the shard that decided it, and the position of its reply. */
export interface RememberedKey {
  key: Buffer;
  shard: number;
  reply: number;
}

export function packKeys(keys: readonly RememberedKey[]): Buffer {
  const packed = Buffer.allocUnsafe(keys.length * keyEntryLength);
  keys.forEach(({ key, shard }, index) => {
    key.copy(packed, index * keyEntryLength, 0, 16);
    packed.writeUInt16BE(shard, index * keyEntryLength + 16);
  });
  return packed;
}

/** The keys of a packed column, in their order; views into the same memory. */
export function unpackKeys(packed: Buffer): Buffer[] {
  const keys: Buffer[] = [];
  for (let at = 0; at + keyEntryLength <= packed.length; at += keyEntryLength) keys.push(packed.subarray(at, at + 16));
  return keys;
}
