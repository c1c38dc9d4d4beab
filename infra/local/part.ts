/** A real part of the system (broker, log, database, cache) that runs on this machine, on 127.0.0.1 and free ports. */
import type { Program } from './program.ts';
import type { WorkFolder } from './work-folder.ts';

/** Nodes are numbered from 1. Where a node may be left out, the first is meant. */
export interface Part {
  readonly name: string;
  /** For clients: all nodes where one URL can name them, else the first node. */
  readonly url: string;
  /** One per node. */
  readonly urls: readonly string[];
  readonly nodes: number;
  /** Of the nodes that run, in order. Empty for a given server. */
  readonly pids: readonly number[];
  /** kill -9; all its processes are gone when it resolves. */
  kill(node?: number): Promise<void>;
  /** Starts a node that was killed or stopped, with its data. It serves when it resolves. */
  start(node?: number): Promise<void>;
  /** Stops a node in good order and starts it again. */
  restart(node?: number): Promise<void>;
  /** SIGSTOP: it hangs and keeps its connections. */
  pause(node?: number): void;
  resume(node?: number): void;
  /** Seconds of processor time, since the node's last start; of all nodes unless one is named. */
  processorSeconds(node?: number): number;
  /** Ends all nodes and removes what they wrote. */
  stop(): Promise<void>;
}

/** Starts all nodes together and returns the part; on failure nothing is left. */
export async function startNodes(options: {
  name: string;
  url: string;
  urls: string[];
  folder: WorkFolder;
  programs: Program[];
  /** When all are gone, before the folder is. */
  ended?: () => void;
}): Promise<Part> {
  const { name, url, urls, folder, programs } = options;
  const program = (node: number): Program => {
    const found = programs[node - 1];
    if (found === undefined) throw new Error(`${name} has ${programs.length} node(s), not ${node}`);
    return found;
  };
  const stop = async () => {
    await Promise.all(programs.map((each) => each.end()));
    options.ended?.();
    await folder.remove();
  };
  try {
    await allOrFirstError(programs.map((each) => each.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    name,
    url,
    urls,
    nodes: programs.length,
    get pids() {
      return programs.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    },
    kill: (node = 1) => program(node).kill(),
    start: (node = 1) => program(node).start(),
    restart: async (node = 1) => {
      await program(node).stop();
      await program(node).start();
    },
    pause: (node = 1) => program(node).pause(),
    resume: (node = 1) => program(node).resume(),
    processorSeconds: (node) =>
      (node === undefined ? programs : [program(node)]).reduce((sum, each) => sum + each.processorSeconds(), 0),
    stop,
  };
}

/** Waits for all, so that none goes on behind a failure of another. */
async function allOrFirstError(starts: Promise<void>[]): Promise<void> {
  for (const outcome of await Promise.allSettled(starts)) {
    if (outcome.status === 'rejected') throw outcome.reason;
  }
}

/** A server that somebody else runs: it can be used, never killed. */
export function givenServer(name: string, url: string): Part {
  const refuse = (): never => {
    throw new Error(`${name} at a given address is not ours to stop or start`);
  };
  return {
    name,
    url,
    urls: [url],
    nodes: 1,
    pids: [],
    kill: async () => refuse(),
    start: async () => refuse(),
    restart: async () => refuse(),
    pause: refuse,
    resume: refuse,
    processorSeconds: () => 0,
    stop: async () => {},
  };
}
