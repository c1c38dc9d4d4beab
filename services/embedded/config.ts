/** Settings of `in-cse start`: everything in one process. */
import { ingressFlowSettings } from '../ingress/config.ts';
import { logLevels } from '../platform/logging.ts';
import { codecSettings, processSettings } from '../platform/setting-pieces.ts';
import { byteSize, choice, count, optional, text, toggle } from '../platform/setting-types.ts';
import { readSettings, type SettingSources, SettingsError, type SettingsOf } from '../platform/settings.ts';
import { workerFlowSettings } from '../resource-worker/config.ts';
import { cseSettings, csesOf } from '../resource-worker/cse-settings.ts';
import { responderFlowSettings } from '../responder/config.ts';
import { accessProblems, embeddedAccessSettings, listenPlanOf } from './access-settings.ts';

export const embeddedSettings = {
  mqttPort: count({ default: 1883, maximum: 65_535, sentence: 'Port of MQTT; 0 takes any free one.' }),
  wsPort: count({ default: 8083, maximum: 65_535, sentence: 'Port of MQTT over WebSocket; 0 takes any free one.' }),
  data: optional(text({ default: '', sentence: 'Folder that keeps the data; ./data unless given.' })),
  memory: toggle({ default: false, sentence: 'Keeps nothing: all data is gone when the process ends.' }),
  ...embeddedAccessSettings,
  ...cseSettings,
  admin: { ...cseSettings.admin, fallback: 'CAdmin' },
  ...processSettings,
  logLevel: choice(logLevels, { default: 'warn', sentence: 'Least severe level that is logged, to standard error.' }),
  // Batches of one CSE are small: few partitions make them larger.
  partitions: count({
    default: 4,
    minimum: 1,
    maximum: 64,
    unit: 'partitions',
    sentence: 'Partitions of a new data folder.',
  }),
  ...codecSettings,
  ...ingressFlowSettings,
  ...workerFlowSettings,
  ...responderFlowSettings,
  topicPrefix: text({ default: '', sentence: 'Topic levels in front of /oneM2M, without slashes at the ends.' }),
  recordBytes: byteSize({ default: 512 * 1024, minimum: 1024, sentence: 'Largest request or answer.' }),
};

export type EmbeddedSettings = SettingsOf<typeof embeddedSettings>;

const defaultFolder = 'data';

/** The data folder, or undefined where nothing is kept. */
export function dataFolderOf(settings: EmbeddedSettings): string | undefined {
  return settings.memory ? undefined : (settings.data ?? defaultFolder);
}

/** Reads and checks all settings. Throws SettingsError with every mistake. */
export function readEmbeddedSettings(sources: SettingSources): EmbeddedSettings {
  const settings = readSettings(embeddedSettings, sources);
  const problems: string[] = [];
  if (settings.memory && settings.data !== undefined) {
    problems.push('--memory keeps nothing and --data names a folder to keep it in; take one of them');
  }
  problems.push(...samePorts(settings), ...accessProblems(settings, dataFolderOf(settings)));
  try {
    csesOf(settings);
  } catch (error) {
    problems.push((error as Error).message);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function samePorts(settings: EmbeddedSettings): string[] {
  const { tls } = listenPlanOf(settings);
  const ports = {
    '--mqtt-port': settings.mqttPort,
    '--ws-port': settings.wsPort,
    '--admin-port': settings.adminPort,
    '--mqtts-port': tls?.port ?? 0,
    '--wss-port': tls?.webSocketPort ?? 0,
  };
  const entries = Object.entries(ports);
  return entries.flatMap(([flag, port], index) =>
    entries
      .slice(index + 1)
      .filter(([, other]) => port !== 0 && other === port)
      .map(([other]) => `${flag} and ${other} are both ${port}; each needs a port of its own`),
  );
}
