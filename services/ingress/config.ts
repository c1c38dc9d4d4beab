/** Settings of the ingress process. */
import type { CseDescription } from '../core/cse.ts';
import {
  codecSettings,
  kafkaSettings,
  mqttSettings,
  postgresSettings,
  processSettings,
  redisSettings,
  windowSettings,
} from '../platform/setting-pieces.ts';
import { byteSize, count, duration, text } from '../platform/setting-types.ts';
import type { SettingsOf } from '../platform/settings.ts';
import type { IngressFlowSettings } from './parts.ts';

/** Settings of the flow itself, also used by the embedded process. */
export const ingressFlowSettings = {
  shareGroup: text({
    default: 'in-cse',
    pattern: /^[^/+#]+$/,
    expected: 'a name without /, + and #',
    sentence: 'Share group by which several ingress processes divide the messages.',
  }),
  maximumUnacknowledged: count({
    default: 4096,
    minimum: 1,
    maximum: 65_535,
    unit: 'messages',
    sentence: 'Most messages unacknowledged to the broker; beyond it reading stops.',
  }),
  inFlightLimit: count({
    default: 2048,
    minimum: 1,
    unit: 'records',
    sentence: 'Most records handed to the log and not acknowledged by it.',
  }),
  overloadAge: duration({
    default: 10_000,
    minimum: 100,
    sentence: 'Age of the oldest record not acknowledged by the log above which new requests are answered 5000.',
  }),
  payloadBytes: byteSize({
    default: 256 * 1024,
    minimum: 1024,
    sentence: 'Largest payload of a message; a larger one is answered 4000 unread.',
  }),
  decodeBatch: count({ default: 128, minimum: 1, unit: 'messages', sentence: 'Most payloads decoded at a time.' }),
  cseRefresh: duration({ default: 5000, minimum: 100, sentence: 'How often the list of hosted CSEs is read.' }),
  homesKept: count({ default: 100_000, minimum: 1, unit: 'AEs', sentence: 'AE-IDs whose home is remembered.' }),
  homeLifetime: duration({ default: 5000, sentence: 'How long the home of an AE-ID is believed.' }),
  originatorRate: count({
    default: 100,
    unit: 'requests/s',
    sentence: 'Most requests a second of one originator, for each ingress process; beyond it 5000. 0: no bound.',
  }),
  originatorBurst: count({
    default: 500,
    unit: 'requests',
    sentence:
      'Most requests of one originator at once, from what it did not send before; all processes together in a second.',
  }),
  originatorInFlight: count({
    default: 512,
    unit: 'requests',
    sentence:
      'Most requests of one originator under way in a process, not yet in the log; beyond it 5000. 0: no bound.',
  }),
  answerRate: count({
    default: 5000,
    unit: 'answers/s',
    sentence: 'Most answers a second of one device to what the CSE asks it; beyond it dropped. 0: no bound.',
  }),
  cseInFlight: count({
    default: 0,
    unit: 'requests',
    sentence: 'Most requests of one CSE under way in a process, not yet in the log; beyond it 5000. 0: no bound.',
  }),
  originatorsKept: count({
    default: 100_000,
    minimum: 1,
    unit: 'originators',
    sentence: 'Originators whose rates are remembered.',
  }),
};

export const ingressSettings = {
  ...processSettings,
  ...mqttSettings,
  ...windowSettings,
  ...kafkaSettings,
  ...postgresSettings,
  ...redisSettings,
  ...codecSettings,
  ...ingressFlowSettings,
  ordinal: count({
    default: 1,
    maximum: 9999,
    sentence: 'Number of this process among its kind: part of its client ids, so it must be its own and stay the same.',
  }),
  connections: count({
    default: 2,
    minimum: 1,
    maximum: 64,
    unit: 'connections',
    sentence: 'Receiving connections to the broker.',
  }),
};

export type IngressSettings = SettingsOf<typeof ingressSettings>;

/** The settings of the flow, out of those of a process. */
export function flowSettingsOf(
  settings: SettingsOf<typeof ingressFlowSettings> &
    Pick<IngressSettings, 'topicPrefix' | 'recordBytes' | 'codecThreads'>,
): IngressFlowSettings {
  const { shareGroup, topicPrefix, maximumUnacknowledged, inFlightLimit, overloadAge, recordBytes } = settings;
  const { decodeBatch, codecThreads, cseRefresh, homesKept, homeLifetime } = settings;
  const { payloadBytes } = settings;
  const { originatorRate, originatorBurst, originatorInFlight, answerRate, cseInFlight, originatorsKept } = settings;
  return {
    shareGroup,
    topicPrefix,
    maximumUnacknowledged,
    inFlightLimit,
    overloadAge,
    recordBytes,
    decodeBatch,
    codecThreads,
    cseRefresh,
    homesKept,
    homeLifetime,
    payloadBytes,
    originatorRate,
    originatorBurst,
    originatorInFlight,
    answerRate,
    cseInFlight,
    originatorsKept,
  };
}

/** A session that outlives half the window brings back requests that nobody remembers any more. */
export class SessionOutlivesWindow extends Error {
  override name = 'SessionOutlivesWindow';
}

/** R18: refuses a session expiry of half the duplicate window or more. A CSE without a window (0) remembers nothing anyway. */
export function checkSessionExpiry(sessionExpiry: number, cses: readonly CseDescription[]): void {
  const tooShort = cses.find(({ duplicateWindow }) => duplicateWindow > 0 && sessionExpiry >= duplicateWindow / 2);
  if (tooShort === undefined) return;
  throw new SessionOutlivesWindow(
    `The session expiry (${sessionExpiry} ms) must be below half the duplicate window of ${tooShort.id} ` +
      `(${tooShort.duplicateWindow} ms): lower --session-expiry or raise the window.`,
  );
}
