/** The broker settings in the shape in which connections are made. */
import type { mqttSettings } from './setting-pieces.ts';
import type { SettingsOf } from './settings.ts';

type MqttSettings = SettingsOf<typeof mqttSettings>;

export interface MqttAddress {
  url: string;
  tls?: { caFile?: string; certFile?: string; keyFile?: string };
}

export function mqttAddressOf(settings: MqttSettings): MqttAddress {
  const { mqttUrl: url, mqttCaFile: caFile, mqttCertFile: certFile, mqttKeyFile: keyFile } = settings;
  return {
    url,
    tls: {
      ...(caFile === undefined ? {} : { caFile }),
      ...(certFile === undefined ? {} : { certFile }),
      ...(keyFile === undefined ? {} : { keyFile }),
    },
  };
}

/** The version as CONNECT has it, or nothing where 5 and then 3.1.1 are to be tried. */
export function mqttVersionOf(settings: MqttSettings): { version?: 4 | 5 } {
  if (settings.mqttVersion === 'auto') return {};
  return { version: settings.mqttVersion === '5' ? 5 : 4 };
}
