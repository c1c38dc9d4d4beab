/** Where a broker is and who we are to it. */
import { readFileSync } from 'node:fs';
import type { IClientOptions } from 'mqtt';

export interface BrokerAddress {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; may carry `user:password@`. A path counts for WebSocket only. */
  url: string;
  /** Instead of those in the URL. */
  username?: string;
  password?: string;
  /** PEM files, read anew for each connection so that renewed certificates are taken up. */
  tls?: {
    caFile?: string;
    certFile?: string;
    keyFile?: string;
    /** Name to be found in the broker's certificate, where it is not the host of the URL. */
    serverName?: string;
  };
}

const defaultPorts: Record<string, number> = { mqtt: 1883, mqtts: 8883, ws: 80, wss: 443 };

/** The part of the client's options that says where to connect. Throws for a URL that is none of the four schemes. */
export function addressOptions(address: BrokerAddress): IClientOptions {
  const url = new URL(address.url);
  const protocol = url.protocol.slice(0, -1);
  const port = defaultPorts[protocol];
  if (port === undefined || url.hostname === '') throw new Error(`not the URL of an MQTT broker: ${describe(address)}`);
  const options: IClientOptions = {
    protocol: protocol as 'mqtt' | 'mqtts' | 'ws' | 'wss',
    // An IPv6 address stands in brackets in a URL only.
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? port : Number(url.port),
  };
  if (protocol.startsWith('ws')) options.path = `${url.pathname}${url.search}`;
  const username = address.username ?? decodeURIComponent(url.username);
  const password = address.password ?? decodeURIComponent(url.password);
  if (username !== '') options.username = username;
  if (password !== '') options.password = password;
  if (protocol === 'mqtts' || protocol === 'wss') Object.assign(options, tlsOptions(address.tls ?? {}));
  return options;
}

function tlsOptions(tls: NonNullable<BrokerAddress['tls']>): object {
  return {
    rejectUnauthorized: true,
    ...(tls.caFile === undefined ? {} : { ca: readFileSync(tls.caFile) }),
    ...(tls.certFile === undefined ? {} : { cert: readFileSync(tls.certFile) }),
    ...(tls.keyFile === undefined ? {} : { key: readFileSync(tls.keyFile) }),
    ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

/** Scheme, host and port for texts, without credentials. */
export function describe(address: BrokerAddress): string {
  return address.url.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/, '');
}
