import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../../infra/local/certificates.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { startMosquitto } from '../../infra/local/mosquitto.ts';
import type { Part } from '../../infra/local/part.ts';
import { renderAccessFiles } from '../../services/adapters/mosquitto/access-files.ts';
import { mosquittoSettings } from '../../services/adapters/mosquitto/settings.ts';
import type { Credential } from '../../services/ports/credential-store.ts';
import { pause } from '../contract/device-link/waiting.ts';
import { scope } from '../fixtures/broker-access/identities.ts';
import { brokerAccessSuite } from './broker-access-suite.ts';
import { observer } from './guarded-broker.ts';
import { withParts } from './with-parts.ts';

const { skip } = withParts({ mosquitto: true }, { own: true });
let folder = '';
let ports: number[] = [];
let part: Part | undefined;
let certificates: Certificates | undefined;

interface DynamicSecurity {
  clients: object[];
  roles: object[];
}

function write(credentials: readonly Credential[]): void {
  for (const { name, text } of renderAccessFiles(credentials, scope, Date.now())) {
    writeFileSync(join(folder, name), name.endsWith('.json') ? withObserver(text) : text, { mode: 0o600 });
  }
}

function withObserver(text: string): string {
  const { clients, roles, ...rest } = JSON.parse(text) as DynamicSecurity;
  const kinds = ['publishClientSend', 'publishClientReceive', 'subscribePattern', 'unsubscribePattern'];
  const acls = kinds.map((acltype) => ({ acltype, topic: '#', priority: 0, allow: true }));
  return JSON.stringify({
    ...rest,
    clients: [...clients, { username: observer.name, roles: [{ rolename: observer.name }] }],
    roles: [...roles, { rolename: observer.name, acls }],
  });
}

brokerAccessSuite(
  {
    name: 'mosquitto',
    bothPasswords: false,
    rightsByExport: false,
    async start(credentials) {
      folder = mkdtempSync(join(tmpdir(), 'in-cse-access-'));
      certificates = await makeCertificates(join(folder, 'tls'));
      write(credentials);
      ports = await freePorts(3);
      const [passwordListener, certificateListener, serviceListener] = ports.map((port) => `${port} 127.0.0.1`);
      const { caFile, server } = certificates;
      const settings = mosquittoSettings({
        folder,
        passwordListener,
        certificateListener,
        serviceListener,
        caFile,
        ...server,
      });
      part = await startMosquitto({ settings: settings.split('\n'), listenerUrl: `mqtts://127.0.0.1:${ports[0]}` });
    },
    async stop() {
      await part?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    async exported(credentials) {
      write(credentials);
      process.kill(part?.pids[0] ?? 0, 'SIGHUP');
      await pause(200);
    },
    async restart() {
      await part?.restart();
    },
    certificates() {
      if (certificates === undefined) throw new Error('not started');
      return certificates;
    },
    url(way, service) {
      const [passwords, devices, services] = ports;
      const port = way === 'password' ? passwords : service ? services : devices;
      return `mqtts://127.0.0.1:${port}`;
    },
  },
  skip,
);
