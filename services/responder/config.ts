/** Settings of the responder process. */
import {
  codecSettings,
  kafkaSettings,
  mqttSettings,
  notificationSettings,
  postgresSettings,
  processSettings,
} from '../platform/setting-pieces.ts';
import { count, duration, text } from '../platform/setting-types.ts';
import type { SettingsOf } from '../platform/settings.ts';
import type { ResponderFlowSettings } from './parts.ts';

/** Settings of the flow itself, also used by the embedded process. */
export const responderFlowSettings = {
  ...notificationSettings,
  responderGroup: text({ default: 'in-cse-responder', sentence: 'Consumer group of the responders.' }),
  publishesInFlight: count({
    default: 512,
    minimum: 1,
    unit: 'messages',
    sentence: 'Most messages published and not acknowledged by their brokers.',
  }),
  queuedPerPartition: count({
    default: 2000,
    minimum: 1,
    unit: 'records',
    sentence: 'Records of a partition that may wait; above it fetching pauses.',
  }),
  encodeBatch: count({ default: 128, minimum: 1, unit: 'records', sentence: 'Most records encoded at a time.' }),
  foreignIdle: duration({ default: 60_000, sentence: 'How long an unused connection to a foreign broker is kept.' }),
};

export const responderSettings = {
  ...processSettings,
  ...mqttSettings,
  ...kafkaSettings,
  ...postgresSettings,
  ...codecSettings,
  ...responderFlowSettings,
  ordinal: count({
    default: 1,
    maximum: 9999,
    sentence: 'Number of this process among its kind: part of its client ids.',
  }),
};

export type ResponderSettings = SettingsOf<typeof responderSettings>;

/** The settings of the flow, out of those of a process. */
export function flowSettingsOf(settings: SettingsOf<typeof responderFlowSettings>): ResponderFlowSettings {
  const { responderGroup, publishesInFlight, queuedPerPartition, encodeBatch, foreignTimeLimit, foreignIdle } =
    settings;
  return { group: responderGroup, publishesInFlight, queuedPerPartition, encodeBatch, foreignTimeLimit, foreignIdle };
}
