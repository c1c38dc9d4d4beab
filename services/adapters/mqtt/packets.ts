/**
 * The two packets of the hot path, written by us: the library's own way of sending clones every publish, keeps it in a
 * store and carries acknowledgements over to the next connection (R28).
 */

const pubackHeader = 0x40;
const publishQos1 = 0x32;

/** PUBACKs with reason "success" for these packet identifiers, in this order (MQTT 3.4; the same bytes in 3.1.1 and 5). */
export function encodeAcknowledgements(identifiers: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(identifiers.length * 4);
  let at = 0;
  for (const identifier of identifiers) {
    bytes[at] = pubackHeader;
    bytes[at + 1] = 2;
    bytes[at + 2] = identifier >> 8;
    bytes[at + 3] = identifier & 0xff;
    at += 4;
  }
  return bytes;
}

export interface OutgoingPublish {
  identifier: number;
  topic: string;
  payload: Uint8Array | string;
  topicBytes: number;
  payloadBytes: number;
}

function remainingLength(publish: OutgoingPublish, version: 4 | 5): number {
  return 2 + publish.topicBytes + 2 + (version === 5 ? 1 : 0) + publish.payloadBytes;
}

/** Size of the whole packet, for the server's maximum packet size. */
export function publishSize(publish: OutgoingPublish, version: 4 | 5): number {
  const remaining = remainingLength(publish, version);
  return 1 + lengthBytes(remaining) + remaining;
}

function lengthBytes(length: number): number {
  if (length < 128) return 1;
  if (length < 16_384) return 2;
  return length < 2_097_152 ? 3 : 4;
}

/** PUBLISH packets, QoS 1, not retained, without properties, back to back in one piece of memory (MQTT 3.3). */
export function encodePublishes(publishes: readonly OutgoingPublish[], version: 4 | 5): Buffer {
  let size = 0;
  for (const publish of publishes) size += publishSize(publish, version);
  const bytes = Buffer.allocUnsafe(size);
  let at = 0;
  for (const publish of publishes) at = writePublish(bytes, at, publish, version);
  return bytes;
}

function writePublish(bytes: Buffer, start: number, publish: OutgoingPublish, version: 4 | 5): number {
  let at = start;
  bytes[at++] = publishQos1;
  let length = remainingLength(publish, version);
  while (length > 127) {
    bytes[at++] = (length & 0x7f) | 0x80;
    length >>>= 7;
  }
  bytes[at++] = length;
  at = bytes.writeUInt16BE(publish.topicBytes, at);
  at += bytes.write(publish.topic, at);
  at = bytes.writeUInt16BE(publish.identifier, at);
  if (version === 5) bytes[at++] = 0;
  if (typeof publish.payload === 'string') bytes.write(publish.payload, at);
  else bytes.set(publish.payload, at);
  return at + publish.payloadBytes;
}
