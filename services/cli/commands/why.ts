import { type Command, Option } from 'commander';
import { kafkaAddressOf, postgresAddressOf } from '../../platform/addresses.ts';
import { kafkaSettings, postgresSettings } from '../../platform/setting-pieces.ts';
import { durationOf, optional, text } from '../../platform/setting-types.ts';
import { readSettings, type SettingDefinitions, SettingsError } from '../../platform/settings.ts';
import { responderSettings } from '../../responder/config.ts';
import { ExitCode } from '../exit-codes.ts';
import { addSettingOptions, sourcesOf } from '../setting-options.ts';
import { askAsIf, operationNames, type Supposition } from '../why/as-if-asked.ts';
import { openCluster, openFolder, type Place } from '../why/open-place.ts';
import type { Question } from '../why/question.ts';
import { letterOf, storyJson } from '../why/story-json.ts';
import { letterText, nowLines, requestText, storyText } from '../why/story-text.ts';
import { journalNote, tell } from '../why/tell.ts';
import { knownSettings } from './known-settings.ts';

const settings = {
  data: optional(
    text({ default: '', sentence: 'Folder of an embedded CSE that is stopped; else Kafka and Postgres of a cluster.' }),
  ),
  ...kafkaSettings,
  ...postgresSettings,
  kafkaUrl: { ...kafkaSettings.kafkaUrl, required: false },
  postgresUrl: { ...postgresSettings.postgresUrl, required: false },
  responderGroup: responderSettings.responderGroup,
} satisfies SettingDefinitions;

const note = `
Tells of each request when and from where it came, what it was answered and where that is written, whether it waits, was a
repeat or was put aside, and what would be decided now: the access decision step by step. Changes nothing. Of an embedded CSE
the answers are left, not the requests.

Examples:
  in-cse why --rqi 1a2b --kafka-url kafka://host:9092 --postgres-url postgres://user@host/name
  in-cse why --originator Cpump --since 10m --data data
  in-cse why --originator Cpump --operation create --type instance --to cse-in/tank/level --postgres-url postgres://…`;

interface Options extends Record<string, unknown> {
  rqi?: string;
  originator?: string;
  since: string;
  limit: string;
  cseId?: string;
  operation?: string;
  to?: string;
  type?: string;
  showContent?: true;
  json?: true;
}

export function addWhy(program: Command): void {
  const command = program.command('why').description('what became of a request, and why it was refused');
  command
    .option('--rqi <identifier>', 'requestIdentifier of the request')
    .option('--originator <id>', 'who sent it: an AE-ID in any form, such as Cpump')
    .option('--since <duration>', 'how far back to look', '1h')
    .option('--limit <count>', 'most requests to tell of, newest first', '10')
    .option('--cse-id <id>', 'only requests to this hosting CSE')
    .option('--show-content', 'the content that was sent, too')
    .option('--json', 'a line of JSON for each');
  const asIf = (option: Option) => command.addOption(option.helpGroup('As if asked now, without a request:'));
  asIf(new Option('--operation <name>', 'what the originator would do').choices(operationNames));
  asIf(new Option('--to <address>', 'to which resource'));
  asIf(new Option('--type <type>', 'of what would be created: container, instance, 4 …'));
  addSettingOptions(command, settings, ['data', 'kafkaUrl', 'postgresUrl']);
  command.addHelpText('after', note);
  command.action(async (options: Options) => {
    if (options.operation === undefined && options.to === undefined) await tellOf(options);
    else await suppose(options);
  });
}

async function tellOf(options: Options): Promise<void> {
  const question = questionOf(options, Date.now());
  const how = { showContent: options.showContent === true };
  const { stories, letters, journalIsTooLarge } = await withPlace(options, true, (place) =>
    tell(place, question, Date.now()),
  );
  if (journalIsTooLarge) process.stderr.write(`${journalNote}\n`);
  if (options.json === true) {
    for (const story of stories) print(storyJson(story, how));
    for (const letter of letters) print(JSON.stringify({ letters: [letterOf(letter)] }));
    return;
  }
  print([...stories.map((story) => storyText(story, how)), ...letters.map(letterText)].join('\n\n'));
}

/** Exit code 1 where it would be refused. */
async function suppose(options: Options): Promise<void> {
  const { operation, to, type, originator, cseId } = options;
  if (operation === undefined || to === undefined || originator === undefined) {
    throw new SettingsError(['give --operation, --to and --originator together']);
  }
  const asked: Supposition = {
    operation,
    to,
    originator,
    ...(type === undefined ? {} : { type }),
    ...(cseId === undefined ? {} : { cseId }),
  };
  const answer = await withPlace(options, false, ({ store }) => askAsIf(store, asked, Date.now()));
  const { request, cse, decided } = answer;
  if (options.json === true) print(JSON.stringify({ cse: cse.id, originator: answer.originator, asked, now: decided }));
  else print([`${requestText(request)}, by ${answer.originator}, at ${cse.id}`, ...nowLines(decided)].join('\n'));
  if (!decided.permitted) process.exitCode = ExitCode.failed;
}

function questionOf({ rqi, originator, cseId, since, limit }: Options, now: number): Question {
  if (rqi === undefined && originator === undefined) throw new SettingsError(['give --rqi or --originator']);
  const span = durationOf(since);
  if (span === undefined) throw new SettingsError(['--since: expected a duration such as 10m, 1h or 1d']);
  if (!/^[1-9]\d{0,3}$/.test(limit)) throw new SettingsError(['--limit: expected a number, 1 … 9999']);
  return {
    ...(rqi === undefined ? {} : { requestIdentifier: rqi }),
    ...(originator === undefined ? {} : { originator }),
    ...(cseId === undefined ? {} : { cseId }),
    since: now - span,
    limit: Number(limit),
  };
}

async function withPlace<Result>(
  options: Options,
  withLogs: boolean,
  use: (place: Place) => Promise<Result>,
): Promise<Result> {
  const place = await openPlace(options, withLogs);
  try {
    return await use(place);
  } finally {
    await place.close();
  }
}

async function openPlace(options: Options, withLogs: boolean): Promise<Place> {
  const { rqi, originator, since, limit, cseId, operation, to, type, showContent, json, ...rest } = options;
  const given = readSettings(settings, sourcesOf(rest, knownSettings()));
  const { data, kafkaUrl, postgresUrl, responderGroup } = given;
  if (data !== undefined) return openFolder(data);
  if (postgresUrl === '' || (withLogs && kafkaUrl === '')) {
    const cluster = withLogs ? '--kafka-url and --postgres-url' : '--postgres-url';
    throw new SettingsError([`give --data of an embedded CSE, or ${cluster} of a cluster`]);
  }
  const kafka = kafkaUrl === '' ? undefined : kafkaAddressOf(given);
  return openCluster({ postgres: postgresAddressOf(given), kafka, responderGroup });
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
