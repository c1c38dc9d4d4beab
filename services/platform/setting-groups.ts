/** A setting that is a list of objects, each made of settings itself: only useful in a file, or as JSON text. */
import { z } from 'zod';
import { type Setting, structure } from './setting-types.ts';
import type { SettingDefinitions, SettingsOf } from './settings.ts';

/** What an object leaves out is undefined; names that are no settings are refused. */
export function groups<D extends SettingDefinitions>(
  definitions: D,
  common: { sentence: string },
): Setting<readonly Partial<SettingsOf<D>>[]> {
  const members = Object.entries(definitions).map(([name, { schema }]) => [name, schema.optional()]);
  const schema = z.array(z.strictObject(Object.fromEntries(members) as Record<string, z.ZodType>));
  return structure(schema as unknown as z.ZodType<readonly Partial<SettingsOf<D>>[]>, {
    default: [],
    type: 'list of objects',
    sentence: common.sentence,
  });
}
