/**
 * How a record stands in a log and in a journal: one line of JSON (what every process must read), a line feed, and the
 * payload as it is (a primitive as JSON text). Readable with any Kafka tool, cheap to pass on unread.
 */

const lineFeed = 0x0a;

/** Thrown for a record that is no frame or of a version that this build does not know. */
export class UnreadableRecord extends Error {
  override name = 'UnreadableRecord';
}

export function encodeFrame(head: object, payload: string): Buffer {
  return Buffer.from(`${JSON.stringify(head)}\n${payload}`);
}

/** The same with a payload that is bytes already. */
export function encodeFrameOfBytes(head: object, payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), payload]);
}

/** Splits a frame; the payload is a view into the same memory. */
export function splitFrame(frame: Buffer): { head: unknown; payload: Buffer } {
  const end = frame.indexOf(lineFeed);
  if (end < 0) throw new UnreadableRecord('a record without a head line');
  try {
    return { head: JSON.parse(frame.toString('utf8', 0, end)), payload: frame.subarray(end + 1) };
  } catch {
    throw new UnreadableRecord('a record whose head is not JSON');
  }
}
