/**
 * Promise 4 from device to resource: the whole path behind real brokers that keep the generated rules, Mosquitto and HiveMQ CE,
 * with TLS everywhere (issue 4, part 1).
 */

import { readFileSync } from 'node:fs';
import { after, before, describe } from 'node:test';
import type { GuardedBrokerName } from '../../infra/local/guarded-broker.ts';
import { type GuardedCluster, startGuardedCluster } from '../../services/cli/cluster/guarded-cluster.ts';
import { withParts } from '../parts/with-parts.ts';
import { accessTests } from './access.ts';
import { AdmittedDevices } from './admitted.ts';
import { changeTests } from './changes.ts';
import { containerTests } from './containers.ts';
import { discoveryTests } from './discovery.ts';
import { expiryTests } from './expiry.ts';
import { guardedTests } from './guarded.ts';
import { retrievalTests } from './retrieval.ts';
import { hostedCses, testSettings } from './settings.ts';
import { subscriptionTests } from './subscriptions.ts';
import { System, type Target } from './system.ts';

guardedSuite('mosquitto');
guardedSuite('hivemq');

function guardedSuite(broker: GuardedBrokerName): void {
  const { skip } = withParts({ [broker]: true, kafka: 1, postgres: true, redis: true }, { own: true });
  describe(`a cluster behind ${broker} with access rules`, { skip }, () => {
    let cluster: GuardedCluster | undefined;
    let target: Target | undefined;
    const known = <T>(value: T | undefined): T => {
      if (value === undefined) throw new Error('the cluster does not run');
      return value;
    };
    const system = new System(() => known(target));

    before(async () => {
      cluster = await startGuardedCluster({
        broker,
        ingress: 1,
        workers: 1,
        responders: 1,
        // The rate of an originator is about something else.
        environment: { IN_CSE_LOG_LEVEL: 'warn', ...testSettings, IN_CSE_ORIGINATOR_RATE: '2000' },
      });
      const { certificates } = cluster.security;
      const admission = new AdmittedDevices(readFileSync(certificates.caFile));
      const { credentials } = cluster;
      await Promise.all(admission.credentials().map((each) => credentials.change(each.name, () => each)));
      await cluster.renewAccess();
      const { mqttUrls: urls, stop } = cluster;
      target = { ...hostedCses, urls, admission, hasOneConnection: false, stop: () => stop() };
    });
    after(() => cluster?.stop());

    // What every deployment does. Left out are the groups that need what the rules deny: topics of other systems as targets
    // (deliveries), any Credential-ID (registration), the topics of others (wire, forgery, duplicates), two CSEs for one device.
    describe('serves known devices as elsewhere', { concurrency: 4 }, () => {
      containerTests(system);
      accessTests(system);
      subscriptionTests(system);
      // Once is enough for what no broker can tell apart.
      if (broker === 'mosquitto') {
        retrievalTests(system);
        discoveryTests(system);
        changeTests(system);
        expiryTests(system);
      }
    });
    // Afterwards: they restart the broker.
    guardedTests(system, () => known(cluster));
  });
}
