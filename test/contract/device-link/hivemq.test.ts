import { withParts } from '../../parts/with-parts.ts';
import { externalBroker } from './external-broker.ts';
import { deviceLinkContract } from './suite.ts';

const parts = withParts({ hivemq: true }, { own: true });

deviceLinkContract(
  externalBroker(
    'hivemq',
    {
      shares: true,
      redeliversToSession: true,
      redeliversToOthers: true,
      survivesKill: true,
      redeliversAfterKill:
        'what was out to a member of a share group (at most 50) is not delivered again after a crash',
      keepsOrder: true,
      tellsTakeover: true,
    },
    parts.hivemq,
  ),
  parts.skip,
);
