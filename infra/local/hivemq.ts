/** HiveMQ CE: one node, MQTT 3.1.1 and 5, durable. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BrokerUser, brokerUrl } from './broker-user.ts';
import { freePorts } from './free-ports.ts';
import { javaArguments } from './java-part.ts';
import { type Part, startNodes } from './part.ts';
import { Program } from './program.ts';
import { openWorkFolder } from './work-folder.ts';

export interface HiveMqOptions {
  /** Any free one if absent. */
  port?: number;
  /** Who may connect. Everybody, without credentials, if absent; else the part's url carries those of the first. */
  users?: readonly BrokerUser[];
  /** Java heap. */
  heap?: string;
}

const openPackages = ['java.base/java.lang', 'java.base/java.nio', 'java.base/sun.nio.ch'];

/** The url is `mqtt://host:port`. */
export async function startHiveMq(options: HiveMqOptions = {}): Promise<Part> {
  const { users = [], heap = '512m' } = options;
  const java = await javaArguments('hivemq', heap);
  const [freePort = 0] = await freePorts(1);
  const port = options.port ?? freePort;
  const folder = openWorkFolder('hivemq');
  mkdirSync(join(folder.path, 'conf'));
  writeFileSync(join(folder.path, 'conf', 'config.xml'), configXml(port));
  const usersFile = join(folder.path, 'users');
  writeFileSync(usersFile, users.map((user) => `${userLine(user)}\n`).join(''), { mode: 0o600 });
  const url = brokerUrl(port, users[0]);
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
          ...java,
          'HiveMqNode',
          folder.path,
          usersFile,
        ],
        ready: /node is ready/,
      }),
    ],
  });
}

function userLine({ name, password, filters = [] }: BrokerUser): string {
  return [name, password, ...filters].join('\t');
}

/** The two limits are 1000 and 10 by default: beyond the first a message is dropped, beyond the second a client is. */
function configXml(port: number): string {
  return `<hivemq>
  <listeners><tcp-listener><port>${port}</port><bind-address>127.0.0.1</bind-address></tcp-listener></listeners>
  <mqtt>
    <queued-messages><max-queue-size>100000</max-queue-size><strategy>discard</strategy></queued-messages>
    <receive-maximum><server-receive-maximum>65535</server-receive-maximum></receive-maximum>
  </mqtt>
  <anonymous-usage-statistics><enabled>false</enabled></anonymous-usage-statistics>
</hivemq>
`;
}
