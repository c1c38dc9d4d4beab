/** HiveMQ CE: one node, MQTT 3.1.1 and 5, durable. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrokerUser, brokerUrl } from './broker-user.ts';
import type { Certificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { installExtension } from './hivemq-extension.ts';
import { javaArguments } from './java-part.ts';
import { type Part, startNodes } from './part.ts';
import { Program } from './program.ts';
import { openWorkFolder } from './work-folder.ts';

export interface HiveMqOptions {
  /** Any free one if absent. */
  port?: number;
  /** Who may connect. Everybody, without credentials, if absent; else the part's url carries those of the first. */
  users?: readonly BrokerUser[];
  /**
   * Instead of `users`: the file of our access extension, which then decides. The node reads it again when it changes, and is
   * HiveMQ's own program with the extension in its folder.
   */
  accessFile?: string;
  /** MQTT comes by TLS only; the url begins with `mqtts:`. Clients may show a certificate of the authority, or must. */
  secured?: { certificates: Certificates; clientCertificate?: 'optional' | 'required' };
  /** The element <mqtt> of config.xml, instead of the launcher's. */
  mqttSettings?: string;
  /** Java heap. */
  heap?: string;
}

const openPackages = ['java.base/java.lang', 'java.base/java.nio', 'java.base/sun.nio.ch'];

/** The url is `mqtt://host:port`. */
export async function startHiveMq(options: HiveMqOptions = {}): Promise<Part> {
  const { users = [], heap = '512m', accessFile } = options;
  const java = await javaArguments('hivemq', heap);
  const [freePort = 0] = await freePorts(1);
  const port = options.port ?? freePort;
  const folder = openWorkFolder('hivemq');
  const home = folder.path;
  for (const name of ['conf', 'data', 'extensions', 'log']) mkdirSync(join(home, name));
  writeFileSync(join(home, 'conf', 'config.xml'), configXml(port, home, options));
  const usersFile = join(home, 'users');
  writeFileSync(usersFile, users.map((user) => `${userLine(user)}\n`).join(''), { mode: 0o600 });
  if (accessFile !== undefined) {
    symlinkSync(accessFile, join(await installExtension(join(home, 'extensions')), 'in-cse-access.txt'));
  }
  const plainUrl = brokerUrl(port, users[0]);
  const url = options.secured === undefined ? plainUrl : plainUrl.replace('mqtt://', 'mqtts://');
  return startNodes({
    name: 'hivemq',
    url,
    urls: [url],
    folder,
    programs: [
      new Program({
        name: 'hivemq',
        folder,
        command: 'java',
        args: [
          ...openPackages.map((name) => `--add-opens=${name}=ALL-UNNAMED`),
          '--add-opens=jdk.management/com.sun.management.internal=ALL-UNNAMED',
          '--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED',
          `-Dhivemq.home=${home}`,
          ...java,
          ...(accessFile === undefined ? ['HiveMqNode', home, usersFile] : ['com.hivemq.HiveMQServer']),
        ],
        ready: accessFile === undefined ? /node is ready/ : /Started HiveMQ in/,
      }),
    ],
  });
}

function userLine({ name, password, filters = [] }: BrokerUser): string {
  return [name, password, ...filters].join('\t');
}

/** The two limits are 1000 and 10 by default: beyond the first a message is dropped, beyond the second a client is. */
const usualMqttSettings = `<mqtt>
    <queued-messages><max-queue-size>100000</max-queue-size><strategy>discard</strategy></queued-messages>
    <receive-maximum><server-receive-maximum>65535</server-receive-maximum></receive-maximum>
  </mqtt>`;

function configXml(port: number, home: string, { secured, mqttSettings = usualMqttSettings }: HiveMqOptions): string {
  const place = `<port>${port}</port><bind-address>127.0.0.1</bind-address>`;
  return `<hivemq>
  <listeners>${secured === undefined ? `<tcp-listener>${place}</tcp-listener>` : tlsListener(place, home, secured)}</listeners>
  ${mqttSettings}
  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
</hivemq>
`;
}

function tlsListener(
  place: string,
  home: string,
  { certificates, clientCertificate }: NonNullable<HiveMqOptions['secured']>,
): string {
  const { caFile, server } = certificates;
  // HiveMQ reads key stores only; that they are made for one test is why their password is no secret.
  const password = 'changeit';
  const keys = join(home, 'conf', 'server.p12');
  const authorities = join(home, 'conf', 'authorities.p12');
  const quiet = { stdio: 'ignore' } as const;
  const pass = ['-passout', `pass:${password}`];
  execFileSync(
    'openssl',
    ['pkcs12', '-export', '-in', server.certFile, '-inkey', server.keyFile, '-out', keys, ...pass],
    quiet,
  );
  const store = ['-keystore', authorities, '-storetype', 'PKCS12', '-storepass', password];
  execFileSync('keytool', ['-importcert', '-noprompt', '-alias', 'authority', '-file', caFile, ...store], quiet);
  const mode = { optional: 'OPTIONAL', required: 'REQUIRED', none: 'NONE' }[clientCertificate ?? 'none'];
  return `<tls-tcp-listener>${place}<tls>
    <keystore><path>${keys}</path><password>${password}</password><private-key-password>${password}</private-key-password></keystore>
    <truststore><path>${authorities}</path><password>${password}</password></truststore>
    <client-authentication-mode>${mode}</client-authentication-mode>
  </tls></tls-tcp-listener>`;
}
