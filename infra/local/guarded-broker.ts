/** A broker that lets in by access files only: Mosquitto or HiveMQ CE by TLS, with the files in a folder that others write. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { CertificateFiles, Certificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { startHiveMq } from './hivemq.ts';
import { startMosquitto } from './mosquitto.ts';
import type { Part } from './part.ts';

export type GuardedBrokerName = 'mosquitto' | 'hivemq';

export interface GuardedBrokerOptions {
  broker: GuardedBrokerName;
  /** Of devices with a password; any free one if absent. */
  port?: number;
  /** Holds the access files, those that are to be fitted to the place included. */
  folder: string;
  certificates: Certificates;
}

export interface GuardedBroker {
  name: GuardedBrokerName;
  /** Its urls: of devices with a password, then of those with a certificate where that is another. */
  part: Part;
  /** Of devices with a certificate, whose common name is their identity. */
  certificateUrl: string;
  /** Of our own processes, with a certificate. */
  serviceUrl: string;
  /**
   * Takes up access files that were written anew, as docs/brokers.md tells operators to. `restarted`: every client was
   * disconnected; the sessions that last are kept.
   */
  renew(): Promise<'restarted' | 'told'>;
}

export function startGuardedBroker(options: GuardedBrokerOptions): Promise<GuardedBroker> {
  return options.broker === 'mosquitto' ? startGuardedMosquitto(options) : startGuardedHiveMq(options);
}

async function startGuardedMosquitto({ port, folder, certificates }: GuardedBrokerOptions): Promise<GuardedBroker> {
  const [free = 0, certificatePort = 0, servicePort = 0] = await freePorts(3);
  const passwordPort = port ?? free;
  const urlOf = (each: number) => `mqtts://127.0.0.1:${each}`;
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const settings = fitted(read('in-cse.conf'), {
    folder,
    ports: [passwordPort, certificatePort, servicePort],
    caFile: certificates.caFile,
    server: certificates.server,
  });
  const part = await startMosquitto({ settings: settings.split('\n'), listenerUrl: urlOf(passwordPort) });
  const rights = () => read('dynamic-security.json');
  let known = rights();
  return {
    name: 'mosquitto',
    part: withUrls(part, [urlOf(passwordPort), urlOf(certificatePort)]),
    certificateUrl: urlOf(certificatePort),
    serviceUrl: urlOf(servicePort),
    async renew() {
      const now = rights();
      if (now === known) {
        for (const pid of part.pids) process.kill(pid, 'SIGHUP');
        return 'told';
      }
      // It reads rights only when it starts.
      await part.restart();
      known = now;
      return 'restarted';
    },
  };
}

/** The exported settings with the places of this machine in them. */
function fitted(
  text: string,
  { folder, ports, caFile, server }: { folder: string; ports: number[]; caFile: string; server: CertificateFiles },
): string {
  const usual = '/etc/mosquitto/in-cse';
  let listener = 0;
  return text
    .replaceAll(`${usual}/ca.pem`, caFile)
    .replaceAll(`${usual}/server.pem`, server.certFile)
    .replaceAll(`${usual}/server.key`, server.keyFile)
    .replaceAll(usual, folder)
    .replaceAll(/^listener \d+$/gm, () => `listener ${ports[listener++]} 127.0.0.1`);
}

/** It looks for a new file twice a second. */
const hiveMqLooks = 1100;

async function startGuardedHiveMq({ port, folder, certificates }: GuardedBrokerOptions): Promise<GuardedBroker> {
  const part = await startHiveMq({
    ...(port === undefined ? {} : { port }),
    accessFile: join(folder, 'in-cse-access.txt'),
    mqttSettings: readFileSync(join(folder, 'config-mqtt.xml'), 'utf8'),
    secured: { certificates, clientCertificate: 'optional' },
  });
  return {
    name: 'hivemq',
    part,
    certificateUrl: part.url,
    serviceUrl: part.url,
    async renew() {
      await pause(hiveMqLooks);
      return 'told';
    },
  };
}

function withUrls(part: Part, urls: readonly string[]): Part {
  // Not spread: what a part tells of its processes is asked anew each time.
  return Object.create(part, { urls: { value: urls, enumerable: true } }) as Part;
}
