/** The end-to-end suite: what every deployment does, seen from outside by MQTT. */
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { accessTests } from './access.ts';
import { changeTests } from './changes.ts';
import { containerTests } from './containers.ts';
import { deliveryTests } from './deliveries.ts';
import { discoveryTests } from './discovery.ts';
import { duplicateTests } from './duplicates.ts';
import { expiryTests } from './expiry.ts';
import { forgeryTests } from './forgery.ts';
import { limitTests } from './limits.ts';
import { providerTests } from './providers.ts';
import { quotaTests } from './quotas.ts';
import { registrationTests } from './registration.ts';
import { retrievalTests } from './retrieval.ts';
import { subscriptionTests } from './subscriptions.ts';
import { System, type Target } from './system.ts';
import { wireTests } from './wire.ts';
import { xmlTests } from './xml.ts';

export interface SuiteOptions {
  start(): Promise<Target>;
  /** Why it cannot run here. */
  skip?: string | false;
  /** Tests of this deployment beside those of all. */
  more?: (system: System) => void;
}

export function systemSuite(name: string, { start, skip = false, more }: SuiteOptions): void {
  let target: Target | undefined;
  const system = new System(() => {
    assert.ok(target !== undefined, 'the deployment does not run');
    return target;
  });
  // Many tests mostly wait.
  describe(name, { skip, concurrency: 4 }, () => {
    before(async () => {
      target = await start();
    });
    after(() => target?.stop());
    registrationTests(system);
    containerTests(system);
    retrievalTests(system);
    discoveryTests(system);
    changeTests(system);
    accessTests(system);
    subscriptionTests(system);
    deliveryTests(system);
    duplicateTests(system);
    expiryTests(system);
    providerTests(system);
    quotaTests(system);
    limitTests(system);
    wireTests(system);
    forgeryTests(system);
    xmlTests(system);
    more?.(system);
  });
}
