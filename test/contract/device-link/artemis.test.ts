import type { Part } from '../../../infra/local/part.ts';
import { withParts } from '../../parts/with-parts.ts';
import { Device } from './device.ts';
import { externalBroker } from './external-broker.ts';
import { deviceLinkContract } from './suite.ts';
import { pause } from './waiting.ts';

const parts = withParts({ artemis: 3 }, { own: true });

deviceLinkContract(
  externalBroker(
    'artemis × 3',
    {
      shares: true,
      redeliversToSession: true,
      redeliversToOthers: true,
      survivesKill: true,
      redeliversAfterKill: true,
      keepsOrder: 'now and then delivers out of order, on one node and an ordinary subscription too',
      tellsTakeover: true,
    },
    parts.artemis,
    isOneBroker,
  ),
  parts.skip,
);

/** The nodes have found each other when what is published on the first arrives on each. */
async function isOneBroker(part: Part): Promise<void> {
  const listeners = await Promise.all(part.urls.map((url, node) => Device.connect(url, `listener-${node}`)));
  const sender = await Device.connect(part.urls[0] ?? '', 'sender');
  for (const listener of listeners) await listener.subscribe('ready/#');
  for (let attempt = 0; attempt < 100 && listeners.some(({ received }) => received.length === 0); attempt++) {
    await sender.publish('ready/now', ['?']);
    await pause(100);
  }
  await Promise.all([sender, ...listeners].map((device) => device.close()));
}
