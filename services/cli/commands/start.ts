import type { Command } from 'commander';
import { bannerOf } from '../../embedded/banner.ts';
import { embeddedSettings, readEmbeddedSettings } from '../../embedded/config.ts';
import { productVersion } from '../../platform/build-info.ts';
import { addSettingOptions, sourcesOf } from '../setting-options.ts';
import { knownSettings } from './known-settings.ts';

const examples = `
Every setting can also be given as IN_CSE_<NAME> or in a JSON file (--settings).

Examples:
  in-cse start
  in-cse start --memory --mqtt-port 11883 --ws-port 0 --admin-port 0
  in-cse start --data /var/lib/in-cse --cse-id /id-home --cse-name home`;

const first = ['mqttPort', 'wsPort', 'adminPort', 'data', 'memory', 'cseId', 'cseName', 'spId', 'admin', 'logLevel'];

export function addStart(program: Command): void {
  const command = program
    .command('start')
    .description('an embedded CSE: everything in one process, nothing else needed');
  addSettingOptions(command, embeddedSettings, first);
  command.addHelpText('after', examples);
  command.action(async (options: Record<string, unknown>) => {
    const settings = readEmbeddedSettings(sourcesOf(options, knownSettings()));
    // What nobody asked for need not be loaded: the client commands are to be quick.
    const { startEmbedded } = await import('../../embedded/main.ts');
    const { facts } = await startEmbedded(settings);
    process.stdout.write(bannerOf({ version: productVersion(), ...facts }));
  });
}
