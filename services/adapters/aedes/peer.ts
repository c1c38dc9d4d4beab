/** Who is at the other end of a connection, as far as the connection itself tells. */
import { TLSSocket } from 'node:tls';
import type { Client } from 'aedes';

export interface Peer {
  address: string | undefined;
  /** Of the certificate that was shown, and that our authorities have signed. */
  commonName: string | undefined;
}

export function peerOf(client: Client): Peer {
  const socket = client.req?.socket ?? client.conn;
  const address = 'remoteAddress' in socket ? (socket.remoteAddress as string | undefined) : undefined;
  return { address, commonName: socket instanceof TLSSocket ? commonNameOf(socket) : undefined };
}

function commonNameOf(socket: TLSSocket): string | undefined {
  if (!socket.authorized) return undefined;
  // Several common names are a list, whatever the type says: then it is not clear who this is.
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' ? name : undefined;
}
