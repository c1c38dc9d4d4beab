/** Apache ActiveMQ Artemis as an MQTT broker (3.1.1 and 5): one node, or three that are one clustered broker. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { javaArguments } from './java-part.ts';
import { type Part, startNodes } from './part.ts';
import { Program } from './program.ts';
import { openWorkFolder } from './work-folder.ts';

export interface ArtemisOptions {
  /** Of MQTT on the first node; any free one if absent. */
  port?: number;
  /** One by default. Sessions and retained messages live on their node, shared subscriptions and topics on all. */
  nodes?: 1 | 3;
  /** Java heap of a node. */
  heap?: string;
}

/** Urls are `mqtt://host:port`, one per node. */
export async function startArtemis(options: ArtemisOptions = {}): Promise<Part> {
  const { nodes = 1, heap = '256m' } = options;
  const java = await javaArguments('artemis', heap);
  const ports = await freePorts(nodes * 2);
  const devices = ports.slice(0, nodes);
  if (options.port !== undefined) devices[0] = options.port;
  const members = ports.slice(nodes);
  const folder = openWorkFolder('artemis');
  const urls = devices.map((port) => `mqtt://127.0.0.1:${port}`);
  return startNodes({
    name: nodes === 1 ? 'artemis' : `artemis × ${nodes}`,
    url: `mqtt://127.0.0.1:${devices[0]}`,
    urls,
    folder,
    programs: devices.map((port, index) => {
      const file = join(folder.path, `node-${index + 1}.xml`);
      writeFileSync(file, brokerXml({ index, port, members, folder: folder.path }));
      return new Program({
        name: `artemis-${index + 1}`,
        folder,
        command: 'java',
        args: [...java, 'ArtemisNode', file],
        ready: /node is ready/,
      });
    }),
  });
}

function brokerXml(node: { index: number; port: number; members: number[]; folder: string }): string {
  const { index, port, members, folder } = node;
  const name = (member: number) => `node-${member + 1}`;
  const own = join(folder, name(index));
  const address = (member: number) => `tcp://127.0.0.1:${members[member]}`;
  const connectors = members.map((_, member) => `<connector name="${name(member)}">${address(member)}</connector>`);
  return `<configuration xmlns="urn:activemq"><core xmlns="urn:activemq:core">
  <name>${name(index)}</name>
  <persistence-enabled>true</persistence-enabled>
  <journal-type>NIO</journal-type>
  <journal-buffer-timeout>200000</journal-buffer-timeout>
  <journal-min-files>2</journal-min-files>
  <journal-pool-files>4</journal-pool-files>
  <journal-file-size>4M</journal-file-size>
  <security-enabled>false</security-enabled>
  <max-disk-usage>99</max-disk-usage>
  <paging-directory>${own}/paging</paging-directory>
  <bindings-directory>${own}/bindings</bindings-directory>
  <journal-directory>${own}/journal</journal-directory>
  <large-messages-directory>${own}/large</large-messages-directory>
  <connectors>${connectors.join('')}</connectors>
  <acceptors>
    <acceptor name="core">${address(index)}?protocols=CORE</acceptor>
    <acceptor name="mqtt">tcp://127.0.0.1:${port}?protocols=MQTT;tcpNoDelay=true</acceptor>
  </acceptors>
  ${
    members.length > 1
      ? clusterXml(
          index,
          members.map((_, member) => name(member)),
        )
      : ''
  }
  <address-settings><address-setting match="#"><redistribution-delay>0</redistribution-delay></address-setting></address-settings>
</core></configuration>
`;
}

/** Short periods, so that the others notice a dead node within seconds. */
function clusterXml(own: number, names: string[]): string {
  const others = names.filter((_, member) => member !== own);
  return `<cluster-user>member</cluster-user>
  <cluster-password>member</cluster-password>
  <cluster-connections><cluster-connection name="all">
    <connector-ref>${names[own]}</connector-ref>
    <check-period>1000</check-period>
    <connection-ttl>3000</connection-ttl>
    <retry-interval>300</retry-interval>
    <reconnect-attempts>-1</reconnect-attempts>
    <use-duplicate-detection>true</use-duplicate-detection>
    <message-load-balancing>ON_DEMAND</message-load-balancing>
    <max-hops>1</max-hops>
    <static-connectors>${others.map((other) => `<connector-ref>${other}</connector-ref>`).join('')}</static-connectors>
  </cluster-connection></cluster-connections>`;
}
