/**
 * Settings of a process: flags before environment before file before defaults; read once, checked as a whole, frozen.
 * A service composes its definitions of pieces: `{ ...kafkaSettings, ...mqttSettings, sendLimit: count({ … }) }`.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Setting } from './setting-types.ts';

export type SettingDefinitions = Record<string, Setting<unknown>>;

/** The values of a table of definitions. */
export type SettingsOf<D extends SettingDefinitions> = {
  readonly [K in keyof D]: D[K] extends Setting<infer T> ? T : never;
};

export interface SettingSources {
  /** Values of the command line by setting name (camelCase), as commander gives them. Undefined ones count as not said. */
  flags?: Record<string, unknown>;
  /** The environment: `IN_CSE_<NAME>`, for secrets also `IN_CSE_<NAME>_FILE`. */
  environment?: Record<string, string | undefined>;
  /** Path of a JSON file with settings by name; else `IN_CSE_SETTINGS` names one. */
  file?: string;
  /** Names that the file may hold for other processes. */
  alsoKnown?: readonly string[];
}

/** All mistakes of all sources at once. */
export class SettingsError extends Error {
  override name = 'SettingsError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    const title = problems.length === 1 ? 'A setting is wrong:' : `${problems.length} settings are wrong:`;
    super([title, ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.problems = problems;
  }
}

/** `mqttUrl` → `IN_CSE_MQTT_URL`. */
export function environmentName(name: string): string {
  return `IN_CSE_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}`;
}

/** `mqttUrl` → `--mqtt-url`. */
export function flagName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

interface Said {
  value: unknown;
  /** How the person who said it calls it. */
  by: string;
  /** The file that a secret was read from. */
  path?: string;
}

/** Under which settings remember the files of their secrets; spreading them keeps it. */
const secretFiles = Symbol('secret files');

/** Path of the file that a secret setting was read from (`IN_CSE_…_FILE`), if it was. */
export function secretFileOf<S extends object>(settings: S, name: keyof S & string): string | undefined {
  return (settings as { [secretFiles]?: Record<string, string> })[secretFiles]?.[name];
}

/** Reads all settings. Throws {@link SettingsError} with every mistake. */
export function readSettings<D extends SettingDefinitions>(definitions: D, sources: SettingSources): SettingsOf<D> {
  const problems: string[] = [];
  const said = collect(definitions, sources, problems);
  const shape: Record<string, z.ZodType> = {};
  const values: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    const source = said.get(name);
    if (source !== undefined) {
      shape[name] = definition.schema;
      values[name] = source.value;
    } else if (definition.required) {
      problems.push(`${flagName(name)} (or ${environmentName(name)}) must be given: ${definition.sentence}`);
    }
  }
  const result = z.object(shape).safeParse(values);
  if (!result.success) problems.push(...result.error.issues.map((issue) => explain(issue, said, definitions)));
  if (problems.length > 0) throw new SettingsError(problems);
  const files = [...said].flatMap(([name, { path }]) => (path === undefined ? [] : [[name, path] as const]));
  return freezeWithDefaults(definitions, result.data ?? {}, Object.fromEntries(files));
}

/** The defaults alone, with changes: for tests and compositions that take no input. Values are in the code's units. */
export function defaultSettings<D extends SettingDefinitions>(
  definitions: D,
  changes: Partial<SettingsOf<D>> = {},
): SettingsOf<D> {
  return freezeWithDefaults(definitions, changes);
}

function freezeWithDefaults<D extends SettingDefinitions>(
  definitions: D,
  given: object,
  files: Record<string, string> = {},
): SettingsOf<D> {
  const settings: Record<string | symbol, unknown> = {};
  if (Object.keys(files).length > 0) settings[secretFiles] = files;
  for (const [name, definition] of Object.entries(definitions)) {
    settings[name] = name in given ? (given as Record<string, unknown>)[name] : definition.fallback;
  }
  return Object.freeze(settings) as SettingsOf<D>;
}

function collect(definitions: SettingDefinitions, sources: SettingSources, problems: string[]): Map<string, Said> {
  const environment = sources.environment ?? {};
  const file = readFile(sources.file ?? environment.IN_CSE_SETTINGS, definitions, sources.alsoKnown ?? [], problems);
  const said = new Map<string, Said>();
  for (const [name, definition] of Object.entries(definitions)) {
    const flag = sources.flags?.[name];
    const found =
      flag !== undefined
        ? { value: flag, by: flagName(name) }
        : (fromEnvironment(name, definition, environment, problems) ?? file.get(name));
    if (found !== undefined) said.set(name, found);
  }
  return said;
}

function fromEnvironment(
  name: string,
  definition: Setting<unknown>,
  environment: Record<string, string | undefined>,
  problems: string[],
): Said | undefined {
  const variable = environmentName(name);
  const value = environment[variable];
  const path = definition.secret ? environment[`${variable}_FILE`] : undefined;
  if (path === undefined) return value === undefined ? undefined : { value, by: variable };
  if (value !== undefined) {
    problems.push(`${variable} and ${variable}_FILE are both set; take one`);
    return undefined;
  }
  try {
    return { value: readSecretFile(path), by: `${variable}_FILE`, path };
  } catch (error) {
    problems.push(`${variable}_FILE names ${path}, which cannot be read (${(error as NodeJS.ErrnoException).code})`);
    return undefined;
  }
}

/** The content without the line end that editors put behind it. Throws where the file cannot be read. */
export function readSecretFile(path: string): string {
  return readFileSync(path, 'utf8').trim();
}

function readFile(
  path: string | undefined,
  definitions: SettingDefinitions,
  alsoKnown: readonly string[],
  problems: string[],
): Map<string, Said> {
  const said = new Map<string, Said>();
  if (path === undefined || path === '') return said;
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    problems.push(`the settings file ${path} ${code === undefined ? 'is not JSON' : `cannot be read (${code})`}`);
    return said;
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    problems.push(`the settings file ${path} must hold one JSON object`);
    return said;
  }
  for (const [name, value] of Object.entries(content)) {
    if (name in definitions) said.set(name, { value, by: `${name} in ${path}` });
    else if (!alsoKnown.includes(name)) problems.push(`${name} in ${path} is not a setting`);
  }
  return said;
}

/** One line about one mistake; the value is shown unless it is a secret. */
function explain(issue: z.core.$ZodIssue, said: Map<string, Said>, definitions: SettingDefinitions): string {
  const name = String(issue.path[0] ?? '');
  const source = said.get(name);
  if (source === undefined) return issue.message;
  const inner = issue.path.length > 1 ? `.${issue.path.slice(1).join('.')}` : '';
  const shown = definitions[name]?.secret ? '' : ` is ${JSON.stringify(source.value)}`;
  return `${source.by}${inner}${shown}: ${unionMessage(issue)}`;
}

function unionMessage(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_union' ? 'has the wrong type' : issue.message;
}

/** Runs what reads settings; says what is wrong with them in plain words and ends the process with code 2. */
export function exitOnWrongSettings<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(2);
  }
}
