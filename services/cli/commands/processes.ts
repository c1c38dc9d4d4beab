/** The processes of a cluster. */
import type { Command } from 'commander';
import { brokerAccessSettings, readBrokerAccessSettings } from '../../broker-access/config.ts';
import { ingressSettings } from '../../ingress/config.ts';
import {
  readSettings,
  type SettingDefinitions,
  type SettingSources,
  type SettingsOf,
} from '../../platform/settings.ts';
import { workerSettings } from '../../resource-worker/config.ts';
import { responderSettings } from '../../responder/config.ts';
import { addSettingOptions, sourcesOf } from '../setting-options.ts';
import { knownSettings } from './known-settings.ts';

interface Process<D extends SettingDefinitions> {
  name: string;
  description: string;
  settings: D;
  /** Shown first. */
  first: (keyof D & string)[];
  /** Reads and checks them, where they have to agree with each other. */
  read?(sources: SettingSources): SettingsOf<D>;
  start(settings: SettingsOf<D>): Promise<unknown>;
}

const note = `
Every setting can also be given as IN_CSE_<NAME> or in a JSON file (--settings); addresses, which may hold credentials,
best as IN_CSE_<NAME> or as the path of a file in IN_CSE_<NAME>_FILE.`;

export function addProcesses(program: Command): void {
  addProcess(program, {
    name: 'ingress',
    description: 'takes requests from the broker into the log',
    settings: ingressSettings,
    first: ['mqttUrl', 'kafkaUrl', 'postgresUrl', 'redisUrl', 'ordinal', 'adminHost', 'adminPort'],
    async start(settings) {
      const { startIngress } = await import('../../ingress/main.ts');
      await startIngress(settings);
    },
  });
  addProcess(program, {
    name: 'resource-worker',
    description: 'applies requests to the database',
    settings: workerSettings,
    first: ['kafkaUrl', 'postgresUrl', 'redisUrl', 'adminHost', 'adminPort', 'development'],
    async start(settings) {
      const { startResourceWorker } = await import('../../resource-worker/main.ts');
      await startResourceWorker(settings);
    },
  });
  addProcess(program, {
    name: 'responder',
    description: 'publishes answers and notifications to the broker',
    settings: responderSettings,
    first: ['mqttUrl', 'kafkaUrl', 'postgresUrl', 'ordinal', 'adminHost', 'adminPort'],
    async start(settings) {
      const { startResponder } = await import('../../responder/main.ts');
      await startResponder(settings);
    },
  });
  addProcess(program, {
    name: 'broker-access',
    description: 'tells brokers that ask who may connect and do what',
    settings: brokerAccessSettings,
    first: ['postgresUrl', 'accessHost', 'accessPort', 'accessSecret', 'adminHost', 'adminPort'],
    read: readBrokerAccessSettings,
    async start(settings) {
      const { startBrokerAccess } = await import('../../broker-access/main.ts');
      await startBrokerAccess(settings);
    },
  });
}

function addProcess<D extends SettingDefinitions>(program: Command, process: Process<D>): void {
  const command = program.command(process.name).description(process.description);
  addSettingOptions(command, process.settings, process.first);
  command.addHelpText('after', note);
  command.action(async (options: Record<string, unknown>) => {
    const sources = sourcesOf(options, knownSettings());
    await process.start(process.read?.(sources) ?? readSettings(process.settings, sources));
  });
}
