import { withParts } from '../../parts/with-parts.ts';
import { externalBroker } from './external-broker.ts';
import { deviceLinkContract } from './suite.ts';

const parts = withParts({ mosquitto: true }, { own: true });

deviceLinkContract(
  externalBroker(
    'mosquitto',
    {
      shares: true,
      redeliversToSession: true,
      redeliversToOthers: 'what a member had not acknowledged is lost when its session ends',
      survivesKill: 'saves sessions only each autosave_interval and on a clean stop',
      redeliversAfterKill: 'saves sessions only each autosave_interval and on a clean stop',
      keepsOrder: true,
      tellsTakeover: '2.0.11 closes the older connection without a word',
    },
    parts.mosquitto,
  ),
  parts.skip,
);
