import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from '../../infra/local/certificates.ts';
import { startHiveMq } from '../../infra/local/hivemq.ts';
import type { Part } from '../../infra/local/part.ts';
import { renderAccessFiles } from '../../services/adapters/hivemq/access-files.ts';
import type { Credential } from '../../services/ports/credential-store.ts';
import { pause } from '../contract/device-link/waiting.ts';
import { scope } from '../fixtures/broker-access/identities.ts';
import { brokerAccessSuite } from './broker-access-suite.ts';
import { observer } from './guarded-broker.ts';
import { withParts } from './with-parts.ts';

const { skip } = withParts({ hivemq: true }, { own: true });
let folder = '';
let part: Part | undefined;
let certificates: Certificates | undefined;

const everything = [`identity\t${observer.name}\tservice\t-`, 'publish\t#', 'subscribe\tany\t#'];

/** Writes the files; returns the element <mqtt>. */
function write(credentials: readonly Credential[]): string {
  const [access, settings] = renderAccessFiles(credentials, scope, Date.now());
  const text = (access?.text ?? '').replace(/end\n$/, `${everything.join('\n')}\nend\n`);
  writeFileSync(join(folder, 'access'), text, { mode: 0o600 });
  return settings?.text ?? '';
}

brokerAccessSuite(
  {
    name: 'hivemq',
    bothPasswords: true,
    rightsByExport: true,
    async start(credentials) {
      folder = mkdtempSync(join(tmpdir(), 'in-cse-access-'));
      certificates = await makeCertificates(join(folder, 'tls'));
      const mqttSettings = write(credentials);
      const secured = { certificates, clientCertificate: 'optional' } as const;
      part = await startHiveMq({ accessFile: join(folder, 'access'), secured, mqttSettings });
    },
    async stop() {
      await part?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    async exported(credentials) {
      write(credentials);
      // It looks twice a second.
      await pause(1100);
    },
    async restart() {
      await part?.restart();
    },
    certificates() {
      if (certificates === undefined) throw new Error('not started');
      return certificates;
    },
    url: () => part?.url ?? '',
  },
  skip,
);
