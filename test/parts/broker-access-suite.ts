/** The rows of broker access at a real broker: every forbidden one fails, every allowed one works (issue 4, section 1). */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { pause, until } from '../contract/device-link/waiting.ts';
import { allCredentials } from '../fixtures/broker-access/credentials.ts';
import { identities } from '../fixtures/broker-access/identities.ts';
import { type AccessRow, accessRows, titleOf } from '../fixtures/broker-access/rows.ts';
import { brokerAccessLife } from './broker-access-life.ts';
import { brokerAttacks } from './broker-attacks.ts';
import { type GuardedBroker, observer, type Visitor, visit, type Way } from './guarded-broker.ts';

/** A message between two others may take so long behind them in a broker of many threads. */
const settling = 30;

export function brokerAccessSuite(broker: GuardedBroker, skip: string | false): void {
  describe(`broker access by ${broker.name}`, { skip }, () => {
    let witness: Visitor;
    before(async () => {
      await broker.start(allCredentials());
      witness = await visit(broker, observer, 'certificate');
      assert.equal(await witness.subscribe('#'), true);
    });
    after(async () => {
      await witness?.leave();
      await broker.stop();
    });

    for (const way of ['password', 'certificate'] as const) {
      describe(`identified by ${way}`, () => {
        for (const row of accessRows.filter(({ unless }) => unless?.brokers.includes(broker.name) !== true)) {
          it(titleOf(row), () => (row.action === 'publish' ? publishes(row, way) : subscribes(row, way)));
        }
      });
    }
    brokerAttacks(broker, () => witness);
    brokerAccessLife(broker);

    async function publishes(row: AccessRow, way: Way): Promise<void> {
      const client = await visit(broker, identities[row.who], way);
      const payload = randomBytes(8).toString('hex');
      await client.publish(row.topic, payload, row.retain);
      if (row.allowed) {
        await until(() => witness.has(payload), 'the message');
        assert.equal(witness.received.find((message) => message.payload === payload)?.topic, row.topic);
      } else {
        await settled();
        assert.equal(witness.has(payload), false);
      }
      await client.leave();
    }

    /** What is sent to the topic by somebody who may: it reaches the client, or only the witness and the group's member. */
    async function subscribes(row: AccessRow, way: Way): Promise<void> {
      const shared = !row.allowed && row.topic.startsWith('$share/in-cse/');
      const member = shared ? await visit(broker, identities.service, 'certificate') : undefined;
      if (member !== undefined) assert.equal(await member.subscribe('$share/in-cse//oneM2M/req/+/id-in/#'), true);
      const client = await visit(broker, identities[row.who], way);
      const granted = await client.subscribe(row.topic);
      const { sees = '' } = row;
      if (sees.startsWith('$')) {
        assert.equal(granted, false);
      } else {
        const payloads = Array.from({ length: 4 }, () => randomBytes(8).toString('hex'));
        for (const payload of payloads) assert.equal(await witness.publish(sees, payload), true);
        await until(() => payloads.every((payload) => witness.has(payload)), 'the messages at the witness');
        if (row.allowed) {
          await until(() => payloads.every((payload) => client.has(payload)), 'the messages');
        } else {
          // Whatever a thief had been given would be missing here.
          if (member !== undefined && sees.startsWith('/oneM2M/req/')) {
            await until(() => payloads.every((payload) => member.has(payload)), 'all messages at the member');
          }
          await settled();
          assert.deepEqual(client.received, []);
        }
      }
      await client.leave();
      await member?.leave();
    }

    async function settled(): Promise<void> {
      const mark = randomBytes(8).toString('hex');
      await witness.publish('mark', mark);
      await until(() => witness.has(mark), 'the mark');
      await pause(settling);
    }
  });
}
