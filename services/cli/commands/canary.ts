import type { Command } from 'commander';
import { readSettings } from '../../platform/settings.ts';
import { canarySettings } from '../canary/config.ts';
import { NoAnswer } from '../client/one-m2m-client.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { addSettingOptions, sourcesOf } from '../setting-options.ts';
import { knownSettings } from './known-settings.ts';

const examples = `
Examples:
  in-cse canary --mqtt-url mqtt://127.0.0.1:1883 --once
  in-cse canary --mqtt-url mqtts://Ccanary%40id-in:secret@host --canary-interval 10s --admin-port 9095`;

export function addCanary(program: Command): void {
  const command = program
    .command('canary')
    .description('makes real round trips (create, latest, delete) and exports their time and failures')
    .option('--once', 'one round trip, its times, and an exit code: 0 well, 1 not, 3 no answer');
  addSettingOptions(command, canarySettings, [
    'mqttUrl',
    'canaryCseId',
    'canaryOriginator',
    'canaryInterval',
    'adminPort',
  ]);
  command.addHelpText('after', examples);
  command.action(async ({ once, ...options }: Record<string, unknown>) => {
    const settings = readSettings(canarySettings, sourcesOf(options, knownSettings()));
    const { flyOnce, startCanary } = await import('../canary/canary.ts');
    if (once !== true) {
      await startCanary(settings);
      return;
    }
    const { result, took, problem } = await flyOnce(settings).catch((error: unknown) => {
      if (error instanceof NoAnswer) throw new CommandFailed(ExitCode.noAnswer, error.message);
      throw error;
    });
    const times = Object.entries(took).map(([step, ms]) => `${step} ${ms.toFixed(1)} ms`);
    process.stdout.write(`${[result, ...times].join(', ')}\n`);
    if (problem !== undefined) {
      throw new CommandFailed(result === 'unanswered' ? ExitCode.noAnswer : ExitCode.failed, problem);
    }
  });
}
