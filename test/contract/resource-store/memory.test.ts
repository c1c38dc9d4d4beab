import { MemoryResourceStore } from '../../../services/adapters/memory/resource-store.ts';
import { resourceStoreContract } from './suite.ts';

resourceStoreContract({
  name: 'memory',
  open: async () =>
    new MemoryResourceStore({
      clock: { now: () => Date.now() },
      deployment: {
        generation: 1,
        requestsTopic: 'requests',
        outboundTopic: 'outbound',
        deadLettersTopic: 'dead-letters',
        requestPartitions: 24,
        outboundPartitions: 24,
      },
    }),
});
