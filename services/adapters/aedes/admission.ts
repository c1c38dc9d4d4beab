/** What the embedded broker lets clients do: MQTT 3.1.1, QoS 0 to 2, no will, nothing retained, no `$` topics (TS-0010 5.1). */

/** A client or a packet that was turned away: one line for the log. */
export interface Refusal {
  client: string;
  reason: string;
}

export interface ConnectRequest {
  protocolVersion?: number;
  clientId?: string;
  will?: unknown;
}

/** CONNACK as the refused client understands it: reason "unsupported protocol version" of MQTT 5 3.2.2.2. */
const refuseVersion = Buffer.from([0x20, 0x03, 0x00, 0x84, 0x00]);
/** CONNACK of 3.1.1 with "not authorized" (3.2.2.3). */
const refuseRights = Buffer.from([0x20, 0x02, 0x00, 0x05]);

/** Undefined if the client may connect, else what to tell it and the log. */
export function refuseConnect(packet: ConnectRequest): { connack: Buffer; refusal: Refusal } | undefined {
  const client = packet.clientId ?? '';
  if (packet.protocolVersion === 5) {
    const reason =
      'the embedded broker speaks MQTT 3.1.1; this client asks for MQTT 5: set its protocol version to 3.1.1';
    return { connack: refuseVersion, refusal: { client, reason } };
  }
  if (packet.will !== undefined && packet.will !== null) {
    return { connack: refuseRights, refusal: { client, reason: 'a will is not part of the oneM2M binding' } };
  }
  return undefined;
}

/** Undefined if the message may be published. */
export function refusePublish(
  packet: { topic: string; retain: boolean; payload: string | Buffer },
  maximumPacketSize: number,
): string | undefined {
  if (packet.topic.startsWith('$')) return 'topics that begin with $ are the broker’s own';
  if (packet.retain) return 'retained messages are not part of the oneM2M binding';
  return packet.payload.length > maximumPacketSize ? `a message of more than ${maximumPacketSize} bytes` : undefined;
}

/** `$share` among them: aedes would grant it and deliver nothing. */
export function refuseSubscribe(filter: string): string | undefined {
  return filter.startsWith('$') ? 'subscriptions that begin with $ are not served' : undefined;
}
