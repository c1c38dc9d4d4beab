/** Settings of the canary. */
import { mqttSettings, processSettings } from '../../platform/setting-pieces.ts';
import { duration, text } from '../../platform/setting-types.ts';
import type { SettingsOf } from '../../platform/settings.ts';

export const canarySettings = {
  ...processSettings,
  ...mqttSettings,
  canaryCseId: text({
    default: '/id-in',
    pattern: /^\/[^/+#]+$/,
    expected: 'an SP-relative CSE-ID such as /id-in',
    sentence: 'CSE that the canary asks.',
  }),
  canaryOriginator: text({
    default: 'Ccanary',
    pattern: /^[CS][A-Za-z0-9._~-]+$/,
    expected: 'an AE-ID such as Ccanary',
    sentence: 'AE-ID of the canary, which registers itself under it.',
  }),
  canaryInterval: duration({
    default: 10_000,
    minimum: 100,
    sentence: 'From the beginning of a round trip to that of the next.',
  }),
  canaryTimeLimit: duration({
    default: 5000,
    minimum: 100,
    sentence: 'How long the canary waits for an answer before the round counts as unanswered.',
  }),
};

export type CanarySettings = SettingsOf<typeof canarySettings>;
