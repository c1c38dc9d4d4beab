/** What every CredentialStore must do. Each adapter's test file runs it over its own store. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Credential, CredentialStore } from '../../../services/ports/credential-store.ts';
import { UnreadableCredential } from '../../../services/ports/read-credential.ts';
import { reportContract } from '../../parts/contract-report.ts';

export interface CredentialStoreUnderTest {
  /** As it stands in the report. */
  name: string;
  /** A store of its own; `again` is another one, over the same credentials, as another process has it. */
  open(): Promise<{ store: CredentialStore; again: CredentialStore }>;
}

export function credentialStoreContract(under: CredentialStoreUnderTest): void {
  describe(`CredentialStore: ${under.name}`, () => {
    reportContract('credential-store', under.name);
    let store: CredentialStore;
    let again: CredentialStore;
    before(async () => {
      ({ store, again } = await under.open());
    });
    after(async () => {
      await store.close();
      await again.close();
    });

    const credential = (name: string, changes: Partial<Credential> = {}): Credential => ({
      name,
      kind: 'ae',
      cse: 'id-in',
      levels: ['Cpump'],
      credentialLevel: 'Cpump',
      passwords: [{ iterations: 10, salt: 'c2FsdA==', hash: 'aGFzaA==', until: 5 }],
      createdAt: 1,
      ...changes,
    });

    it('has nothing at first', async () => {
      assert.deepEqual(await store.list(), []);
      assert.equal(await store.get('Cnobody@id-in'), undefined);
    });

    it('gives back what was put, whole, and to others too', async () => {
      const whole = credential('Cpump@id-in', { expiresAt: 7, revokedAt: 8 });
      assert.deepEqual(await store.change(whole.name, () => whole), whole);
      assert.deepEqual(await store.get(whole.name), whole);
      assert.deepEqual(await again.get(whole.name), whole);
    });

    it('lists them by name, also those that are no longer in force', async () => {
      for (const name of ['b@id-in', 'B@id-in', 'a@id-in']) {
        await store.change(name, () => credential(name, { revokedAt: 2 }));
      }
      const names = (await again.list()).map((each) => each.name);
      assert.deepEqual(names, ['B@id-in', 'Cpump@id-in', 'a@id-in', 'b@id-in']);
    });

    it('shows what is there to who changes it, and changes nothing where that gives up or throws', async () => {
      const before = await store.get('a@id-in');
      assert.notEqual(before, undefined);
      const seen: (Credential | undefined)[] = [];
      const give = (result: Credential | undefined) => (current: Credential | undefined) => {
        seen.push(current);
        return result;
      };
      assert.equal(await store.change('a@id-in', give(undefined)), undefined);
      assert.equal(await store.change('new@id-in', give(undefined)), undefined);
      const refusal = new Error('no');
      await assert.rejects(
        store.change('a@id-in', () => {
          throw refusal;
        }),
        refusal,
      );
      assert.deepEqual(seen, [before, undefined]);
      assert.deepEqual(await store.get('a@id-in'), before);
      assert.equal(await store.get('new@id-in'), undefined);
    });

    it('keeps nothing that would be a pattern in a rule, or that nobody could read (CVE-2017-7650)', async () => {
      const before = await store.list();
      const wrong: Partial<Credential>[] = [
        { levels: ['+'] },
        { levels: ['Cpump', 'a/b'] },
        { credentialLevel: '#' },
        { cse: '+' },
        { name: '#' },
        { passwords: [{ iterations: 1, salt: 'a\nroot:', hash: 'aGFzaA==' }] },
      ];
      for (const changes of wrong) {
        const bad = credential('bad@id-in', changes);
        await assert.rejects(
          store.change('bad@id-in', () => bad),
          UnreadableCredential,
          JSON.stringify(changes),
        );
      }
      assert.deepEqual(await store.list(), before);
    });

    it('loses no change of several at the same time, of one credential or of many', async () => {
      const rounds = 10;
      await store.change('count@id-in', () => credential('count@id-in', { createdAt: 0 }));
      const increment = (current: Credential | undefined) =>
        current === undefined ? undefined : { ...current, createdAt: current.createdAt + 1 };
      const changes = Array.from({ length: rounds }, (_, round) => {
        const name = `many-${round}@id-in`;
        const mine = round % 2 === 0 ? store : again;
        return [mine.change('count@id-in', increment), mine.change(name, () => credential(name))];
      });
      await Promise.all(changes.flat());
      assert.equal((await store.get('count@id-in'))?.createdAt, rounds);
      assert.equal((await store.list()).filter(({ name }) => name.startsWith('many-')).length, rounds);
    });
  });
}
