import { type Command, Option } from 'commander';
import { hashPassword, newPassword } from '../../platform/password-hash.ts';
import { durationOf } from '../../platform/setting-types.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import { addSettingOptions } from '../setting-options.ts';
import { type HandOver, handOver } from './hand-over.ts';
import { rotated } from './lifetimes.ts';
import { withCredentials } from './open-store.ts';
import { readCredentialSettings } from './read-settings.ts';
import { iterationSetting, storeSettings } from './store-settings.ts';

const hour = 3_600_000;

const note = `
Files of Mosquitto and EMQX hold one password for each: the old one ends there when the new files are read.`;

const settings = { ...storeSettings, ...iterationSetting };

export function addRotateCredential(program: Command): void {
  const command = program
    .command('rotate')
    .description('give one a new random password, that is shown once')
    .argument('<name>', 'as list has it')
    .addOption(
      new Option('--overlap <duration>', 'how long the old one is accepted too (30m, 1d); 0: not any more')
        .argParser(overlapOf)
        .default(hour, '1h'),
    )
    .option('--password-file <file>', 'where the password is written, instead of being shown')
    .option('--json', 'JSON');
  addSettingOptions(command, settings, ['data', 'credentialsFile', 'postgresUrl', 'passwordIterations']);
  command.addHelpText('after', note);
  command.action(rotate);
}

async function rotate(name: string, options: HandOver & { overlap: number }): Promise<void> {
  const { passwordIterations, ...given } = readCredentialSettings(settings, options);
  const drawn = newPassword();
  const password = await hashPassword(drawn, passwordIterations);
  const now = Date.now();
  const { overlap } = options;
  const changed = await withCredentials(given, ({ store }) =>
    store.change(name, (current) => rotated(name, current, { password, overlap, now })),
  );
  if (changed !== undefined) await handOver(changed, drawn, options, now);
}

function overlapOf(text: string): number {
  const overlap = durationOf(text);
  if (overlap === undefined) throw new WrongArgument(`--overlap takes a time such as 30m or 1d, and not "${text}".`);
  return overlap;
}
