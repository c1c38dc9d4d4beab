/** Settings of a server that speaks TLS, and what they say together. */

import type { ServerCertificateFiles } from './server-certificate.ts';
import { optional, text } from './setting-types.ts';
import type { SettingsOf } from './settings.ts';

export const serverTlsSettings = {
  tlsCertFile: optional(
    text({ default: '', sentence: 'PEM file of our certificate for TLS; read again when it changes.' }),
  ),
  tlsKeyFile: optional(text({ default: '', sentence: 'PEM file of its key.' })),
  tlsClientCaFile: optional(
    text({ default: '', sentence: 'PEM file of authorities whose certificates clients may show.' }),
  ),
};

type ServerTlsSettings = SettingsOf<typeof serverTlsSettings>;

/** undefined: no TLS. */
export function certificateFilesOf(settings: ServerTlsSettings): ServerCertificateFiles | undefined {
  const { tlsCertFile: certFile, tlsKeyFile: keyFile, tlsClientCaFile: clientCaFile } = settings;
  return certFile === undefined || keyFile === undefined ? undefined : { certFile, keyFile, clientCaFile };
}

/** What is wrong with them. */
export function serverTlsProblems({ tlsCertFile, tlsKeyFile, tlsClientCaFile }: ServerTlsSettings): string[] {
  if ((tlsCertFile === undefined) !== (tlsKeyFile === undefined)) {
    return ['--tls-cert-file and --tls-key-file belong together: give both'];
  }
  return tlsClientCaFile !== undefined && tlsCertFile === undefined
    ? ['--tls-client-ca-file is for TLS: give --tls-cert-file and --tls-key-file too']
    : [];
}
