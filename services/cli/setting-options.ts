/** Settings as options of a command: one for each, made from its definition. */
import { type Command, Option } from 'commander';
import { type Setting, scaledText } from '../platform/setting-types.ts';
import { environmentName, flagName, type SettingDefinitions, type SettingSources } from '../platform/settings.ts';
import { environment } from './config.ts';

const fileOption = '--settings <file>';

/** Adds them; those in `first` are shown before all others. */
export function addSettingOptions(command: Command, definitions: SettingDefinitions, first: readonly string[]): void {
  command.addOption(new Option(fileOption, 'JSON file with settings by name (or IN_CSE_SETTINGS)'));
  const rest = Object.keys(definitions).filter((name) => !first.includes(name));
  for (const name of first) addOption(command, name, definitions[name], undefined);
  for (const name of rest) addOption(command, name, definitions[name], 'More settings:');
}

function addOption(command: Command, name: string, definition: Setting<unknown> | undefined, group?: string): void {
  if (definition === undefined) throw new Error(`${name} is not a setting`);
  const option = new Option(`${flagName(name)}${placeholder(definition)}`, describe(name, definition));
  if (group !== undefined) option.helpGroup(group);
  command.addOption(option);
}

function placeholder({ type }: Setting<unknown>): string {
  if (type === 'true/false') return '';
  if (type === 'list of objects') return ' <json>';
  // Commander takes a bar for the end of a flag.
  return ` <${type.replaceAll(' | ', '/')}>`;
}

function describe(name: string, definition: Setting<unknown>): string {
  const fallback = definition.required ? 'must be given' : shown(definition);
  const notes = [
    fallback,
    definition.secret ? `better by ${environmentName(name)} or ${environmentName(name)}_FILE` : '',
  ];
  const said = notes.filter((note) => note !== '').join('; ');
  return said === '' ? definition.sentence : `${definition.sentence} (${said})`;
}

function shown({ fallback, unit, defaultName }: Setting<unknown>): string {
  if (defaultName !== undefined) return `default ${defaultName}`;
  if (fallback === undefined || fallback === '' || fallback === false) return '';
  if (Array.isArray(fallback)) return fallback.length === 0 ? '' : `default ${fallback.join(', ')}`;
  if (typeof fallback === 'number' && (unit === 'ms' || unit === 'bytes'))
    return `default ${scaledText(fallback, unit)}`;
  return typeof fallback === 'object' ? '' : `default ${String(fallback)}`;
}

/** Where the settings of a command come from. `known` are the names that its file may hold for other processes. */
export function sourcesOf(options: Record<string, unknown>, known: readonly string[]): SettingSources {
  const { settings, ...flags } = options;
  return {
    flags,
    environment: environment(),
    alsoKnown: known,
    ...(typeof settings === 'string' ? { file: settings } : {}),
  };
}
