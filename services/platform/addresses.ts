/** Where servers are and who we are to them, as the settings say it now: secrets from files are read anew when asked for. */
import type { kafkaSettings, mqttSettings, postgresSettings, redisSettings } from './setting-pieces.ts';
import { readSecretFile, type SettingsOf, secretFileOf } from './settings.ts';

export interface Address {
  /** May hold user and password. */
  readonly url: string;
  /** Stands before the one in the URL. */
  readonly password?: string | undefined;
  /** The files behind both: when they change, a connection that is made now differs from those that are there. */
  readonly files?: readonly string[];
}

/** Adapters take a bare URL, too. */
export function asAddress(address: string | Address): Address {
  return typeof address === 'string' ? { url: address } : address;
}

export function kafkaAddressOf(settings: SettingsOf<typeof kafkaSettings>): Address {
  return addressOf(settings, 'kafkaUrl', 'kafkaPassword');
}

export function postgresAddressOf(settings: SettingsOf<typeof postgresSettings>): Address {
  return addressOf(settings, 'postgresUrl', 'postgresPassword');
}

/** Undefined where there is to be no shared cache. */
export function redisAddressOf(settings: SettingsOf<typeof redisSettings>): Address | undefined {
  const { redisUrl, redisPassword } = settings;
  if (redisUrl === undefined) return undefined;
  return addressOf({ ...settings, redisUrl, redisPassword }, 'redisUrl', 'redisPassword');
}

export function mqttAddressOf(settings: SettingsOf<typeof mqttSettings>): MqttAddress {
  const { mqttCaFile: caFile, mqttCertFile: certFile, mqttKeyFile: keyFile, mqttInsecure: insecure } = settings;
  const address = addressOf(settings, 'mqttUrl', 'mqttPassword');
  const tls = {
    ...(caFile === undefined ? {} : { caFile }),
    ...(certFile === undefined ? {} : { certFile }),
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(insecure ? { insecure } : {}),
  };
  return {
    get url() {
      return address.url;
    },
    get password() {
      return address.password;
    },
    files: address.files ?? [],
    tls,
  };
}

export interface MqttAddress extends Address {
  tls: { caFile?: string; certFile?: string; keyFile?: string; insecure?: boolean };
}

/** The version as CONNECT has it, or nothing where 5 and then 3.1.1 are to be tried. */
export function mqttVersionOf({ mqttVersion }: SettingsOf<typeof mqttSettings>): { version?: 4 | 5 } {
  if (mqttVersion === 'auto') return {};
  return { version: mqttVersion === '5' ? 5 : 4 };
}

function addressOf<
  U extends string,
  P extends string,
  S extends { readonly [K in U]: string } & { readonly [K in P]: string | undefined },
>(settings: S, urlName: U, passwordName: P): Address {
  const url = currentOf(settings[urlName], secretFileOf(settings, urlName));
  const password = currentOf(settings[passwordName], secretFileOf(settings, passwordName));
  return {
    get url() {
      return url();
    },
    get password() {
      return password();
    },
    files: [secretFileOf(settings, urlName), secretFileOf(settings, passwordName)].filter((path) => path !== undefined),
  };
}

/** What the file says; where it says nothing or cannot be read, as while it is being replaced, what it said last. */
function currentOf<T extends string | undefined>(value: T, file: string | undefined): () => T | string {
  if (file === undefined) return () => value;
  let last: T | string = value;
  return () => {
    try {
      const now = readSecretFile(file);
      if (now !== '') last = now;
    } catch {
      // The next connection looks again.
    }
    return last;
  };
}
