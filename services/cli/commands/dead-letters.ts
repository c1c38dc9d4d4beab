import type { Command } from 'commander';
import { kafkaAddressOf, postgresAddressOf } from '../../platform/addresses.ts';
import { kafkaSettings, postgresSettings } from '../../platform/setting-pieces.ts';
import { optional, text } from '../../platform/setting-types.ts';
import { readSettings, type SettingDefinitions, SettingsError } from '../../platform/settings.ts';
import { type DeadLetter, deadLetterTable, deadLetterText } from '../dead-letters/dead-letter.ts';
import { readDeadLettersOfFolder } from '../dead-letters/read-file.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { addSettingOptions, sourcesOf } from '../setting-options.ts';
import { knownSettings } from './known-settings.ts';

const settings = {
  data: optional(text({ default: '', sentence: 'Folder of an embedded CSE; else Kafka and Postgres of a cluster.' })),
  ...kafkaSettings,
  ...postgresSettings,
  kafkaUrl: { ...kafkaSettings.kafkaUrl, required: false },
  postgresUrl: { ...postgresSettings.postgresUrl, required: false },
} satisfies SettingDefinitions;

const examples = `
Examples:
  in-cse dead-letters list --data data
  in-cse dead-letters show 7 --kafka-url kafka://host:9092 --postgres-url postgres://user@host/name`;

type Options = Record<string, unknown> & { json?: true };

export function addDeadLetters(program: Command): void {
  const command = program.command('dead-letters').description('requests and answers that could not be processed');
  const list = command.command('list').description('all of them, oldest first');
  addOptions(list);
  list.action(async (options: Options) => {
    const letters = await readLetters(options);
    if (options.json === true) for (const letter of letters) print(jsonOf(letter));
    else print(letters.length === 0 ? 'There are no dead letters.' : deadLetterTable(letters));
  });
  const show = command
    .command('show')
    .description('one of them, with its payload')
    .argument('<number>', 'as list has it');
  addOptions(show);
  show.action(async (number: string, options: Options) => {
    const letter = (await readLetters(options)).find((each) => String(each.number) === number);
    if (letter === undefined) throw new CommandFailed(ExitCode.failed, `There is no dead letter ${number}.`);
    print(options.json === true ? jsonOf(letter) : deadLetterText(letter));
  });
}

function addOptions(command: Command): void {
  command.option('--json', 'a line of JSON for each');
  addSettingOptions(command, settings, ['data', 'kafkaUrl', 'postgresUrl']);
  command.addHelpText('after', examples);
}

async function readLetters({ json: _json, ...options }: Options): Promise<DeadLetter[]> {
  const given = readSettings(settings, sourcesOf(options, knownSettings()));
  const { data, kafkaUrl, postgresUrl } = given;
  if (data !== undefined) return readDeadLettersOfFolder(data);
  if (kafkaUrl === '' || postgresUrl === '') {
    throw new SettingsError(['give --data of an embedded CSE, or --kafka-url and --postgres-url of a cluster']);
  }
  const { readDeadLettersOfCluster } = await import('../dead-letters/read-cluster.ts');
  return readDeadLettersOfCluster({ kafka: kafkaAddressOf(given), postgres: postgresAddressOf(given) });
}

function jsonOf({ number, head, record }: DeadLetter): string {
  return JSON.stringify({ number, ...head, record: record.toString('base64') });
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
