/** Passwords and certificates in files that a test replaces, as an operator does. */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CertificateFiles, type Certificates, makeCertificates } from '../../infra/local/certificates.ts';

/** ms between looks at files, for tests that cannot wait. */
export const watchInterval = 50;

export interface SecretFiles {
  readonly certificates: Certificates;
  readonly client: CertificateFiles;
  path(name: string): string;
  /** Writes a file whole; returns its path. */
  write(name: string, content: string): string;
  /** Another authority, server and client certificate in the same files: nothing that was made before is of use any more. */
  replaceCertificates(): Promise<void>;
  remove(): void;
}

/** `commonName` of the client. */
export async function openSecretFiles(commonName: string): Promise<SecretFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'in-cse-secrets-'));
  const path = (name: string) => join(folder, name);
  const write = (name: string, content: string) => {
    writeFileSync(path(`${name}.new`), content, { mode: 0o600 });
    renameSync(path(`${name}.new`), path(name));
    return path(name);
  };
  const certificates = await makeCertificates(folder);
  const client = await certificates.issueClient(commonName);
  return {
    certificates,
    client,
    path,
    write,
    replaceCertificates: () => certificates.replaceAll(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
