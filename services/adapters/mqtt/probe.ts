/** Proof that a shared subscription delivers: a broker may grant one and then deliver nothing (R31). */
import { randomBytes } from 'node:crypto';
import { describe } from './broker-address.ts';
import type { MqttHooks } from './hooks.ts';
import { isLasting, type LineSettings } from './line.ts';
import { connectOnce } from './one-connection.ts';
import { SubscriptionRefused, sharedFilter, subscribe } from './subscriptions.ts';

/** The broker granted the shared subscription and delivered nothing. */
export class SharedSubscriptionsDoNotDeliver extends Error {
  override name = 'SharedSubscriptionsDoNotDeliver';
}

const betweenAttempts = 500;

/** Repeats until the broker has answered one way or the other; a broker that is away is waited for. */
export async function proveDelivery(
  line: LineSettings,
  timeLimit: number,
  hooks: MqttHooks,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      return await probe(line, timeLimit);
    } catch (error) {
      const reason = error as Error;
      const final = reason instanceof SharedSubscriptionsDoNotDeliver || reason instanceof SubscriptionRefused;
      if (final || isLasting(reason)) throw reason;
      hooks.log?.('warn', 'cannot probe the broker', { client: line.clientId, reason: reason.message });
      await new Promise((resolve) => setTimeout(resolve, betweenAttempts));
    }
  }
}

async function probe(line: LineSettings, timeLimit: number): Promise<void> {
  const random = randomBytes(8).toString('hex');
  const topic = `/oneM2M/probe/${random}`;
  const filter = sharedFilter(random, topic);
  const connection = await connectOnce({ ...line, clientId: `${line.clientId}.probe-${random}`, clean: true });
  let timer: NodeJS.Timeout | undefined;
  try {
    const arrived = new Promise<void>((resolve) => {
      connection.client.on('message', (arrivedOn) => {
        if (arrivedOn === topic) resolve();
      });
    });
    await Promise.race([subscribe(connection.client, [filter]), connection.broken]);
    await Promise.race([connection.client.publishAsync(topic, 'probe', { qos: 1 }), connection.broken]);
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(undelivered(line, filter, timeLimit)), timeLimit);
    });
    await Promise.race([arrived, late, connection.broken]);
  } finally {
    clearTimeout(timer);
    await connection.close();
  }
}

function undelivered(line: LineSettings, filter: string, timeLimit: number): Error {
  return new SharedSubscriptionsDoNotDeliver(
    `the broker ${describe(line.address)} granted the shared subscription ${filter} but delivered nothing within ` +
      `${timeLimit} ms: it does not support shared subscriptions, or its rules do not let ${line.clientId} use /oneM2M/probe/#`,
  );
}
