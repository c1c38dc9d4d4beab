/** Settings of the process that tells brokers who may connect and do what. */
import { isLoopback } from '../platform/loopback.ts';
import { serverTlsProblems, serverTlsSettings } from '../platform/server-tls-settings.ts';
import { mqttSettings, postgresSettings, processSettings } from '../platform/setting-pieces.ts';
import { count, duration, list, optional, secret, text, toggle } from '../platform/setting-types.ts';
import { readSettings, type SettingSources, SettingsError, type SettingsOf } from '../platform/settings.ts';
import { accessSettings } from './access-settings.ts';

export const brokerAccessSettings = {
  ...processSettings,
  ...postgresSettings,
  accessHost: text({ default: '127.0.0.1', sentence: 'Address on which brokers are answered.' }),
  accessPort: count({
    default: 8090,
    maximum: 65_535,
    sentence: 'Port on which brokers are answered: POST /authenticate, POST /authorize; 0 takes any free one.',
  }),
  ...serverTlsSettings,
  accessSecret: secret(
    optional(
      text({
        default: '',
        pattern: /^.{12,}$/,
        expected: 'at least 12 characters',
        sentence: 'What brokers must show in the header x-in-cse-secret; must be given beyond loopback.',
      }),
    ),
  ),
  accessRules: toggle({
    default: true,
    sentence: 'The answer to a CONNECT of a device carries its topic rules, so that the broker asks no more about it.',
  }),
  accessSessionLimit: duration({
    default: 3_600_000,
    sentence: 'After this long, or a fifth sooner, a broker has to ask about a client again; 0: never.',
  }),
  ...accessSettings,
  freeTopics: list({
    default: [],
    sentence: 'Topic filters, without a level oneM2M, that subscriptions may name as targets.',
  }),
  topicPrefix: mqttSettings.topicPrefix,
  shareGroup: text({
    default: 'in-cse',
    pattern: /^[^/+#]+$/,
    expected: 'a name without /, + and #',
    sentence: 'Share group by which several ingress processes divide the messages.',
  }),
};

export type BrokerAccessSettings = SettingsOf<typeof brokerAccessSettings>;

/** Reads and checks all settings. Throws SettingsError with every mistake. */
export function readBrokerAccessSettings(sources: SettingSources): BrokerAccessSettings {
  const settings = readSettings(brokerAccessSettings, sources);
  const problems = serverTlsProblems(settings);
  if (!isLoopback(settings.accessHost) && settings.accessSecret === undefined) {
    problems.push(
      `--access-host ${settings.accessHost} is beyond loopback, where anybody could ask about passwords: ` +
        'give IN_CSE_ACCESS_SECRET or IN_CSE_ACCESS_SECRET_FILE',
    );
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}
