/** Where a broker is and who we are to it. */
import { isIP } from 'node:net';
import type { IClientOptions } from 'mqtt';
import { pathsOf, readTlsFiles, type TlsFiles } from '../../platform/files.ts';

/** Everything is looked up anew for each connection, so that changed secrets and renewed certificates are taken up. */
export interface BrokerAddress {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`; may carry `user:password@`. A path counts for WebSocket only. */
  url: string;
  /** Instead of those in the URL. */
  username?: string;
  password?: string | undefined;
  /** The files behind URL and password. */
  files?: readonly string[];
  /** PEM files. */
  tls?: {
    caFile?: string;
    certFile?: string;
    keyFile?: string;
    /** Takes any certificate, for anybody. */
    insecure?: boolean;
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
  if (protocol === 'mqtts' || protocol === 'wss') Object.assign(options, tlsOptions(address.tls ?? {}, url.hostname));
  return options;
}

function tlsOptions(tls: NonNullable<BrokerAddress['tls']>, host: string): object {
  // Said here, because what the library adds is not ours to rely on.
  const servername = tls.serverName ?? (isIP(host) === 0 ? host : undefined);
  return { ...readTlsFiles(filesOf(tls)), ...(servername === undefined ? {} : { servername }) };
}

function filesOf({ caFile, certFile, keyFile, insecure }: NonNullable<BrokerAddress['tls']>): TlsFiles {
  return {
    ...(caFile === undefined ? {} : { ca: caFile }),
    ...(certFile === undefined ? {} : { cert: certFile }),
    ...(keyFile === undefined ? {} : { key: keyFile }),
    ...(insecure === undefined ? {} : { insecure }),
  };
}

/** Files whose change means that connections are to be made anew. */
export function filesBehind({ files = [], tls = {} }: BrokerAddress): string[] {
  return [...files, ...pathsOf(filesOf(tls))];
}

/** Scheme, host and port for texts, without credentials. */
export function describe(address: BrokerAddress): string {
  return address.url.replace(/\/\/[^/@]*@/, '//').replace(/[?#].*$/, '');
}
