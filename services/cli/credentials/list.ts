import type { Command } from 'commander';
import { addSettingOptions } from '../setting-options.ts';
import { credentialJson, credentialTable } from './credential-text.ts';
import { withCredentials } from './open-store.ts';
import { readCredentialSettings } from './read-settings.ts';
import { cseSetting, storeSettings } from './store-settings.ts';

const settings = {
  ...storeSettings,
  cseId: { ...cseSetting.cseId, sentence: 'Only those of this hosting CSE.' },
};

export function addListCredentials(program: Command): void {
  const command = program
    .command('list')
    .description('all of them, by name, also those that are not accepted any more')
    .option('--json', 'a line of JSON for each');
  addSettingOptions(command, settings, ['data', 'credentialsFile', 'postgresUrl', 'cseId']);
  command.action(list);
}

async function list(options: { json?: true }): Promise<void> {
  const given = readCredentialSettings(settings, options);
  const all = await withCredentials(given, ({ store }) => store.list());
  const wanted = all.filter(({ cse }) => given.cseId === undefined || given.cseId === `/${cse}`);
  const now = Date.now();
  const lines =
    options.json === true
      ? wanted.map((credential) => JSON.stringify(credentialJson(credential, now)))
      : [wanted.length === 0 ? 'There are no credentials.' : credentialTable(wanted, now)];
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
