/** The MQTT adapter against a broker that runs as a process of its own. */
import type { Part } from '../../../infra/local/part.ts';
import { createMqttDeviceLink } from '../../../services/adapters/mqtt/device-link.ts';
import type { BrokerAbilities, BrokerUnderTest } from './suite.ts';

export function externalBroker(
  name: string,
  abilities: BrokerAbilities,
  part: () => Promise<Part>,
  /** Waits until the broker does what its ready line promises. */
  settled: (part: Part) => Promise<void> = async () => undefined,
): BrokerUnderTest {
  let running: Part | undefined;
  const started = (): Part => {
    if (running === undefined) throw new Error(`${name} does not run`);
    return running;
  };
  return {
    name,
    abilities,
    async start() {
      running = await part();
      await settled(running);
    },
    stop: async () => undefined,
    urls: () => [...started().urls],
    async link({ url = started().urls[0] ?? '', ordinal = 0, connections = 1, fatal }) {
      return createMqttDeviceLink({
        name: 'default',
        address: { url },
        clientName: 'id-in',
        ordinal,
        connections,
        hooks: fatal === undefined ? {} : { fatal },
      });
    },
    kill: () => started().kill(),
    startAgain: () => started().start(),
  };
}
