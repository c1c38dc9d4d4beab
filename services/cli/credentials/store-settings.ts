/** Which credentials a command is about. */
import { brokerAccessSettings } from '../../broker-access/config.ts';
import { embeddedAccessSettings } from '../../embedded/access-settings.ts';
import { defaultIterations, leastIterations, mostIterations } from '../../platform/password-hash.ts';
import { postgresSettings } from '../../platform/setting-pieces.ts';
import { count, optional, text } from '../../platform/setting-types.ts';
import type { SettingDefinitions, SettingsOf } from '../../platform/settings.ts';
import { cseSettings } from '../../resource-worker/cse-settings.ts';

export const storeSettings = {
  data: optional(text({ default: '', sentence: 'Folder of an embedded CSE; else Postgres of a cluster.' })),
  credentialsFile: embeddedAccessSettings.credentialsFile,
  ...postgresSettings,
  postgresUrl: { ...postgresSettings.postgresUrl, required: false },
} satisfies SettingDefinitions;

export type StoreSettings = SettingsOf<typeof storeSettings>;

export const cseSetting = {
  cseId: optional({ ...cseSettings.cseId, sentence: 'Hosting CSE; must be said where there are several.' }),
} satisfies SettingDefinitions;

export const iterationSetting = {
  passwordIterations: count({
    default: defaultIterations,
    minimum: leastIterations,
    maximum: mostIterations,
    unit: 'iterations',
    sentence:
      'Iterations of PBKDF2 for a new password, about 0.5 ms of the broker a thousand; those of EMQX files must all be the same.',
  }),
} satisfies SettingDefinitions;

/** What the deployment fills into the grants, where it is not in the database. */
export const scopeSettings = {
  topicPrefix: brokerAccessSettings.topicPrefix,
  shareGroup: brokerAccessSettings.shareGroup,
  freeTopics: brokerAccessSettings.freeTopics,
} satisfies SettingDefinitions;

/** Of all commands about credentials. */
export const credentialSettings = { ...storeSettings, ...cseSetting, ...iterationSetting, ...scopeSettings };
