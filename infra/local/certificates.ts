/** Certificates for servers and clients on this machine, by an authority of their own, as PEM files. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { generate } from 'selfsigned';

export interface CertificateFiles {
  /** PEM file of the certificate. */
  certFile: string;
  /** PEM file of its private key (PKCS #8), readable by the owner only. */
  keyFile: string;
  /** PEM file of key and certificate, as Kafka takes them. */
  bothFile: string;
}

export interface IssueOptions {
  /** First part of the file names; what stands there is replaced, as in a renewal. The common name unless given. */
  file?: string;
  /** When it ends; a year from now unless given. */
  notAfter?: Date;
}

export interface Certificates {
  /** PEM file of the authority's certificate: what a client or server must trust. */
  readonly caFile: string;
  /** For localhost and 127.0.0.1, files `server.*`. */
  readonly server: CertificateFiles;
  /** Another certificate for a server. `hosts`: names and addresses; localhost, 127.0.0.1 and ::1 unless given. */
  issueServer(options?: IssueOptions & { hosts?: readonly string[] }): Promise<CertificateFiles>;
  /** A certificate for a client: `commonName` is its identity. */
  issueClient(commonName: string, options?: IssueOptions): Promise<CertificateFiles>;
  /** Another authority, and everything that was issued anew by it, in the same files. */
  replaceAll(): Promise<void>;
}

type GenerateResult = Awaited<ReturnType<typeof generate>>;
type CertificateExtension = NonNullable<NonNullable<Parameters<typeof generate>[1]>['extensions']>[number];

const ownHosts = ['localhost', '127.0.0.1', '::1'];
/** So that a clock a little behind accepts them. */
const backdated = 5 * 60_000;
const lifetime = 365 * 86_400_000;

/** A new authority and a first server certificate in `folder`. EC keys (P-256), signed with SHA-256. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  mkdirSync(folder, { recursive: true });
  const caFile = join(folder, 'ca.pem');
  const issued = new Map<string, () => Promise<CertificateFiles>>();
  let authority = await makeAuthority();
  replace(caFile, authority.cert);

  async function issue(subject: Subject, { file = subject.commonName, notAfter }: IssueOptions) {
    issued.set(file, () => issue(subject, { file }));
    const made = await generate([{ name: 'commonName', value: escapeName(subject.commonName) }], {
      ...validity(notAfter),
      ...keys,
      ca: { key: authority.private, cert: authority.cert },
      extensions: extensionsOf(subject),
    });
    const base = join(folder, file.replaceAll(/[^\w.@-]/g, '_'));
    const files = { certFile: `${base}.cert.pem`, keyFile: `${base}.key.pem`, bothFile: `${base}.both.pem` };
    replace(files.keyFile, made.private);
    replace(files.certFile, made.cert);
    replace(files.bothFile, `${made.private}\n${made.cert}`);
    return files;
  }

  const issueServer: Certificates['issueServer'] = ({ hosts = ownHosts, ...options } = {}) =>
    issue({ commonName: hosts[0] ?? 'localhost', isServer: true, hosts }, { file: 'server', ...options });

  return {
    caFile,
    server: await issueServer(),
    issueServer,
    issueClient: (commonName, options = {}) => issue({ commonName, isServer: false, hosts: [] }, options),
    async replaceAll() {
      authority = await makeAuthority();
      replace(caFile, authority.cert);
      for (const again of [...issued.values()]) await again();
    },
  };
}

interface Subject {
  commonName: string;
  isServer: boolean;
  hosts: readonly string[];
}

function makeAuthority(): Promise<GenerateResult> {
  // Authorities differ in their name: a client must not take the certificate of one for another's.
  const name = `in-cse test authority ${Math.random().toString(36).slice(2, 10)}`;
  return generate([{ name: 'commonName', value: name }], {
    ...validity(),
    ...keys,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
}

function extensionsOf({ isServer, hosts }: Subject): CertificateExtension[] {
  const altNames = hosts.map((host) =>
    isIP(host) === 0 ? { type: 2 as const, value: host } : { type: 7 as const, ip: host },
  );
  return [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, critical: true },
    // A server may be a client of its kind.
    { name: 'extKeyUsage', serverAuth: isServer, clientAuth: true },
    ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName' as const, altNames }]),
  ];
}

const keys = { keyType: 'ec', curve: 'P-256', algorithm: 'sha256' } as const;

function validity(notAfter = new Date(Date.now() + lifetime)): { notBeforeDate: Date; notAfterDate: Date } {
  return { notBeforeDate: new Date(Date.now() - backdated), notAfterDate: notAfter };
}

/** What has a meaning in the text form of a name (RFC 4514 2.4). */
function escapeName(commonName: string): string {
  return commonName.replaceAll(/[,+"\\<>;=#]/g, '\\$&');
}

/** Whole or not at all: a reader never sees half a file. */
function replace(file: string, content: string): void {
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
