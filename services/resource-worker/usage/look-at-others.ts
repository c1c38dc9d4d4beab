/** What CSEs with quotas have in the partitions of other workers: one query every few seconds, none without quotas. */
import { boundsContent } from '../../core/quotas.ts';
import type { HostedCses } from '../hosted-cses.ts';
import type { WorkerParts } from '../parts.ts';
import type { KnownUsage } from './known-usage.ts';

export interface LookingAtOthers {
  /** Looks for the first time, and goes on looking. */
  start(): Promise<void>;
  stop(): void;
}

export function lookAtOthers(
  { store, deployment, clock, log, settings }: Pick<WorkerParts, 'store' | 'deployment' | 'clock' | 'log' | 'settings'>,
  cses: HostedCses,
  known: KnownUsage,
): LookingAtOthers {
  let isStopped = false;
  let cancel = () => {};

  async function look(): Promise<void> {
    if (!cses.all().some(({ quotas }) => boundsContent(quotas))) return;
    const own = known.own();
    known.learnOthers(await store.usage(deployment.generation, own), own);
  }

  function plan(): void {
    if (isStopped) return;
    cancel = clock.after(settings.usageRefresh, () => {
      look()
        .catch((error: unknown) => log.warn({ error }, 'what the CSEs have could not be read'))
        .finally(plan);
    });
  }

  return {
    async start() {
      await look();
      plan();
    },
    stop() {
      isStopped = true;
      cancel();
    },
  };
}
