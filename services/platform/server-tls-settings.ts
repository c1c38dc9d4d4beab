/** Settings of a server that speaks TLS, and what they say together. */

import type { Log } from './logging.ts';
import { openServerCertificate, type ServerCertificate, type ServerCertificateFiles } from './server-certificate.ts';
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

/** The certificate that the settings name, with a line in the log whenever its files change; undefined where they name none. */
export function openCertificateOf(
  settings: Parameters<typeof certificateFilesOf>[0],
  log: Log,
): ServerCertificate | undefined {
  const files = certificateFilesOf(settings);
  if (files === undefined) return undefined;
  return openServerCertificate(files, {
    changed: (error) => {
      if (error === undefined) log.info({}, 'a new certificate is used from now on');
      else log.error({ error }, 'the new certificate cannot be used: the old one still is');
    },
  });
}
