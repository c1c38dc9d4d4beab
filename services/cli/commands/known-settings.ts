/** The settings of all processes: one file may hold them for several. */
import { brokerAccessSettings } from '../../broker-access/config.ts';
import { embeddedSettings } from '../../embedded/config.ts';
import { ingressSettings } from '../../ingress/config.ts';
import type { SettingDefinitions } from '../../platform/settings.ts';
import { workerSettings } from '../../resource-worker/config.ts';
import { responderSettings } from '../../responder/config.ts';
import { canarySettings } from '../canary/config.ts';
import { credentialSettings } from '../credentials/store-settings.ts';
import { migrateSettings } from './migrate-settings.ts';

/** By the command that takes them. */
export const settingsByCommand: Readonly<Record<string, SettingDefinitions>> = {
  start: embeddedSettings,
  ingress: ingressSettings,
  'resource-worker': workerSettings,
  responder: responderSettings,
  'broker-access': brokerAccessSettings,
  migrate: migrateSettings,
  canary: canarySettings,
  credentials: credentialSettings,
};

export function knownSettings(): string[] {
  return [...new Set(Object.values(settingsByCommand).flatMap((definitions) => Object.keys(definitions)))];
}
