/** The certificate by which a server of ours proves who it is, from files that are replaced while it runs. */
import { constants } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';
import { watchFiles } from './files.ts';

export interface ServerCertificateFiles {
  /** PEM: our certificate, and those that lead to its authority. */
  certFile: string;
  /** PEM. */
  keyFile: string;
  /** PEM: authorities whose certificates clients may show. Undefined: clients show none. */
  clientCaFile?: string | undefined;
}

export interface ServerCertificate {
  options(): TlsOptions;
  /** Calls back with new options for connections made from then on; gives a function that stops that. */
  renewed(take: (options: SecureContextOptions) => void): () => void;
  close(): void;
}

/** Files that cannot be used; the message says which and why. */
export class CertificateUnusable extends Error {
  override name = 'CertificateUnusable';
}

interface Hooks {
  /** New files are used from now on, or the old ones still, because of `error`. */
  changed?(error: Error | undefined): void;
  /** ms between two looks at the files. */
  interval?: number | undefined;
}

/** ms. */
const handshakeTimeout = 10_000;

/** Throws {@link CertificateUnusable}. */
export function openServerCertificate(files: ServerCertificateFiles, hooks: Hooks = {}): ServerCertificate {
  const takers = new Set<(options: SecureContextOptions) => void>();
  let current = read(files);
  const paths = [files.certFile, files.keyFile, files.clientCaFile].filter((path) => path !== undefined);
  const unwatch = watchFiles(
    paths,
    () => {
      try {
        const next = read(files);
        for (const take of takers) take(next);
        current = next;
        hooks.changed?.(undefined);
      } catch (error) {
        hooks.changed?.(error as Error);
      }
    },
    hooks.interval,
  );
  return {
    options: () => ({
      ...current,
      handshakeTimeout,
      requestCert: files.clientCaFile !== undefined,
      // Whoever listens looks at `authorized`: a client may have a password instead of a certificate.
      rejectUnauthorized: false,
    }),
    renewed(take) {
      takers.add(take);
      return () => takers.delete(take);
    },
    close: unwatch,
  };
}

function read({ certFile, keyFile, clientCaFile }: ServerCertificateFiles): SecureContextOptions {
  const options: SecureContextOptions = {
    cert: readPem(certFile),
    key: readPem(keyFile),
    ...(clientCaFile === undefined ? {} : { ca: readPem(clientCaFile) }),
    minVersion: 'TLSv1.2',
    // A resumed session would keep what an earlier certificate has proven.
    secureOptions: constants.SSL_OP_NO_TICKET,
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new CertificateUnusable(`${certFile} and ${keyFile} cannot be used together: ${(error as Error).message}`);
  }
  return options;
}

function readPem(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new CertificateUnusable(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
