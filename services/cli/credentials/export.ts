import { type Command, Option } from 'commander';
import { isInForce } from '../../core/broker-access/in-force.ts';
import { idToTopicLevel } from '../../core/identifiers.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import { addSettingOptions } from '../setting-options.ts';
import { chosenCse, withCredentials } from './open-store.ts';
import { readCredentialSettings } from './read-settings.ts';
import { cseSetting, scopeSettings, storeSettings } from './store-settings.ts';
import { type BrokerName, brokers, writeAccessFiles } from './write-access-files.ts';

const settings = {
  ...storeSettings,
  cseId: { ...cseSetting.cseId, sentence: 'CSE-ID of an embedded CSE; a cluster knows all of its own.' },
  ...scopeSettings,
};

const note = `
Written are those in force now, so do it again after each change, and regularly where credentials expire. Revocation and
rotation reach the embedded broker and "in-cse broker-access" without it.`;

export function addExportCredentials(program: Command): void {
  const command = program
    .command('export')
    .description('write the files by which a broker knows who may connect and do what')
    .argument('<broker>', Object.keys(brokers).join(', '), brokerOf)
    .addOption(new Option('--out <folder>', 'where they are written').makeOptionMandatory());
  addSettingOptions(command, settings, [
    'data',
    'credentialsFile',
    'postgresUrl',
    'cseId',
    ...Object.keys(scopeSettings),
  ]);
  command.addHelpText('after', note);
  command.action(exportFiles);
}

async function exportFiles(broker: BrokerName, options: { out: string }): Promise<void> {
  const given = readCredentialSettings(settings, options);
  const { topicPrefix: prefix, shareGroup: group, freeTopics } = given;
  await withCredentials(given, async (place) => {
    const cses = (place.hosted ?? [chosenCse(place, given.cseId)]).map(idToTopicLevel);
    const credentials = await place.store.list();
    const now = Date.now();
    const scope = { prefix, cses, group, freeTopics };
    const { replaced, left } = await writeAccessFiles(broker, options.out, { credentials, scope, now });
    const count = credentials.filter((credential) => isInForce(credential, now)).length;
    const lines = [
      `${replaced.join(', ')} in ${options.out}: ${count} ${count === 1 ? 'credential' : 'credentials'} at ` +
        `${cses.map((level) => `/${level}`).join(', ')}.`,
      ...(left.length === 0 ? [] : [`Left as found: ${left.join(', ')}; remove it to have it written anew.`]),
      brokers[broker].next,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}

function brokerOf(text: string): BrokerName {
  if (!Object.hasOwn(brokers, text)) {
    throw new WrongArgument(`"${text}" is none of ${Object.keys(brokers).join(', ')}.`);
  }
  return text as BrokerName;
}
