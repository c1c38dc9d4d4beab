/** A cluster on this machine whose broker lets in by credentials only, all its connections encrypted. */
import { type Cluster, type ClusterOptions, type Environment, startCluster } from '../../../infra/local/cluster.ts';
import type { BrokerGuard, Security } from '../../../infra/local/secured-parts.ts';
import type { CredentialStore } from '../../ports/credential-store.ts';
import { ClusterAccess } from './access.ts';

/** What the broker did with changed credentials: nothing had changed, it read them as it ran, or it was started again. */
export type Renewal = 'unchanged' | 'told' | 'restarted';

export interface GuardedCluster extends Cluster {
  readonly security: Security & { readonly guard: BrokerGuard };
  readonly credentials: CredentialStore;
  /** By which `in-cse credentials` finds them. */
  readonly operatorEnvironment: Environment;
  /** Lets the broker know the credentials as they are now. One at a time. */
  renewAccess(): Promise<Renewal>;
}

export async function startGuardedCluster(options: Omit<ClusterOptions, 'access'>): Promise<GuardedCluster> {
  const access = new ClusterAccess();
  try {
    return guarded(await startCluster({ ...options, access }), access);
  } catch (error) {
    await access.close();
    throw error;
  }
}

function guarded(cluster: Cluster, access: ClusterAccess): GuardedCluster {
  const { security } = cluster;
  const guard = security?.guard;
  if (security === undefined || guard === undefined) throw new Error('the broker has no guard');
  return {
    ...cluster,
    security: { ...security, guard },
    credentials: access.store,
    operatorEnvironment: access.operatorEnvironment,
    async renewAccess() {
      return (await access.refresh()) ? guard.renew() : 'unchanged';
    },
    async stop(how) {
      await access.close();
      await cluster.stop(how);
    },
  };
}
