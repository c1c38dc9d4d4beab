/** Settings of `in-cse migrate`. */
import {
  kafkaSettings,
  notificationSettings,
  postgresSettings,
  processSettings,
} from '../../platform/setting-pieces.ts';
import { count, text } from '../../platform/setting-types.ts';
import type { SettingsOf } from '../../platform/settings.ts';
import { topicSettings } from '../../resource-worker/config.ts';
import { cseSettings } from '../../resource-worker/cse-settings.ts';

export const migrateSettings = {
  ...postgresSettings,
  ...kafkaSettings,
  ...topicSettings,
  ...cseSettings,
  notificationHosts: notificationSettings.notificationHosts,
  partitions: count({
    default: 24,
    minimum: 1,
    maximum: 4096,
    unit: 'partitions',
    sentence: 'Partitions of the requests log, when new.',
  }),
  outboundPartitions: count({
    default: 24,
    minimum: 1,
    maximum: 4096,
    unit: 'partitions',
    sentence: 'Partitions of the outbound log, when new.',
  }),
  topics: text({
    default: 'in-cse',
    pattern: /^[A-Za-z0-9._-]{1,200}$/,
    expected: 'letters, digits, . _ -',
    sentence: 'First part of the names of the topics, when new.',
  }),
  instance: processSettings.instance,
  logLevel: processSettings.logLevel,
};

export type MigrateSettings = SettingsOf<typeof migrateSettings>;
