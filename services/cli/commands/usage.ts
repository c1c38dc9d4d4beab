import type { Command } from 'commander';
import { postgresAddressOf } from '../../platform/addresses.ts';
import { postgresSettings } from '../../platform/setting-pieces.ts';
import { optional, text } from '../../platform/setting-types.ts';
import { readSettings, type SettingDefinitions, SettingsError } from '../../platform/settings.ts';
import { addSettingOptions, sourcesOf } from '../setting-options.ts';
import { type CseFigures, figuresTable } from '../usage/cse-figures.ts';
import { knownSettings } from './known-settings.ts';

const settings = {
  data: optional(
    text({ default: '', sentence: 'Folder of an embedded CSE that is stopped; else Postgres of a cluster.' }),
  ),
  ...postgresSettings,
  postgresUrl: { ...postgresSettings.postgresUrl, required: false },
} satisfies SettingDefinitions;

const note = `
Bytes are those of the attributes of all resources, as stored. A deleted resource counts until timer work has removed what was
below it, a few seconds at most for most of them. Quotas are settings of a CSE (--quota-…) of "in-cse migrate" or "in-cse start".

Examples:
  in-cse usage --data data
  in-cse usage --postgres-url postgres://user@host/name --json`;

type Options = Record<string, unknown> & { json?: true; recount?: true; repair?: true };

export function addUsage(program: Command): void {
  const command = program.command('usage').description('what each CSE has of AEs, resources and bytes, and its quotas');
  command.option('--json', 'a line of JSON for each CSE');
  command.option('--recount', 'counts row by row, instead of saying what was counted: takes long');
  command.option(
    '--repair',
    'recounts, and sets what was counted to that: behind an upgrade from a build that did not count',
  );
  addSettingOptions(command, settings, ['data', 'postgresUrl']);
  command.addHelpText('after', note);
  command.action(async (options: Options) => {
    const figures = await readFigures(options);
    if (options.json === true) for (const each of figures) print(JSON.stringify(each));
    else print(figuresTable(figures));
  });
}

async function readFigures({ json: _json, recount, repair, ...options }: Options): Promise<CseFigures[]> {
  const given = readSettings(settings, sourcesOf(options, knownSettings()));
  const { data, postgresUrl } = given;
  if (data === undefined && postgresUrl === '') {
    throw new SettingsError(['give --data of an embedded CSE, or --postgres-url of a cluster']);
  }
  const manner = repair === true ? 'repair' : recount === true ? 'recount' : 'counted';
  const { readFiguresOfCluster, readFiguresOfFolder } = await import('../usage/read-figures.ts');
  return data !== undefined
    ? readFiguresOfFolder(data, manner)
    : readFiguresOfCluster(postgresAddressOf(given), manner);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
