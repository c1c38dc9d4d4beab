/** Settings of an embedded CSE about who reaches it and what it asks for, and what they say together. */
import { join } from 'node:path';
import { accessSettings } from '../broker-access/access-settings.ts';
import { isLoopback } from '../platform/loopback.ts';
import { certificateFilesOf, serverTlsProblems, serverTlsSettings } from '../platform/server-tls-settings.ts';
import { choice, count, optional, text, toggle } from '../platform/setting-types.ts';
import type { SettingsOf } from '../platform/settings.ts';

export const embeddedAccessSettings = {
  host: text({
    default: '127.0.0.1',
    sentence: 'Address on which MQTT listens; beyond loopback with credentials only.',
  }),
  mqttsPort: optional(
    count({ default: 8883, maximum: 65_535, sentence: 'Port of MQTT over TLS; 8883 where there is a certificate.' }),
  ),
  wssPort: optional(
    count({ default: 8084, maximum: 65_535, sentence: 'Port of MQTT over WebSocket and TLS; none unless given.' }),
  ),
  ...serverTlsSettings,
  credentials: optional(
    choice(['required', 'off'], {
      default: 'off',
      sentence: 'Whether clients must show credentials; required beyond loopback, else off unless given.',
    }),
  ),
  credentialsFile: optional(
    text({ default: '', sentence: 'File of the credentials; credentials.json in the data folder unless given.' }),
  ),
  insecureListen: toggle({
    default: false,
    sentence: 'Listens beyond loopback without TLS too: passwords and data can be read on the way.',
  }),
  ...accessSettings,
};

type AccessSettings = SettingsOf<typeof embeddedAccessSettings>;

/** Ports that are taken for TLS where there is a certificate and nothing is said. */
const usualTlsPort = 8883;

export function asksForCredentials({ host, credentials }: AccessSettings): boolean {
  return credentials === 'required' || !isLoopback(host);
}

/** undefined: there is none, since nothing is kept and no file is named. */
export function credentialsFileOf(
  { credentialsFile }: Pick<AccessSettings, 'credentialsFile'>,
  dataFolder: string | undefined,
): string | undefined {
  return credentialsFile ?? (dataFolder === undefined ? undefined : join(dataFolder, 'credentials.json'));
}

export interface ListenPlan {
  /** Of connections without TLS. */
  host: string;
  tls: { host: string; port: number; webSocketPort: number | undefined } | undefined;
}

/** Beyond loopback there is no connection without TLS, unless somebody asks for it. */
export function listenPlanOf(settings: AccessSettings): ListenPlan {
  const { host, insecureListen, mqttsPort, wssPort } = settings;
  const hasTls = certificateFilesOf(settings) !== undefined;
  return {
    host: isLoopback(host) || insecureListen ? host : '127.0.0.1',
    tls: hasTls ? { host, port: mqttsPort ?? usualTlsPort, webSocketPort: wssPort } : undefined,
  };
}

/** What is wrong with them, in words. */
export function accessProblems(settings: AccessSettings, dataFolder: string | undefined): string[] {
  const { host, credentials, insecureListen, mqttsPort, wssPort, tlsClientCaFile } = settings;
  const problems = serverTlsProblems(settings);
  const hasTls = certificateFilesOf(settings) !== undefined;
  if (!hasTls && (mqttsPort !== undefined || wssPort !== undefined)) {
    problems.push('--mqtts-port and --wss-port need a certificate: give --tls-cert-file and --tls-key-file');
  }
  if (!isLoopback(host)) {
    if (credentials === 'off') {
      problems.push(
        `--host ${host} is beyond loopback, where credentials are always required: leave out --credentials off`,
      );
    }
    if (!hasTls && !insecureListen) {
      problems.push(
        `--host ${host} is beyond loopback: give --tls-cert-file and --tls-key-file, ` +
          'or --insecure-listen if passwords and data may be read on the way',
      );
    }
  }
  if (tlsClientCaFile !== undefined && !asksForCredentials(settings)) {
    problems.push('--tls-client-ca-file says who clients are, and nobody asks: give --credentials required');
  }
  if (asksForCredentials(settings) && credentialsFileOf(settings, dataFolder) === undefined) {
    problems.push('with --memory there is no folder with credentials: name their file with --credentials-file');
  }
  return problems;
}
