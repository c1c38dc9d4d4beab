/** The load client in a process of its own, so that its CPU is not counted with what it measures. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ask, connectAes, type LoopRequest, type LoopResult, runClosedLoop } from './closed-loop.ts';

/** What the loop asks for. */
export type Workload = 'create-spread' | 'create-hot' | 'retrieve-latest';

export interface LoadTarget {
  url: string;
  /** Level of the CSE in topics, and name of its CSEBase. */
  cse: string;
  cseName: string;
  aes: number;
  containers: number;
}

/** One thing that the process is told to do. */
type Task =
  | { do: 'prepare'; target: LoadTarget; register: boolean }
  | { do: 'loop'; workload: Workload; concurrency: number; seconds: number; acceptAnything: boolean };

export interface LoadClient {
  pid: number;
  /** Connects; with `register` also registers the AEs and creates the containers. */
  prepare(target: LoadTarget, register: boolean): Promise<void>;
  loop(workload: Workload, concurrency: number, seconds: number, acceptAnything?: boolean): Promise<LoopResult>;
  stop(): Promise<void>;
}

export function startLoadClient(): LoadClient {
  const child: ChildProcess = fork(fileURLToPath(import.meta.url), ['child'], { stdio: 'inherit' });
  const tell = async <Result>(task: Task): Promise<Result> => {
    child.send(task);
    const [answer] = (await once(child, 'message')) as [{ result?: Result; problem?: string }];
    if (answer.problem !== undefined) throw new Error(answer.problem);
    return answer.result as Result;
  };
  return {
    pid: child.pid ?? 0,
    prepare: (target, register) => tell({ do: 'prepare', target, register }),
    loop: (workload, concurrency, seconds, acceptAnything = false) =>
      tell({ do: 'loop', workload, concurrency, seconds, acceptAnything }),
    async stop() {
      const exit = once(child, 'exit');
      child.kill('SIGKILL');
      await exit;
    },
  };
}

const content = { t: 21.5, h: 40 };

function containerOf(target: LoadTarget, number: number): string {
  const container = number % target.containers;
  return `${target.cseName}/${aeName(container % target.aes)}/c${container}`;
}

function aeName(index: number): string {
  return `bench${index}`;
}

function stems(target: LoadTarget): string[] {
  return Array.from({ length: target.aes }, (_, index) => `Cbench${index}`);
}

function requestOf(workload: Workload, target: LoadTarget, number: number): LoopRequest {
  const create = (to: string) => ({
    op: 1,
    ty: 4,
    to,
    pc: { 'm2m:cin': { con: JSON.stringify({ ...content, n: number }) } },
  });
  switch (workload) {
    case 'create-spread':
      return { ae: (number % target.containers) % target.aes, primitive: create(containerOf(target, number)) };
    case 'create-hot':
      return { ae: 0, primitive: create(`${target.cseName}/${aeName(0)}/hot`) };
    case 'retrieve-latest':
      return {
        ae: (number % target.containers) % target.aes,
        primitive: { op: 2, to: `${containerOf(target, number)}/la` },
      };
  }
}

async function serve(): Promise<void> {
  let target: LoadTarget | undefined;
  let connections: Awaited<ReturnType<typeof connectAes>> = [];
  const prepare = async (task: Extract<Task, { do: 'prepare' }>): Promise<void> => {
    for (const { client } of connections) await client.endAsync(true);
    target = task.target;
    connections = await connectAes({ url: target.url, cse: target.cse, aes: stems(target) });
    if (task.register) await register(target, connections);
  };
  process.on('message', (task: Task) => {
    const work =
      task.do === 'prepare'
        ? prepare(task)
        : runClosedLoop(
            {
              url: target?.url ?? '',
              cse: target?.cse ?? '',
              aes: stems(target as LoadTarget),
              concurrency: task.concurrency,
              seconds: task.seconds,
              request: (number) => requestOf(task.workload, target as LoadTarget, number),
              expected: task.acceptAnything ? [0, 2000, 2001] : [task.workload === 'retrieve-latest' ? 2000 : 2001],
            },
            connections,
          );
    work.then(
      (result) => process.send?.({ result }),
      (error: unknown) => process.send?.({ problem: String(error) }),
    );
  });
}

/** 2001, or 4105 and 4117 where an earlier run has left them. */
async function register(target: LoadTarget, connections: Awaited<ReturnType<typeof connectAes>>): Promise<void> {
  const run = Date.now().toString(36);
  const must = async (ae: number, rqi: string, primitive: object) => {
    const connection = connections[ae];
    const code = connection && (await ask(connection, stems(target)[ae] ?? '', `${run}.${rqi}`, primitive));
    if (code !== 2001 && code !== 4105 && code !== 4117) throw new Error(`the preparation got ${String(code)}`);
  };
  for (let ae = 0; ae < target.aes; ae++) {
    const body = { 'm2m:ae': { rn: aeName(ae), api: 'Nbench', rr: true, srv: ['3'] } };
    await must(ae, `ae${ae}`, { op: 1, ty: 2, to: target.cseName, pc: body });
  }
  const container = (ae: number, rn: string) =>
    must(ae, `c${rn}`, { op: 1, ty: 3, to: `${target.cseName}/${aeName(ae)}`, pc: { 'm2m:cnt': { rn } } });
  for (let number = 0; number < target.containers; number++) await container(number % target.aes, `c${number}`);
  await container(0, 'hot');
}

if (process.argv[2] === 'child') await serve();
