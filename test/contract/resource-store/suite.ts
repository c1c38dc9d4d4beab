/** What every ResourceStore must do. Each adapter's test file runs it over its own store. */
import { after, before, describe, it } from 'node:test';
import { reportContract } from '../../parts/contract-report.ts';
import { containerTests } from './containers.ts';
import { StoreContext, type StoreUnderTest } from './context.ts';
import { cseTests } from './cses.ts';
import { fenceTests } from './fences.ts';
import { journalTests } from './journal.ts';
import { queryTests } from './queries.ts';
import { rowTests } from './single-rows.ts';
import { subtreeTests } from './subtrees.ts';
import { usageTests } from './usage.ts';
import { waitingTests } from './waiting.ts';

const themes = {
  'fences and flights': fenceTests,
  rows: rowTests,
  containers: containerTests,
  subtrees: subtreeTests,
  queries: queryTests,
  'what waits': waitingTests,
  journal: journalTests,
  CSEs: cseTests,
  usage: usageTests,
};

export function resourceStoreContract(under: StoreUnderTest): void {
  describe(`ResourceStore: ${under.name}`, () => {
    reportContract('resource-store', under.name);
    const context = new StoreContext();
    before(() => context.open(under));
    after(async () => {
      await context.store.close();
      await under.stop?.();
    });
    for (const [theme, tests] of Object.entries(themes)) {
      describe(theme, () => tests(context));
    }
    it('answers a ping', () => context.store.ping());
  });
}
