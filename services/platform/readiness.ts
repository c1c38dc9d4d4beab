/**
 * Whether a process should be given work. Every condition has a name, and an answer within the time limit: one that hangs, as
 * a question to a database that does not answer, does not hold.
 */

/** May throw or reject: that counts as not ready. */
export type ReadinessCheck = () => boolean | Promise<boolean>;

/** A check that holds when the question is answered, whatever the answer. */
export async function answered(question: Promise<unknown>): Promise<true> {
  await question;
  return true;
}

/** Below what an orchestrator waits for an answer, ms. */
const timeLimit = 1500;

export interface Readiness {
  /** The outcome of every check by name. */
  check(): Promise<Record<string, boolean>>;
}

/** `checks` may get members later. */
export function createReadiness(checks: Readonly<Record<string, ReadinessCheck>>, limit = timeLimit): Readiness {
  /** Questions that are out: who asks meanwhile waits for the same answer, so that they do not pile up at a server that hangs. */
  const asked = new Map<string, Promise<boolean>>();

  function ask(name: string, check: ReadinessCheck): Promise<boolean> {
    const known = asked.get(name);
    if (known !== undefined) return known;
    const answer = Promise.resolve()
      .then(check)
      .catch(() => false)
      .finally(() => asked.delete(name));
    asked.set(name, answer);
    return answer;
  }

  return {
    async check() {
      const names = Object.entries(checks);
      const outcomes = names.map(async ([name, check]) => [name, await within(limit, ask(name, check))] as const);
      return Object.fromEntries(await Promise.all(outcomes));
    },
  };
}

function within(limit: number, answer: Promise<boolean>): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), limit);
    void answer.then((holds) => {
      clearTimeout(timer);
      resolve(holds);
    });
  });
}
