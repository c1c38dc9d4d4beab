/** The table of settings that the documentation shows: printed from the definitions, never written by hand. */
import { markdownTable } from './markdown-table.ts';
import { type Setting, scaledText } from './setting-types.ts';
import { environmentName, flagName, type SettingDefinitions } from './settings.ts';

/** One setting, ready to be shown. */
export interface SettingRow {
  name: string;
  flag: string;
  environment: string;
  type: string;
  default: string;
  unit: string;
  sentence: string;
}

export function settingRows(definitions: SettingDefinitions): SettingRow[] {
  return Object.entries(definitions).map(([name, definition]) => ({
    name,
    flag: flagName(name),
    environment: environmentName(name) + (definition.secret ? ' (or …_FILE)' : ''),
    type: definition.type,
    default: shownDefault(definition),
    unit: definition.unit,
    sentence: definition.sentence,
  }));
}

/** A Markdown table. */
export function settingsTable(definitions: SettingDefinitions): string {
  const header = ['Setting', 'Flag', 'Environment', 'Type', 'Default', 'Unit', 'Meaning'];
  const rows = settingRows(definitions).map((row) => [
    `\`${row.name}\``,
    `\`${row.flag}\``,
    `\`${row.environment}\``,
    row.type,
    row.default,
    row.unit,
    row.sentence,
  ]);
  return markdownTable(header, rows);
}

function shownDefault({ required, defaultName, fallback: value, unit }: Setting<unknown>): string {
  if (required) return 'must be given';
  if (defaultName !== undefined) return defaultName;
  if (value === undefined || value === '') return 'none';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.join(', ');
  if (typeof value === 'number' && (unit === 'ms' || unit === 'bytes')) return scaledText(value, unit);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
