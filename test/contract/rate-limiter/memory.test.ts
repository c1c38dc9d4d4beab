import { createMemoryRateLimiter } from '../../../services/adapters/memory/rate-limiter.ts';
import { rateLimiterContract } from './suite.ts';

rateLimiterContract({
  name: 'memory',
  async open() {
    const limiter = createMemoryRateLimiter();
    return { limiter, again: limiter };
  },
});
