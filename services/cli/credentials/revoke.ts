import type { Command } from 'commander';
import { addSettingOptions } from '../setting-options.ts';
import { revoked } from './lifetimes.ts';
import { withCredentials } from './open-store.ts';
import { readCredentialSettings } from './read-settings.ts';
import { storeSettings } from './store-settings.ts';

const note = `
The embedded broker and "in-cse broker-access" know it within seconds and end its connections. The files of other brokers must
be exported again.`;

export function addRevokeCredential(program: Command): void {
  const command = program
    .command('revoke')
    .description('end one for good, its certificate too')
    .argument('<name>', 'as list has it');
  addSettingOptions(command, storeSettings, ['data', 'credentialsFile', 'postgresUrl']);
  command.addHelpText('after', note);
  command.action(async (name: string, options: object) => {
    const given = readCredentialSettings(storeSettings, options);
    const changed = await withCredentials(given, ({ store }) =>
      store.change(name, (current) => revoked(name, current, Date.now())),
    );
    process.stdout.write(`${name} ${changed === undefined ? 'was revoked before.' : 'is revoked.'}\n`);
  });
}
