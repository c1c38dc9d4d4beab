/** SUBSCRIBE and UNSUBSCRIBE with errors that name the filter. */
import type { MqttClient } from 'mqtt';

/** The broker refused a filter. */
export class SubscriptionRefused extends Error {
  override name = 'SubscriptionRefused';
}

/** A filter of a shared subscription. The filters of oneM2M begin with a slash, so two follow the group (MQTT 5 4.8.2). */
export function sharedFilter(group: string, filter: string): string {
  return `$share/${group}/${filter}`;
}

export async function subscribe(client: MqttClient, filters: string[]): Promise<void> {
  if (filters.length === 0) return;
  try {
    await client.subscribeAsync(filters, { qos: 1 });
  } catch (error) {
    const { code, packet } = error as { code?: number; packet?: { granted?: (number | object)[] } };
    const granted = packet?.granted;
    if (granted === undefined && code === undefined) throw error;
    const refused =
      filters.length === granted?.length ? filters.filter((_, at) => Number(granted[at]) >= 128) : filters;
    throw new SubscriptionRefused(`the subscription ${refused[0]} was refused: ${(error as Error).message}`);
  }
}

export async function unsubscribe(client: MqttClient, filters: string[], timeLimit: number): Promise<void> {
  if (filters.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeLimit);
  });
  // A connection that breaks meanwhile, or a broker that no longer knows the filter, has the same effect.
  const answered = client.unsubscribeAsync(filters).then(
    () => undefined,
    () => undefined,
  );
  await Promise.race([answered, late]);
  clearTimeout(timer);
}
