import type { Command } from 'commander';
import { readSettings } from '../../platform/settings.ts';
import { addSettingOptions, sourcesOf } from '../setting-options.ts';
import { knownSettings } from './known-settings.ts';
import { migrateSettings } from './migrate-settings.ts';

const note = `
Run it before the processes of a new version, as often as you like: it goes forward only. What is said "when new" is fixed for
the life of the deployment; a CSE that is there already takes over the settings said now, and keeps its resources.

Examples:
  in-cse migrate --kafka-url kafka://host:9092 --postgres-url postgres://user@host/name --admin CAdmin
  in-cse migrate --settings in-cse.json`;

const first = ['kafkaUrl', 'postgresUrl', 'cseId', 'cseName', 'spId', 'admin', 'partitions', 'development'];

export function addMigrate(program: Command): void {
  const command = program
    .command('migrate')
    .description('brings tables and topics of a cluster up to date, and adds its CSEs');
  addSettingOptions(command, migrateSettings, first);
  command.addHelpText('after', note);
  command.action(async (options: Record<string, unknown>) => {
    const settings = readSettings(migrateSettings, sourcesOf(options, knownSettings()));
    const { migrateDeployment } = await import('../migrate-deployment.ts');
    await migrateDeployment(settings, (line) => process.stdout.write(`${line}\n`));
  });
}
