/** Settings of the resource worker process. */
import {
  kafkaSettings,
  postgresSettings,
  processSettings,
  redisSettings,
  safetySettings,
} from '../platform/setting-pieces.ts';
import { byteSize, count, duration, list, text } from '../platform/setting-types.ts';
import type { SettingsOf } from '../platform/settings.ts';
import { defaultWorkerSettings, type WorkerSettings } from './parts.ts';

const defaults = defaultWorkerSettings;

/** Settings of the flow itself, also used by the embedded process. */
export const workerFlowSettings = {
  batchRecords: count({
    default: defaults.batchRecords,
    minimum: 1,
    unit: 'records',
    sentence: 'Most requests that one batch takes.',
  }),
  batchBytes: byteSize({ default: defaults.batchBytes, minimum: 1024, sentence: 'Most bytes that one batch takes.' }),
  workerQueue: count({
    default: defaults.queuedPerPartition,
    minimum: 1,
    unit: 'records',
    sentence: 'Requests of a partition that may wait; above it fetching pauses.',
  }),
  cachedPerPartition: count({
    default: defaults.cachedPerPartition,
    // What one batch loads must not drive itself out.
    minimum: 5000,
    unit: 'resources',
    sentence: 'Resources that the worker remembers, per partition.',
  }),
  expiryTick: duration({
    default: defaults.tick,
    minimum: 50,
    sentence: 'How often expiry and other deadlines are looked at.',
  }),
  cseRefresh: duration({
    default: defaults.cseRefresh,
    minimum: 100,
    sentence: 'How often the list of hosted CSEs is read.',
  }),
  usageRefresh: duration({
    default: defaults.usageRefresh,
    minimum: 100,
    sentence: 'How often it is read what CSEs with quotas have in the partitions of other workers.',
  }),
  usageMetrics: list({
    default: defaults.usageMetrics,
    sentence:
      'CSE-IDs (`*` stands for any characters) whose usage stands apart in the metrics, at most 50; others are summed.',
  }),
  longestDuplicateWindow: duration({
    default: defaults.longestDuplicateWindow,
    sentence: 'The longest duplicate window that any CSE has.',
  }),
  rememberedPerPartition: count({
    default: defaults.rememberedPerPartition,
    minimum: 1000,
    unit: 'requests',
    sentence: 'Bound of the duplicate window: requests remembered per partition, of about 50 bytes each.',
  }),
  journalKept: duration({
    default: defaults.journalKept,
    minimum: 60_000,
    sentence: 'How long the journal of answers is kept for requests that come again late.',
  }),
  notificationWindow: count({
    default: defaults.deliveries.window,
    minimum: 1,
    unit: 'notifications',
    sentence: 'Notifications out and not answered, per subscription and target.',
  }),
  notificationAnswerLimit: duration({
    default: defaults.deliveries.answerTimeLimit,
    minimum: 100,
    sentence: 'A notification that is not answered within this time counts as failed.',
  }),
  notificationFirstPause: duration({
    default: defaults.deliveries.firstPause,
    minimum: 10,
    sentence: 'Pause after the first failure of a notification; it doubles with every further one.',
  }),
  notificationLongestPause: duration({
    default: defaults.deliveries.longestPause,
    minimum: 10,
    sentence: 'Longest of these pauses.',
  }),
  notificationQueue: count({
    default: defaults.deliveries.queuedNotifications,
    minimum: 1,
    unit: 'notifications',
    sentence: 'Most that wait per subscription and target; beyond it the oldest is dropped and counted.',
  }),
  notificationLifetime: duration({
    default: defaults.deliveries.notificationLifetime,
    minimum: 1000,
    sentence: 'How long a notification is tried.',
  }),
};

/** What must hold of the topics (R4). */
export const topicSettings = {
  ...safetySettings,
  longestOutage: duration({
    default: 86_400_000,
    sentence: 'Longest outage to be survived: topics that keep records for less are refused.',
  }),
};

export const workerSettings = {
  ...processSettings,
  ...kafkaSettings,
  ...postgresSettings,
  ...redisSettings,
  ...topicSettings,
  ...workerFlowSettings,
  workerGroup: text({ default: 'in-cse-resource-worker', sentence: 'Consumer group of the resource workers.' }),
};

export type ResourceWorkerSettings = SettingsOf<typeof workerSettings>;

/** The settings of the flow, out of those of a process. */
export function flowSettingsOf(settings: SettingsOf<typeof workerFlowSettings>): WorkerSettings {
  return {
    batchRecords: settings.batchRecords,
    batchBytes: settings.batchBytes,
    queuedPerPartition: settings.workerQueue,
    cachedPerPartition: settings.cachedPerPartition,
    tick: settings.expiryTick,
    cseRefresh: settings.cseRefresh,
    usageRefresh: settings.usageRefresh,
    usageMetrics: settings.usageMetrics,
    longestDuplicateWindow: settings.longestDuplicateWindow,
    rememberedPerPartition: settings.rememberedPerPartition,
    journalKept: settings.journalKept,
    deliveries: {
      window: settings.notificationWindow,
      answerTimeLimit: settings.notificationAnswerLimit,
      firstPause: settings.notificationFirstPause,
      longestPause: settings.notificationLongestPause,
      queuedNotifications: settings.notificationQueue,
      notificationLifetime: settings.notificationLifetime,
    },
  };
}
