/** What a person is told when a cluster on this machine runs. */
import type { Cluster, ClusterOptions } from '../../../infra/local/cluster.ts';
import type { Part } from '../../../infra/local/part.ts';
import { productVersion } from '../../platform/build-info.ts';
import { inheritedCseId } from '../config.ts';
import type { GuardedCluster } from './guarded-cluster.ts';

export interface Shown {
  broker: NonNullable<ClusterOptions['broker']>;
  kafka: '1' | '3';
  cluster: Cluster;
  /** The same, where its broker asks for credentials. */
  guarded: GuardedCluster | undefined;
}

export function bannerOf({ broker, kafka, cluster, guarded }: Shown): string {
  const { parts, processes, mqttUrls } = cluster;
  const lines = [
    '',
    `in-cse ${productVersion()}: a cluster on this machine`,
    '',
    `  MQTT      ${mqttUrls.join('  ')}  (${broker}, ${pidsOf(parts.broker)})`,
    `  Kafka     ${bare(parts.kafka.url)}  (${pidsOf(parts.kafka)})`,
    `  Postgres  ${bare(parts.postgres.url)}  (${pidsOf(parts.postgres)})`,
    `  Redis     ${bare(parts.redis.url)}  (${pidsOf(parts.redis)})`,
    ...processes.map(
      ({ name, adminUrl, pid }) => `  ${name.padEnd(17)}  pid ${String(pid).padEnd(7)} ${adminUrl}/readyz`,
    ),
    '',
    ...(kafka === '1' ? ['  One Kafka node: for development. What was promised needs --kafka 3.', ''] : []),
    ...(guarded === undefined ? openLines(cluster) : guardedLines(guarded)),
    '',
    '  Ctrl-C ends everything and leaves nothing behind.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function openLines({ mqttUrls: [url = ''] }: Cluster): string[] {
  const shown = url === 'mqtt://127.0.0.1:1883' ? '' : ` --url ${url}`;
  return ['  Try in another terminal', `    npx in-cse create ae --from Cme --name me${shown}${cseOption()}`];
}

function guardedLines({ security, operatorEnvironment, mqttUrls: [url = ''] }: GuardedCluster): string[] {
  const { guard, certificates } = security;
  const variables = Object.entries(operatorEnvironment).map(([name, value]) => `    export ${name}='${value}'`);
  const cse = inheritedCseId() ?? '/id-in';
  const login = `Cme@${cse.replace('/', '')}`;
  const isMosquitto = guard.name === 'mosquitto';
  return [
    '  Only credentials get in. Make one in another terminal',
    ...variables,
    `    npx in-cse credentials create ae Cme --password-file me${cseOption()}`,
    `  It is taken up within two seconds${isMosquitto ? ', for which Mosquitto is restarted' : ''}. Then`,
    `    npx in-cse create ae --from Cme --name me${cseOption()} --ca ${certificates.caFile} \\`,
    `      --url "${url.replace('://', `://${login}:$(cat me)@`)}"`,
    ...(isMosquitto ? ['  A credential has one connection at a time: a second one ends the first.'] : []),
    `  Devices with a certificate connect to ${guard.certificateUrl}.`,
  ];
}

function cseOption(): string {
  const cseId = inheritedCseId();
  return cseId === undefined ? '' : ` --cse-id ${cseId}`;
}

function pidsOf({ pids }: Part): string {
  return pids.length === 0 ? 'given' : `pid ${pids.join(', ')}`;
}

/** Without password, and without the parameters of its encryption. No parsing: of Kafka there are several hosts in one URL. */
export function bare(url: string): string {
  return url.replace(/:\/\/([^:/@]*):[^/]*@/, '://$1@').replace(/\?.*/s, '');
}
