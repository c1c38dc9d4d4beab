import { readSettings, type SettingDefinitions, type SettingsOf } from '../../platform/settings.ts';
import { knownSettings } from '../commands/known-settings.ts';
import { sourcesOf } from '../setting-options.ts';

/** Of the options of a command those that are settings. Throws SettingsError. */
export function readCredentialSettings<D extends SettingDefinitions>(definitions: D, options: object): SettingsOf<D> {
  const flags = Object.entries(options).filter(([name]) => name === 'settings' || name in definitions);
  return readSettings(definitions, sourcesOf(Object.fromEntries(flags), knownSettings()));
}
