/** The embedded CSE as a person starts it: by its command line, in a process of its own. */
import { join } from 'node:path';
import { freePorts } from '../../infra/local/free-ports.ts';
import { Program } from '../../infra/local/program.ts';
import { openWorkFolder } from '../../infra/local/work-folder.ts';

export interface EmbeddedProcess {
  readonly url: string;
  readonly webSocketUrl: string;
  readonly adminUrl: string;
  /** Of the data; there where it is kept. */
  readonly dataFolder: string;
  /** Everything that it has said. */
  readonly logFile: string;
  /** kill -9 of the CSE itself. */
  kill(): Promise<void>;
  /** Starts it again, on the same ports and data. */
  start(): Promise<void>;
  /** As Ctrl-C does, and again. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export const launcher = join(import.meta.dirname, '..', '..', 'services', 'cli', 'launch.mjs');

export interface EmbeddedProcessOptions {
  /** Data in a folder; else in memory only. */
  keep: boolean;
  settings?: Record<string, string>;
  /** More flags. */
  flags?: string[];
  /** Puts files into the data folder before it starts. */
  prepare?(dataFolder: string): Promise<void>;
}

/** Resolves when it serves. */
export async function startEmbeddedProcess(options: EmbeddedProcessOptions): Promise<EmbeddedProcess> {
  const [mqttPort, webSocketPort, adminPort] = await freePorts(3);
  const folder = openWorkFolder('embedded');
  const ports = ['--mqtt-port', `${mqttPort}`, '--ws-port', `${webSocketPort}`, '--admin-port', `${adminPort}`];
  const dataFolder = join(folder.path, 'data');
  const data = options.keep ? ['--data', dataFolder] : ['--memory'];
  await options.prepare?.(dataFolder);
  const program = new Program({
    name: 'in-cse',
    folder,
    command: process.execPath,
    args: [launcher, 'start', ...ports, ...data, ...(options.flags ?? [])],
    environment: { ...process.env, ...options.settings },
    ready: /Ctrl-C finishes what is in flight/,
  });
  const stop = async () => {
    await program.end();
    await folder.remove();
  };
  try {
    await program.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `mqtt://127.0.0.1:${mqttPort}`,
    webSocketUrl: `ws://127.0.0.1:${webSocketPort}`,
    adminUrl: `http://127.0.0.1:${adminPort}`,
    dataFolder,
    logFile: join(folder.path, 'in-cse.log'),
    kill: () => program.kill(),
    start: () => program.start(),
    restart: async () => {
      await program.stop();
      await program.start();
    },
    stop,
  };
}
