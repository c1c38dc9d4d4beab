/**
 * Places where a test kills the process: one at every arrow of the path. Inert unless named at start; there is no way to
 * set one in a running process.
 */

/** Every failpoint by the process that passes it. */
export const failpointNames = {
  ingress: ['recv', 'parsed', 'produced-sent', 'produced-acked', 'puback-written'],
  'resource-worker': ['fetched', 'begin', 'commit-sent', 'commit-acked', 'emitted', 'offset-hint'],
  responder: ['outbound-fetched', 'published', 'pubacked', 'offset-committed'],
} as const;

export type FailpointName = (typeof failpointNames)[keyof typeof failpointNames][number];

/** Passes a failpoint. */
export type Failpoint = (name: FailpointName) => void;

const inert: Failpoint = () => {};

/**
 * `spec` is `name:n`, or several between commas: the process ends by SIGKILL at the n-th pass (from 1; without `:n` the
 * first). Throws for a name that does not exist. `kill` is for tests.
 */
export function createFailpoints(spec: string | undefined, kill: () => void = killThisProcess): Failpoint {
  if (spec === undefined || spec.trim() === '') return inert;
  const left = new Map<string, number>();
  for (const part of spec.split(',')) {
    const [name = '', passes = '1'] = part.trim().split(':');
    if (!isFailpointName(name)) throw new Error(`There is no failpoint "${name}".`);
    if (!/^[1-9]\d*$/.test(passes)) throw new Error(`The failpoint "${part}" needs a count from 1.`);
    left.set(name, Number(passes));
  }
  return (name) => {
    const passes = left.get(name);
    if (passes === undefined) return;
    left.set(name, passes - 1);
    if (passes === 1) kill();
  };
}

export function isFailpointName(name: string): name is FailpointName {
  return Object.values(failpointNames).some((names) => (names as readonly string[]).includes(name));
}

function killThisProcess(): void {
  process.kill(process.pid, 'SIGKILL');
}
