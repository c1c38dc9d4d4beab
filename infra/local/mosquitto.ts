/** Eclipse Mosquitto: one node, MQTT 3.1.1 and 5, the quickest. */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type BrokerUser, brokerUrl } from './broker-user.ts';
import type { Certificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { type Part, startNodes } from './part.ts';
import { locateTool } from './prerequisites.ts';
import { Program } from './program.ts';
import { openWorkFolder } from './work-folder.ts';

export interface MosquittoOptions {
  /** Of MQTT; any free one if absent. */
  port?: number;
  /** Who may connect. Everybody, without credentials, if absent; else the part's url carries those of the first. */
  users?: readonly BrokerUser[];
  /** Also MQTT over WebSocket; its url is then the second. Mosquitto 2.0.11 binds that to all interfaces. */
  webSocket?: boolean;
  /** MQTT comes by TLS only; the url begins with `mqtts:`. Certificates of the server are taken up at every start. */
  secured?: {
    certificates: Certificates;
    /** Clients must show a certificate of the authority: its common name is the user's name, there are no passwords. */
    clientCertificate?: boolean;
  };
  /** More lines for mosquitto.conf. */
  settings?: readonly string[];
  /** The url of a listener that `settings` open: they say all about listeners and access, the options above nothing. */
  listenerUrl?: string;
}

/**
 * The url is `mqtt://host:port`. A kill loses what it acknowledged in the last seconds (it saves each half a minute, and on
 * a stop in good order): where a test needs a broker that keeps its word, take HiveMQ or Artemis.
 */
export async function startMosquitto(options: MosquittoOptions = {}): Promise<Part> {
  const { users = [], webSocket = false, secured, listenerUrl } = options;
  const [freePort = 0, webPort = 0] = await freePorts(2);
  const port = options.port ?? freePort;
  const folder = openWorkFolder('mosquitto');
  const inside = (name: string) => join(folder.path, name);
  const lines = [
    // Started by root it becomes another user otherwise, who can read nothing here.
    `user ${userInfo().username}`,
    ...(listenerUrl === undefined ? [`listener ${port} 127.0.0.1`] : []),
    ...(secured === undefined ? [] : tlsLines(secured)),
    ...(webSocket ? [`listener ${webPort} 127.0.0.1`, 'protocol websockets'] : []),
    'persistence true',
    `persistence_location ${folder.path}/`,
    'autosave_interval 30',
    // 20 and 1000 by default; beyond the second a QoS 1 message is dropped without a word.
    'max_inflight_messages 0',
    'max_queued_messages 0',
    'max_queued_bytes 0',
    // Without it a QoS 1 round trip takes 40 ms.
    'set_tcp_nodelay true',
    ...(listenerUrl === undefined ? admissionLines(users, inside) : []),
    ...(options.settings ?? []),
  ];
  writeFileSync(inside('mosquitto.conf'), `${lines.join('\n')}\n`);
  writeFileSync(inside('passwords'), '', { mode: 0o600 });
  writeFileSync(inside('acl'), users.flatMap(accessLines).join('\n'), { mode: 0o600 });
  for (const { name, password } of users) {
    execFileSync('mosquitto_passwd', ['-b', inside('passwords'), name, password], { stdio: 'ignore' });
  }
  const withoutPassword = secured?.clientCertificate === true;
  const plainUrl = brokerUrl(port, withoutPassword ? undefined : users[0]);
  const url = listenerUrl ?? (secured === undefined ? plainUrl : plainUrl.replace('mqtt://', 'mqtts://'));
  return startNodes({
    name: 'mosquitto',
    url,
    urls: webSocket ? [url, plainUrl.replace('mqtt://', 'ws://').replace(`:${port}`, `:${webPort}`)] : [url],
    folder,
    programs: [
      new Program({
        name: 'mosquitto',
        folder,
        command: locateTool('mosquitto') ?? 'mosquitto',
        args: ['-c', inside('mosquitto.conf')],
        ready: /mosquitto version \S+ running/,
      }),
    ],
  });
}

function admissionLines(users: readonly BrokerUser[], inside: (name: string) => string): string[] {
  if (users.length === 0) return ['allow_anonymous true'];
  return ['allow_anonymous false', `password_file ${inside('passwords')}`, `acl_file ${inside('acl')}`];
}

function accessLines({ name, filters = ['#'] }: BrokerUser): string[] {
  return [`user ${name}`, ...filters.map((filter) => `topic readwrite ${filter}`), ''];
}

function tlsLines({ certificates, clientCertificate = false }: NonNullable<MosquittoOptions['secured']>): string[] {
  const { caFile, server } = certificates;
  return [
    `cafile ${caFile}`,
    `certfile ${server.certFile}`,
    `keyfile ${server.keyFile}`,
    ...(clientCertificate ? ['require_certificate true', 'use_identity_as_username true'] : []),
  ];
}
