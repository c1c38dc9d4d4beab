import { createEmbeddedBroker, type EmbeddedBroker } from '../../../services/adapters/aedes/embedded-broker.ts';
import { deviceLinkContract } from './suite.ts';

let broker: EmbeddedBroker | undefined;

function running(): EmbeddedBroker {
  if (broker === undefined) throw new Error('not started');
  return broker;
}

deviceLinkContract({
  name: 'aedes, in process',
  abilities: {
    shares: 'one receiver, in this process',
    redeliversToSession: 'the device itself sends again what had no PUBACK, over its own session',
    redeliversToOthers: 'there are no others',
    survivesKill: 'sessions are in memory and end with the process',
    redeliversAfterKill: 'sessions are in memory and end with the process',
    keepsOrder: true,
    tellsTakeover: 'there is no session of ours',
  },
  async start() {
    broker = await createEmbeddedBroker({ name: 'embedded', port: 0 });
  },
  async stop() {
    await broker?.close();
  },
  urls: () => [`mqtt://127.0.0.1:${running().port}`],
  // Links of the suite are closed after each test; the broker lives on.
  async link() {
    const { name, receive, publisher } = running();
    return { name, receive, publisher, close: async () => undefined };
  },
});
